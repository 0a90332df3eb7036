"""One training: a run with a nested run a fold, the model, the data and everything measured."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.pandas_dataset import PandasDataset, from_pandas
from sklearn.pipeline import Pipeline

from training.tracking.logged_model import log_served_model
from training.tracking.store import ANONYMOUS, answering_store

SKIPPED_METRICS = ("intervals", "per_category_detail", "confusions")
ANSWERS, CATEGORIES, REFERENCE = "tables/answers.json", "tables/categories.json", "reference_scores.json"
MAX_DIGEST = 36
_NOT_IN_METRIC_NAMES = re.compile(r"[^\w.\- :/]")


@dataclass(frozen=True, slots=True)
class LoggedData:
    """Clauses that a run used.

    Attributes:
        name: of the data set.
        origin: where the labels folder keeps them, relative.
        context: `training`, or `training+evaluation`.
        digest: SHA-256; mlflow's field takes its first 36 characters, the tags have all of it.
        frame: the clauses.
    """

    name: str
    origin: str
    context: str
    digest: str
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """All that one training leaves.

    Attributes:
        folder: the exported model folder.
        parameters: the recipe, flat.
        recipe: the recipe file's text.
        figures: the record of `report.official_figures`; its numbers become metrics such as
            `lodo.micro_f1`, `lodo.micro_f1.low`, `by_document.xining-2015.micro_f1`.
        folds: held-out document → its figures.
        answers, categories: the tables of `training.recording`.
        reference: its reference scores; `difference` is how far the runtime is from them.
        data: what was trained on.
        pictures: figures as files.
        pipeline: the fitted pipeline, for data scientists; tagging and promotion never open it.
    """

    folder: Path
    parameters: Mapping[str, Any]
    recipe: str
    figures: Mapping[str, Any]
    folds: Mapping[str, Mapping[str, float]]
    answers: pd.DataFrame
    categories: pd.DataFrame
    reference: Mapping[str, Any]
    difference: float
    data: Sequence[LoggedData]
    pictures: Sequence[Path]
    pipeline: Pipeline


@contextmanager
def training_run(experiment_id: str, *, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """The run of a training, open while it lasts, failed when it fails; yields the run's id.

    Args:
        experiment_id: from `connect`.
        name: until the model has an id.
        tags: source commit and state, versions, data hashes.
    """
    git = {"mlflow.source.git.commit": tags["commit"]} if tags.get("commit", "unknown") != "unknown" else {}
    run_tags = {**ANONYMOUS, **git, **tags}
    with (
        answering_store(),
        mlflow.start_run(experiment_id=experiment_id, run_name=name, tags=run_tags) as run,
    ):
        yield str(run.info.run_id)


def log_training(experiment_id: str, record: TrainingRecord) -> str:
    """Log a finished training to the open run; returns the logged model's id (`models:/<id>`)."""
    mlflow.set_tags({"mlflow.runName": record.folder.name, "model": record.folder.name})
    mlflow.log_params(dict(record.parameters))
    mlflow.log_text(record.recipe, "recipe.toml")
    datasets = [_dataset(data) for data in record.data]
    for data, dataset in zip(record.data, datasets, strict=True):
        mlflow.log_input(dataset, context=data.context)
    model_id = log_served_model(record.folder, {"model": record.folder.name})
    mlflow.set_tag("model_id", model_id)
    metrics = {**flat_metrics(record.figures), **interval_metrics(record.figures)}
    mlflow.log_metrics(
        {**metrics, "parity.max_difference": record.difference}, model_id=model_id, dataset=datasets[0]
    )
    mlflow.log_dict(dict(record.figures), "figures.json")
    mlflow.log_dict(dict(record.reference), REFERENCE)
    mlflow.log_table(record.answers, ANSWERS)
    mlflow.log_table(record.categories, CATEGORIES)
    mlflow.log_artifact(str(record.folder / "CARD.md"))
    for path in record.pictures:
        mlflow.log_artifact(str(path), "figures")
    _log_pipeline(record.pipeline)
    _log_folds(experiment_id, record.folds)
    return model_id


def _dataset(data: LoggedData) -> PandasDataset:
    # The default source would name the script and its user.
    source = CodeDatasetSource(tags={"mlflow.source.name": data.origin})
    dataset: PandasDataset = from_pandas(
        data.frame, source=source, targets="labels", name=data.name, digest=data.digest[:MAX_DIGEST]
    )
    return dataset


def _log_pipeline(pipeline: Pipeline) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        dumped = Path(scratch) / "pipeline.joblib"
        joblib.dump(pipeline, dumped, compress=3)
        mlflow.log_artifact(str(dumped), "sklearn")


def _log_folds(experiment_id: str, folds: Mapping[str, Mapping[str, float]]) -> None:
    for document, values in folds.items():
        with mlflow.start_run(
            experiment_id=experiment_id,
            run_name=f"without {document}",
            nested=True,
            tags={**ANONYMOUS, "held_out": document},
        ):
            mlflow.log_metrics(dict(values))


def flat_metrics(record: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested numbers as `a.b.c` → value; lists and texts are left to `figures.json`.

    >>> flat_metrics({"lodo": {"micro_f1": 0.9, "intervals": {"micro_f1": [0.8, 1.0]}}})
    {'lodo.micro_f1': 0.9}
    """
    flat: dict[str, float] = {}
    for key, value in record.items():
        if key in SKIPPED_METRICS:
            continue
        name = _NOT_IN_METRIC_NAMES.sub("_", f"{prefix}{key}")
        if isinstance(value, Mapping):
            flat.update(flat_metrics(value, f"{name}."))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[name] = float(value)
    return flat


def interval_metrics(figures: Mapping[str, Any]) -> dict[str, float]:
    """Both ends of the 95 % intervals.

    >>> interval_metrics({"lodo": {"intervals": {"micro_f1": [0.8, 1.0]}}})
    {'lodo.micro_f1.low': 0.8, 'lodo.micro_f1.high': 1.0}
    """
    return {
        f"{part}.{name}.{end}": float(bound)
        for part, record in figures.items()
        if isinstance(record, Mapping)
        for name, bounds in record.get("intervals", {}).items()
        for end, bound in zip(("low", "high"), bounds, strict=True)
    }
