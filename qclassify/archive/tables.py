"""Tables of any length → rows, one at a time: what `qclassify.reading` reads whole, in constant memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from qclassify.archive.delimited_rows import PlacedRow, TableStream, delimited_stream
from qclassify.archive.text_lines import TextLines, checked_encoding
from qclassify.errors import ReadError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.reading.limits import MIB, Limits, refusal
from qclassify.reading.rows import Row, bad_row
from qclassify.reading.tables import open_table

_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
_LINE_ROOM = 1 * MIB  # for a row's other cells, beside a text of the greatest length
_MALFORMED_ROWS = 1_000
_BATCH = 256


def table_format(path: Path) -> str | None:
    """The table format that a file's name promises, None when it promises none."""
    return _FORMATS.get(path.suffix.lower())


@contextmanager
def opened_table(
    path: Path, name: str, encoding: str, known: Sequence[str], limits: Limits
) -> Iterator[TableStream]:
    """Open a table by the format that its name promises.

    Args:
        path: the file.
        name: for messages.
        encoding: `auto` or a name, for tables as text.
        known: column names that tell the right delimiter from a wrong one.
        limits: `characters` caps one cell; `file_bytes` only an xlsx file, which is read whole.

    Raises:
        ReadError: for the table as a whole.
    """
    found = table_format(path)
    if found == "parquet":
        yield _parquet(path, name)
    elif found == "xlsx":
        table = open_table(path, name, encoding, limits, frozenset(known))
        size = path.stat().st_size
        yield TableStream(table.columns, ((row, size) for row in table.rows), "xlsx", None, table.warnings)
    elif found is None:
        hint = "give csv, tsv, jsonl, xlsx or parquet · 请给出表格文件"
        raise refusal("bad_table", name, "is not a table by its name", hint)
    else:
        checked = checked_encoding(path, name, encoding)
        with path.open("rb") as raw:
            lines = TextLines(raw, checked, limits.characters + _LINE_ROOM)
            yield (
                _json_lines(lines, name, checked)
                if found == "jsonl"
                else delimited_stream(lines, name, found, checked, known)
            )


def _json_lines(lines: TextLines, name: str, encoding: str) -> TableStream:
    rows = _json_rows(lines, name)
    skipped: list[PlacedRow] = []
    for row, position in rows:
        skipped.append((row, position))
        if isinstance(row, Row):
            columns = tuple(row.cells)
            return TableStream(columns, chain(skipped, rows), "jsonl", encoding)
        if len(skipped) > _MALFORMED_ROWS:
            break
    hint = "give one JSON object a line · 每行一个 JSON 对象"
    raise refusal("bad_table", name, "no line holds a JSON object", hint)


def _json_rows(lines: TextLines, name: str) -> Iterator[PlacedRow]:
    number = 0
    while (raw := lines.next()) is not None:
        number += 1
        if raw.strip():
            yield _json_row(raw, number, name, is_cut=lines.is_cut(raw)), lines.position


def _json_row(raw: str, number: int, name: str, *, is_cut: bool) -> Row | ReadError:
    if is_cut:
        return bad_row(name, number, "longer than a row may be")
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return bad_row(name, number, f"not JSON: {error}")
    if not isinstance(record, dict):
        return bad_row(name, number, "not a JSON object")
    return Row(number, {key: cell_text(value) for key, value in record.items()})


def _parquet(path: Path, name: str) -> TableStream:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        what = "reading parquet needs the extra `parquet`"
        raise refusal("missing_extra", name, what, "pip install 'qclassify[parquet]'") from error
    damage = (pa.ArrowException, OSError, ValueError, OverflowError)
    try:
        file = parquet.ParquetFile(path, page_checksum_verification=True, memory_map=False)
    except damage as error:
        raise refusal("corrupt", name, f"a damaged parquet file: {_reason(error)}") from error
    return TableStream(
        tuple(file.schema_arrow.names), _parquet_rows(file, name, path.stat().st_size, damage), "parquet"
    )


def _parquet_rows(
    file: Any,  # noqa: ANN401 - pyarrow has no types
    name: str,
    size: int,
    damage: tuple[type[Exception], ...],
) -> Iterator[PlacedRow]:
    """Rows numbered from 2, as if the column names were a header row."""
    total = max(1, file.metadata.num_rows)
    line = 1
    try:
        with file:
            # Asked for all row groups at once, the reader holds on to those that it is done with.
            for group in range(file.metadata.num_row_groups):
                for batch in file.iter_batches(_BATCH, row_groups=[group], use_threads=False):
                    for record in batch.to_pylist():
                        line += 1
                        cells = {key: cell_text(value) for key, value in record.items()}
                        yield Row(line, cells), size * (line - 1) // total
    except damage as error:
        raise refusal("corrupt", name, f"damaged after row {line}: {_reason(error)}") from error


def cell_text(value: object) -> str:
    """A cell of a typed table as text: lists of texts are levels of a heading path.

    >>> cell_text(["一、重点任务", "质量"]), cell_text(None), cell_text(3)
    ('一、重点任务 > 质量', '', '3')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return LEVEL_SEPARATOR.join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
