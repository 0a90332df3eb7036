"""Tagged documents → a workbook (extra `xlsx`): clauses or items, summary with native charts, codebook.

Text is always written as text: a cell that begins with `= + - @` is no formula, keeps no formula when it
is edited (it carries the sheet's own text prefix), and no address becomes a link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from qclassify.correcting import ErrorRates
from qclassify.errors import QClassifyError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.records import TaggedDocument
from qclassify.rendering.wording import Language, category_name, heading_line, short_name, words
from qclassify.rendering.xlsx_summary import write_codebook, write_summary
from qclassify.summarising import sections, summarise
from qclassify.taxonomy import Taxonomy

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS: Final = 1_000_000
MOST_CHARACTERS: Final = 32_767
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class TaggedTable:
    """What a workbook shows of one document: its name, its clauses, and their own ids if they have any."""

    name: str
    tagged: TaggedDocument
    ids: tuple[str, ...] = ()


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
        self.percent = workbook.add_format({"num_format": "0.0%", "align": "center", **top})
        self.plain = workbook.add_format(top)

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


def write_workbook(
    stream: BinaryIO,
    tables: Sequence[TaggedTable],
    taxonomy: Taxonomy,
    thresholds: Sequence[float],
    rates: Mapping[str, ErrorRates] | None,
    model_id: str,
    language: Language,
    level: str,
    report: Callable[[str], None],
) -> None:
    """Write the workbook.

    Args:
        stream: takes the file's bytes.
        tables: the documents.
        taxonomy: categories, their names and colours.
        thresholds: probability from which a category is a label, one a category.
        rates: known error rates for corrected shares, None for none.
        model_id: shown with the codebook.
        language: of headings and names.
        level: `clause`, `item` or `document`: which rows the first sheet holds.
        report: told about cells that had to be cut.

    Raises:
        QClassifyError: the extra `xlsx` is not installed.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise QClassifyError(
            "writing xlsx needs the package XlsxWriter", "pip install 'qclassify[xlsx]'"
        ) from error
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(stream, options) as workbook:
        book = Book(workbook, language, report)
        if level == "clause":
            _write_clauses(book, tables, taxonomy, thresholds)
        elif level == "item":
            _write_items(book, tables, taxonomy)
        summaries = [(t.name, summarise(t.tagged.predictions, taxonomy.ids, rates)) for t in tables]
        together = [p for table in tables for p in table.tagged.predictions]
        write_summary(book, summaries, summarise(together, taxonomy.ids, rates), taxonomy, rates is not None)
        write_codebook(book, taxonomy, thresholds, model_id)


def _write_clauses(
    book: Book, tables: Sequence[TaggedTable], taxonomy: Taxonomy, thresholds: Sequence[float]
) -> None:
    names = book.words
    heads = ["document", "number", "heading", "text", "primary", "categories", "review"]
    widths = [22, 7, 26, 60, 9, 16, 9, *[9] * len(taxonomy.ids), 9, 9]
    titles = [names[head] for head in heads] + [short_name(c, book.language) for c in taxonomy.categories]
    titles += [names["start"], names["end"]]
    shown = {c.id: short_name(c, book.language) for c in taxonomy.categories}
    sheet, row, sheets = book.workbook.add_worksheet(names["clauses"]), 0, 1
    _start(book, sheet, titles, widths, frozen=4)
    for table in tables:
        for position, prediction in enumerate(table.tagged.predictions):
            if row == MOST_ROWS:
                _finish_clauses(book, sheet, row, len(titles), taxonomy, thresholds)
                sheets += 1
                sheet, row = book.workbook.add_worksheet(f"{names['clauses']} {sheets}"), 0
                _start(book, sheet, titles, widths, frozen=4)
            row += 1
            unit = prediction.unit
            book.write_text(sheet, row, 0, table.name)
            if table.ids:
                book.write_text(sheet, row, 1, table.ids[position])
            else:
                sheet.write_number(row, 1, position + 1, book.plain)
            book.write_text(sheet, row, 2, heading_line(unit.heading_nos, unit.heading_path, LEVEL_SEPARATOR))
            book.write_text(sheet, row, 3, unit.text)
            book.write_text(sheet, row, 4, shown[prediction.primary] if prediction.primary else "")
            book.write_text(sheet, row, 5, "、".join(shown[label] for label in prediction.labels))
            book.write_text(sheet, row, 6, names["yes" if prediction.review else "no"])
            for column, score in enumerate(prediction.scores.values(), 7):
                sheet.write_number(row, column, score, book.percent)
            sheet.write_number(row, len(titles) - 2, unit.start, book.plain)
            sheet.write_number(row, len(titles) - 1, unit.end, book.plain)
    _finish_clauses(book, sheet, row, len(titles), taxonomy, thresholds)


