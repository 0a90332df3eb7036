"""Which model is the default: `models/CURRENT`, replaced only by a better one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def current_figures(models: Path) -> Mapping[str, Any] | None:
    """The figures of the current model, None when there is no readable one."""
    try:
        name = (models / "CURRENT").read_text("utf-8").strip()
        manifest = json.loads((models / name / "manifest.json").read_text("utf-8"))
        figures: Mapping[str, Any] = manifest["metrics"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return figures


def is_better(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Whether micro-F1 and macro-F1 on held-out documents, taken together, are higher."""
    if old is None:
        return True
    return bool(_together(new) > _together(old))


def _together(figures: Mapping[str, Any]) -> float:
    return float(figures["lodo"]["micro_f1"] + figures["lodo"]["macro_f1"])


def make_current(folder: Path) -> None:
    """Name this model in `CURRENT` beside it and remove the model that it replaces."""
    pointer = folder.parent / "CURRENT"
    old = pointer.read_text("utf-8").strip() if pointer.is_file() else ""
    draft = folder.parent / ".CURRENT.draft"
    draft.write_text(folder.name + "\n", "utf-8")
    draft.replace(pointer)
    if old and old != folder.name and (folder.parent / old / "manifest.json").is_file():
        shutil.rmtree(folder.parent / old)
