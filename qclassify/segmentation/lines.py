"""Physical lines, and the paragraphs that hard-wrapped lines belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from qclassify.segmentation.characters import squeeze, trim
from qclassify.segmentation.linekinds import line_kind
from qclassify.segmentation.markers import match_marker

_LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_HALF_WIDTH: Final = re.compile(r"[0-9A-Za-z]")
_FINAL_PUNCTUATION: Final = frozenset("。！？!?；;：:…”」』）)〕】")

# Text looks hard-wrapped when nearly all its lines are equally long and end anywhere.
_WRAP_MIN_LINES: Final = 12
_WRAP_MIN_WIDTH: Final = 12
_WRAP_MAX_WIDTH: Final = 60
_WRAP_OPEN_SHARE: Final = 0.55
_WRAP_SPREAD: Final = 0.2
# Chinese typesetting leaves a line up to this many characters short to keep punctuation off line starts.
_WRAP_SLACK: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank physical line without the blanks at its ends.

    Attributes:
        start: offset of the first non-blank character.
        end: offset after the last one.
        indent: number of blanks before it.
        width: number of columns, counting a Chinese character as 1 and a Latin letter or digit as ½.
        after_blank: whether a blank line stands before it.
    """

    start: int
    end: int
    indent: int
    width: float
    after_blank: bool


def split_lines(text: str) -> list[Line]:
    """Return the non-blank lines of `text` in order."""
    lines: list[Line] = []
    previous_end = 0
    for match in _LINE.finditer(text):
        start, end = trim(text, match.start(), match.end())
        if start == end:
            continue
        breaks = _BREAK.findall(text, previous_end, start)
        content = squeeze(text[start:end])
        width = len(content) - 0.5 * len(_HALF_WIDTH.findall(content))
        lines.append(Line(start, end, start - match.start(), width, len(breaks) > 1))
        previous_end = end
    return lines


def is_hard_wrapped(text: str, lines: list[Line]) -> bool:
    """Tell whether line breaks fall at a fixed width instead of at paragraph ends."""
    if len(lines) < _WRAP_MIN_LINES:
        return False
    widths = sorted(line.width for line in lines)
    median, high = widths[len(widths) // 2], widths[len(widths) * 9 // 10]
    open_lines = sum(text[line.end - 1] not in _FINAL_PUNCTUATION for line in lines)
    return (
        _WRAP_MIN_WIDTH <= median <= _WRAP_MAX_WIDTH
        and high - median <= max(_WRAP_SLACK, _WRAP_SPREAD * median)
        and open_lines > _WRAP_OPEN_SHARE * len(lines)
    )


def full_width(lines: list[Line]) -> float:
    """Return the width from which a line of hard-wrapped text counts as full."""
    widths = sorted(line.width for line in lines)
    return widths[len(widths) // 2] - _WRAP_SLACK


def usual_indent(lines: list[Line]) -> int:
    """Return the most frequent indent; a line with a deeper one starts a paragraph."""
    indents = [line.indent for line in lines]
    return max(sorted(set(indents)), key=indents.count)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A span of one line, or of several lines when the text is hard-wrapped."""

    start: int
    end: int


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of folded text in order; together they hold all its non-blanks."""
    lines = split_lines(text)
    if not is_hard_wrapped(text, lines):
        return [Paragraph(line.start, line.end) for line in lines]
    full, indent = full_width(lines), usual_indent(lines)
    joined: list[Paragraph] = []
    previous: Line | None = None
    alone_before = True
    for line in lines:
        alone = line_kind(text[line.start : line.end]) is not None or "\t" in text[line.start : line.end]
        numbered = match_marker(text, line.start, line.end, text_start=True) is not None
        shaped = previous is None or previous.width < full or line.after_blank or line.indent > indent
        if shaped or alone or alone_before or numbered:
            joined.append(Paragraph(line.start, line.end))
        else:
            joined[-1] = Paragraph(joined[-1].start, line.end)
        previous, alone_before = line, alone
    return joined
