"""Tables as text → rows: csv, tsv and jsonl, with every row accounted for.

A row is either given or reported with its line; none is swallowed by a stray quotation mark.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from qclassify.errors import ReadError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.reading.limits import printable, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons"}
_FIELD_LIMIT = 2**31 - 1

_MALFORMED_ROWS = 1_000  # after so many the file is not the table that it claims to be


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (or record) number from 1, the header included, its cells by column, warnings."""

    line: int
    cells: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are still to be read.

    Attributes:
        columns: names as in the header, white space around them removed.
        rows: rows in order; a row that cannot be read stands there as a `ReadError`.
        source_format: `csv`, `tsv`, `jsonl`, `xlsx` or `parquet`.
        encoding: the text encoding, None for xlsx and parquet.
        warnings: about the table as a whole.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row | ReadError]
    source_format: str
    encoding: str | None = None
    warnings: tuple[str, ...] = ()


def bad_row(name: str, line: int, what: str) -> ReadError:
    """Build the report of one row that cannot be used."""
    return ReadError(
        "bad_table", f"{printable(name)}, line {line}: {what}", "the other rows are read · 其余各行照常读取"
    )


def delimited(
    text: str, name: str, expected: str | None, known: frozenset[str], encoding: str | None
) -> Table:
    """Read a table whose first line is the header.

    Args:
        text: the whole file.
        name: for messages.
        expected: `csv` or `tsv`, as the name promises, None when it promises neither; the header decides.
        known: column names in lower case that tell the right delimiter from a wrong one.
        encoding: passed on.

    Raises:
        ReadError: `empty`, or `bad_table` when the header itself is malformed.
    """
    lines = _LINE.findall(text)
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise refusal("empty", name, "the table has no header row")
    promised = _DELIMITERS[expected or "csv"]
    delimiter = _delimiter(lines[first], promised, known)
    warnings: tuple[str, ...] = ()
    if expected and delimiter != promised:
        read_as = _DELIMITER_NAMES[delimiter]
        warnings = (
            f"the name promises {expected} but the header is separated by {read_as}: read with {read_as}",
        )
    split = _tab_separated(lines, first) if delimiter == "\t" else _quoted(lines, first, delimiter, name)
    header = next(split)
    if isinstance(header, ReadError):
        raise refusal("bad_table", name, "the header row is malformed: a quotation mark is not closed")
    columns = tuple(cell.strip() for cell in header[1])
    found = "tsv" if delimiter == "\t" else "csv"
    return Table(columns, _rows(split, columns, name), found, encoding, warnings)


def json_lines(text: str, name: str, encoding: str | None) -> Table:
    """Read one JSON object a line; the first object's keys are the columns.

    Raises:
        ReadError: `empty`, or `bad_table` when no line holds an object.
    """
    rows = _json_rows(text, name)
    skipped: list[Row | ReadError] = []
    for row in rows:
        skipped.append(row)
        if isinstance(row, Row):
            return Table(tuple(row.cells), chain(skipped, rows), "jsonl", encoding)
    raise refusal(
        "bad_table", name, "no line holds a JSON object", "give one JSON object a line · 每行一个 JSON 对象"
    )


def _delimiter(header: str, expected: str, known: frozenset[str]) -> str:
    def matches(delimiter: str) -> int:
        return len({cell.strip().strip('"').lower() for cell in header.split(delimiter)} & known)

    others = [delimiter for delimiter in _DELIMITER_NAMES if delimiter != expected]
    # Stable: with equal counts the promised delimiter wins.
    return max([expected, *others], key=matches)


def _tab_separated(lines: list[str], first: int) -> Iterator[tuple[int, list[str]]]:
    """One line is one row: in these files quotation marks are text more often than syntax."""
    for index in range(first, len(lines)):
        line = lines[index].rstrip("\r\n")
        if line:
            yield index + 1, [_unquoted(cell) for cell in line.split("\t")]


def _unquoted(cell: str) -> str:
    """Undo quoting only where doubled quotation marks prove that a program put it there."""
    inner = cell[1:-1]
    if cell[:1] == cell[-1:] == '"' and '""' in inner and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return cell


def _quoted(
    lines: list[str], first: int, delimiter: str, name: str
) -> Iterator[tuple[int, list[str]] | ReadError]:
    """Standard csv; after a malformed row reading goes on at the line after the one where it began."""
    start = first
    malformed = 0
    while start < len(lines):
        begin = start
        reader = csv.reader(islice(lines, begin, None), delimiter=delimiter, strict=True)
        try:
            while (cells := _next_record(reader)) is not None:
                if cells:
                    yield start + 1, cells
                start = begin + reader.line_num
        except csv.Error as error:
            malformed += 1
            if malformed > _MALFORMED_ROWS:
                raise refusal("bad_table", name, f"more than {_MALFORMED_ROWS} malformed rows") from error
            yield bad_row(name, start + 1, f"malformed quotation marks ({error})")
            start += 1
        else:
            return


def _next_record(reader: Iterator[list[str]]) -> list[str] | None:
    """A field may be as long as a document; csv's limit is process-wide, so it is put back at once."""
    previous = csv.field_size_limit(_FIELD_LIMIT)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(previous)


def _rows(
    split: Iterator[tuple[int, list[str]] | ReadError], columns: tuple[str, ...], name: str
) -> Iterator[Row | ReadError]:
    for record in split:
        if isinstance(record, ReadError):
            yield record
            continue
        line, cells = record
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            yield bad_row(name, line, f"{len(cells)} cells where the header has {len(columns)}")
        else:
            yield Row(line, dict(zip(columns, cells, strict=False)))


def _json_rows(text: str, name: str) -> Iterator[Row | ReadError]:
    for line, raw in enumerate(_LINE.findall(text), start=1):
        if not raw.strip():
            continue
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError) as error:
            yield bad_row(name, line, f"not JSON: {error}")
            continue
        if isinstance(record, dict):
            yield Row(line, {key: _json_text(value) for key, value in record.items()})
        else:
            yield bad_row(name, line, "not a JSON object")


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return LEVEL_SEPARATOR.join(value)
    return json.dumps(value, ensure_ascii=False)
