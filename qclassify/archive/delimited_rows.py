"""csv and tsv of any length → rows, with every row given or reported with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qclassify.archive.text_lines import TextLines
from qclassify.errors import ReadError
from qclassify.reading.limits import refusal
from qclassify.reading.rows import Row, bad_row, delimited

# A row, or a report in its place, and the bytes of the file that were read up to it.
PlacedRow = tuple[Row | ReadError, int]

_MALFORMED_ROWS = 1_000  # after so many the file is not the table that it claims to be
_BATCH = 256


@dataclass(frozen=True, slots=True)
class TableStream:
    """A table being read.

    Attributes:
        columns: names as in the header.
        rows: each row, or a `ReadError` in its place, with the bytes of the file read so far.
        source_format: `csv`, `tsv`, `jsonl`, `parquet` or `xlsx`.
        encoding: of the text, None for packed tables.
        warnings: about the table as a whole.
    """

    columns: tuple[str, ...]
    rows: Iterator[PlacedRow]
    source_format: str
    encoding: str | None = None
    warnings: tuple[str, ...] = ()


def delimited_stream(
    lines: TextLines, name: str, promised: str, encoding: str, known: Sequence[str]
) -> TableStream:
    """Read the header; `promised` is `csv` or `tsv`, and columns in `known` may speak for another.

    Raises:
        ReadError: `empty`, or `bad_table` when the header itself is malformed.
    """
    number = 0
    header = ""
    while not header.strip():
        line = lines.next()
        if line is None:
            raise refusal("empty", name, "the table has no header row")
        number += 1
        header = line
    head = delimited(header, name, promised, frozenset(known), encoding)
    if head.source_format == "tsv":
        rows = _tab_separated(lines, number, header, name)
    else:
        rows = _quoted(lines, number, _delimiter(header, head.columns), head.columns, name)
    return TableStream(head.columns, rows, head.source_format, encoding, head.warnings)


def _delimiter(header: str, columns: tuple[str, ...]) -> str:
    """The delimiter with which the header gives the columns that were found in it."""
    for delimiter in (",", ";"):
        cells = next(csv.reader([header], delimiter=delimiter), [])
        if tuple(cell.strip() for cell in cells) == columns:
            return delimiter
    return ","


def _tab_separated(lines: TextLines, number: int, header: str, name: str) -> Iterator[PlacedRow]:
    """One line is one row, so the reader of whole tables can be given a few at a time."""
    header = header.rstrip("\r\n") + "\n"
    while batch := _some_lines(lines):
        filled = [(number + n, line) for n, line in enumerate(batch, 1) if line.strip("\r\n")]
        table = delimited(header + "".join(line for _, line in filled), name, "tsv", frozenset(), None)
        for (at, line), row in zip(filled, table.rows, strict=True):
            if isinstance(row, Row):
                yield Row(at, row.cells), lines.position
            else:
                what = f"{line.count(chr(9)) + 1} cells where the header has {len(table.columns)}"
                yield bad_row(name, at, what), lines.position
        number += len(batch)


def _some_lines(lines: TextLines) -> list[str]:
    batch: list[str] = []
    size = 0
    while len(batch) < _BATCH and size < lines.cap and (line := lines.next()) is not None:
        size += len(line)
        batch.append(line)
    return batch


def _quoted(
    lines: TextLines, number: int, delimiter: str, columns: tuple[str, ...], name: str
) -> Iterator[PlacedRow]:
    """Standard csv; after a malformed row reading goes on at the line after the one where it began."""
    taken: list[str] = []

    def fed() -> Iterator[str]:
        size = 0
        while (line := lines.next()) is not None:
            size = len(line) + (size if taken else 0)
            taken.append(line)
            if size >= lines.cap:
                raise csv.Error("longer than a row may be")
            yield line

    reader = csv.reader(fed(), delimiter=delimiter, strict=True)
    malformed = 0
    while True:
        try:
            cells = _next_record(reader)
        except csv.Error as error:
            malformed += 1
            if malformed > _MALFORMED_ROWS:
                raise refusal("bad_table", name, f"more than {_MALFORMED_ROWS} malformed rows") from error
            yield bad_row(name, number + 1, f"malformed quotation marks ({error})"), lines.position
            lines.returned.extendleft(reversed(taken[1:]))
            number += 1
            taken.clear()
            reader = csv.reader(fed(), delimiter=delimiter, strict=True)
            continue
        if cells is None:
            return
        if cells:
            yield _fitted(cells, columns, name, number + 1), lines.position
        number += len(taken)
        taken.clear()


def _next_record(reader: Iterator[list[str]]) -> list[str] | None:
    """A cell may be as long as a document; csv's own limit is process-wide, so it is put back at once."""
    previous = csv.field_size_limit(2**31 - 1)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(previous)


def _fitted(cells: list[str], columns: tuple[str, ...], name: str, number: int) -> Row | ReadError:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        return bad_row(name, number, f"{len(cells)} cells where the header has {len(columns)}")
    return Row(number, dict(zip(columns, cells, strict=False)))
