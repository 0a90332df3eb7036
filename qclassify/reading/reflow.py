"""Printed lines with positions → paragraphs; shared by pdf and OFD, which know only where glyphs stand.

All lengths are in one unit per document (points, millimetres); y grows downwards.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median

_MARGIN = 0.08  # of the page height, where running headers and page numbers stand
_COLUMN = 0.85  # of the page without a right margin like the left one; a full line gets at least so far
_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第\s*)?[0-9０-９]{1,4}(?:\s*页)?(?:\s*[/／,，]?\s*共?\s*[0-9０-９]{1,4}\s*页?)?[-—–－·\s]*"
)
_UNBREAKABLE = re.compile(r"[“‘（《〈〔【(]*(?:[A-Za-z0-9.,%、/:-]+|.)[。，、；：？！”’）》〉〕】,;:?!)%]*")
_DIGITS = re.compile(r"\d+")
# In widths of a Chinese character:
_INDENT = 0.9  # a line this far in begins a paragraph
_INDENT_RANGE = (1.4, 2.7)  # the usual indent of two characters
_INDENTED_SHARE = 0.08
_FULL = 1.7  # a line that ends this close to the right edge is full
_FULL_WHEN_INDENTED = 5.5  # where indents mark paragraphs, punctuation rules may leave lines shorter
_CELL_GAP = 1.5  # between two pieces of a line: cells of a table row
_SLACK = 0.7
_LATIN = 0.5  # width of a Latin character or digit
_GAP = 3.2  # line heights


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One visual line.

    Attributes:
        text: its characters, no white space at the ends.
        left, right, top, bottom: its box on the page.
        glyph: width of a Chinese character in it, or the font size.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    glyph: float


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """The lines of one page in reading order."""

    width: float
    height: float
    lines: tuple[PrintedLine, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    glyph: float
    left: float
    right: float
    full: float


def paragraphs(pages: list[PrintedPage]) -> list[str]:
    """Join lines to paragraphs, without page numbers and running headers or footers.

    A line continues the one before when that one reaches the right edge and it is not indented itself;
    paragraphs run on over page breaks.
    """
    running = _running(pages)
    kept = [[line for line in page.lines if not _is_margin(line, page, running)] for page in pages]
    everything = [line for lines in kept for line in lines]
    if not everything:
        return []
    layout = _layout(everything, median(page.width for page in pages))
    joined: list[str] = []
    previous: PrintedLine | None = None
    for lines in kept:
        for position, line in enumerate(lines):
            if previous is not None and _continues(previous, line, layout, same_page=position > 0):
                joined[-1] += _seam(joined[-1], line.text) + line.text
            else:
                joined.append(line.text)
            previous = line
    return joined


def joined_line(pieces: list[PrintedLine]) -> PrintedLine:
    """Make one line of pieces that stand side by side, left to right; a wide gap becomes a tab."""
    text = pieces[0].text
    for left, right in pairwise(pieces):
        text += ("\t" if right.left - left.right > _CELL_GAP * left.glyph else "") + right.text
    return PrintedLine(
        text,
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.bottom for piece in pieces),
        median(piece.glyph for piece in pieces),
    )


def _layout(lines: list[PrintedLine], page_width: float) -> _Layout:
    glyph = median(line.glyph for line in lines)
    lefts = Counter(round(line.left / glyph * 4) for line in lines)
    common = [left for left, count in lefts.items() if count >= max(1, 0.03 * len(lines))]
    left = min(common or lefts) / 4 * glyph
    rights = sorted(line.right for line in lines)
    # Where no line gets far across the page, none is full.
    right = max(rights[ceil(0.9 * (len(rights) - 1))], _COLUMN * (page_width - left))
    indents = ((line.left - left) / glyph for line in lines)
    indented = sum(_INDENT_RANGE[0] <= indent <= _INDENT_RANGE[1] for indent in indents)
    full = _FULL_WHEN_INDENTED if indented >= _INDENTED_SHARE * len(lines) else _FULL
    return _Layout(glyph, left, right, full)


def _continues(previous: PrintedLine, line: PrintedLine, layout: _Layout, *, same_page: bool) -> bool:
    if line.left - layout.left >= _INDENT * layout.glyph or "\t" in previous.text or "\t" in line.text:
        return False
    room = (layout.right - previous.right) / layout.glyph
    if room > max(layout.full, _first_token_width(line.text) + _SLACK):
        return False
    height = max(line.bottom - line.top, previous.bottom - previous.top)
    return not same_page or line.top - previous.top <= _GAP * height


def _first_token_width(text: str) -> float:
    """Measure what cannot be cut at the beginning of a line: had it fitted, it would stand on the line before."""
    token = _UNBREAKABLE.match(text)
    return sum(_LATIN if char.isascii() else 1.0 for char in token[0]) if token else 0.0


def _seam(before: str, after: str) -> str:
    """Latin words need the space that the line end stood for."""
    return (
        " "
        if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha()
        else ""
    )


def _is_margin(line: PrintedLine, page: PrintedPage, running: set[str]) -> bool:
    if not _in_margin(line, page):
        return False
    return bool(_PAGE_NUMBER.fullmatch(line.text)) or _masked(line.text) in running


def _running(pages: list[PrintedPage]) -> set[str]:
    """Find margin lines that come back on several pages, whatever the digits in them."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_masked(line.text) for line in page.lines if _in_margin(line, page)})
    return {text for text, count in counts.items() if count >= max(2, 0.3 * len(pages))}


def _in_margin(line: PrintedLine, page: PrintedPage) -> bool:
    middle = (line.top + line.bottom) / 2
    return middle < _MARGIN * page.height or middle > (1 - _MARGIN) * page.height


def _masked(text: str) -> str:
    return _DIGITS.sub("0", "".join(text.split()))
