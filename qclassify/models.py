"""Where models live: the shipped ones, and the one that `CURRENT` names."""

from __future__ import annotations

import re
from pathlib import Path

from qclassify.bundle import Bundle, load_bundle
from qclassify.errors import ModelError
from qclassify.model_files import MODELS_ADVICE

_FOLDER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")


def models_folder() -> Path:
    """The folder of shipped models: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parent / "models"


def default_model() -> Path:
    """The folder that `CURRENT` names.

    Raises:
        ModelError: there is no `CURRENT`, or it does not name a folder beside it.
    """
    current = models_folder() / "CURRENT"
    try:
        name = current.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{current}: cannot be read, so there is no default model", "name one with --model"
        ) from error
    if not _FOLDER_NAME.fullmatch(name) or not (models_folder() / name).is_dir():
        raise ModelError(f"{current}: names {name!r}, which is no model folder beside it", MODELS_ADVICE)
    return models_folder() / name


def model_folder(address: Path | str) -> Path:
    """The folder itself, or the one behind `models:/NAME@ALIAS` or `models:/NAME/VERSION` in an MLflow registry.

    Raises:
        ModelError: the registry has no such model or cannot be reached, or mlflow (extra `train`) is missing.
    """
    if not Path(address).as_posix().startswith("models:/"):
        return Path(address)
    from qclassify.registry import registered_folder

    return registered_folder(Path(address).as_posix())


def load_model(folder: Path | str | None = None) -> Bundle:
    """Load and verify a model folder, or a registered model; without either, the shipped default.

    Args:
        folder: anything that `model_folder` takes.

    Raises:
        ModelError: the folder is missing, altered, foreign or of an unknown format; the registry has no
            such model or cannot be reached.
    """
    return load_bundle(default_model() if folder is None else model_folder(folder))
