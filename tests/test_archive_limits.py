"""One bad document costs one row: limits of time and memory, crashes, and workers that cannot work."""

import sys
import textwrap
from pathlib import Path

import pytest
from archive_runs import SOURCES, failures, rows, run

from qclassify.archive import ArchiveOptions
from qclassify.archive.pool import Worker
from qclassify.archive.tagged_part import Drafts
from qclassify.errors import QClassifyError

HEAVY = "".join(f"（{n % 9}）加强产品质量监督抽查,健全缺陷产品召回制度{n};\n" for n in range(60_000))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Small documents around one whose clauses take seconds and hundreds of MiB."""
    folder = tmp_path_factory.mktemp("archive")
    for name in ("a", "b", "d", "e"):
        (folder / f"{name}.txt").write_text(SOURCES[0].read_text("utf-8")[:3000], "utf-8")
    (folder / "c.txt").write_text(HEAVY, "utf-8")
    return folder


def check_that_only_the_heavy_one_failed(out, hint):
    [failure] = failures(out)
    assert failure["source"] == "c.txt"
    assert failure["kind"] == "too_large"
    assert hint in failure["hint"]
    assert "--only c.txt" in failure["retry"]
    assert [d["status"] for d in rows(out, "documents")] == ["ok", "ok", "failed", "ok", "ok"]
    assert {c["document"] for c in rows(out)} == {"a.txt", "b.txt", "d.txt", "e.txt"}


def test_a_document_that_takes_too_long_is_left_out(archive, tmp_path):
    run(archive, tmp_path / "out", "--format", "jsonl", "--workers", 1, "--seconds", 0.8, returncode=1)
    check_that_only_the_heavy_one_failed(tmp_path / "out", "--seconds")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process here")
def test_a_document_that_takes_too_much_memory_is_left_out(archive, tmp_path):
    run(archive, tmp_path / "out", "--format", "jsonl", "--workers", 1, "--memory", 40, returncode=1)
    check_that_only_the_heavy_one_failed(tmp_path / "out", "--memory")


SERVE = """
import json, os, sys
answer = lambda content: print(json.dumps(content), flush=True)
setup = json.loads(sys.stdin.readline())
answer({"ready": True})
for line in sys.stdin:
    request = json.loads(line)
    for position in range(4):
        answer({"at": position})
        if str(position) not in request["skip"]:
            BEHAVE
    answer({"record": {"skipped": request["skip"], "process": os.getpid()}})
"""


def worker(behaviour, **options):
    source = SERVE.replace("BEHAVE", textwrap.indent(textwrap.dedent(behaviour), " " * 12).strip())
    return Worker(Path("model"), ArchiveOptions(**options), [], [sys.executable, "-c", source])


DRAFTS = Drafts(Path("a"), Path("b"), Path("c"))


@pytest.fixture
def closing():
    opened = []
    yield lambda one: opened.append(one) or one
    for one in opened:
        one.close()


def test_a_document_that_crashes_the_worker_twice_is_left_out(closing):
    one = closing(worker("if position == 2: os._exit(7)"))
    record = one.tag(Path("spool"), DRAFTS)
    assert list(record["skipped"]) == ["2"]
    assert record["skipped"]["2"]["kind"] == "corrupt"
    assert "exit code 7" in record["skipped"]["2"]["message"]


def test_a_worker_that_is_killed_once_loses_no_document(closing, tmp_path):
    mark = tmp_path / "mark"
    one = closing(
        worker(f"""
        if position == 1 and not os.path.exists({str(mark)!r}):
            open({str(mark)!r}, "w").close()
            os.kill(os.getpid(), 9)
        """)
    )
    assert one.tag(Path("spool"), DRAFTS)["skipped"] == {}


def test_several_bad_documents_in_a_part_are_left_out_one_by_one(closing):
    one = closing(worker("if position in (0, 3): import time; time.sleep(60)", seconds=0.3))
    record = one.tag(Path("spool"), DRAFTS)
    assert sorted(record["skipped"]) == ["0", "3"]
    assert {failure["kind"] for failure in record["skipped"].values()} == {"too_large"}


def test_a_worker_serves_many_parts(closing):
    one = closing(worker("pass"))
    first, second = (one.tag(Path("spool"), DRAFTS) for _ in range(2))
    assert first["process"] == second["process"]


def test_an_error_that_lies_in_no_document_ends_the_run(closing):
    one = closing(worker('answer({"error": "the disk is full", "hint": "free some space"})'))
    with pytest.raises(QClassifyError, match="the disk is full"):
        one.tag(Path("spool"), DRAFTS)


def test_a_worker_that_cannot_start_is_reported(closing):
    one = closing(Worker(Path("nowhere"), ArchiveOptions(), []))
    with pytest.raises(QClassifyError, match="no such model folder"):
        one.tag(Path("spool"), DRAFTS)
    two = closing(Worker(Path("nowhere"), ArchiveOptions(), [], [sys.executable, "-c", "pass"]))
    with pytest.raises(QClassifyError, match="did not start"):
        two.tag(Path("spool"), DRAFTS)


def test_a_closed_worker_starts_no_process(closing):
    one = closing(worker("pass"))
    one.close()
    with pytest.raises(QClassifyError, match="stopped"):
        one.tag(Path("spool"), DRAFTS)
