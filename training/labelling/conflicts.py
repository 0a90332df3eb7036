"""Clauses whose annotators differ, from each other or from the label, until somebody has decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from training.dataset import Dataset
from training.labelled_clauses import LabelledClause
from training.labelling.decisions import Decision, answer_of, by_clause, is_settled
from training.labelling.questions import Question


def open_conflicts(
    dataset: Dataset, decisions: Sequence[Decision], among: Collection[str] | None = None
) -> list[Question]:
    """Undecided conflicts in the order of the clauses.

    Args:
        dataset: the labels folder.
        decisions: those of the folder, oldest first.
        among: only these clauses; None for all.
    """
    settled = by_clause(decisions)
    return [
        conflict(clause)
        for clause in (*dataset.gold, *dataset.written)
        if (among is None or clause.id in among)
        and any(answer_of(answer) != answer_of(clause) for answer in clause.annotations)
        and not is_settled(clause, settled.get(clause.id, ()), "conflict")
    ]


def conflict(clause: LabelledClause) -> Question:
    """The question that a clause's answers put."""
    answers = {answer.annotator: answer for answer in clause.annotations}
    against = [name for name, answer in answers.items() if answer_of(answer) != answer_of(clause)]
    among = len({answer_of(answer) for answer in answers.values()}) > 1
    why = "annotators differ" if among else f"{', '.join(against)} against the label"
    return Question("conflict", clause, why, answers=answers)
