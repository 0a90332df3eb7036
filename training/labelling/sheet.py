"""A worksheet that people fill in: locked columns to read, drop-downs to choose from, free cells to write in.

Text stays text, whatever it begins with. What a cell cannot hold as it is (control characters, `_x0041_`, which
spreadsheets take for an escape) is kept a second time, escaped, in a hidden column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from qclassify.errors import LabelError, QClassifyError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.rendering.xlsx_book import LINE_POINTS, MOST_CHARACTERS, Book, print_across, row_height
from qclassify.taxonomy import Taxonomy

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

YES, NO = "是", "否"
NONE = "无类别"
CODEBOOK = "类别"
_ESCAPE = re.compile(r"_x(00[01][0-9A-Fa-f]|FFFE|FFFF)_")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: of its head; unique in the sheet.
        width: in characters.
        cells: one text a row.
        kind: `locked`, `free`, `yes_no`, `category` (with “none”), `choice`, or `hidden`.
        choices: of a `choice`.
        tint: colour of the head, None for the usual one.
    """

    title: str
    width: float
    cells: Sequence[str]
    kind: Literal["locked", "free", "yes_no", "category", "choice", "hidden"] = "locked"
    choices: tuple[str, ...] = ()
    tint: str | None = None


def is_odd(text: str) -> bool:
    """Whether a cell would not give the text back as it is."""
    return bool(_ODD.search(text))


def escaped(record: object) -> str:
    """The record as JSON that no cell and no reader alters: plain ASCII, no underscores."""
    return json.dumps(record).replace("_", "\\u005f")


def unescaped(cell: str) -> str:
    """The cell with a spreadsheet's own escapes of control characters undone.

    >>> unescaped("甲_x0009_乙").split()
    ['甲', '乙']
    """
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), cell)


