"""`qclassify archive`: what it writes, of which inputs, and what it says."""

import importlib.util
import json
import os
import pty
import subprocess

import pytest
from archive_runs import ROOT, SOURCES, command, failures, mixed_archive, rows, run, tree, write_tar

from qclassify.cli.archive import ProgressLine, remaining


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    return folder, mixed_archive(folder)


@pytest.fixture(scope="module")
def tagged(archive, tmp_path_factory):
    # Named relatively: the commands in failures.jsonl name the output folder as it was given.
    folder = tmp_path_factory.mktemp("out")
    options = ["--format", "jsonl", "--shard-size", 7, "--workers", 2]
    return folder / "tagged", run(archive[0], "tagged", *options, returncode=1, cwd=folder)


def test_every_document_is_in_the_summary_in_the_order_of_the_input(archive, tagged):
    documents = rows(tagged[0], "documents")
    assert len(documents) == archive[1]
    names = [path.name for path in SOURCES]
    assert [d["source"] for d in documents[: len(names) * 2]] == ["more.tar.gz"] * 5 + ["most.zip"] * 5
    assert [d["document"] for d in documents[: len(names)]] == names
    assert documents[10]["source"] == "table.csv"
    assert [d["document"] for d in documents[15:21]] == [f"year-0/{n}" for n in sorted([*names, "empty.txt"])]


