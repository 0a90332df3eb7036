"""Is a model what its recipe and the repository's labels give? Built again, compared file by file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.model_files import read_files
from training import run
from training.dataset import Dataset
from training.export import export_bundle
from training.recipe import load_recipe

# Says when and where a model was made: the one file that may differ.
_OUTSIDE = "provenance.json"
_CIRCUMSTANCES = ("commit", "dirty", "python", "machine", "qclassify", "scikit-learn", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A model beside its rebuilt twin.

    Attributes:
        model, rebuilt: the ids.
        same, different: names of files, both sorted; `provenance.json` is in neither.
        data: part of the labels → (hash when the model was made, hash now), changed parts only.
        circumstances: version, commit, … → (then, now), changed ones only.
    """

    model: str
    rebuilt: str
    same: tuple[str, ...]
    different: tuple[str, ...]
    data: Mapping[str, tuple[str, str]]
    circumstances: Mapping[str, tuple[str, str]]

    @property
    def identical(self) -> bool:
        """Whether every file has the same bytes."""
        return not self.different


def reproduce(folder: Path, dataset: Dataset) -> Reproduction:
    """Evaluate, fit and export the model's own recipe on these labels, and compare.

    Raises:
        ModelError: not a model folder, or altered.
        LabelError: its recipe or the labels are of another kind than this version's.
    """
    manifest, contents = read_files(folder)
    recipe = load_recipe(folder / "recipe.toml")
    evaluated = run.evaluate(recipe, dataset)
    pipeline, decision = run.fit_final(recipe, dataset, evaluated.result)
    now = run.source_state()
    with tempfile.TemporaryDirectory() as scratch:
        twin = export_bundle(pipeline, decision, dataset, recipe, evaluated.figures, now, Path(scratch))
        names = sorted({path.name for path in (*folder.iterdir(), *twin.iterdir())} - {_OUTSIDE})
        same = tuple(name for name in names if _bytes(folder / name) == _bytes(twin / name))
        rebuilt = twin.name
    provenance = json.loads(bytes(contents[_OUTSIDE]))
    return Reproduction(
        model=str(manifest["id"]),
        rebuilt=rebuilt,
        same=same,
        different=tuple(name for name in names if name not in same),
        data=_changed(manifest["data"], dataset.digests, sorted({*manifest["data"], *dataset.digests})),
        circumstances=_changed(provenance, now, _CIRCUMSTANCES),
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _changed(
    then: Mapping[str, Any], now: Mapping[str, Any], keys: list[str] | tuple[str, ...]
) -> dict[str, tuple[str, str]]:
    pairs = {key: (str(then.get(key, "–")), str(now.get(key, "–"))) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