def write_table(stream: BinaryIO, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write plain rows as a workbook that reads back as they are; lists are joined like heading paths.

    Raises:
        QClassifyError: the extra `xlsx` is not installed.
        LabelError: a text is longer than a cell can be, or holds what no cell gives back.
    """
    heads = list(rows[0]) if rows else ["id", "text", "heading_path"]
    columns = [
        Column(head, 60 if head == "text" else 14, [_joined(row.get(head)) for row in rows]) for head in heads
    ]
    for column in columns:
        for row, cell in enumerate(column.cells, 2):
            if is_odd(cell):
                raise LabelError(
                    f"row {row}, column {column.title!r}: {cell[:40]!r} holds characters that no cell gives back",
                    "write .jsonl instead",
                )
    _check_lengths(columns)
    with _workbook(stream) as workbook:
        book = Book(workbook, "zh", lambda _: None)
        sheet = workbook.add_worksheet("queue")
        _write_columns(book, sheet, columns)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def write_sheet(
    stream: BinaryIO, title: str, columns: Sequence[Column], taxonomy: Taxonomy, *, frozen: int
) -> None:
    """Write a workbook with the sheet and, behind it, the categories with their definitions.

    Args:
        stream: takes the file's bytes.
        title: of the sheet.
        columns: at least one, all with the same number of cells.
        taxonomy: categories.
        frozen: how many columns stay in sight; the head always does.

    Raises:
        QClassifyError: the extra `xlsx` is not installed.
        LabelError: a text is longer than a cell can be.
    """
    _check_lengths(columns)
    with _workbook(stream) as workbook:
        book = Book(workbook, "zh", lambda _: None)
        sheet = workbook.add_worksheet(title)
        _write_columns(book, sheet, columns)
        rows = len(columns[0].cells)
        _write_codebook(book, workbook.add_worksheet(CODEBOOK), taxonomy)
        if rows:
            for position, column in enumerate(columns):
                _restrict(sheet, position, rows, column, taxonomy)
            sheet.autofilter(0, 0, rows, len(columns) - 1)
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        print_across(sheet)
        # No password: this guards against slips, not against people.
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        _flag_primary(workbook, sheet, columns, rows, taxonomy)


def _workbook(stream: BinaryIO) -> Workbook:
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise QClassifyError(
            "writing xlsx needs the package XlsxWriter", "pip install 'qclassify[xlsx]'"
        ) from error
    return Workbook(
        stream, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )


def _joined(value: object) -> str:
    if isinstance(value, list):
        return LEVEL_SEPARATOR.join(map(str, value))
    return "" if value is None else str(value)


def _check_lengths(columns: Sequence[Column]) -> None:
    for column in columns:
        for row, cell in enumerate(column.cells, 2):
            if len(cell.encode("utf-16-le", "replace")) > 2 * MOST_CHARACTERS:
                raise LabelError(
                    f"row {row}, column {column.title!r}: longer than the {MOST_CHARACTERS:,} characters a cell can hold",
                    "export this clause to another format, such as label-studio or doccano",
                )


def _write_columns(book: Book, sheet: Worksheet, columns: Sequence[Column]) -> None:
    look = {"text_wrap": True, "valign": "top", "locked": False, "bg_color": "#fffbe6"}
    open_ = book.workbook.add_format(look)
    # What stands in an open cell stays text when somebody edits it, whatever it begins with.
    filled = book.workbook.add_format({**look, "quote_prefix": True})
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, None, {"hidden": column.kind == "hidden"})
        head = book.head
        if column.tint:
            head = book.workbook.add_format(
                {
                    "bold": True,
                    "bg_color": column.tint,
                    "font_color": "#ffffff",
                    "text_wrap": True,
                    "valign": "top",
                }
            )
        book.write_text(sheet, 0, position, column.title, head)
        locked = column.kind in ("locked", "hidden")
        for row, cell in enumerate(column.cells, 1):
            if locked:
                book.write_text(sheet, row, position, cell)
            elif cell:
                sheet.write_string(row, position, cell, filled)
            else:
                sheet.write_blank(row, position, None, open_)
    sheet.set_row(0, 2 * LINE_POINTS + 2)
    shown = [column for column in columns if column.kind == "locked"]
    for row in range(len(columns[0].cells)):
        sheet.set_row(row + 1, row_height([(column.cells[row], column.width) for column in shown]))


def _restrict(sheet: Worksheet, position: int, rows: int, column: Column, taxonomy: Taxonomy) -> None:
    source: object
    if column.kind == "yes_no":
        source = [YES, NO]
    elif column.kind == "choice":
        source = list(column.choices)
    elif column.kind == "category":
        # A range: lists written into the rule may have 255 characters at most.
        source = f"={CODEBOOK}!$A$2:$A${len(taxonomy.categories) + 2}"
    else:
        return
    sheet.data_validation(
        1,
        position,
        rows,
        position,
        {
            "validate": "list",
            "source": source,
            "error_title": column.title,
            "error_message": "请从下拉列表中选择 · choose from the list",
        },
    )


def _write_codebook(book: Book, sheet: Worksheet, taxonomy: Taxonomy) -> None:
    heads = ("名称", "id", "English", "定义", "包括", "不包括", "例")
    for column, (head, width) in enumerate(zip(heads, (12, 14, 18, 40, 40, 40, 50), strict=True)):
        sheet.set_column(column, column, width)
        book.write_text(sheet, 0, column, head, book.head)
    for row, category in enumerate(taxonomy.categories, 1):
        cells = (category.name, category.id, category.name_en, category.definition)
        for column, cell in enumerate((*cells, category.includes, category.excludes, category.example)):
            book.write_text(sheet, row, column, cell)
    book.write_text(sheet, len(taxonomy.categories) + 1, 0, NONE)
    sheet.freeze_panes(1, 1)
    sheet.protect("")


def _flag_primary(
    workbook: Workbook, sheet: Worksheet, columns: Sequence[Column], rows: int, taxonomy: Taxonomy
) -> None:
    """A primary that is not answered with “yes”, or “none” beside a “yes”, turns red while people work."""
    from xlsxwriter.utility import xl_col_to_name

    yes = [position for position, column in enumerate(columns) if column.kind == "yes_no" and column.tint]
    primary = [position for position, column in enumerate(columns) if column.kind == "category"]
    if not rows or not primary or len(yes) != len(taxonomy.categories):
        return
    first, last, own = (xl_col_to_name(n) for n in (yes[0], yes[-1], primary[0]))
    answers, chosen = f"${first}2:${last}2", f"${own}2"
    names = f"{CODEBOOK}!$A$2:$A${len(yes) + 1}"
    some = f'COUNTIF({answers},"{YES}")'
    formula = (
        f'=OR(AND({chosen}="{NONE}",{some}>0),'
        f'AND({chosen}<>"",{chosen}<>"{NONE}",{some}>0,IFERROR(INDEX({answers},MATCH({chosen},{names},0)),"")<>"{YES}"))'
    )
    wrong = workbook.add_format({"bg_color": "#ffd7d5", "font_color": "#a40e26"})
    sheet.conditional_format(
        1, primary[0], rows, primary[0], {"type": "formula", "criteria": formula, "format": wrong}
    )
