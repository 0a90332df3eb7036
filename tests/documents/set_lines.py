"""Typesetting of Chinese text: how a paragraph is cut into printed lines."""

from __future__ import annotations

NEVER_FIRST = "。，、；：？！”’）》〉〕】,;:?!)%‰"
NEVER_LAST = "“‘（《〈〔【("


def width_of(char):
    """Return a character's width in widths of a Chinese one."""
    return 0.5 if char.isascii() or char == "\xa0" else 1.0


def typeset(paragraph, per_line, indent=2.0):
    """Cut a paragraph into printed lines with a first-line indent and the usual rules of punctuation.

    Returns:
        (indent, text) pairs; both measured in widths of a Chinese character.
    """
    text = paragraph.strip()
    lines = []
    while text:
        room = per_line - (indent if not lines else 0.0)
        end = 0
        used = 0.0
        while end < len(text) and used + width_of(text[end]) <= room:
            used += width_of(text[end])
            end += 1
        while end < len(text) and end > 1 and (text[end] in NEVER_FIRST or text[end - 1] in NEVER_LAST):
            end -= 1
        # A number or a Latin word is not cut.
        while (
            end < len(text)
            and end > 1
            and text[end - 1].isalnum()
            and text[end - 1].isascii()
            and text[end].isascii()
            and text[end].isalnum()
        ):
            end -= 1
        lines.append((indent if not lines else 0.0, text[:end].rstrip()))
        text = text[end:].lstrip()
    return lines
