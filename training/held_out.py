"""What a model's evaluation answered for every held-out clause, small enough to travel with the model.

The record stands in `provenance.json` and lets two models be compared clause by clause without fitting
anything again. `scores` are probabilities in taxonomy order, in ten-thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qclassify.deciding import decide
from qclassify.errors import LabelError
from qclassify.profiles import Profile, profile_of
from qclassify.taxonomy import Taxonomy
from training.evaluation import OutOfFold, judge_out_of_fold, label_matrix
from training.labelled_clauses import LabelledClause
from training.metrics import Integers, Judged

_FINENESS = 10_000
_NOTHING = "-"


def held_out_answers(result: OutOfFold, judged: Judged, taxonomy: Taxonomy) -> dict[str, str]:
    """Clause id → `labels primary confidence scores`, the labels joined by commas, `-` for none.

    Args:
        result: of the evaluation.
        judged: the same clauses decided, in the same order.
        taxonomy: the categories.
    """
    answers = {}
    for row, clause in enumerate(result.clauses):
        labels = [c for c, given in zip(taxonomy.ids, judged.chosen[row], strict=True) if given]
        position = int(judged.chosen_primary[row])
        scores = np.rint(judged.probability[row] * _FINENESS).astype(int).tolist()
        answers[clause.id] = " ".join(
            [
                ",".join(labels) or _NOTHING,
                taxonomy.ids[position] if position >= 0 else _NOTHING,
                str(round(float(judged.confidence[row]) * _FINENESS)),
                *map(str, scores),
            ]
        )
    return answers


def judged_from_answers(
    answers: Mapping[str, Any], clauses: Sequence[LabelledClause], taxonomy: Taxonomy
) -> Judged:
    """The answers for these clauses beside their labels as they are now.

    Args:
        answers: from `held_out_answers`; one for every clause.
        clauses: the gold clauses wanted, in this order.
        taxonomy: the categories of the model that answered.

    Raises:
        LabelError: an answer is malformed or one of another taxonomy.
    """
    k = len(taxonomy.ids)
    chosen = np.zeros((len(clauses), k), dtype=bool)
    probability = np.zeros((len(clauses), k))
    confidence = np.zeros(len(clauses))
    primary = np.full(len(clauses), -1)
    for row, clause in enumerate(clauses):
        try:
            labels, first, sure, *scores = str(answers[clause.id]).split(" ")
            chosen[row, [taxonomy.ids.index(name) for name in labels.split(",") if name != _NOTHING]] = True
            primary[row] = -1 if first == _NOTHING else taxonomy.ids.index(first)
            confidence[row] = int(sure) / _FINENESS
            probability[row] = np.array([int(score) for score in scores]) / _FINENESS
        except (KeyError, ValueError) as error:
            raise LabelError(
                f"held-out answer for {clause.id}: {answers.get(clause.id)!r} does not fit the taxonomy",
                "leave the stored answers out with --recompute",
            ) from error
    truth = label_matrix(clauses, taxonomy)
    true_primary = [taxonomy.ids.index(c.primary) if c.primary in taxonomy.ids else -1 for c in clauses]
    return Judged(
        truth.reshape(-1, k), chosen, probability, confidence, np.array(true_primary, dtype=np.int64), primary
    )


def held_out_profile(result: OutOfFold, taxonomy: Taxonomy) -> Profile:
    """What the held-out clauses look like to models that had not seen them: the reference for drift."""
    judged = judge_out_of_fold(result, taxonomy)
    return profile_of(
        judged.probability,
        judged.chosen,
        judged.chosen_primary,
        _review(result),
        np.stack([result.terms.known, result.terms.all], axis=1),
    )


def _review(result: OutOfFold) -> Any:  # noqa: ANN401 - numpy booleans
    documents = np.array([clause.doc for clause in result.clauses])
    review = np.zeros(len(documents), dtype=bool)
    for name, decision in result.decisions.items():
        rows: Integers = np.flatnonzero(documents == name)
        review[rows] = [answer.review for answer in decide(result.scores[rows], decision)]
    return review
