"""Tagged documents → a workbook (extra `xlsx`): clauses or items, summary with native charts, codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO, Final

from qclassify.correcting import ErrorRates
from qclassify.errors import QClassifyError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.records import TaggedDocument
from qclassify.rendering.wording import Language, heading_line, short_name
from qclassify.rendering.xlsx_book import LINE_POINTS, Book, print_across, row_height, tint
from qclassify.rendering.xlsx_summary import write_codebook, write_summary
from qclassify.summarising import sections, summarise
from qclassify.taxonomy import Taxonomy

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class TaggedTable:
    """What a workbook shows of one document: its name, its clauses, and their own ids if they have any."""

    name: str
    tagged: TaggedDocument
    ids: tuple[str, ...] = ()


def write_workbook(
    stream: BinaryIO,
    tables: Sequence[TaggedTable],
    taxonomy: Taxonomy,
    thresholds: Sequence[float | None],
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
        thresholds: probability from which a category is a label, one a category; None for none.
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
            _write_clauses(book, tables, taxonomy)
        elif level == "item":
            _write_items(book, tables, taxonomy)
        summaries = [
            (PurePath(t.name).name, summarise(t.tagged.predictions, taxonomy.ids, rates)) for t in tables
        ]
        together = [p for table in tables for p in table.tagged.predictions]
        write_summary(book, summaries, summarise(together, taxonomy.ids, rates), taxonomy, rates is not None)
        write_codebook(book, taxonomy, thresholds, model_id)


def _write_clauses(book: Book, tables: Sequence[TaggedTable], taxonomy: Taxonomy) -> None:
    names = book.words
    heads = ["document", "number", "heading", "text", "primary", "categories", "review"]
    widths = [22, 7, 26, 60, 9, 16, 9, *[9] * len(taxonomy.ids), 9, 9]
    titles = [names[head] for head in heads] + [short_name(c, book.language) for c in taxonomy.categories]
    titles += [names["start"], names["end"]]
    shown = {c.id: short_name(c, book.language) for c in taxonomy.categories}
    chosen = {c.id: book.filled_percent(c.colour) for c in taxonomy.categories}
    sheet, row, sheets = book.workbook.add_worksheet(names["clauses"]), 0, 1
    _start(book, sheet, titles, widths, frozen=4)
    for table in tables:
        for position, prediction in enumerate(table.tagged.predictions):
            if row == MOST_ROWS:
                _finish_clauses(book, sheet, row, len(titles), taxonomy)
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
            heading = heading_line(unit.heading_nos, unit.heading_path, LEVEL_SEPARATOR)
            book.write_text(sheet, row, 2, heading)
            book.write_text(sheet, row, 3, unit.text)
            sheet.set_row(
                row, row_height([(table.name, widths[0]), (heading, widths[2]), (unit.text, widths[3])])
            )
            book.write_text(sheet, row, 4, shown[prediction.primary] if prediction.primary else "")
            book.write_text(sheet, row, 5, "、".join(shown[label] for label in prediction.labels))
            book.write_text(sheet, row, 6, names["yes" if prediction.review else "no"])
            for column, (category, score) in enumerate(prediction.scores.items(), 7):
                given = category in prediction.labels
                sheet.write_number(row, column, score, chosen[category] if given else book.percent)
            sheet.write_number(row, len(titles) - 2, unit.start, book.plain)
            sheet.write_number(row, len(titles) - 1, unit.end, book.plain)
    _finish_clauses(book, sheet, row, len(titles), taxonomy)


def _finish_clauses(book: Book, sheet: Worksheet, rows: int, columns: int, taxonomy: Taxonomy) -> None:
    """Filters, colours that follow when a reviewer writes another primary category, and a list of answers."""
    if not rows:
        return
    sheet.autofilter(0, 0, rows, columns - 1)
    names = book.words
    sheet.data_validation(1, 6, rows, 6, {"validate": "list", "source": [names["yes"], names["no"]]})
    for category in taxonomy.categories:
        named = book.workbook.add_format({"font_color": category.colour, "bold": True})
        own = short_name(category, book.language)
        rule = {
            "type": "cell",
            "criteria": "==",
            "value": '"{}"'.format(own.replace('"', '""')),
            "format": named,
        }
        sheet.conditional_format(1, 4, rows, 4, rule)
    doubtful = book.workbook.add_format({"bg_color": "#ffe3c7", "font_color": "#953800"})
    rule = {"type": "cell", "criteria": "==", "value": f'"{names["yes"]}"', "format": doubtful}
    sheet.conditional_format(1, 6, rows, 6, rule)


def _write_items(book: Book, tables: Sequence[TaggedTable], taxonomy: Taxonomy) -> None:
    names = book.words
    titles = [names[key] for key in ("document", "heading", "clauses", "characters", "review", "none")]
    titles += [short_name(c, book.language) for c in taxonomy.categories]
    sheet, row = book.workbook.add_worksheet(names["item"]), 0
    _start(book, sheet, titles, [22, 44, 8, 8, 8, 8, *[10] * len(taxonomy.ids)], frozen=2)
    for table in tables:
        for section in sections(table.tagged.predictions):
            row += 1
            summary = summarise(section.predictions, taxonomy.ids)
            path = heading_line(section.heading_nos, section.heading_path, LEVEL_SEPARATOR)
            book.write_text(sheet, row, 0, table.name)
            book.write_text(sheet, row, 1, path or names["no_section"])
            sheet.set_row(row, row_height([(table.name, 22), (path, 44)]))
            figures = (summary.clauses, summary.characters, summary.review, summary.untagged)
            for column, figure in enumerate(figures, 2):
                sheet.write_number(row, column, figure, book.number)
            for column, numbers in enumerate(summary.categories.values(), 6):
                if numbers.clauses:
                    sheet.write_number(row, column, numbers.share, book.percent)
    if row:
        sheet.autofilter(0, 0, row, len(titles) - 1)
        for column, category in enumerate(taxonomy.categories, 6):
            bar = {
                "type": "data_bar",
                "bar_color": tint(category.colour),
                "bar_solid": True,
                "max_type": "num",
            }
            sheet.conditional_format(1, column, row, column, {**bar, "max_value": 1, "min_value": 0})


def _start(
    book: Book, sheet: Worksheet, titles: Sequence[str], widths: Sequence[float], *, frozen: int
) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(column, column, width)
        book.write_text(sheet, 0, column, title, book.head)
    sheet.set_row(0, 2 * LINE_POINTS + 2)
    sheet.freeze_panes(1, frozen)
    sheet.repeat_rows(0)
    print_across(sheet)
