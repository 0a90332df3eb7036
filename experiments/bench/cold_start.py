"""From nothing to the tagged clauses of one document: time and peak memory of the whole process.

    pip install fasttext-numpy2-wheel      # the peer; without it its row is left out
    python experiments/bench/cold_start.py [--rounds 9] [--write]

Every command is a fresh process and all take turns in every round; a ratio is the median of the ratios
of the rounds. The naive command is what a practised hand writes first: typer, a pipeline of scikit-learn
with jieba loaded with joblib, clauses split at full stops and semicolons. It has the same model as ours.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).parent / "results"
DOCUMENT = ROOT / "labels" / "documents" / "tianfu-2024.txt"

NAIVE = """
import json, re
from pathlib import Path
import joblib, typer
from qclassify.features import ClauseText

app = typer.Typer()

@app.command()
def tag(model: Path, file: Path):
    pipeline, names = joblib.load(model)
    clauses = [part.strip() for part in re.split("[。；\\n]", file.read_text("utf-8")) if part.strip()]
    scores = pipeline.decision_function([ClauseText(clause) for clause in clauses])
    for clause, row in zip(clauses, scores):
        labels = [name for name, score in zip(names, row) if score > 0]
        print(json.dumps({"text": clause, "labels": labels}, ensure_ascii=False))

app()
"""
FASTTEXT = """
import json, re, sys
from pathlib import Path
import fasttext, rjieba

model = fasttext.load_model(sys.argv[1])
text = Path(sys.argv[2]).read_text("utf-8")
clauses = [part.strip() for part in re.split("[。；\\n]", text) if part.strip()]
labels, _ = model.predict([" ".join(rjieba.cut(clause, hmm=False)) for clause in clauses], k=-1, threshold=0.5)
for clause, found in zip(clauses, labels):
    print(json.dumps({"text": clause, "labels": [name[9:] for name in found]}, ensure_ascii=False))
"""


def prepared(folder: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Name → (command, environment); writes the peers' models and programs to `folder`."""
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    import joblib
    from throughput import FastText

    from qclassify.models import default_model
    from training.dataset import load_dataset
    from training.evaluation import fit_pipeline
    from training.recipe import load_recipe

    dataset = load_dataset(ROOT / "labels")
    pipeline = copy.deepcopy(fit_pipeline(load_recipe(default_model() / "recipe.toml"), dataset))
    for _, vectoriser in pipeline["features"].transformer_list:
        vectoriser.analyzer.segmenter = JiebaByName(dataset.lexicon)
    joblib.dump((pipeline, dataset.taxonomy.ids), folder / "naive.joblib")
    (folder / "naive.py").write_text(NAIVE, "utf-8")
    ours = [sys.executable, "-m", "qclassify", "tag", str(DOCUMENT), "--format", "jsonl"]
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "bare interpreter": ([sys.executable, "-c", "pass"], {}),
        "scikit-learn + jieba": (
            [sys.executable, str(folder / "naive.py"), str(folder / "naive.joblib"), str(DOCUMENT)],
            {},
        ),
        "qclassify tag, native": (ours, {"QCLASSIFY_BACKEND": "native"}),
        "qclassify tag, numpy": (ours, {"QCLASSIFY_BACKEND": "numpy"}),
    }
    if importlib.util.find_spec("fasttext") is not None:
        FastText(dataset).model.save_model(str(folder / "peer.bin"))
        (folder / "fast.py").write_text(FASTTEXT, "utf-8")
        program = [sys.executable, str(folder / "fast.py"), str(folder / "peer.bin"), str(DOCUMENT)]
        commands["fastText + rjieba"] = (program, {})
    return commands


class JiebaByName:
    """Pickles to a segmenter that cuts with jieba, whatever else is installed."""

    def __init__(self, lexicon: tuple[tuple[str, int], ...]) -> None:
        self.lexicon = lexicon

    def __reduce__(self) -> tuple[Any, ...]:
        from qclassify.segmenter import Segmenter

        return Segmenter, (self.lexicon, "jieba")


def measured(command: list[str], extra: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds, peak MiB of one process."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), **extra}
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(process.stderr.read().decode() if process.stderr else "")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(rounds: int) -> dict[str, Any]:
    runs: dict[str, list[tuple[float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: a child's peak memory counts what its parent had when it was started.
        subprocess.run([sys.executable, __file__, "--prepare", folder], check=True)
        commands = json.loads((Path(folder) / "commands.json").read_text("utf-8"))
        for number in range(rounds + 1):  # the first fills the disk cache
            for name, (command, extra) in commands.items():
                found = measured(command, extra)
                if number:
                    runs.setdefault(name, []).append(found)
    naive = runs["scikit-learn + jieba"]
    return {
        "document": DOCUMENT.name,
        "rounds": rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "commands": {
            name: {
                key: statistics.median(row[column] for row in rows)
                for column, key in enumerate(("wall_seconds", "cpu_seconds", "peak_mib"))
            }
            | {
                f"naive_over_this_{key}": statistics.median(
                    theirs[column] / row[column] for row, theirs in zip(rows, naive, strict=True)
                )
                for column, key in enumerate(("wall", "cpu", "memory"))
            }
            for name, rows in runs.items()
        },
        "must": {"naive / ours, time": 12.0, "naive / ours, peak memory": 4.0},
    }


def markdown(found: dict[str, Any]) -> str:
    intro = (
        f"Measured with `python experiments/bench/{Path(__file__).name}`: whole processes that tag {found['document']}, "
        f"Python {found['python']} on {found['machine']}, median of {found['rounds']} rounds. Bars for `qclassify tag`: "
        "naive / ours 12× in time, 4× in peak memory."
    )
    lines = [
        intro,
        "",
        "| command | wall | CPU | peak memory | naive / this: wall | CPU | memory |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {row['wall_seconds'] * 1000:.0f} ms | {row['cpu_seconds'] * 1000:.0f} ms | {row['peak_mib']:.0f} MiB "
        f"| {row['naive_over_this_wall']:.1f}× | {row['naive_over_this_cpu']:.1f}× | {row['naive_over_this_memory']:.1f}× |"
        for name, row in found["commands"].items()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="record in results/")
    chosen = parser.parse_args()
    if chosen.prepare:
        (chosen.prepare / "commands.json").write_text(json.dumps(prepared(chosen.prepare)), "utf-8")
        return
    found = measure(chosen.rounds)
    print(markdown(found))
    if chosen.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "cold_start.json").write_text(
            json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
        (RESULTS / "cold_start.md").write_text(markdown(found), "utf-8")


if __name__ == "__main__":
    main()
