"""The table of experiments, made from what each experiment has recorded.

`experiments/NNN-slug/result.json`:

    {"question": "…", "answer": "…", "decision": "…",
     "runs": [{"name": "with", "micro_f1": 0.892, "macro_f1": 0.898, "protocol": "leave one document out"}]}

Everything but `runs[].name`, `micro_f1` and `macro_f1` may be left out. A folder without the file is listed
with the first heading of its README.md, so that nothing that was tried is hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.errors import LabelError
from qclassify.model_files import canonical_json
from training.marked_blocks import write_marked_block
from training.tuning import Tuned

BEGIN = "<!-- experiments: begin (written by `python -m training league --write`) -->"
END = "<!-- experiments: end -->"
_FOLDER = re.compile(r"\d{3}-[\w-]+")
_NUMBER = re.compile(r"^\d{3}\W*")
_USUAL = "leave one document out"


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One recipe that was measured; F1s in [0, 1], `protocol` says how."""

    name: str
    micro_f1: float
    macro_f1: float
    protocol: str


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment's folder; texts are empty and `runs` is empty where nothing was recorded."""

    name: str
    question: str
    answer: str
    decision: str
    runs: tuple[RecordedRun, ...]


def read_experiments(folder: Path) -> tuple[Experiment, ...]:
    """All experiments of a folder, by number.

    Raises:
        LabelError: a result.json is malformed.
    """
    names = sorted(path.name for path in folder.glob("*-*") if path.is_dir() and _FOLDER.fullmatch(path.name))
    return tuple(_experiment(folder / name) for name in names)


def _experiment(folder: Path) -> Experiment:
    path = folder / "result.json"
    if not path.exists():
        return Experiment(folder.name, _heading(folder / "README.md"), "", "", ())
    try:
        record = json.loads(path.read_text("utf-8"))
        texts = [str(record.get(key, "")) for key in ("question", "answer", "decision")]
        runs = tuple(_run(entry) for entry in record.get("runs", []))
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise LabelError(
            f"{path}: not a recorded result: {error!r}", "training/league.py shows one"
        ) from error
    return Experiment(folder.name, texts[0] or _heading(folder / "README.md"), texts[1], texts[2], runs)


def _run(entry: dict[str, Any]) -> RecordedRun:
    run = RecordedRun(
        str(entry["name"]),
        float(entry["micro_f1"]),
        float(entry["macro_f1"]),
        str(entry.get("protocol", _USUAL)),
    )
    if not (0 <= run.micro_f1 <= 1 and 0 <= run.macro_f1 <= 1):
        raise ValueError(f"an F1 of run {run.name!r} is not between 0 and 1")
    return run


def _heading(readme: Path) -> str:
    if not readme.exists():
        return ""
    lines = readme.read_text("utf-8").splitlines()
    return next((_NUMBER.sub("", line.lstrip("# ")).strip() for line in lines if line.startswith("#")), "")


def league_block(experiments: Sequence[Experiment]) -> str:
    """Markdown between markers: the experiments in order, then every recorded run, the best first."""
    lines = [BEGIN, "", "| | question | answer | decision |", "| --- | --- | --- | --- |"]
    for experiment in experiments:
        link = f"[{experiment.name[:3]}]({experiment.name}/)"
        cells = [link, experiment.question, experiment.answer, experiment.decision]
        lines.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    runs = [(experiment, run) for experiment in experiments for run in experiment.runs]
    if runs:
        lines += ["", "| run | micro-F1 | macro-F1 | measured by |", "| --- | ---: | ---: | --- |"]
        for experiment, run in sorted(runs, key=lambda pair: -(pair[1].micro_f1 + pair[1].macro_f1)):
            name = _cell(f"{experiment.name[:3]} {run.name}")
            lines.append(f"| {name} | {run.micro_f1:.3f} | {run.macro_f1:.3f} | {_cell(run.protocol)} |")
    return "\n".join([*lines, "", END])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) or "–"


def write_league_block(experiments: Sequence[Experiment], readme: Path) -> None:
    """Put a fresh block between the markers of a Markdown file.

    Raises:
        LabelError: the file is missing, or does not hold the two markers once each, in order.
    """
    write_marked_block(readme, league_block(experiments), "the table")


def write_result(folder: Path, runs: Sequence[RecordedRun]) -> None:
    """Record runs in an experiment's folder; what its result.json says besides stays.

    Raises:
        LabelError: there is a result.json that is no JSON object.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "result.json"
    try:
        record = json.loads(path.read_text("utf-8")) if path.exists() else {}
        record = {"question": "", "answer": "", "decision": "", **record}
    except (ValueError, TypeError) as error:
        raise LabelError(f"{path}: not a recorded result: {error}", "mend or remove it") from error
    record["runs"] = [
        {
            "name": run.name,
            "micro_f1": round(run.micro_f1, 6),
            "macro_f1": round(run.macro_f1, 6),
            "protocol": run.protocol,
        }
        for run in runs
    ]
    path.write_text(canonical_json(record), "utf-8")


def tuning_runs(found: Tuned) -> tuple[RecordedRun, RecordedRun, RecordedRun]:
    """A search as three runs: its start, the nested estimate, and the best recipe's own too high figures."""
    best = found.best
    return (
        RecordedRun("start recipe", found.start["micro_f1"], found.start["macro_f1"], _USUAL),
        RecordedRun(
            f"search of {found.trials} trials",
            found.nested["micro_f1"],
            found.nested["macro_f1"],
            "nested: the search never saw the document",
        ),
        RecordedRun(
            f"trial {best.number}", best.micro_f1, best.macro_f1, "documents that chose it: too high"
        ),
    )
