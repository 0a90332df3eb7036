"""Searching recipes without fooling oneself: nested folds of whole documents.

For every candidate and every document d, the *inner* score judges the other documents only, each tagged by a
model that has seen neither it nor d. The candidate with the best inner score for d then answers for d. So no
document has a say in which recipe, calibration or threshold it is tagged with, and the pooled answers give
the *nested* estimate: what the whole procedure, search included, is worth on a document that it has never
met (S. Varma and R. Simon, Bias in error estimation when using cross-validation for model selection, BMC
Bioinformatics 7:91, 2006). The score of the finally chosen recipe on the documents that chose it is
optimistic, and is reported apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qclassify.errors import LabelError
from qclassify.taxonomy import Taxonomy
from training.dataset import Dataset
from training.decisions import judge
from training.evaluation import OutOfFold, judge_out_of_fold, label_matrix, out_of_fold, primary_matrix
from training.held_out import held_out_answers, judged_from_answers
from training.labelled_clauses import LabelledClause
from training.metrics import Judged, headline, intervals, macro_f1, micro_f1
from training.model_comparison import Difference, headline_differences
from training.recipe import Recipe
from training.report import clause_groups

SEED = 20190101


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate that was tried.

    Attributes:
        number: of the candidate; 0 is the start recipe.
        values: what differs from the start recipe.
        recipe: its text.
        inner: for each document the objective on the *other* documents.
        score: the objective on all documents, each held out: what the final choice goes by.
        micro_f1, macro_f1: of the same.
        answers: for every held-out clause, see `held_out.held_out_answers`.
        seconds: how long it took.
    """

    number: int
    values: Mapping[str, Any]
    recipe: str
    inner: Mapping[str, float]
    score: float
    micro_f1: float
    macro_f1: float
    answers: Mapping[str, str]
    seconds: float

    def record(self) -> dict[str, Any]:
        """The trial as a JSON-ready record."""
        return asdict(self)


def trial_from_record(record: Mapping[str, Any]) -> Trial:
    """The inverse of `Trial.record`.

    Raises:
        LabelError: it is no trial.
    """
    try:
        return Trial(**record)
    except TypeError as error:
        raise LabelError(f"not a trial of this version: {error}", "begin anew with --restart") from error


def objective(judged: Judged) -> float:
    """What a search maximises: the mean of micro-F1 and macro-F1, as promotion does."""
    return (micro_f1(judged.truth, judged.chosen) + macro_f1(judged.truth, judged.chosen)) / 2


def try_candidate(
    number: int,
    recipe: Recipe,
    values: Mapping[str, Any],
    dataset: Dataset,
    clock: Any,  # noqa: ANN401
) -> Trial:
    """Fit and judge one candidate; as many fits as an evaluation needs.

    Args:
        number: of the candidate.
        recipe: the candidate.
        values: what differs from the start recipe.
        dataset: the labels.
        clock: gives seconds, like `time.monotonic`.
    """
    began = clock()
    result = out_of_fold(recipe, dataset)
    judged = judge_out_of_fold(result, dataset.taxonomy)
    return Trial(
        number=number,
        values=dict(values),
        recipe=recipe.text,
        inner=inner_scores(result, dataset.taxonomy),
        score=objective(judged),
        micro_f1=micro_f1(judged.truth, judged.chosen),
        macro_f1=macro_f1(judged.truth, judged.chosen),
        answers=held_out_answers(result, judged, dataset.taxonomy),
        seconds=round(clock() - began, 1),
    )


def inner_scores(result: OutOfFold, taxonomy: Taxonomy) -> dict[str, float]:
    """For each document the objective on the others, by models that had seen neither."""
    documents = np.array([clause.doc for clause in result.clauses])
    truth = label_matrix(result.clauses, taxonomy)
    primary = primary_matrix(result.clauses, taxonomy)
    scores = {}
    for name, decision in result.decisions.items():
        others = documents != name
        scores[name] = objective(judge(result.inner[name][others], truth[others], primary[others], decision))
    return scores


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search found.

    Attributes:
        best: the trial with the highest score on all documents; its score is optimistic.
        chosen: for each document the number of the trial that the others chose for it.
        nested: headline figures of the whole procedure on held-out documents.
        bounds: their 95 % intervals.
        start: the same figures of the start recipe, which was not chosen by anything.
        gain: nested figures against the start recipe's, paired by clause group.
        trials: how many were tried.
    """

    best: Trial
    chosen: Mapping[str, int]
    nested: Mapping[str, float]
    bounds: Mapping[str, Sequence[float]]
    start: Mapping[str, float]
    gain: Mapping[str, Difference]
    trials: int


def tuned(trials: Sequence[Trial], clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> Tuned:
    """Sum up a search.

    Args:
        trials: all that were tried, candidate 0 among them.
        clauses: the gold clauses, `doc` as `folds.in_folds` names it.
        taxonomy: the categories.
    """
    documents = np.array([clause.doc for clause in clauses])
    chosen = {name: _best(trials, name).number for name in sorted(set(documents))}
    by_number = {trial.number: trial for trial in trials}
    answers: dict[str, str] = {}
    for name, number in chosen.items():
        trial = by_number[number]
        answers |= {clause.id: trial.answers[clause.id] for clause in clauses if clause.doc == name}
    nested = judged_from_answers(answers, clauses, taxonomy)
    start = judged_from_answers(by_number[0].answers, clauses, taxonomy)
    groups = clause_groups(clauses)
    return Tuned(
        best=max(trials, key=lambda trial: (trial.score, -trial.number)),
        chosen=chosen,
        nested=headline(nested),
        bounds=intervals(nested, groups, SEED),
        start=headline(start),
        gain=headline_differences(start, nested, groups),
        trials=len(trials),
    )


def _best(trials: Sequence[Trial], document: str) -> Trial:
    """The trial that the other documents choose; the earlier one of equals."""
    return max(trials, key=lambda trial: (trial.inner[document], -trial.number))
