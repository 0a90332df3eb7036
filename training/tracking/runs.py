"""One training: a run with a nested run a fold."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import mlflow
from sklearn.pipeline import Pipeline

SKIPPED_METRICS = ("intervals", "per_category_detail", "confusions")


def log_training(
    experiment_id: str,
    *,
    name: str,
    parameters: Mapping[str, Any],
    tags: Mapping[str, str],
    figures: Mapping[str, Any],
    files: Mapping[str, list[Path]],
    pipeline: Pipeline,
) -> str:
    """One run with a nested run a fold; returns the run's id.

    Args:
        experiment_id: from `connect`.
        name: of the run.
        parameters: flat, logged as parameters.
        tags: data hashes, source commit, model id.
        figures: the record of `report.official_figures`; its numbers become metrics such as
            `lodo.micro_f1`, `by_document.xining-2015.micro_f1`.
        files: artefact folder → files or folders to log there.
        pipeline: the fitted pipeline, logged as joblib for data scientists; tagging never opens it.
    """
    with mlflow.start_run(experiment_id=experiment_id, run_name=name) as run:
        mlflow.log_params(dict(parameters))
        mlflow.set_tags(dict(tags))
        mlflow.log_metrics(flat_metrics(figures))
        mlflow.log_dict(dict(figures), "figures.json")
        for folder, paths in files.items():
            for path in paths:
                if path.is_dir():
                    mlflow.log_artifacts(str(path), f"{folder}/{path.name}")
                else:
                    mlflow.log_artifact(str(path), folder)
        with tempfile.TemporaryDirectory() as scratch:
            dumped = Path(scratch) / "pipeline.joblib"
            joblib.dump(pipeline, dumped, compress=3)
            mlflow.log_artifact(str(dumped), "sklearn")
        for document, values in figures["by_document"].items():
            with mlflow.start_run(experiment_id=experiment_id, run_name=f"without {document}", nested=True):
                mlflow.set_tag("held_out", document)
                mlflow.log_metrics(flat_metrics(values))
        return str(run.info.run_id)


def flat_metrics(record: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested numbers as `a.b.c` → value; lists and texts are left to `figures.json`.

    >>> flat_metrics({"lodo": {"micro_f1": 0.9, "intervals": {"micro_f1": [0.8, 1.0]}}})
    {'lodo.micro_f1': 0.9}
    """
    flat: dict[str, float] = {}
    for key, value in record.items():
        if key in SKIPPED_METRICS:
            continue
        if isinstance(value, Mapping):
            flat.update(flat_metrics(value, f"{prefix}{key}."))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[f"{prefix}{key}"] = float(value)
    return flat