def test_clauses_are_those_of_tag_in_the_same_order(archive, tagged):
    path = archive[0] / "year-1" / SOURCES[0].name
    done = subprocess.run(
        [*command()[:3], "tag", path, "--format", "jsonl"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    found = [row for row in rows(tagged[0]) if row["source"] == f"year-1/{SOURCES[0].name}"]
    assert len(found) == len(expected) > 50
    for ours, theirs in zip(found, expected, strict=True):
        shared = ours.keys() & theirs.keys() - {"document"}
        assert shared >= {"index", "start", "end", "text", "labels", "primary", "scores", "review", "model"}
        assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}


def test_the_summary_counts_what_the_clauses_say(tagged):
    clauses = rows(tagged[0])
    for document in rows(tagged[0], "documents"):
        own = [
            c for c in clauses if (c["source"], c["document"]) == (document["source"], document["document"])
        ]
        assert document["clauses"] == len(own)
        assert document["unlabelled"] == sum(not c["labels"] for c in own)
        assert document["review"] == sum(c["review"] for c in own)
        for category in ("product", "governance"):
            assert document[f"label_{category}"] == sum(category in c["labels"] for c in own)
        assert document["status"] == ("ok" if own else "failed")


def test_clauses_carry_what_is_known_of_their_document(tagged):
    documents = {(d["source"], d["document"]): d for d in rows(tagged[0], "documents")}
    for clause in rows(tagged[0]):
        document = documents[clause["source"], clause["document"]]
        assert [clause[key] for key in ("title", "issuer", "number", "date")] == [
            document[key] for key in ("title", "issuer", "number", "date")
        ]
    assert documents["table.csv", "row 0"]["format"] == "csv"
    assert documents["more.tar.gz", SOURCES[0].name]["encoding"] == "gb18030"


def test_offsets_cut_the_text_of_the_document(archive, tagged):
    for clause in rows(tagged[0]):
        if clause["source"].startswith("year-"):
            text = (archive[0] / clause["source"]).read_bytes().decode("utf-8")
            assert text[clause["start"] : clause["end"]] == clause["text"]


def test_a_failure_has_its_reason_and_a_command_that_tries_it_again(tagged, tmp_path):
    found = failures(tagged[0])
    assert [(f["source"], f["kind"]) for f in found] == [
        ("year-0/empty.txt", "empty"),
        ("year-1/picture.txt", "binary"),
    ]
    assert "2 could not be used" in tagged[1].stderr
    retried = (
        found[0]["retry"].replace("qclassify archive", "archive").replace("tagged-retry", str(tmp_path / "r"))
    )
    done = subprocess.run(
        ["bash", "-c", " ".join(command()[:3]) + " " + retried],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert [f["source"] for f in failures(tmp_path / "r")] == ["year-0/empty.txt"]
    assert len(rows(tmp_path / "r", "documents")) == 1


def test_the_manifest_says_what_was_done_and_the_checksums_hold(archive, tagged):
    out = tagged[0]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["complete"] is True
    assert manifest["counts"]["documents"] == archive[1]
    assert manifest["counts"]["clauses"] == len(rows(out))
    assert manifest["counts"]["failed"] == 2
    assert {"id", "checksum", "backend"} <= manifest["model"].keys()
    assert len(manifest["input"]["digest"]) == 64
    stated = dict(
        reversed(line.split("  ")) for line in (out / "checksums.txt").read_text("utf-8").splitlines()
    )
    found = tree(out)
    assert {name: digest for name, digest in found.items() if name in stated} == stated
    assert found.keys() - stated.keys() == {"manifest.json", "checksums.txt"}


@pytest.mark.parametrize("workers", ["0", "1"])
def test_the_number_of_workers_changes_no_byte(archive, tagged, tmp_path, workers):
    options = ["--format", "jsonl", "--shard-size", 7, "--workers", workers]
    run(archive[0], "tagged", *options, returncode=1, cwd=tmp_path)
    assert tree(tmp_path / "tagged") == tree(tagged[0])


def test_parquet_holds_what_json_lines_hold(archive, tagged, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    run(archive[0], tmp_path, "--shard-size", 7, returncode=1)
    assert parquet.read_table(tmp_path / "documents").to_pylist() == rows(tagged[0], "documents")
    found = parquet.read_table(tmp_path / "clauses").to_pylist()
    expected = rows(tagged[0])
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        scores = {key: ours.pop(f"score_{key}") for key in theirs["scores"]}
        assert {**ours, "scores": scores} == theirs


def test_tables_of_clauses_keep_their_ids_and_count_their_bad_rows(tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text(
        "id,heading_path,text\nk-1,三、重点任务 > (二)提升工程质量,优良率达到60%以上。\n,,没有编号。\nk-3,,加强品牌建设。\n",
        "utf-8",
    )
    out = tmp_path / "out"
    run(table, out, "--clauses", "--format", "jsonl", "--shard-size", 2, returncode=1)
    found = rows(out)
    assert [(row["id"], row["index"]) for row in found] == [("k-1", 0), ("k-3", 2)]
    assert found[0]["heading_path"] == ["重点任务", "提升工程质量"]
    assert found[0]["primary"] == "engineering"
    [document] = rows(out, "documents")
    assert (document["clauses"], document["status"]) == (2, "rows_failed")
    assert "line 3" in failures(out)[0]["reason"]


def test_clauses_of_a_table_are_tagged_as_tag_does(tmp_path):
    table = tmp_path / "clauses.jsonl"
    clauses = [
        "加强产品质量监督抽查。",
        "推行首席质量官制度。",
        "提升\ud800产品质量水平。",
        "培育知名商标品牌。",
    ] * 3
    table.write_text(
        "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(clauses)), "utf-8"
    )
    run(table, tmp_path / "out", "--clauses", "--format", "jsonl")
    done = subprocess.run(
        [*command()[:3], "tag", "--clauses", table], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for ours, theirs in zip(rows(tmp_path / "out"), map(json.loads, done.stdout.splitlines()), strict=True):
        assert {key: ours[key] for key in ("id", "text", "labels", "primary", "scores")} == {
            key: theirs[key] for key in ("id", "text", "labels", "primary", "scores")
        }


def test_lone_surrogates_become_replacement_characters_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    table = tmp_path / "clauses.jsonl"
    table.write_text('{"id": "s", "text": "提升\\ud800产品质量水平。"}\n', "utf-8")
    run(table, tmp_path / "out", "--clauses", "--workers", 0)
    assert parquet.read_table(tmp_path / "out" / "clauses")["text"].to_pylist() == [
        "提升\ufffd产品质量水平。"
    ]


def test_a_pattern_takes_the_files_that_fit(archive, tmp_path):
    run(f"{archive[0]}/year-*/{SOURCES[0].name}", tmp_path / "out", "--format", "jsonl", "--workers", 0)
    found = [document["source"].rpartition("/")[0][-6:] for document in rows(tmp_path / "out", "documents")]
    assert found == ["year-0", "year-1", "year-2"]


def test_only_takes_single_members_of_a_container(archive, tmp_path):
    key = f"most.zip::{SOURCES[1].name}"
    run(archive[0], tmp_path / "out", "--format", "jsonl", "--workers", 0, "--only", key)
    [document] = rows(tmp_path / "out", "documents")
    assert (document["source"], document["document"]) == ("most.zip", SOURCES[1].name)


def test_quiet_says_nothing_when_all_is_well(tmp_path):
    done = run(SOURCES[0], tmp_path / "out", "--format", "jsonl", "--workers", 0, "--quiet")
    assert done.stdout == done.stderr == ""


def test_in_a_pipe_there_is_one_line_and_no_progress(tagged):
    assert "\r" not in tagged[1].stderr
    assert len(tagged[1].stderr.splitlines()) == 2
    assert tagged[1].stdout == ""


def test_a_terminal_sees_progress_with_a_rate(archive, tmp_path):
    main, terminal = pty.openpty()
    arguments = [
        archive[0] / "year-2",
        tmp_path / "out",
        "--format",
        "jsonl",
        "--shard-size",
        "2",
        "--workers",
        "1",
    ]
    process = subprocess.Popen(command(*arguments), stderr=terminal, stdout=subprocess.PIPE, cwd=ROOT)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:  # the other end has closed
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    process.communicate()
    assert process.returncode == 0
    assert b"100%" in shown
    assert b"/s" in shown
    assert b"left" in shown


def test_progress_is_silent_unless_enabled(capsys):
    line = ProgressLine(enabled=False)
    line.end()
    assert capsys.readouterr().err == ""
    assert remaining(59.6) == "1 min 00 s left"


@pytest.mark.parametrize(
    "options",
    [
        ["--format", "csv"],
        ["--workers", "-1"],
        ["--min-score", "1"],
        ["--shard-size", "0"],
        ["--master", "local"],
        ["--engine", "dask"],
    ],
)
def test_wrong_usage_exits_with_two(tmp_path, options):
    run(SOURCES[0], tmp_path / "out", *options, returncode=2)
    assert not (tmp_path / "out").exists()


def test_a_source_that_is_not_there_is_one_clear_line(tmp_path):
    done = run(tmp_path / "nothing-*", tmp_path / "out", "--format", "jsonl", returncode=1)
    assert "no file matches" in done.stderr
    assert "→" in done.stderr


def test_an_output_inside_the_source_is_refused(archive):
    done = run(archive[0], archive[0] / "out", "--format", "jsonl", returncode=1)
    assert "lies inside" in done.stderr
    assert not (archive[0] / "out").exists()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"x")
    for restart in ([], ["--restart"]):
        done = run(SOURCES[0], tmp_path, "--format", "jsonl", *restart, returncode=1)
        assert "thesis.docx" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_an_empty_folder_is_an_error(tmp_path):
    (tmp_path / "in").mkdir()
    assert "no documents" in run(tmp_path / "in", tmp_path / "out", "--format", "jsonl", returncode=1).stderr


def test_members_never_leave_the_output_folder(tmp_path):
    write_tar(
        tmp_path / "evil.tar",
        {"../../escaped.txt": "加强产品质量监督抽查,健全召回制度。".encode(), "/etc/q.txt": b"\xff"},
    )
    run(tmp_path / "evil.tar", tmp_path / "a" / "b" / "out", "--format", "jsonl", returncode=1)
    assert {path.name for path in tmp_path.rglob("*.txt")} == {"checksums.txt"}
    assert [d["document"] for d in rows(tmp_path / "a" / "b" / "out", "documents")] == [
        "../../escaped.txt",
        "/etc/q.txt",
    ]


def test_spark_without_its_extra_is_one_clear_line(tmp_path):
    if importlib.util.find_spec("pyspark") is not None:
        pytest.skip("the extra `spark` is installed")
    pytest.importorskip("pyarrow", reason="needs the extra `parquet`")
    done = run(SOURCES[0], tmp_path / "out", "--engine", "spark", returncode=1)
    assert "pip install 'qclassify[spark]'" in done.stderr
