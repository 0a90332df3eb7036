"""The flow of a training: labels and a recipe in, figures, a model folder and an MLflow run out."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.pipeline import Pipeline

import qclassify
from qclassify.deciding import Decision
from training.dataset import Dataset
from training.decisions import fit_decision
from training.error_analysis import error_summary
from training.evaluation import (
    OutOfFold,
    fit_pipeline,
    judge_out_of_fold,
    label_matrix,
    out_of_fold,
)
from training.export import check_parity, export_bundle, refuse_too_large
from training.held_out import held_out_answers
from training.metrics import Judged
from training.recipe import Recipe
from training.report import official_figures

if TYPE_CHECKING:
    from training.tracking import TrainingRecord

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation knows: out-of-fold scores, judgements in the clauses' order, figures."""

    result: OutOfFold
    judged: Judged
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training."""

    folder: Path
    run_id: str
    figures: Mapping[str, Any]


def evaluate(recipe: Recipe, dataset: Dataset) -> Evaluated:
    """All official figures of a recipe by nested leave-one-document-out."""
    result = out_of_fold(recipe, dataset)
    judged = judge_out_of_fold(result, dataset.taxonomy)
    figures = official_figures(recipe, dataset, result)
    figures["errors"] = error_summary(judged, result.clauses, dataset.taxonomy)
    return Evaluated(result, judged, figures)


def fit_final(recipe: Recipe, dataset: Dataset, result: OutOfFold) -> tuple[Pipeline, Decision]:
    """The pipeline on all clauses, and the decision from all out-of-fold scores of source clauses."""
    return fit_pipeline(recipe, dataset), final_decision(recipe, dataset, result)


def final_decision(recipe: Recipe, dataset: Dataset, result: OutOfFold) -> Decision:
    """The decision from all out-of-fold scores of source clauses."""
    truth = label_matrix(result.clauses, dataset.taxonomy)
    return fit_decision(result.scores, truth, recipe.decision, exclusive=dataset.taxonomy.exclusive)


def train(recipe: Recipe, dataset: Dataset, models: Path, experiments: Path) -> Trained:
    """Fit, evaluate, export and track.

    Raises:
        LabelError: the runtime does not reproduce scikit-learn's scores, or the model is too large; no
            MLflow store answers.
    """
    from training import tracking

    experiment = tracking.connect(experiments)
    provenance = source_state()
    tags = {**provenance, **{f"data.{name}": digest for name, digest in dataset.digests.items()}}
    with tracking.training_run(experiment, name=recipe.name, tags=tags) as run_id:
        pipeline = fit_pipeline(recipe, dataset)
        refuse_too_large(pipeline, dataset, recipe)
        evaluated = evaluate(recipe, dataset)
        decision = final_decision(recipe, dataset, evaluated.result)
        answers = held_out_answers(evaluated.result, evaluated.judged, dataset.taxonomy)
        made = {**provenance, "run": run_id, "held_out": answers}
        folder = export_bundle(pipeline, decision, dataset, recipe, evaluated.figures, made, models)
        out = experiments / "out" / folder.name
        record = _training_record(recipe, dataset, evaluated, pipeline, folder, out)
        tracking.log_training(experiment, record)
    return Trained(folder, run_id, evaluated.figures)


def _training_record(
    recipe: Recipe, dataset: Dataset, evaluated: Evaluated, pipeline: Pipeline, folder: Path, out: Path
) -> TrainingRecord:
    from training import recording
    from training.figures import write_figures
    from training.tracking import LoggedData, TrainingRecord

    reference = recording.reference_scores(pipeline, dataset.gold)
    source = recording.clause_table(dataset.gold)
    data = [
        LoggedData(
            "source clauses", "clauses.jsonl", "training+evaluation", dataset.digests["clauses"], source
        )
    ]
    if recipe.data.written and dataset.written:
        written = recording.clause_table(dataset.written)
        data.append(LoggedData("written clauses", "written", "training", dataset.digests["written"], written))
    return TrainingRecord(
        folder=folder,
        parameters=recipe_parameters(recipe),
        recipe=recipe.text,
        figures=evaluated.figures,
        folds=recording.fold_figures(evaluated.result, evaluated.judged),
        answers=recording.answers_table(evaluated.result, evaluated.judged, dataset.taxonomy),
        categories=recording.category_table(evaluated.figures, dataset.taxonomy),
        reference=reference,
        difference=check_parity(pipeline, folder, recording.reference_clauses(reference)),
        data=data,
        pictures=write_figures(evaluated.judged, dataset.taxonomy, out),
        pipeline=pipeline,
    )


def recipe_parameters(recipe: Recipe) -> dict[str, Any]:
    """Everything that the recipe says, flat: `data.written`, `field.words.weight`, `learner.0.c`."""
    tables = {
        "data": asdict(recipe.data),
        **{f"field.{spec.name}": asdict(spec) for spec in recipe.fields},
        **{f"learner.{n}": asdict(spec) for n, spec in enumerate(recipe.learners)},
        **({"stacking": asdict(recipe.stacking)} if recipe.stacking is not None else {}),
        "decision": asdict(recipe.decision),
    }
    return {
        "recipe": recipe.name,
        "seed": recipe.seed,
        **{f"{table}.{key}": value for table, values in tables.items() for key, value in values.items()},
    }


def source_state() -> dict[str, str]:
    """When, from which commit and with which versions a model is made (`provenance.json`)."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD") or "unknown",
        "dirty": str(bool(_git("status", "--porcelain"))).lower(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "qclassify": qclassify.__version__,
        **{name: version(name) for name in ("scikit-learn", "numpy", "scipy")},
    }


def _git(*arguments: str) -> str:
    """Output of a git command, or nothing outside a checkout."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
