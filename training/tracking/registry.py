"""The model registry: versions, the aliases `champion` and `challenger`, and who was champion before.

MLflow keeps what an alias means now, not what it meant. The champions so far stand in a tag of the
registered model, oldest first, so that a champion can be withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from qclassify.errors import ModelError
from training.tracking.runs import ANSWERS, REFERENCE

CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "champions"
KEPT_CHAMPIONS = 100
MAX_TAG = 4000


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A finished training in the store.

    Attributes:
        id: of the run.
        model: id of the model folder, such as `default-gunpuynu`.
        logged_model: `m-…`, what a version is made of.
        metrics: all of the run, `lodo.micro_f1` among them.
    """

    id: str
    model: str
    logged_model: str
    metrics: dict[str, float]

    @property
    def source(self) -> str:
        """The logged model's address."""
        return f"models:/{self.logged_model}"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version.

    Attributes:
        number: counted from 1.
        model: id of the model folder.
        source: the logged model's address.
        run_id: the training.
        aliases: `champion`, `challenger` or others.
        created: when it was registered, ISO 8601 in UTC.
        reasons: why it is not the champion, if it was tried or withdrawn.
    """

    number: int
    model: str
    source: str
    run_id: str
    aliases: tuple[str, ...]
    created: str
    reasons: str


def find_run(experiment_id: str, run_or_model: str) -> TrainingRun:
    """A training by its run's id, or the latest that made a model of this id.

    Raises:
        ModelError: there is none, or it logged no model.
    """
    quoted = run_or_model.replace("'", "")
    by_id = f"attributes.run_id = '{quoted}'"
    by_model = f"tags.model = '{quoted}'"
    for condition in (by_id, by_model):
        found = MlflowClient().search_runs([experiment_id], f"{condition} and tags.model_id != ''")
        if found:
            data = found[0].data
            return TrainingRun(found[0].info.run_id, data.tags["model"], data.tags["model_id"], data.metrics)
    raise ModelError(
        f"{run_or_model}: no finished training of {mlflow.get_tracking_uri()} has this id or made this model",
        "`python -m training train` makes a run; the same labels and recipe give the same model",
    )


def logged_answers(run_id: str) -> pd.DataFrame:
    """The held-out answers of a run, see `training.recording.answers_table`.

    Raises:
        ModelError: the run or its answers are gone.
    """
    record = _logged_json(run_id, ANSWERS)
    return pd.DataFrame(record["data"], columns=record["columns"])


def logged_reference(run_id: str) -> dict[str, Any]:
    """Scikit-learn's scores as a run logged them, see `training.recording.reference_scores`.

    Raises:
        ModelError: the run or its scores are gone.
    """
    return _logged_json(run_id, REFERENCE)


def _logged_json(run_id: str, file: str) -> dict[str, Any]:
    try:
        return dict(mlflow.artifacts.load_dict(f"runs:/{run_id}/{file}"))
    except (MlflowException, OSError) as error:
        raise ModelError(f"run {run_id}: {file} is not there any more", "train it again") from error


def run_metrics(run_id: str) -> dict[str, float]:
    """All metrics of a run; none when the run is gone."""
    try:
        return dict(MlflowClient().get_run(run_id).data.metrics)
    except MlflowException:
        return {}


def register(run: TrainingRun, name: str) -> int:
    """The version of this run's model; a run is registered once."""
    client = MlflowClient()
    known = [version for version in versions(name) if version.run_id == run.id]
    if known:
        return known[0].number
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description="Tags clauses of Chinese policy documents.")
    made = client.create_model_version(
        name, run.source, run_id=run.id, model_id=run.logged_model, tags={"model": run.model}
    )
    return int(made.version)


def versions(name: str) -> list[Version]:
    """All versions, the newest first."""
    found = MlflowClient().search_model_versions(f"name = '{name}'")
    # What a search gives holds no aliases in some stores.
    full = [MlflowClient().get_model_version(name, entry.version) for entry in found]
    return sorted((_version(entry) for entry in full), key=lambda version: -version.number)


def champion(name: str) -> Version | None:
    """The version with the alias `champion`, if there is one."""
    return next((version for version in versions(name) if CHAMPION in version.aliases), None)


def crown(name: str, number: int) -> None:
    """Make a version the champion and note it in the history."""
    client, present = MlflowClient(), champion(name)
    history = _history(name)
    # Somebody may have moved the alias by hand.
    if present is not None and history[-1:] != [present.number]:
        history.append(present.number)
    if history[-1:] != [number]:
        history.append(number)
    client.set_registered_model_alias(name, CHAMPION, str(number))
    _drop_challenger(name, number)
    client.delete_model_version_tag(name, str(number), "not_champion_because")
    _write_history(name, history)


def challenge(name: str, number: int, reasons: Sequence[str]) -> None:
    """Make a version the challenger and note why it is not the champion."""
    client = MlflowClient()
    client.set_registered_model_alias(name, CHALLENGER, str(number))
    client.set_model_version_tag(name, str(number), "not_champion_because", "; ".join(reasons)[:MAX_TAG])


def withdraw_champion(name: str) -> tuple[Version, Version]:
    """Give the alias back to the champion before; returns (the withdrawn one, the champion now).

    Raises:
        ModelError: there is no champion, or none was before it.
    """
    present = champion(name)
    if present is None:
        raise ModelError(f"{name}: has no champion", "`python -m training promote RUN` makes one")
    history = [number for number in _history(name) if number != present.number]
    known = {version.number: version for version in versions(name)}
    while history and history[-1] not in known:  # deleted meanwhile
        history.pop()
    if not history:
        raise ModelError(
            f"{name}: version {present.number} is the first champion, there is none to go back to",
            "see `python -m training list`",
        )
    client = MlflowClient()
    client.set_registered_model_alias(name, CHAMPION, str(history[-1]))
    today = datetime.now(UTC).date().isoformat()
    client.set_model_version_tag(name, str(present.number), "not_champion_because", f"withdrawn on {today}")
    _write_history(name, history)
    return present, known[history[-1]]


def _drop_challenger(name: str, number: int) -> None:
    if CHALLENGER in _version(MlflowClient().get_model_version(name, str(number))).aliases:
        MlflowClient().delete_registered_model_alias(name, CHALLENGER)


def _history(name: str) -> list[int]:
    tag = MlflowClient().get_registered_model(name).tags.get(HISTORY, "")
    return [int(number) for number in tag.split(",") if number]


def _write_history(name: str, history: Sequence[int]) -> None:
    tag = ",".join(str(number) for number in history[-KEPT_CHAMPIONS:])
    MlflowClient().set_registered_model_tag(name, HISTORY, tag)


def _version(entry: ModelVersion) -> Version:
    made = datetime.fromtimestamp(entry.creation_timestamp / 1000, UTC)
    return Version(
        number=int(entry.version),
        model=entry.tags.get("model", ""),
        source=str(entry.source),
        run_id=entry.run_id or "",
        aliases=tuple(entry.aliases),
        created=made.isoformat(timespec="minutes"),
        reasons=entry.tags.get("not_champion_because", ""),
    )
