"""Models out of an MLflow registry: `models:/NAME@ALIAS`, `models:/NAME/VERSION`.

Only such an address loads mlflow; a model folder never does. What is fetched is a model folder like any
other and is verified like any other. It is kept in the user's cache, since a logged model never changes:
the registry is asked what an alias means, and a model that is there already is not fetched again.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from qclassify.errors import ModelError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_ADDRESS = re.compile(
    r"models:/(?:(?P<logged>m-[0-9a-f]{32})|(?P<name>[^/@:]+)(?:@(?P<alias>[^/@:]+)|/(?P<version>\d+)))"
)
_ADVICE = "register models with `python -m training promote`"
_FORMS = "write models:/NAME@ALIAS, as in models:/qclassify@champion, or models:/NAME/VERSION"


def registered_folder(address: str) -> Path:
    """The model folder behind an address, in the cache.

    The registry is the one that `MLFLOW_TRACKING_URI` names; in a checkout of this project without that
    variable, the store under `experiments/`.

    Raises:
        ModelError: mlflow is not installed; the address is malformed, names nothing, or names a model
            that holds no model folder; the registry cannot be reached.
    """
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        raise ModelError(f"{address}: not the address of a registered model", _FORMS)
    client = _client(address)
    from mlflow.exceptions import MlflowException

    try:
        return wrapped_folder(_logged_model(client, parts))
    except (MlflowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"{address}: {reason}", "see `python -m training list`, and check MLFLOW_TRACKING_URI"
        ) from error


def wrapped_folder(source: str) -> Path:
    """The model folder inside the logged model `models:/m-…` of the store that mlflow is pointed at.

    Raises:
        ModelError: this is no logged model, or it holds no model folder.
        MlflowException, OSError: it cannot be fetched.
    """
    if not (parts := _ADDRESS.fullmatch(source)) or not parts["logged"]:
        raise ModelError(f"{source}: a version of something else than a logged model", _ADVICE)
    folder = cache_folder() / parts["logged"]
    if not folder.is_dir():
        _fetch(source, folder)
    manifests = sorted(folder.glob("*/manifest.json"))
    if len(manifests) != 1:
        raise ModelError(f"{source}: holds {len(manifests)} model folders where one belongs", _ADVICE)
    return manifests[0].parent


def cache_folder() -> Path:
    """Where fetched models are kept; it may be removed at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "qclassify" / "models"


def _client(address: str) -> MlflowClient:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    try:
        import mlflow
    except ImportError as error:
        raise ModelError(
            f"{address}: models of a registry need mlflow, which is not installed",
            "pip install 'qclassify[train]', or name a model folder",
        ) from error
    named = os.environ.get("MLFLOW_TRACKING_URI")
    store = Path(__file__).resolve().parent.parent / "experiments" / "mlflow.db"
    if not named and not store.is_file():
        raise ModelError(f"{address}: no registry is known", "set MLFLOW_TRACKING_URI to its address")
    mlflow.set_tracking_uri(named or f"sqlite:///{store}")
    if not named:
        os.environ.pop("MLFLOW_TRACKING_URI", None)  # mlflow's own note, not the user's wish
    return mlflow.MlflowClient()


def _logged_model(client: MlflowClient, parts: re.Match[str]) -> str:
    """The address of the logged model that a version or an alias stands for."""
    if parts["logged"]:
        return parts[0]
    if parts["alias"]:
        return str(client.get_model_version_by_alias(parts["name"], parts["alias"]).source)
    return str(client.get_model_version(parts["name"], parts["version"]).source)


def _fetch(source: str, folder: Path) -> None:
    """Download a logged model and keep the model folder that it wraps; whole or not at all."""
    import mlflow

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as scratch:
        wrapped = Path(mlflow.artifacts.download_artifacts(source, dst_path=scratch)) / "artifacts"
        try:
            wrapped.replace(folder)
        except OSError:
            if (
                wrapped.is_dir() and not folder.is_dir()
            ):  # else it wraps nothing, or another process was first
                raise
