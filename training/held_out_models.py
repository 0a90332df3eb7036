"""A model's answers for clauses that it had not seen: as stored with it, or made again from its recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.errors import LabelError, ModelError
from qclassify.model_files import read_files
from qclassify.taxonomy import Taxonomy, load_taxonomy
from training.dataset import Dataset
from training.held_out import held_out_answers, judged_from_answers
from training.labelled_clauses import LabelledClause
from training.metrics import Judged


@dataclass(frozen=True, slots=True)
class HeldOutModel:
    """A model and what it answered for held-out clauses.

    Attributes:
        name: of the model.
        taxonomy: its categories.
        answers: by clause id, as `held_out.held_out_answers` writes them.
        source: `stored` with the model or `recomputed` from its recipe and the present labels.
    """

    name: str
    taxonomy: Taxonomy
    answers: Mapping[str, Any]
    source: str

    @property
    def answered(self) -> frozenset[str]:
        """Ids of the clauses with an answer."""
        return frozenset(self.answers)

    def judged(self, clauses: Sequence[LabelledClause]) -> Judged:
        """The answers for these clauses beside their present labels, in the model's category order."""
        return judged_from_answers(self.answers, clauses, self.taxonomy)


def held_out_model(folder: Path, dataset: Dataset, *, recompute: bool = False) -> HeldOutModel:
    """The model of a folder with its held-out answers.

    Args:
        folder: a model folder.
        dataset: the present labels; used when answers have to be made.
        recompute: make them even if they are stored: leave-one-document-out with the model's recipe.

    Raises:
        ModelError: not a model folder, or altered.
        LabelError: answers have to be made, and the model's taxonomy is not that of the labels.
    """
    manifest, contents = read_files(folder)
    stored = json.loads(bytes(contents["provenance.json"])).get("held_out")
    taxonomy = load_taxonomy(folder / "taxonomy.toml")
    if isinstance(stored, dict) and stored and not recompute:
        return HeldOutModel(str(manifest["id"]), taxonomy, stored, "stored")
    if taxonomy.ids != dataset.taxonomy.ids or taxonomy.exclusive != dataset.taxonomy.exclusive:
        raise LabelError(
            f"{folder}: its categories are not those of the labels, so its held-out answers cannot be made again",
            "name the labels folder it was trained on with --labels",
        )
    return HeldOutModel(str(manifest["id"]), taxonomy, _made_again(folder, dataset), "recomputed")


def _made_again(folder: Path, dataset: Dataset) -> dict[str, str]:
    from training.evaluation import judge_out_of_fold, out_of_fold
    from training.recipe import load_recipe

    try:
        recipe = load_recipe(folder / "recipe.toml")
    except LabelError as error:
        raise ModelError(
            f"{folder}: its recipe is not of this version: {error.message}", error.hint
        ) from error
    result = out_of_fold(recipe, dataset)
    return held_out_answers(result, judge_out_of_fold(result, dataset.taxonomy), dataset.taxonomy)
