"""Labels that models doubt which have not learnt from them: the gap between a label and its probability.

Gold clauses are scored by models that have not seen their document, written ones by models that have not seen
their fold; clauses that resemble each other share a fold. A gap of 0.9 means that the label says no where the
model says 0.9, or yes where it says 0.1 (the ranking of Northcutt, Jiang and Chuang, “Confident learning”, JAIR
2021, without its counting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from qclassify.errors import LabelError
from training.dataset import Dataset
from training.decisions import fit_decision, judge
from training.evaluation import (
    clause_text,
    fit_pipeline,
    judge_out_of_fold,
    label_matrix,
    out_of_fold,
    pipeline_scores,
    primary_matrix,
)
from training.held_out_models import HeldOutModel
from training.labelled_clauses import LabelledClause
from training.labelling.decisions import Answer, Decision, by_clause, is_settled
from training.labelling.questions import Question
from training.metrics import Judged
from training.near_duplicates import near_duplicates
from training.recipe import Recipe

FOLDS = 5
# Clauses written to one pattern share less than what makes them repetitions.
ALIKE = 0.3


def find_suspects(
    recipe: Recipe,
    dataset: Dataset,
    decisions: Sequence[Decision],
    *,
    written: bool = False,
    least: float = 0.5,
) -> list[Question]:
    """Clauses whose label is in doubt and nobody has decided about, the widest gap first.

    Args:
        recipe: of the models that doubt.
        dataset: the labels folder.
        decisions: of the folder; a label that was kept does not come back while it stays the same.
        written: look at written clauses too.
        least: the smallest gap, in (0, 1].

    Raises:
        LabelError: too few clauses, or `written` although the recipe learns from no written clauses.
    """
    result = out_of_fold(recipe, dataset)
    doubts = _doubts(dataset.gold, judge_out_of_fold(result, dataset.taxonomy), dataset, least)
    if written:
        if not recipe.data.written:
            raise LabelError(
                f"recipe {recipe.name!r} learns from no written clauses",
                "take another recipe, or leave --written out",
            )
        truth = label_matrix(result.clauses, dataset.taxonomy)
        decision = fit_decision(result.scores, truth, recipe.decision, exclusive=dataset.taxonomy.exclusive)
        judged = judge(
            _written_scores(recipe, dataset),
            label_matrix(dataset.written, dataset.taxonomy),
            primary_matrix(dataset.written, dataset.taxonomy),
            decision,
        )
        doubts += _doubts(dataset.written, judged, dataset, least)
    return _undecided(doubts, decisions)


def suspects_of_model(
    model: HeldOutModel, dataset: Dataset, decisions: Sequence[Decision], *, least: float = 0.5
) -> list[Question]:
    """The same for gold clauses, from the held-out answers that a model carries: no fit is needed.

    Clauses that were labelled after the model was made have no answer and are left out.

    Raises:
        LabelError: the model's categories are not those of the labels.
    """
    if model.taxonomy.ids != dataset.taxonomy.ids:
        raise LabelError(
            f"model {model.name} knows other categories ({', '.join(model.taxonomy.ids)}) than the labels folder",
            "name the labels folder that it was trained on with --labels",
        )
    clauses = [clause for clause in dataset.gold if clause.id in model.answered]
    return _undecided(_doubts(clauses, model.judged(clauses), dataset, least), decisions)


def folds_of(texts: Sequence[str], folds: int = FOLDS) -> npt.NDArray[np.int64]:
    """(n,) a fold from 0 for every text; texts that resemble each other, even by way of others, share one.

    Groups go to the emptiest fold, the largest first, so folds are of like size and always the same.
    """
    leader = list(range(len(texts)))

    def find(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for match in near_duplicates(texts, texts, ALIKE):
        first, second = sorted((find(match.query), find(match.target)))
        leader[second] = first
    groups: dict[int, list[int]] = {}
    for row in range(len(texts)):
        groups.setdefault(find(row), []).append(row)
    fold_of = np.zeros(len(texts), dtype=np.int64)
    sizes = [0] * folds
    for rows in sorted(groups.values(), key=lambda rows: (-len(rows), rows[0])):
        emptiest = sizes.index(min(sizes))
        fold_of[rows] = emptiest
        sizes[emptiest] += len(rows)
    return fold_of


def _undecided(doubts: Sequence[Question], decisions: Sequence[Decision]) -> list[Question]:
    settled = by_clause(decisions)
    left = [q for q in doubts if not is_settled(q.clause, settled.get(q.clause.id, ()), "suspect")]
    return sorted(left, key=lambda question: -question.facts["gap"])


def _written_scores(recipe: Recipe, dataset: Dataset) -> npt.NDArray[np.float64]:
    """(n, 2k) scores of the written clauses by models that have not seen their fold."""
    fold_of = folds_of([clause.text for clause in dataset.written])
    scores = np.zeros((len(dataset.written), 2 * len(dataset.taxonomy.ids)))
    for fold in sorted(set(fold_of.tolist())):
        rows = np.flatnonzero(fold_of == fold)
        rest = tuple(c for c, own in zip(dataset.written, fold_of, strict=True) if own != fold)
        pipeline = fit_pipeline(recipe, replace(dataset, written=rest))
        scores[rows] = pipeline_scores(pipeline, [clause_text(dataset.written[row]) for row in rows])
    return scores


def _doubts(
    clauses: Sequence[LabelledClause], judged: Judged, dataset: Dataset, least: float
) -> list[Question]:
    ids = dataset.taxonomy.ids
    gaps = np.abs(judged.truth - judged.probability)
    questions = []
    for row in np.flatnonzero(gaps.max(axis=1) >= least).tolist() if len(clauses) else ():
        column = int(gaps[row].argmax())
        labels = tuple(c for c, given in zip(ids, judged.chosen[row], strict=True) if given)
        primary = int(judged.chosen_primary[row])
        suggestion: Answer = labels, ids[primary] if primary >= 0 else None
        probability = float(judged.probability[row, column])
        said = "extra" if judged.truth[row, column] else "missing"
        facts = {
            "category": ids[column],
            "gap": round(float(gaps[row, column]), 4),
            "probability": round(probability, 4),
        }
        why = f"{ids[column]} seems {said}: the model says {probability:.2f}"
        questions.append(Question("suspect", clauses[row], why, suggestion=suggestion, facts=facts))
    return questions
