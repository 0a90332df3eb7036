"""The same archive on Spark, in local mode: the same tables as the local engine writes."""

import importlib.util
import json
import shutil

import pytest
from archive_runs import SOURCES, failures, run, varied

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="needs the extra `spark`"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Documents in two files in two folders, one without text and one without Chinese; and their clauses."""
    import pyarrow as pa
    from pyarrow import parquet

    folder = tmp_path_factory.mktemp("tables")
    documents = [
        {"编号": f"d{n}", "标题": None if n == 1 else f"标题{n}", "正文": varied(path.read_text("utf-8"), n)}
        for n, path in enumerate(SOURCES)
    ]
    documents += [
        {"编号": "空", "标题": "", "正文": " "},
        {"编号": None, "标题": "", "正文": "no clause here"},
    ]
    for name, part in (("a 1/x.parquet", documents[:4]), ("b/y.parquet", documents[4:])):
        (folder / "documents" / name).parent.mkdir(parents=True)
        parquet.write_table(pa.Table.from_pylist(part), folder / "documents" / name)
    clauses = [
        {"id": str(n), "text": line.strip(), "heading_path": ["三、重点任务", "（二）提升工程质量"][: n % 3]}
        for n, line in enumerate(SOURCES[0].read_text("utf-8").splitlines())
        if line.strip()
    ]
    clauses[3]["id"] = None
    (folder / "clauses").mkdir()
    parquet.write_table(pa.Table.from_pylist(clauses[:30]), folder / "clauses" / "x.parquet")
    parquet.write_table(pa.Table.from_pylist(clauses[30:]), folder / "clauses" / "y.parquet")
    return folder


@pytest.mark.parametrize("kind", ["documents", "clauses"])
def test_spark_writes_what_the_local_engine_writes(tables, tmp_path, kind):
    from pyarrow import parquet

    options = ["--clauses"] if kind == "clauses" else []
    run(tables / kind, tmp_path / "local", *options, returncode=1)
    run(
        tables / kind, tmp_path / "spark", *options, "--engine", "spark", "--master", "local[2]", returncode=1
    )
    for table in ("clauses", "documents"):
        local, spark = (parquet.read_table(tmp_path / engine / table) for engine in ("local", "spark"))
        assert local.schema.names == spark.schema.names
        assert list(map(str, local.schema.types)) == list(map(str, spark.schema.types))
        assert in_order(spark.to_pylist()) == in_order(local.to_pylist())
        assert len(local) > 0
    for ours, theirs in zip(failures(tmp_path / "spark"), failures(tmp_path / "local"), strict=True):
        assert {**ours, "retry": ""} == {**theirs, "retry": ""}
    manifests = [json.loads((tmp_path / e / "manifest.json").read_text("utf-8")) for e in ("local", "spark")]
    assert manifests[0]["counts"] == manifests[1]["counts"]
    assert manifests[1]["complete"] is True
    again = run(
        tables / kind, tmp_path / "spark", *options, "--engine", "spark", "--master", "local[1]", returncode=1
    )
    assert "is not empty" in again.stderr


def in_order(rows):
    return sorted(rows, key=lambda row: (row["source"], row.get("document") or "", row.get("index", 0)))


def test_a_table_without_the_columns_is_one_clear_line(tables, tmp_path):
    arguments = [
        tables / "documents",
        tmp_path / "out",
        "--clauses",
        "--engine",
        "spark",
        "--master",
        "local[1]",
    ]
    done = run(*arguments, returncode=1)
    assert "columns found: '编号', '标题', '正文'" in done.stderr
    assert not (tmp_path / "out").exists()
