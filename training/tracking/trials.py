"""Searches: one parent run, one nested run a trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow

from training.tracking.store import ANONYMOUS


@dataclass(frozen=True, slots=True)
class Search:
    """A search that is being recorded: the experiment, and the parent run of its trials."""

    experiment_id: str
    run_id: str


@contextmanager
def search_run(
    experiment_id: str, *, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[Search]:
    """The parent run of a search; it stays open while trials are made, and fails when the search does.

    Args:
        experiment_id: from `connect`.
        name: of the parent run.
        parameters: what is searched, and for how long.
        tags: data hashes, source commit.
    """
    with mlflow.start_run(experiment_id=experiment_id, run_name=name, tags={**ANONYMOUS, **tags}) as run:
        mlflow.log_params(dict(parameters))
        yield Search(experiment_id, str(run.info.run_id))


def log_trial(
    search: Search,
    *,
    name: str,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str] | None = None,
) -> str:
    """One trial as a nested run, inside `search_run`; returns its id.

    Call it from the process that opened the search: SQLite has one writer.
    """
    tagged = {**ANONYMOUS, **(tags or {})}
    with mlflow.start_run(experiment_id=search.experiment_id, run_name=name, nested=True, tags=tagged) as run:
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        return str(run.info.run_id)


def log_search_result(
    search: Search, *, metrics: Mapping[str, float], files: Sequence[Path] = (), best_trial: str = ""
) -> None:
    """What the search found, on its parent run: the best figures, files such as the best recipe."""
    mlflow.log_metrics(dict(metrics), run_id=search.run_id)
    for path in files:
        mlflow.log_artifact(str(path), run_id=search.run_id)
    if best_trial:
        mlflow.set_tag("best_trial", best_trial)
