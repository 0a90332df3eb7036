"""Rows → parquet (extra `parquet`): typed columns, lists stay lists, written in batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, BinaryIO

from qclassify.errors import QClassifyError
from qclassify.rendering.lines import flat_row

BATCH = 4096
_LISTS = frozenset({"heading_path", "heading_nos", "labels"})


def write_parquet(rows: Iterable[Mapping[str, Any]], stream: BinaryIO) -> None:
    """Write rows of one kind; the first one tells the columns.

    Raises:
        QClassifyError: the extra `parquet` is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise QClassifyError(
            "writing parquet needs the package pyarrow", "pip install 'qclassify[parquet]'"
        ) from error
    writer = None
    flat = map(flat_row, rows)
    while batch := list(islice(flat, BATCH)):
        if writer is None:
            schema = pa.schema([(name, _type(name, value, pa)) for name, value in batch[0].items()])
            writer = parquet.ParquetWriter(stream, schema, compression="zstd")
        writer.write_table(pa.Table.from_pylist([_clean(row) for row in batch], schema=schema))
    if writer is None:
        parquet.write_table(pa.table({}), stream)
    else:
        writer.close()


def _type(name: str, value: object, pa: Any) -> Any:  # noqa: ANN401 - pyarrow is loaded only here
    if name in _LISTS:
        return pa.list_(pa.string())
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int):
        return pa.int64()
    if isinstance(value, float) or "_share" in name:
        return pa.float64()
    return pa.string()


def _clean(row: Mapping[str, Any]) -> dict[str, Any]:
    """Lone surrogates cannot be written as utf-8."""
    return {
        key: value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for key, value in row.items()
    }
