"""The same tagging on Spark: parquet or a table in, parquet out, the model shipped as one file.

Needs the extra `spark`. Each Python worker unpacks and loads the model once. Rows keep no order on Spark:
sort by source, document and index where it matters.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qclassify.archive.column_choice import clause_columns, document_columns
from qclassify.archive.columns import Kind, clause_schema, document_schema
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.run import Outcome, retry_command, versions
from qclassify.archive.spark_files import SparkFolder
from qclassify.archive.spark_rows import FAILURE_SCHEMA, KIND, PREFIXES, tag_frames, union_schema
from qclassify.bundle import Bundle
from qclassify.errors import QClassifyError
from qclassify.rendering.lines import json_line

_TABLE = "table:"
_DOCUMENTS_A_FRAME, _CLAUSES_A_FRAME = 64, 2_048
_TAGGED = ".work/tagged"
_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "texts": "array<string>",
    "integer": "bigint",
    "number": "double",
    "flag": "boolean",
}


def run_spark(
    source: str, out: str, model: Bundle, options: ArchiveOptions, *, master: str | None, restart: bool
) -> Outcome:
    """Tag a parquet file or folder, or a table, into parquet.

    Args:
        source: any path or URI that Spark reads, or `table:<name>` for a table that is kept in parquet.
            A row is a document, or with `options.clauses` a clause.
        out: a path or URI to write to: `clauses/`, `documents/`, `failures.jsonl`, `manifest.json`.
        model: a loaded model; its folder is shipped to the workers.
        options: of the run; limits and workers are Spark's own matter.
        master: such as `local[2]` or `yarn`; None for what spark-submit says.
        restart: overwrite what an earlier run has written.

    Raises:
        QClassifyError: Spark is missing, `out` is not free, or columns are missing.
    """
    if options.format != "parquet" or options.only:
        raise QClassifyError(
            "Spark writes all of its input as parquet", "leave out --format and --only, or use --engine local"
        )
    spark = _session(master, _CLAUSES_A_FRAME if options.clauses else _DOCUMENTS_A_FRAME)
    try:
        folder = SparkFolder(spark, out)
        rows = _rows(spark, source, options)
        folder.take(restart=restart)
        manifest = _manifest(source, model, options)
        folder.write("manifest.json", [json_text({**manifest, "complete": False})])
        with tempfile.TemporaryDirectory() as temporary:
            packed = _packed(model, Path(temporary))
            spark.sparkContext.addFile(str(packed))
            setup = {
                "model": packed.name,
                "options": asdict(options),
                "base": urlsplit(source).path if "://" in source else str(Path(source).resolve()),
                # Single rows are tried again with the local engine, which reads local files.
                "retry": retry_command(source, out, model, options) if Path(source).exists() else [],
            }
            union = union_schema(model.taxonomy.ids, clauses=options.clauses)
            schema = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in union.items())
            rows.mapInPandas(partial(tag_frames, setup=setup), schema).write.parquet(folder.path(_TAGGED))
        return _finish(spark, folder, model, options, manifest)
    finally:
        spark.stop()


def _session(master: str | None, rows_a_frame: int) -> Any:  # noqa: ANN401 - pyspark is an extra
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise QClassifyError(
            "--engine spark needs the extra `spark`", "pip install 'qclassify[spark]', and Java 17 or later"
        ) from error
    if master is not None and master.startswith("local"):
        # Spark would start whatever `python3` is on PATH, which need not have this package.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        root = str(Path(__file__).resolve().parents[2])
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    builder = SparkSession.builder.appName("qclassify archive")
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", str(rows_a_frame))
    builder = builder.config("spark.sql.parquet.compression.codec", "zstd")  # as the local engine writes
    builder = builder if master is None else builder.master(master)
    try:
        return builder.getOrCreate()
    except Exception as error:  # whatever the JVM says
        raise QClassifyError(
            f"Spark did not start: {' '.join(str(error).split())[:300]}",
            "is Java 17 or later there (JAVA_HOME)?",
        ) from error


def _rows(spark: Any, source: str, options: ArchiveOptions) -> Any:  # noqa: ANN401
    """The input with the columns that `tag_frames` wants."""
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    def column(name: str | None) -> Any:  # noqa: ANN401
        return functions.lit("") if name is None else functions.col(f"`{name}`")

    try:
        if source.startswith(_TABLE):
            read = spark.table(source.removeprefix(_TABLE))
        else:  # folders in folders as the local engine finds them, whatever they are called
            read = spark.read.option("recursiveFileLookup", "true").parquet(source)
        names = tuple(read.columns)
        if options.clauses:
            chosen = clause_columns(names, source)
            own = [
                column(chosen["id"]).alias("id"),
                column(chosen.get("heading_path")).alias("heading_path"),
            ]
            text = chosen["text"]
        else:
            text, title, name = document_columns(names, source, options)
            own = [column(name).cast("string").alias("name"), column(title).cast("string").alias("title")]
        return read.select(
            functions.col("_metadata.file_path").alias("source"),
            functions.col("_metadata.row_index").alias("row"),
            column(text).alias("text"),
            functions.lit(text).alias("text_column"),
            *own,
        )
    except PySparkException as error:
        raise QClassifyError(
            f"{source}: Spark cannot read it as parquet: {' '.join(str(error).split())[:300]}",
            "give a parquet file or folder, or `table:<name>` of a table that is kept in parquet",
        ) from error


def _packed(model: Bundle, folder: Path) -> Path:
    packed = folder / f"{model.id}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(model.path.iterdir()):
            archive.write(path, path.name)
    return packed


def _finish(
    spark: Any,  # noqa: ANN401
    folder: SparkFolder,
    model: Bundle,
    options: ArchiveOptions,
    manifest: Mapping[str, Any],
) -> Outcome:
    tagged = spark.read.parquet(folder.path(_TAGGED))
    clauses = clause_schema(model.taxonomy.ids, rows_are_clauses=options.clauses)
    documents = document_schema(model.taxonomy.ids)
    _of_kind(tagged, "clause", tuple(clauses)).write.parquet(folder.path("clauses"))
    per_document = _of_kind(tagged, "document", (*documents, "failed"))
    if options.clauses:
        per_document = _per_table(per_document, documents)
    per_document.drop("failed").write.parquet(folder.path("documents"))
    failures = _of_kind(tagged, "failure", tuple(FAILURE_SCHEMA)).sort("source", "document")
    folder.write("failures.jsonl", (json_line(row.asDict()) for row in failures.toLocalIterator()))
    counts = _counts(spark.read.parquet(folder.path("documents")), documents)
    counts["failed"] = failures.count()
    shards = spark.read.parquet(folder.path("clauses")).rdd.getNumPartitions()
    folder.write(
        "manifest.json", [json_text({**manifest, "complete": True, "counts": counts, "shards": shards})]
    )
    folder.remove(".work")
    return Outcome(folder.name, counts["documents"], counts["clauses"], counts["failed"], shards, 0)


def _of_kind(tagged: Any, kind: str, names: Sequence[str]) -> Any:  # noqa: ANN401
    from pyspark.sql.functions import col

    prefix = PREFIXES[kind]
    return tagged.where(col(KIND) == kind).select([col(prefix + name).alias(name) for name in names])


def _per_table(shares: Any, documents: Mapping[str, Kind]) -> Any:  # noqa: ANN401
    """One row a table from the rows that each frame gave; statuses as the local engine words them."""
    from pyspark.sql import functions as f

    summed = [f.sum(name).alias(name) for name, kind in documents.items() if kind == "integer"]
    grouped = shares.groupBy("source", "document").agg(
        *summed, f.sum("failed").alias("failed"), f.min("reason").alias("first")
    )
    partly = f.when(f.col("clauses") > 0, "rows_failed").otherwise("failed")
    said = f.concat(f.col("failed").cast("string"), f.lit(" could not be used; the first: "), f.col("first"))
    with_status = grouped.withColumn(
        "status", f.when(f.col("failed") == 0, "ok").otherwise(partly)
    ).withColumn("reason", f.when(f.col("failed") > 0, said))
    empty = {"text": f.lit(None).cast("string"), "texts": f.array().cast("array<string>")}
    known = set(with_status.columns)
    return with_status.select(
        [f.col(name) if name in known else empty[kind].alias(name) for name, kind in documents.items()]
        + [f.col("failed")]
    )


def _counts(per_document: Any, documents: Mapping[str, Kind]) -> dict[str, int]:  # noqa: ANN401
    from pyspark.sql import functions as f

    names = [name for name, kind in documents.items() if kind == "integer"]
    # A document that failed is a row of the table, with counts of zero.
    row = per_document.agg(
        f.count(f.lit(1)).alias("documents"), *[f.sum(name).alias(name) for name in names]
    ).first()
    return {name: int(row[name] or 0) for name in ("documents", *names)}


def _manifest(source: str, model: Bundle, options: ArchiveOptions) -> dict[str, Any]:
    return {
        "qclassify_archive": 1,
        "engine": "spark",
        "model": {"id": model.id, "checksum": model.manifest["checksum"]},
        "options": options.settings(),
        "input": {"source": source},
        "versions": versions("pyarrow", "pyspark", "pandas"),
    }


def json_text(value: Mapping[str, Any]) -> str:
    """A record as people may want to read it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