def _finish_clauses(
    book: Book, sheet: Worksheet, rows: int, columns: int, taxonomy: Taxonomy, thresholds: Sequence[float]
) -> None:
    """Filters, colours of the categories that reached their threshold, and a list for the reviewer."""
    if not rows:
        return
    sheet.autofilter(0, 0, rows, columns - 1)
    names = book.words
    sheet.data_validation(1, 6, rows, 6, {"validate": "list", "source": [names["yes"], names["no"]]})
    for column, (category, threshold) in enumerate(zip(taxonomy.categories, thresholds, strict=True), 7):
        chosen = book.workbook.add_format(
            {"bg_color": category.colour, "font_color": "#ffffff", "bold": True}
        )
        sheet.conditional_format(
            1, column, rows, column, {"type": "cell", "criteria": ">=", "value": threshold, "format": chosen}
        )
        named = book.workbook.add_format({"font_color": category.colour, "bold": True})
        own = short_name(category, book.language)
        rule = {"type": "cell", "criteria": "==", "value": f'"{own}"', "format": named}
        sheet.conditional_format(1, 4, rows, 4, rule)
    doubtful = book.workbook.add_format({"bg_color": "#ffe3c7", "font_color": "#953800"})
    rule = {"type": "cell", "criteria": "==", "value": f'"{names["yes"]}"', "format": doubtful}
    sheet.conditional_format(1, 6, rows, 6, rule)


def _write_items(book: Book, tables: Sequence[TaggedTable], taxonomy: Taxonomy) -> None:
    names = book.words
    titles = [names[key] for key in ("document", "heading", "clauses", "characters", "review", "none")]
    titles += [category_name(c, book.language) for c in taxonomy.categories]
    sheet, row = book.workbook.add_worksheet(names["item"]), 0
    _start(book, sheet, titles, [22, 44, 8, 8, 8, 8, *[10] * len(taxonomy.ids)], frozen=2)
    for table in tables:
        for section in sections(table.tagged.predictions):
            row += 1
            summary = summarise(section.predictions, taxonomy.ids)
            path = heading_line(section.heading_nos, section.heading_path, LEVEL_SEPARATOR)
            book.write_text(sheet, row, 0, table.name)
            book.write_text(sheet, row, 1, path or names["no_section"])
            figures = (summary.clauses, summary.characters, summary.review, summary.untagged)
            for column, figure in enumerate(figures, 2):
                sheet.write_number(row, column, figure, book.number)
            for column, numbers in enumerate(summary.categories.values(), 6):
                sheet.write_number(row, column, numbers.share, book.percent)
    if row:
        sheet.autofilter(0, 0, row, len(titles) - 1)
        for column, category in enumerate(taxonomy.categories, 6):
            bar = {"type": "data_bar", "bar_color": category.colour, "bar_solid": True, "max_type": "num"}
            sheet.conditional_format(1, column, row, column, {**bar, "max_value": 1, "min_value": 0})


def _start(
    book: Book, sheet: Worksheet, titles: Sequence[str], widths: Sequence[float], *, frozen: int
) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(column, column, width)
        book.write_text(sheet, 0, column, title, book.head)
    sheet.freeze_panes(1, frozen)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
