"""Where runs are kept: SQLite under `experiments/`, or whatever `MLFLOW_TRACKING_URI` names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from qclassify.errors import LabelError

EXPERIMENT = "qclassify"
DATABASE, ARTEFACTS = "mlflow.db", "mlruns"
# mlflow would record the user's name and the path of the script.
ANONYMOUS = {
    "mlflow.user": "anonymous",
    "mlflow.source.name": "python -m training",
    "mlflow.source.type": "LOCAL",
}


def connect(experiments: Path) -> str:
    """Point mlflow at the store and return the experiment's id.

    Args:
        experiments: folder of the default SQLite store and its artefacts.

    Raises:
        LabelError: the store cannot be reached or was made by another mlflow.
    """
    named = os.environ.get("MLFLOW_TRACKING_URI")
    if named:
        mlflow.set_tracking_uri(named)
        return _experiment_id(None)
    experiments.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{(experiments / DATABASE).resolve()}")
    # mlflow writes the address into the environment too, where a second call would take it for yours.
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    # A new database notes the working directory as the place of the experiment "Default".
    with chdir(experiments):
        return _experiment_id((experiments / ARTEFACTS).resolve().as_uri())


def _experiment_id(artefacts: str | None) -> str:
    """The id of our experiment, which is made at its first use."""
    with answering_store():
        found = mlflow.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        return str(mlflow.create_experiment(EXPERIMENT, artifact_location=artefacts))


@contextmanager
def answering_store() -> Iterator[None]:
    """Errors of mlflow, of a store that went away above all, as one of the family.

    Raises:
        LabelError: mlflow has failed.
    """
    try:
        yield
    except MlflowException as error:
        raise LabelError(
            f"{mlflow.get_tracking_uri()}: the MLflow store does not answer: {error.message}".replace(
                "\n", " "
            ),
            "start the server, mend MLFLOW_TRACKING_URI, or unset it to use the store under experiments/",
        ) from error
