"""What an archive costs: documents with one and two workers, and clauses from a thousand to ten million.

    python experiments/bench/archive.py documents --archive FOLDER [--copies 20] [--rounds 3] [--write]
    python experiments/bench/archive.py growth [--up-to 1000000] [--write]
    python experiments/bench/archive.py threads --archive FOLDER [--write]
    python experiments/bench/archive.py figure

Every run is the command line in processes of its own. Wall time is that of the whole command, start and
model included; CPU time is that of the command and its workers; memory is the sum of the high-water marks
of all its processes (Linux), each with all that it maps: the model and the libraries, which they share,
count in every one. `--archive` names a folder of documents of your own; none are part of the project.
The clauses are recombined from comma phrases of the source documents' clauses, so that few stand twice.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from qclassify import load_model, read, segment  # noqa: E402 - found through the line above
from qclassify.archive import ArchiveOptions, run_archive  # noqa: E402

RESULTS = Path(__file__).parent / "results"
GROWTH_BAR = 1.2  # peak memory at the larger of these numbers of clauses over that at the smaller
GROWTH_FROM, GROWTH_TO = 10_000, 1_000_000


def processes_of(pid: int) -> list[int]:
    """A process and its children, and theirs."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text("ascii").split()]
            except OSError:
                continue
    return found


def high_water_mib(pid: int) -> float:
    """The most memory that a process has had so far; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def measured(*arguments: object) -> dict[str, float]:
    """Run `qclassify archive` and say what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "qclassify", "archive", *map(str, arguments), "--quiet"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    marks: dict[int, float] = {}
    while process.poll() is None:
        for pid in processes_of(process.pid):
            marks[pid] = max(marks.get(pid, 0.0), high_water_mib(pid))
        time.sleep(0.02)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    complaint = process.communicate()[1].decode("utf-8", "replace")
    if process.returncode:
        raise SystemExit(f"the run failed: {complaint}")
    # A worker is waited for by the run, so its time is in the run's.
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {"wall": wall, "cpu": cpu, "peak_mib": sum(marks.values())}


def counts(out: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((out / "manifest.json").read_text("utf-8"))["counts"]
    return found


def documents(archive: Path, copies: int, rounds: int) -> dict[str, Any]:
    """The archive, several times over, with one and two workers, in turn in every round."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = Path(temporary) / "in", Path(temporary) / "out"
        for number in range(copies):
            shutil.copytree(archive, folder / f"{number:02}")
        runs: dict[int, list[dict[str, float]]] = {1: [], 2: []}
        for _ in range(rounds):
            for workers, found in runs.items():
                shutil.rmtree(out, ignore_errors=True)
                found.append(measured(folder, out, "--workers", workers))
                print(workers, found[-1], flush=True)
        total = counts(out)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    ratios = [one["wall"] / two["wall"] for one, two in zip(runs[1], runs[2], strict=True)]
    return {
        "documents": total["documents"],
        "clauses": total["clauses"],
        "characters": total["characters"],
        "bytes": size,
        "copies": copies,
        "rounds": rounds,
        "workers": {str(workers): _medians(found) for workers, found in runs.items()},
        "two_over_one": statistics.median(ratios),
    }


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def recombined() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Clauses of the source clauses' lengths, made of their comma phrases, without end."""
    choose = random.Random(2019)  # noqa: S311 - a bench
    clauses = [
        unit
        for path in sorted((ROOT / "labels" / "documents").glob("*.txt"))
        for unit in segment(read(path))
        if unit.kind == "clause"
    ]
    phrases = [phrase for unit in clauses for phrase in unit.text.replace(",", "，").split("，") if phrase]
    while True:
        model = choose.choice(clauses)
        text = choose.choice(phrases)
        while len(text) < len(model.text):
            text += "，" + choose.choice(phrases)
        yield text[: max(len(model.text), 4)], model.heading_path


def write_table(path: Path, count: int) -> None:
    """A parquet table of clauses, written in pieces."""
    import pyarrow as pa
    from pyarrow import parquet

    made = recombined()
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("heading_path", pa.list_(pa.string()))])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, count, 20_000):
            rows = list(islice(made, min(20_000, count - start)))
            columns = [
                [str(start + n) for n in range(len(rows))],
                [text for text, _ in rows],
                [[title for title in headings if title] for _, headings in rows],
            ]
            arrays = [pa.array(values, type_) for values, type_ in zip(columns, schema.types, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))


