"""A workbook's formats, and text that stays text.

A cell that begins with `= + - @` is no formula, keeps being none when it is edited (it carries the sheet's
own text prefix), and no address becomes a link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from qclassify.rendering.wording import Language, words

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_CHARACTERS: Final = 32_767
MOST_POINTS: Final = 409
LINE_POINTS: Final = 15
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class Book:
    """A workbook with its formats.

    Args:
        workbook: of XlsxWriter.
        language: of headings and names.
        report: told once a cell that had to be cut.
    """

    def __init__(self, workbook: Workbook, language: Language, report: Callable[[str], None]) -> None:
        self.workbook, self.language, self.report = workbook, language, report
        self.words = words(language)
        top = {"valign": "top"}
        self.head = workbook.add_format(
            {"bold": True, "bg_color": "#eaeef2", "bottom": 1, "text_wrap": True, **top}
        )
        self.title = workbook.add_format({"bold": True, "font_size": 13})
        self.text = workbook.add_format({"text_wrap": True, **top})
        self.prefixed = workbook.add_format({"text_wrap": True, "quote_prefix": True, **top})
        self.note = workbook.add_format({"text_wrap": True, "font_color": "#57606a", **top})
        self.number = workbook.add_format({"num_format": "#,##0", **top})
        self._percent = {"num_format": "0.0%", "align": "center", **top}
        self.percent = workbook.add_format(self._percent)
        self.plain = workbook.add_format(top)

    def filled_percent(self, colour: str) -> Format:
        """A share on a cell of its category's colour."""
        fill = {"bg_color": colour, "font_color": "#ffffff", "bold": True}
        return self.workbook.add_format({**self._percent, **fill})

    def write_text(self, sheet: Worksheet, row: int, column: int, text: str, form: Any = None) -> None:  # noqa: ANN401
        """Text as text, whatever it begins with."""
        units = text.encode("utf-16-le", "replace")
        if len(units) > 2 * MOST_CHARACTERS:
            text = units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
            self.report(f"row {row + 1}: text cut to the {MOST_CHARACTERS} characters a cell can hold")
        else:
            text = units.decode("utf-16-le")
        if text.startswith(_FORMULA_STARTS):
            form = self.prefixed
        sheet.write_string(row, column, text, form or self.text)


def row_height(cells: Sequence[tuple[str, float]]) -> float:
    """Points that wrapped cells of (text, column width) need; some programs do not find out themselves."""
    lines = 1
    for text, width in cells:
        units = [sum(1 + (east_asian_width(c) in "WF") for c in line) for line in text.split("\n")]
        lines = max(lines, sum(max(1, ceil(unit / (width - 1))) for unit in units))
    return min(MOST_POINTS, LINE_POINTS * lines + 2)


def print_across(sheet: Worksheet) -> None:
    """On A4, landscape, as wide as the page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def tint(colour: str) -> str:
    """The colour as pale as dark digits on it need.

    >>> tint("#000000")
    '#b2b2b2'
    """
    parts = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return "#" + "".join(f"{int(255 * 0.7 + part * 0.3):02x}" for part in parts)
