"""Small archives to run on, and runs of them as a person or a program starts them."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATHS = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
SOURCES = sorted((ROOT / "labels" / "documents").glob("*.txt"))


def command(*arguments):
    return [sys.executable, "-m", "qclassify", "archive", *map(str, arguments)]


def run(*arguments, returncode=0, cwd=None, **environment):
    """Run `qclassify archive` to its end and look at its exit code."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": PATHS, **environment},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == returncode, (done.returncode, done.stderr)
    return done


def rows(out, table="clauses"):
    """The rows of a table of JSON lines, in the order of its shards."""
    return [
        json.loads(line)
        for shard in sorted((out / table).glob("*.jsonl"))
        for line in shard.read_text("utf-8").splitlines()
    ]


def failures(out):
    return [json.loads(line) for line in (out / "failures.jsonl").read_text("utf-8").splitlines()]


def tree(out):
    """Every file below a folder with the hash of its bytes."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def varied(text, number):
    """The text with a number in every line, so that hardly any clause of two variants is the same."""
    return "".join(
        f"{line[:-2]}{number}{line[-2:]}" if len(line) > 30 else line for line in text.splitlines(True)
    )


def mixed_archive(folder, copies=3):
    """Documents in folders, in a tar, in a zip and in a table, two of them of no use; returns how many."""
    texts = {path.name: path.read_text("utf-8") for path in SOURCES}
    count = 0
    for number in range(copies):
        below = folder / f"year-{number}"
        below.mkdir(parents=True)
        for name, text in texts.items():
            (below / name).write_text(varied(text, number), "utf-8")
            count += 1
    (folder / "year-0" / "empty.txt").write_bytes(b"")
    (folder / "year-1" / "picture.txt").write_bytes(bytes(range(256)) * 40)
    members = {name: varied(text, 77).encode("gb18030") for name, text in texts.items()}
    write_tar(folder / "more.tar.gz", members)
    write_zip(folder / "most.zip", members)
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "标题", "text"])
        table.writerows(
            [f"row {n}", f"标题{n}", varied(text, n + 90)] for n, text in enumerate(texts.values())
        )
    return count + 2 + 3 * len(texts)


def write_tar(path, members):
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