def growth(up_to: int, workers: int) -> dict[str, Any]:
    """Tables of 10³, 10⁴, … clauses up to a number."""
    points = []
    count = 1_000
    while count <= up_to:
        with tempfile.TemporaryDirectory() as temporary:
            table, out = Path(temporary) / "clauses.parquet", Path(temporary) / "out"
            write_table(table, count)
            point = measured(table, out, "--clauses", "--workers", workers)
            size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
            points.append({"clauses": count, **point, "output_bytes": size})
        print(points[-1], flush=True)
        count *= 10
    peaks = {point["clauses"]: point["peak_mib"] for point in points}
    growing = peaks[GROWTH_TO] / peaks[GROWTH_FROM] if GROWTH_TO in peaks else None
    return {"points": points, "memory_growth": growing}


def threads(archive: Path) -> dict[str, float]:
    """Two threads in one process against one, on halves of the archive: what the GIL leaves of the second core."""
    model, options = load_model(), ArchiveOptions(workers=0)
    paths = sorted(path for path in archive.iterdir() if path.is_file())
    with tempfile.TemporaryDirectory() as temporary:
        halves = []
        for number in range(2):
            half = Path(temporary) / f"in-{number}"
            half.mkdir()
            for path in paths[number::2]:
                shutil.copy(path, half)
            halves.append(half)
        ratios = []
        for turn in range(5):
            outs = [Path(temporary) / f"out-{turn}-{n}" for n in range(4)]
            started = time.perf_counter()
            for half, out in zip(halves, outs[:2], strict=True):
                run_archive(str(half), out, model, options)
            one = time.perf_counter() - started
            running = [
                threading.Thread(target=run_archive, args=(str(half), out, model, options))
                for half, out in zip(halves, outs[2:], strict=True)
            ]
            started = time.perf_counter()
            for thread in running:
                thread.start()
            for thread in running:
                thread.join()
            ratios.append(one / (time.perf_counter() - started))
    return {"two_over_one": statistics.median(ratios), "best": max(ratios)}


