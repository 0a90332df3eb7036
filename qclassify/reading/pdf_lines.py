"""One pdf page → its visual lines with positions."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from qclassify.reading.reflow import PrintedLine, joined_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pypdfium2

_LINE_ENDS = (0x0A, 0x0D)
_HYPHENS = (0x02, 0xFFFE)  # what pdfium writes for a hyphen at a line end
_HAN = re.compile(r"[\u3400-\u9fff]")
# Some fonts name their glyphs by radicals and compatibility forms: ⼤ instead of 大.
_LOOK_ALIKES = re.compile(r"[\u2e80-\u2fd5\uf900-\ufaff]")
_PLANE = 0x10000
_LEAD = range(0xD800, 0xDC00)
_TRAIL = range(0xDC00, 0xE000)
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class _Glyph:
    char: str
    left: float
    right: float
    top: float
    bottom: float
    is_generated: bool  # a space that pdfium put in because of a gap


def lines_of_page(page: pypdfium2.PdfPage) -> Iterator[PrintedLine]:
    """Yield the visual lines of a pypdfium2 page as it is shown, y growing downwards.

    Pieces on one baseline that follow each other are one line; those far apart are cells of a table row
    and get a tab between them.
    """
    textpage = page.get_textpage()
    place = _placing(page)
    try:
        pieces = [piece for glyphs in _cut(textpage, place) if (piece := _piece(glyphs))]
    finally:
        textpage.close()
    row: list[PrintedLine] = []
    for piece in pieces:
        if row and not _on_one_line(row[-1], piece):
            yield joined_line(row)
            row = []
        row.append(piece)
    if row:
        yield joined_line(row)


def _on_one_line(left: PrintedLine, right: PrintedLine) -> bool:
    overlap = min(left.bottom, right.bottom) - max(left.top, right.top)
    smaller = min(left.bottom - left.top, right.bottom - right.top)
    return overlap > smaller / 2 and right.left >= left.right - left.glyph / 2


def _placing(page: pypdfium2.PdfPage) -> Callable[[pdfium.FS_RECTF], tuple[float, float, float, float]]:
    """Return what turns a box (y upwards, before the page is turned) to left, right, top, bottom as shown.

    Wide tables are often set upright on a page that is then turned.
    """
    width, height = page.get_size()
    match page.get_rotation():
        case 90:
            return lambda box: (box.bottom, box.top, box.left, box.right)
        case 180:
            return lambda box: (width - box.right, width - box.left, box.bottom, box.top)
        case 270:
            return lambda box: (width - box.top, width - box.bottom, height - box.right, height - box.left)
        case _:
            return lambda box: (box.left, box.right, height - box.top, height - box.bottom)


def _cut(
    textpage: pypdfium2.PdfTextPage, place: Callable[[pdfium.FS_RECTF], tuple[float, float, float, float]]
) -> Iterator[list[_Glyph]]:
    """Cut the page's characters at the line ends that pdfium puts between them."""
    glyphs: list[_Glyph] = []
    box = pdfium.FS_RECTF()
    reference = ctypes.byref(box)
    lead = 0
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        if code in _LINE_ENDS:
            yield glyphs
            glyphs = []
            continue
        if code in _LEAD:
            lead = code
            continue
        pdfium.FPDFText_GetLooseCharBox(textpage, index, reference)
        glyphs.append(
            _Glyph(
                _character(textpage, index, code, lead),
                *place(box),
                pdfium.FPDFText_IsGenerated(textpage, index) == 1,
            )
        )
        lead = 0
    yield glyphs


def _character(textpage: pypdfium2.PdfTextPage, index: int, code: int, lead: int) -> str:
    if lead and code in _TRAIL:
        return chr(_PLANE + ((lead - _LEAD.start) << 10) + (code - _TRAIL.start))
    if code in _HYPHENS:
        return "-"
    if code in _TRAIL or not code or pdfium.FPDFText_HasUnicodeMapError(textpage, index) == 1:
        return _REPLACEMENT
    char = chr(code)
    return unicodedata.normalize("NFKC", char) if _LOOK_ALIKES.match(char) else char


def _piece(glyphs: list[_Glyph]) -> PrintedLine | None:
    while glyphs and glyphs[-1].char.isspace():
        glyphs = glyphs[:-1]
    first = next((index for index, glyph in enumerate(glyphs) if not glyph.char.isspace()), None)
    if first is None:
        return None
    glyphs = glyphs[first:]
    text = "".join(glyph.char for index, glyph in enumerate(glyphs) if not _is_gap(glyphs, index))
    # Spaces made up by pdfium have no box of their own.
    boxed = [glyph for glyph in glyphs if not glyph.is_generated] or glyphs
    widths = [glyph.right - glyph.left for glyph in boxed if _HAN.match(glyph.char)]
    top = min(glyph.top for glyph in boxed)
    bottom = max(glyph.bottom for glyph in boxed)
    return PrintedLine(
        text,
        min(glyph.left for glyph in boxed),
        max(glyph.right for glyph in boxed),
        top,
        bottom,
        (median(widths) if widths else bottom - top) or 1.0,
    )


def _is_gap(glyphs: list[_Glyph], index: int) -> bool:
    """Programs set Chinese and digits a little apart; the space that pdfium sees there was never typed."""
    if not (glyphs[index].is_generated and glyphs[index].char.isspace()):
        return False
    before, after = glyphs[index - 1].char, glyphs[min(index + 1, len(glyphs) - 1)].char
    return not (before.isascii() and before.isalpha() and after.isascii() and after.isalpha())
