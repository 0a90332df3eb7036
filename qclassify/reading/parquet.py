"""parquet tables (extra `parquet`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.reading.limits import MIB, Limits, refusal
from qclassify.reading.rows import Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyarrow.parquet import ParquetFile

    from qclassify.errors import ReadError

_BATCH = 256
_COLUMNS = 1_000


def open_table(data: bytes, name: str, limits: Limits) -> Table:
    """Open a parquet file; rows are numbered from 2, as if the column names were a header row.

    Raises:
        ReadError: `missing_extra`, `corrupt`, or `too_large`.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        what = "reading parquet needs the extra `parquet`"
        raise refusal("missing_extra", name, what, "pip install 'qclassify[parquet]'") from error
    try:
        file = parquet.ParquetFile(
            pa.BufferReader(data),
            thrift_string_size_limit=64 * MIB,
            thrift_container_size_limit=1_000_000,
            page_checksum_verification=True,
        )
        groups = range(file.metadata.num_row_groups)
        unpacked = sum(file.metadata.row_group(index).total_byte_size for index in groups)
        columns = tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise refusal("corrupt", name, f"a damaged parquet file: {_reason(error)}") from error
    if unpacked > limits.unpacked_bytes:
        raise refusal("too_large", name, f"unpacks to more than {limits.unpacked_bytes / MIB:g} MiB")
    if len(columns) > _COLUMNS:
        raise refusal("too_large", name, f"more than {_COLUMNS:,} columns")
    return Table(columns, _rows(file, name, pa.ArrowException), "parquet")


def _rows(file: ParquetFile, name: str, damage: type[Exception]) -> Iterator[Row | ReadError]:
    line = 1
    try:
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            for record in batch.to_pylist():
                line += 1
                yield Row(line, {key: _text(value) for key, value in record.items()})
    except (damage, OSError, ValueError, OverflowError) as error:
        raise refusal("corrupt", name, f"damaged after row {line}: {_reason(error)}") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return LEVEL_SEPARATOR.join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
