"""Columns → parquet or JSON lines, written to a draft as they come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from qclassify.archive.columns import Columns, Kind
from qclassify.archive.options import ShardFormat
from qclassify.errors import QClassifyError
from qclassify.rendering.lines import json_line

_ROW_GROUP = 8_192


class ShardWriter(Protocol):
    """A table being written; to be used in a `with` block, after which the file is complete."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, columns: Columns) -> None:
        """Append rows."""
        ...


def shard_writer(path: Path, format_: ShardFormat, schema: Mapping[str, Kind]) -> ShardWriter:
    """Open a file for writing.

    Raises:
        QClassifyError: the format needs an extra that is not installed.
    """
    return _JsonLines(path) if format_ == "jsonl" else _Parquet(path, schema)


def require_format(format_: ShardFormat) -> None:
    """Say before anything is done that an extra is missing.

    Raises:
        QClassifyError: it is.
    """
    if format_ == "parquet":
        _pyarrow()


class _JsonLines:
    """As `tag --format jsonl` writes them: the scores in one object a clause."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, columns: Columns) -> None:
        scored = [name for name in columns if name.startswith("score_")]
        names = [name for name in columns if name not in scored]
        values = {name: columns[name] for name in names}
        if scored:
            categories = [name.removeprefix("score_") for name in scored]
            rows = zip(*(columns[name] for name in scored), strict=True)
            values["scores"] = [dict(zip(categories, row, strict=True)) for row in rows]
            names.insert(list(columns).index(scored[0]), "scores")
        for row in zip(*(values[name] for name in names), strict=True):
            self._file.write(json_line(dict(zip(names, row, strict=True))))


class _Parquet:
    def __init__(self, path: Path, schema: Mapping[str, Kind]) -> None:
        pa, parquet = _pyarrow()
        self._pa = pa
        self._schema = arrow_schema(schema)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._batches: list[Any] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, columns: Columns) -> None:
        self._batches.append(record_batch(columns, self._schema))
        self._rows += self._batches[-1].num_rows
        if self._rows >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._pa.Table.from_batches(self._batches, self._schema))
        self._batches, self._rows = [], 0


def arrow_schema(schema: Mapping[str, Kind]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """The columns as Arrow types."""
    pa, _ = _pyarrow()
    types = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "integer": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
    }
    return pa.schema([(name, types[kind]) for name, kind in schema.items()])


def record_batch(columns: Columns, schema: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Columns as one Arrow record batch; a lone surrogate, which has no UTF-8, becomes U+FFFD."""
    pa, _ = _pyarrow()
    arrays = []
    for name, type_ in zip(schema.names, schema.types, strict=True):
        try:
            arrays.append(pa.array(columns[name], type_))
        except UnicodeEncodeError:
            arrays.append(pa.array([_encodable(value) for value in columns[name]], type_))
    return pa.record_batch(arrays, schema=schema)


def _encodable(value: Any) -> Any:  # noqa: ANN401 - a cell
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in value)
    if isinstance(value, list | tuple):
        return [_encodable(part) for part in value]
    return value


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise QClassifyError(
            "writing parquet needs the extra `parquet`",
            "pip install 'qclassify[parquet]', or write JSON lines with --format jsonl",
        ) from error
    return pa, parquet
