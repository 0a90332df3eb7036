"""xlsx tables (extra `tables`)."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from qclassify.reading.limits import Limits, refusal
from qclassify.reading.packages import Package
from qclassify.reading.rows import Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from qclassify.errors import ReadError

_COLUMNS = 1_000
_CELL = 32_767  # characters; Excel's own limit, where programs cut silently


def open_table(data: bytes, name: str, limits: Limits) -> Table:
    """Open the first visible sheet; its first row that is not empty is the header.

    Raises:
        ReadError: `missing_extra`, `corrupt`, `encrypted`, `too_large`, or `empty`.
    """
    try:
        import openpyxl
    except ImportError as error:
        what = "reading xlsx needs the extra `tables`"
        raise refusal("missing_extra", name, what, "pip install 'qclassify[tables]'") from error
    _check_package(data, name, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, nothing that concerns text
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:  # a foreign parser on damaged input raises whatever it likes
        raise refusal("corrupt", name, f"a damaged workbook: {_reason(error)}") from error
    if not sheets:
        raise refusal("empty", name, "no visible sheet in the workbook")
    notes = (
        () if len(sheets) == 1 else (f"only the first of {len(sheets)} sheets is read: {sheets[0].title}",)
    )
    rows = _rows(sheets[0], name)
    header = next(((line, cells) for line, cells in rows if any(cells)), None)
    if header is None:
        raise refusal("empty", name, "the first sheet is empty")
    columns = tuple(cell.strip() for cell in header[1])
    return Table(columns, _records(rows, columns), "xlsx", None, notes)


def _check_package(data: bytes, name: str, limits: Limits) -> None:
    """Unpack everything once inside the limits, since openpyxl has none of its own."""
    package = Package(data, name, limits)
    for member in sorted(package.members):
        # Any member may be declared to be XML, whatever its name.
        if b"<!DOCTYPE" in package.read(member).replace(b"\0", b""):
            raise refusal(
                "corrupt", name, f"{member} declares a DOCTYPE, which is never needed and may be an attack"
            )


def _rows(sheet: ReadOnlyWorksheet, name: str) -> Iterator[tuple[int, list[str]]]:
    too_wide = 0
    try:
        # The size that a sheet states may be false, and rows would be padded to it.
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if len(cells) > _COLUMNS:
                too_wide = line
                break
            yield line, [_text(cell) for cell in cells]
    except Exception as error:  # as above; rows are parsed while they are read
        raise refusal("corrupt", name, f"a damaged sheet: {_reason(error)}") from error
    if too_wide:
        raise refusal("too_large", name, f"row {too_wide} has more than {_COLUMNS:,} columns")


def _records(rows: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]) -> Iterator[Row | ReadError]:
    for line, cells in rows:
        if not any(cells):
            continue
        found = dict(zip(columns, cells, strict=False))
        cut = [column for column, cell in found.items() if len(cell) == _CELL]
        notes = tuple(
            f"column {column!r} has exactly {_CELL:,} characters: probably cut off" for column in cut
        )
        yield Row(line, found, notes)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
