"""The workbook's summary with native charts, and its codebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qclassify.rendering.wording import short_name
from qclassify.rendering.xlsx_book import Book, print_across, row_height
from qclassify.summarising import Summary
from qclassify.taxonomy import Taxonomy

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_CHART = {"width": 620, "height": 340}
_ROW_PIXELS = 20


def write_summary(
    book: Book,
    documents: Sequence[tuple[str, Summary]],
    together: Summary,
    taxonomy: Taxonomy,
    corrected: bool,  # noqa: FBT001
) -> None:
    """All documents together by category, then a row a document, each with a chart beside it."""
    names = book.words
    sheet = book.workbook.add_worksheet(names["summary"])
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 9, 11)
    sheet.write_string(0, 0, names["summary"], book.title)
    note = names["shares_note" if corrected else "no_correction"]
    sheet.merge_range(1, 0, 1, 9, note, book.note)
    sheet.set_row(1, 62)
    last = _by_category(book, sheet, 3, together, taxonomy)
    height = _share_chart(book, sheet, 4, taxonomy)
    start = max(last, 4 + height // _ROW_PIXELS) + 2
    print_across(sheet)
    _by_document(book, sheet, start, documents, taxonomy)


def _by_category(book: Book, sheet: Worksheet, top: int, summary: Summary, taxonomy: Taxonomy) -> int:
    """The table at row `top`; returns its last row."""
    names = book.words
    keys = ("category", "count", "primary", "share", "characters", "share_of_characters", "corrected")
    for column, key in enumerate((*keys, "corrected_low", "corrected_high")):
        book.write_text(sheet, top, column, names[key], book.head)
    row = top
    for category in taxonomy.categories:
        row += 1
        numbers = summary.categories[category.id]
        colour = book.workbook.add_format({"bold": True, "font_color": category.colour})
        book.write_text(sheet, row, 0, short_name(category, book.language), colour)
        sheet.write_number(row, 1, numbers.clauses, book.number)
        sheet.write_number(row, 2, numbers.primary, book.number)
        sheet.write_number(row, 3, numbers.share, book.percent)
        sheet.write_number(row, 4, numbers.characters, book.number)
        sheet.write_number(row, 5, numbers.share_of_characters, book.percent)
        if (estimate := numbers.corrected) is not None:
            for column, value in enumerate((estimate.share, estimate.low, estimate.high), 6):
                sheet.write_number(row, column, value, book.percent)
    for name, figure in (
        (names["total"], summary.clauses),
        (names["none"], summary.untagged),
        (names["review"], summary.review),
    ):
        row += 1
        book.write_text(sheet, row, 0, name)
        sheet.write_number(row, 1, figure, book.number)
    return row


def _share_chart(book: Book, sheet: Worksheet, first: int, taxonomy: Taxonomy) -> int:
    """A bar a category; returns its height in pixels, which grows with the categories."""
    names, page = book.words, book.words["summary"]
    end = first + len(taxonomy.categories) - 1
    chart = book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": names["share"],
            "categories": [page, first, 0, end, 0],
            "values": [page, first, 3, end, 3],
            "points": [{"fill": {"color": category.colour}} for category in taxonomy.categories],
            "data_labels": {"value": True, "num_format": "0%"},
        }
    )
    chart.add_series(
        {
            "name": names["share_of_characters"],
            "categories": [page, first, 0, end, 0],
            "values": [page, first, 5, end, 5],
            "points": [
                {"fill": {"color": category.colour, "transparency": 65}} for category in taxonomy.categories
            ],
        }
    )
    chart.set_title({"name": names["by_category"], "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#d8dee4"}}})
    chart.set_legend({"position": "bottom"})
    height = max(_CHART["height"], 90 + 22 * len(taxonomy.categories))
    chart.set_size({**_CHART, "height": height})
    sheet.insert_chart(first - 1, 10, chart)
    return height


def _by_document(
    book: Book,
    sheet: Worksheet,
    top: int,
    documents: Sequence[tuple[str, Summary]],
    taxonomy: Taxonomy,
) -> None:
    names, page = book.words, book.words["summary"]
    heads = [names[key] for key in ("document", "clauses", "review")]
    heads += [short_name(category, book.language) for category in taxonomy.categories]
    for column, head in enumerate(heads):
        book.write_text(sheet, top, column, head, book.head)
    for row, (name, summary) in enumerate(documents, top + 1):
        book.write_text(sheet, row, 0, name)
        sheet.write_number(row, 1, summary.clauses, book.number)
        sheet.write_number(row, 2, summary.review, book.number)
        for column, numbers in enumerate(summary.categories.values(), 3):
            sheet.write_number(row, column, numbers.share, book.percent)
    if not documents:
        return
    end = top + len(documents)
    chart = book.workbook.add_chart({"type": "column"})
    for column, category in enumerate(taxonomy.categories, 3):
        series: dict[str, Any] = {
            "name": [page, top, column],
            "categories": [page, top + 1, 0, end, 0],
            "values": [page, top + 1, column, end, column],
            "fill": {"color": category.colour},
        }
        chart.add_series(series)
    chart.set_title({"name": names["comparison"], "name_font": {"size": 12}})
    chart.set_y_axis({"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#d8dee4"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size(_CHART)
    sheet.insert_chart(top, 10, chart)


def write_codebook(book: Book, taxonomy: Taxonomy, thresholds: Sequence[float | None], model_id: str) -> None:
    """What every category means, from which probability it is given, and by which model."""
    names = book.words
    sheet = book.workbook.add_worksheet(names["codebook"])
    keys = ("id", "name", "definition", "includes", "excludes", "example", "threshold")
    for column, (key, width) in enumerate(zip(keys, (13, 22, 44, 44, 44, 44, 9), strict=True)):
        sheet.set_column(column, column, width)
        book.write_text(sheet, 0, column, names[key], book.head)
    for row, (category, threshold) in enumerate(zip(taxonomy.categories, thresholds, strict=True), 1):
        filled = book.workbook.add_format(
            {"bold": True, "bg_color": category.colour, "font_color": "#ffffff", "valign": "top"}
        )
        book.write_text(sheet, row, 0, category.id, filled)
        book.write_text(sheet, row, 1, f"{category.name}\n{category.name_en}")
        texts = (category.definition, category.includes, category.excludes, category.example)
        for column, text in enumerate(texts, 2):
            book.write_text(sheet, row, column, text)
        sheet.set_row(row, row_height([(text, 44) for text in texts]))
        if threshold is not None:
            sheet.write_number(row, 6, threshold, book.percent)
    below = len(taxonomy.categories) + 2
    book.write_text(sheet, below, 0, names["model"], book.head)
    book.write_text(sheet, below, 1, f"{model_id} (taxonomy {taxonomy.version})")
    sheet.freeze_panes(1, 1)
    print_across(sheet)
