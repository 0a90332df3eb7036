"""What runs in Spark's Python workers: pandas frames of rows in, frames of tagged rows out.

One pass gives three kinds of rows at once (clauses, documents, failures), in one table whose columns
have a prefix for each kind; the driver takes them apart.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from qclassify.archive.column_choice import clause_record
from qclassify.archive.columns import Columns, Kind, clause_schema, document_row, document_schema
from qclassify.archive.cut_tagger import CutTagger, batches
from qclassify.archive.cuts import SpooledItem, clause_cuts, document_cuts
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.tables import cell_text
from qclassify.archive.tagged_part import failure_record, note_table
from qclassify.bundle import Bundle
from qclassify.errors import ReadError
from qclassify.models import load_model
from qclassify.reading.rows import Row, bad_row

KIND = "kind"
PREFIXES = {"clause": "c_", "document": "d_", "failure": "f_"}
FAILURE_SCHEMA: dict[str, Kind] = dict.fromkeys(
    ("source", "document", "kind", "reason", "hint", "retry"), "text"
)
# What stands in a column that is of another kind of row, where nothing cannot stand.
_FILLING: Mapping[Kind, Any] = {"integer": 0, "number": 0.0, "flag": False}


def union_schema(categories: Sequence[str], *, clauses: bool) -> dict[str, Kind]:
    """Names and kinds of the columns of all three kinds of rows, and which kind a row is."""
    schemas = {
        "clause": clause_schema(categories, rows_are_clauses=clauses),
        # Of a table of clauses each frame gives a row with its share of the counts.
        "document": {**document_schema(categories), "failed": "integer"},
        "failure": FAILURE_SCHEMA,
    }
    union: dict[str, Kind] = {KIND: "text"}
    for kind, schema in schemas.items():
        union.update({PREFIXES[kind] + name: type_ for name, type_ in schema.items()})
    return union


def tag_frames(frames: Iterator[Any], setup: Mapping[str, Any]) -> Iterator[Any]:
    """Tag the rows of pandas frames; for `DataFrame.mapInPandas`.

    Args:
        frames: with the columns `source` (URI of the file), `row` (its position there, from 0) and
            `text`, and `name` and `title` for documents or `id` and `heading_path` for clauses.
        setup: `model` (name of the file that holds it), `options`, `base` (what source names are
            relative to) and `retry`.
    """
    import pandas as pd
    from pyspark import SparkFiles

    options = ArchiveOptions(**{**setup["options"], "only": ()})
    tagger = CutTagger(_shipped_model(SparkFiles.get(setup["model"])), options)
    union = union_schema(tagger.categories, clauses=options.clauses)
    for frame in frames:
        items = (_item(record, setup["base"], options) for record in frame.to_dict("records"))
        cuts = clause_cuts(items) if options.clauses else document_cuts(items, options, {}, lambda _: None)
        for batch in batches(cuts):
            clauses, tallies = tagger.tag(batch)
            documents = _documents(batch, tallies, tagger, clauses=options.clauses)
            failures = [
                failure_record(cut.source, document, failure, setup["retry"])
                for cut in batch
                for document, failure in cut.failures
            ]
            for kind, columns in (
                ("clause", clauses),
                ("document", _turned(documents)),
                ("failure", _turned(failures)),
            ):
                if columns and columns["source"]:
                    yield pd.DataFrame(_filled(kind, columns, union))


@lru_cache(maxsize=1)
def _shipped_model(packed: str) -> Bundle:
    """Unpack and load the model, once a worker process and once a machine."""
    folder = Path(packed).with_suffix("")
    if not folder.is_dir():
        draft = tempfile.mkdtemp(dir=folder.parent)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(draft)
        try:
            os.rename(draft, folder)  # noqa: PTH104 - Path.rename would say the same
        except OSError:
            if not folder.is_dir():  # else another worker was quicker
                raise
    return load_model(folder)


def _item(record: Mapping[str, Any], base: str, options: ArchiveOptions) -> SpooledItem:
    source = _relative(record["source"], base)
    cells = {name: cell_text(_plain(value)) for name, value in record.items()}
    line = int(record["row"]) + 2  # as if the column names were a header row
    if options.clauses:
        columns = {"id": "id", "text": "text", "heading_path": "heading_path"}
        found = clause_record(Row(line, cells), columns, source)
        if isinstance(found, ReadError):
            return {"source": source, "document": source, "failure": _failure(found)}
        return {"source": source, "document": source, **found, "index": int(record["row"])}
    document = cells["name"].strip() or f"{source}:{line}"
    if not cells["text"].strip():
        error = bad_row(source, line, f"no text in column {record['text_column']!r}")
        return {"source": source, "document": document, "failure": _failure(error)}
    return {
        "source": source,
        "document": document,
        "text": cells["text"],
        "title": cells["title"].strip(),
        "format": "parquet",
        "encoding": None,
        "warnings": [],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell as pandas has it
    """Arrays as lists, and pandas' ways to say that nothing is there as None."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if value != value else value  # noqa: PLR0124 - NaN is the one value unlike itself


def _relative(uri: str, base: str) -> str:
    path = unquote(urlsplit(uri).path) if "://" in uri or uri.startswith("file:") else uri
    below = path.removeprefix(base.rstrip("/") + "/")
    return below if below != path else path.rpartition("/")[2]


def _failure(error: ReadError) -> dict[str, str]:
    return {"kind": error.kind, "message": error.message, "hint": error.hint}


def _documents(
    batch: Sequence[Any], tallies: Sequence[Any], tagger: CutTagger, *, clauses: bool
) -> list[dict[str, Any]]:
    counted = [tally.row(tagger.categories) for tally in tallies]
    if not clauses:
        return [
            {**document_row(cut.source, cut.document, counts, **cut.facts), "failed": len(cut.failures)}
            for cut, counts in zip(batch, counted, strict=True)
        ]
    tables: dict[str, dict[str, Any]] = {}
    for cut, counts in zip(batch, counted, strict=True):
        note_table(tables, cut, counts)
    return [
        {**document_row(name, name, table["counts"], reason=table["reason"]), "failed": table["failed"]}
        for name, table in tables.items()
    ]


def _turned(rows: list[dict[str, Any]]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _filled(kind: str, columns: Columns, union: Mapping[str, Kind]) -> dict[str, Any]:
    """The columns under their prefix and a filling in all others, as objects, so that pandas guesses nothing."""
    import numpy as np

    count = len(columns["source"])
    own = {PREFIXES[kind] + name: values for name, values in columns.items()}
    filled: dict[str, Any] = {}
    for name, type_ in union.items():
        values = [kind] * count if name == KIND else own.get(name)
        if values is None:
            values = [_FILLING.get(type_)] * count
        elif type_ == "texts":
            values = [list(value) for value in values]
        array = np.empty(count, dtype=object)
        array[:] = values
        filled[name] = array
    return filled