def draw(recorded: dict[str, Any], path: Path) -> None:
    """Seconds and memory by clauses, both axes logarithmic; what was not measured is dashed."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (time_axes, memory_axes) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    for workers, colour in (("1", "#b3541e"), ("2", "#1b6ca8")):
        if workers not in recorded["growth"]:
            continue
        points = recorded["growth"][workers]["points"]
        clauses = [point["clauses"] for point in points]
        name = f"{workers} worker" + "s" * (workers != "1")
        time_axes.loglog(clauses, [p["wall"] for p in points], "o-", color=colour, label=f"{name}, measured")
        rate = clauses[-1] / points[-1]["wall"]
        beyond = [clauses[-1], 10**9]
        time_axes.loglog(
            beyond,
            [n / rate for n in beyond],
            "--",
            color=colour,
            label=f"{name}, at the last rate (not measured)",
        )
        memory_axes.loglog(clauses, [p["peak_mib"] for p in points], "s-", color=colour, label=name)
    for text, value in (("1 minute", 60), ("1 hour", 3600), ("1 day", 86_400)):
        time_axes.axhline(value, color="#bbbbbb", linewidth=0.8, zorder=0)
        time_axes.annotate(text, (1_000, value), fontsize=8, color="#666666", va="bottom")
    time_axes.set(xlabel="clauses", ylabel="seconds, whole command", title="Time")
    time_axes.legend(frameon=False, loc="lower right", fontsize=8)
    memory_axes.legend(frameon=False)
    memory_axes.set(
        xlabel="clauses", ylabel="MiB, sum over processes", title="Peak memory", ylim=(100, 10_000)
    )
    for axes in (time_axes, memory_axes):
        axes.grid(visible=True, which="major", color="#eeeeee")
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle("qclassify archive --clauses")
    figure.savefig(path, dpi=130)


def report(recorded: dict[str, Any]) -> str:
    """The recorded figures as tables."""
    machine = recorded["machine"]
    lines = [
        (
            f"Measured with `python experiments/bench/archive.py` on {machine['cores']} cores of {machine['processor']}, "
            f"Python {machine['python']}, {machine['backend']} back end, model {machine['model']}. "
            "Other jobs shared the machine: trust the ratios more than the seconds."
        ),
    ]
    if found := recorded.get("documents"):
        lines += [
            "",
            (
                f"**Documents**: {found['documents']:,} text files, {found['bytes'] / 1e6:.0f} MB, {found['clauses']:,} clauses "
                f"(one archive {found['copies']} times over), median of {found['rounds']} rounds."
            ),
            "",
            "| workers | wall s | CPU s | documents/s | clauses/s | peak MiB |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {workers} | {run['wall']:.1f} | {run['cpu']:.1f} | {found['documents'] / run['wall']:,.0f} | "
            f"{found['clauses'] / run['wall']:,.0f} | {run['peak_mib']:.0f} |"
            for workers, run in found["workers"].items()
        ]
        lines += ["", f"Two workers are {found['two_over_one']:.2f} times as fast as one."]
    if found := recorded.get("threads"):
        says = f"{found['two_over_one']:.2f} times as fast as one ({found['best']:.2f} at best)"
        lines += [
            "",
            (
                f"Two threads in one process, on the same documents: {says}. "
                "Reading and cutting hold the GIL, so workers are processes."
            ),
        ]
    for workers, grown in sorted(recorded.get("growth", {}).items()):
        lines += [
            "",
            f"**Clauses** (parquet in, parquet out, `--workers {workers}`)",
            "",
            "| clauses | wall s | CPU s | clauses/s | peak MiB | output MB |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {p['clauses']:,} | {p['wall']:.1f} | {p['cpu']:.1f} | {p['clauses'] / p['wall']:,.0f} | "
            f"{p['peak_mib']:.0f} | {p['output_bytes'] / 1e6:.1f} |"
            for p in grown["points"]
        ]
        if grown["memory_growth"] is not None:
            lines += ["", f"Peak memory at 10⁶ clauses over 10⁴: {grown['memory_growth']:.2f}."]
    if "growth" in recorded:
        lines += [
            "",
            (
                f"The bar of ≤ {GROWTH_BAR} is for one worker. With more, a table of one shard (20,000 clauses) "
                "starts one worker only, so the sum grows by the workers that larger tables start."
            ),
            "",
            "![Time and memory by clauses](archive.png)",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("what", choices=["documents", "growth", "threads", "figure"])
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--up-to", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="record in results/")
    asked = parser.parse_args()
    if asked.what in ("documents", "threads") and asked.archive is None:
        parser.error("needs --archive")
    recorded_in = RESULTS / "archive.json"
    recorded = json.loads(recorded_in.read_text("utf-8")) if recorded_in.exists() else {}
    model = load_model()
    recorded["machine"] = {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "backend": model.kernel.name,
        "model": model.id,
    }
    if asked.what == "documents":
        recorded["documents"] = documents(asked.archive, asked.copies, asked.rounds)
    elif asked.what == "threads":
        recorded["threads"] = threads(asked.archive)
    elif asked.what == "growth":
        recorded.setdefault("growth", {})[str(asked.workers)] = growth(asked.up_to, asked.workers)
    print(report(recorded))
    if asked.write or asked.what == "figure":
        recorded_in.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n", "utf-8")
        recorded_in.with_suffix(".md").write_text(report(recorded), "utf-8")
        if "growth" in recorded:
            draw(recorded, recorded_in.with_suffix(".png"))


if __name__ == "__main__":
    main()
