"""A run may be stopped anywhere: it goes on there, loses nothing, repeats nothing and ends with the same bytes."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from archive_runs import PATHS, SOURCES, command, mixed_archive, run, tree

from qclassify.archive import ArchiveOptions, run_archive
from qclassify.archive import ledger as ledger_module
from qclassify.errors import QClassifyError
from qclassify.models import load_model

KILLS = 20


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    mixed_archive(folder, copies=5)
    return folder


@pytest.fixture(scope="module")
def whole(archive, tmp_path_factory):
    """The bytes of a run that nothing interrupted, and the seconds that it took."""
    folder = tmp_path_factory.mktemp("whole")
    started = time.monotonic()
    run(archive, "out", *OPTIONS, returncode=1, cwd=folder)
    return tree(folder / "out"), time.monotonic() - started


OPTIONS = ["--format", "jsonl", "--shard-size", "3", "--workers", "2"]


def workers_of(out):
    """Processes that have a file of the run open or on their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parts = process.joinpath("cmdline").read_bytes().split(b"\0")
            cwd = process.joinpath("cwd").readlink()
        except OSError:
            continue
        if b"from qclassify.archive.worker import serve; serve()" in parts and cwd == out.parent:
            found.append(int(process.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(signal, "SIGKILL") or not Path("/proc/self").exists(), reason="needs SIGKILL and /proc"
)
def test_killed_at_twenty_random_moments_the_result_is_the_same_bytes(archive, whole, tmp_path):
    expected, seconds = whole
    choose = random.Random(20)  # noqa: S311 - moments, not secrets
    killed = finished = 0
    out = tmp_path / "0" / "out"
    while killed < KILLS:
        out.parent.mkdir(exist_ok=True)
        process = subprocess.Popen(
            command(archive, "out", *OPTIONS),
            cwd=out.parent,
            env={**os.environ, "PYTHONPATH": PATHS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=choose.uniform(0.3, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            assert not (out / "checksums.txt").exists() or (out / ".work").exists() or tree(out) == expected
            continue
        assert process.returncode == 1
        assert tree(out) == expected
        finished += 1
        out = tmp_path / str(finished) / "out"
    if out.parent.exists():
        run(archive, "out", *OPTIONS, returncode=1, cwd=out.parent)
        assert tree(out) == expected
    deadline = time.monotonic() + 5
    while (left := workers_of(out)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == [], "workers outlived the run that was killed"


class Stopped(BaseException):
    """What a test raises where a kill would fall."""


class StoppingMove:
    """Moves files as the ledger does, but stops before or after one of the moves."""

    def __init__(self, move, stop_at, *, after):
        self.move, self.stop_at, self.after = move, stop_at, after
        self.moves = 0

    def __call__(self, draft, path):
        self.moves += 1
        if self.moves == self.stop_at + 1 and not self.after:
            raise Stopped
        self.move(draft, path)
        if self.moves == self.stop_at + 1:
            raise Stopped


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture
def few(tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    for number, path in enumerate(SOURCES[:2] * 2):
        (folder / f"{number}.txt").write_text(path.read_text("utf-8")[:1500], "utf-8")
    (folder / "4.txt").write_bytes(b"")
    return folder


@pytest.mark.parametrize("clauses", [False, True])
def test_stopped_before_or_after_any_move_of_a_file_the_result_is_the_same_bytes(
    few, tmp_path, model, monkeypatch, clauses
):
    source, options = few, ArchiveOptions(format="jsonl", shard_items=2, workers=0)
    if clauses:
        source = tmp_path / "clauses.csv"
        source.write_text(
            "id,text\n1,加强产品质量监督。\n2,\n3,培育知名品牌。\n4,健全标准体系。\n5,提升服务质量。\n",
            "utf-8",
        )
        options = ArchiveOptions(format="jsonl", shard_items=2, workers=0, clauses=True)
    (tmp_path / "whole").mkdir()
    monkeypatch.chdir(tmp_path / "whole")
    run_archive(str(source), Path("out"), model, options)
    expected = tree(Path("out"))
    move = ledger_module._move
    for after in (False, True):
        stop_at = 0
        while True:
            here = tmp_path / f"stopped-{after}-{stop_at}"
            here.mkdir()
            monkeypatch.chdir(here)
            monkeypatch.setattr(ledger_module, "_move", StoppingMove(move, stop_at, after=after))
            try:
                run_archive(str(source), Path("out"), model, options)
            except Stopped:
                monkeypatch.setattr(ledger_module, "_move", move)
                run_archive(str(source), Path("out"), model, options)
                assert tree(Path("out")) == expected
                stop_at += 1
            else:
                break
        assert stop_at >= 10


def test_parts_that_are_done_are_not_tagged_again(archive, whole, tmp_path):
    process = subprocess.Popen(
        command(archive, "out", *OPTIONS[:-1], "1"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PATHS},
        stderr=subprocess.DEVNULL,
    )
    done = tmp_path / "out" / ".work" / "done"
    while not (done.is_dir() and len(list(done.glob("*.json"))) >= 3):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in sorted((tmp_path / "out" / "clauses").iterdir())[:3]}
    resumed = run(archive, "out", *OPTIONS, returncode=1, cwd=tmp_path)
    assert "of them from before" in resumed.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert tree(tmp_path / "out") == whole[0]


def test_a_complete_run_asked_for_again_changes_nothing(few, tmp_path, model):
    options = ArchiveOptions(format="jsonl", workers=0)
    first = run_archive(str(few), tmp_path / "out", model, options)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    again = run_archive(str(few), tmp_path / "out", model, options)
    assert (again.documents, again.clauses, again.failed) == (first.documents, first.clauses, first.failed)
    assert again.resumed == again.parts == first.parts
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_a_shard_that_is_gone_or_shorter_is_written_again(few, tmp_path, model, monkeypatch):
    options = ArchiveOptions(format="jsonl", shard_items=1, workers=0)
    monkeypatch.chdir(tmp_path)
    run_archive(str(few), Path("out"), model, options)
    expected = tree(Path("out"))
    shutil.rmtree("out")
    write = ledger_module.Ledger.finish
    monkeypatch.setattr(ledger_module.Ledger, "finish", lambda *_: (_ for _ in ()).throw(Stopped))
    with pytest.raises(Stopped):
        run_archive(str(few), Path("out"), model, options)
    monkeypatch.setattr(ledger_module.Ledger, "finish", write)
    shards = sorted(Path("out/clauses").iterdir())
    shards[0].unlink()
    shards[1].write_bytes(shards[1].read_bytes()[:-5])
    run_archive(str(few), Path("out"), model, options)
    assert tree(Path("out")) == expected


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"min_score": 0.7}, "options min_score null → 0.7"),
        ({"shard_items": 3}, "options shard_items"),
        ({"format": "parquet"}, "options format"),
        ({"encoding": "gb18030"}, "options encoding"),
    ],
)
def test_other_options_are_refused_by_name(few, tmp_path, model, change, named):
    run_archive(str(few), tmp_path / "out", model, ArchiveOptions(format="jsonl", workers=0))
    before = tree(tmp_path / "out")
    with pytest.raises(QClassifyError, match="was begun with something else") as refused:
        run_archive(
            str(few), tmp_path / "out", model, ArchiveOptions(**{"format": "jsonl", "workers": 0, **change})
        )
    assert named in refused.value.message
    assert "--restart" in refused.value.hint
    assert tree(tmp_path / "out") == before


def test_a_changed_input_is_refused_and_restart_begins_anew(few, tmp_path, model, monkeypatch):
    options = ArchiveOptions(format="jsonl", workers=0)
    monkeypatch.chdir(tmp_path)
    run_archive(str(few), Path("out"), model, options)
    (few / "5.txt").write_text("提升产品质量,加强监督抽查工作力度。", "utf-8")
    with pytest.raises(QClassifyError, match="input digest"):
        run_archive(str(few), Path("out"), model, options)
    run_archive(str(few), Path("out"), model, options, restart=True)
    anew = tree(Path("out"))
    shutil.rmtree("out")
    run_archive(str(few), Path("out"), model, options)
    assert tree(Path("out")) == anew


def test_another_model_is_refused(few, tmp_path, model):
    from dataclasses import replace

    options = ArchiveOptions(format="jsonl", workers=0)
    run_archive(str(few), tmp_path / "out", model, options)
    other = replace(model, id="default-other000", manifest={**model.manifest, "checksum": "0" * 64})
    with pytest.raises(QClassifyError, match="model id") as refused:
        run_archive(str(few), tmp_path / "out", other, options)
    assert "model checksum" in refused.value.message


def test_files_that_change_during_the_run_are_noticed(few, tmp_path, model):
    for number in range(10, 30):  # so that the last file is not yet looked at when it changes
        shutil.copy(few / "0.txt", few / f"{number}.txt")

    (few / "9.txt").write_text("培育品牌。", "utf-8")

    def change(_):
        (few / "9.txt").write_text("提升产品质量,加强监督抽查工作力度。", "utf-8")

    with pytest.raises(QClassifyError, match="changed while"):
        run_archive(
            str(few),
            tmp_path / "out",
            model,
            ArchiveOptions(format="jsonl", shard_items=1, workers=0),
            on_progress=change,
        )


def test_two_runs_never_write_to_one_folder(few, tmp_path, model):
    options = ArchiveOptions(format="jsonl", shard_items=1, workers=0)
    refused = []

    def meanwhile(_):
        if not refused:
            refused.append(
                run(few, tmp_path / "out", "--format", "jsonl", "--shard-size", 1, returncode=1).stderr
            )

    run_archive(str(few), tmp_path / "out", model, options, on_progress=meanwhile)
    assert "another process is writing to it" in refused[0]


def test_an_interrupted_run_says_how_to_go_on(archive, whole, tmp_path):
    process = subprocess.Popen(
        command(archive, "out", *OPTIONS),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PATHS},
        stderr=subprocess.PIPE,
        text=True,
    )
    done = tmp_path / "out" / ".work" / "done"
    while not (done.is_dir() and any(done.glob("*.json"))):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 1
    assert said.startswith("stopped; the same command goes on")
    assert "Traceback" not in said
    run(archive, "out", *OPTIONS, returncode=1, cwd=tmp_path)
    assert tree(tmp_path / "out") == whole[0]
