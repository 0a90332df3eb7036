"""Leave-one-document-out evaluation, with everything that is fitted kept away from the held-out document.

For each document d the model is trained on the other documents (and the written clauses). Calibration,
thresholds and the review limit that are applied to d come from scores of the *other* documents, each
made by a model that has seen neither that document nor d. Scores are pooled over the documents.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from qclassify.deciding import Decision, confidence, decide, probabilities
from qclassify.features import ClauseText
from qclassify.taxonomy import Taxonomy
from training.dataset import Dataset, LabelledClause
from training.metrics import Judged, coverage_at_precision
from training.recipe import DecisionSpec, Recipe, build_pipeline

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
THRESHOLD_GRID = np.linspace(0.25, 0.75, 51)
SMOOTHING = 7


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Scores of the source clauses by models that had not seen their document, rows as in `clauses`.

    Attributes:
        scores: (n, 2k) with headings.
        headless: (n, 2k) with the headings withheld at test time.
        decisions: for each document the decision fitted without it.
    """

    clauses: tuple[LabelledClause, ...]
    scores: Floats
    headless: Floats
    decisions: dict[str, Decision]


def clause_text(clause: LabelledClause, *, headings: bool = True) -> ClauseText:
    """What the model may see of a labelled clause."""
    return ClauseText(clause.text, clause.heading_path if headings else ())


def label_matrix(clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> Booleans:
    """(n, k) labels in taxonomy order."""
    return np.array([[c in clause.labels for c in taxonomy.ids] for clause in clauses], dtype=bool)


def primary_matrix(clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> Booleans:
    """(n, k) with at most one True a row: the primary."""
    return np.array([[c == clause.primary for c in taxonomy.ids] for clause in clauses], dtype=bool)


def fit_pipeline(recipe: Recipe, dataset: Dataset, without: Iterable[str] = ()) -> Pipeline:
    """Fit the recipe on all training clauses except those of the documents `without`."""
    held_out = set(without)
    sources = [clause for clause in dataset.gold if clause.doc not in held_out]
    written = list(dataset.written) if recipe.data.written else []
    clauses = [*sources, *written]
    targets = np.hstack([label_matrix(clauses, dataset.taxonomy), primary_matrix(clauses, dataset.taxonomy)])
    weights = np.array([recipe.data.source_weight] * len(sources) + [1.0] * len(written))
    pipeline = build_pipeline(recipe, dataset.lexicon)
    return pipeline.fit([clause_text(clause) for clause in clauses], targets, linear__sample_weight=weights)


def pipeline_scores(pipeline: Pipeline, clauses: Sequence[ClauseText]) -> Floats:
    """Raw scores (n, 2k)."""
    return np.asarray(pipeline.decision_function(list(clauses)), dtype=np.float64)


def out_of_fold(recipe: Recipe, dataset: Dataset) -> OutOfFold:
    """Nested leave-one-document-out scores and decisions; fits a model for every pair of documents."""
    clauses = dataset.gold
    documents = np.array([clause.doc for clause in clauses])
    names = sorted(set(documents))
    with_headings = [clause_text(clause) for clause in clauses]
    without_headings = [clause_text(clause, headings=False) for clause in clauses]
    truth = label_matrix(clauses, dataset.taxonomy)
    width = 2 * truth.shape[1]
    scores, headless = np.zeros((len(clauses), width)), np.zeros((len(clauses), width))
    for name in names:
        rows = np.flatnonzero(documents == name)
        pipeline = fit_pipeline(recipe, dataset, without=[name])
        scores[rows] = pipeline_scores(pipeline, [with_headings[row] for row in rows])
        headless[rows] = pipeline_scores(pipeline, [without_headings[row] for row in rows])
    inner = {name: scores.copy() for name in names}
    for first, second in itertools.combinations(names, 2):
        pipeline = fit_pipeline(recipe, dataset, without=[first, second])
        for held_out, scored in ((first, second), (second, first)):
            rows = np.flatnonzero(documents == scored)
            inner[held_out][rows] = pipeline_scores(pipeline, [with_headings[row] for row in rows])
    decisions = {
        name: fit_decision(inner[name][documents != name], truth[documents != name], recipe.decision)
        for name in names
    }
    return OutOfFold(clauses, scores, headless, decisions)


def fit_decision(scores: Floats, truth: Booleans, spec: DecisionSpec) -> Decision:
    """Calibration, thresholds and review limit from out-of-fold scores (n, 2k) and labels (n, k).

    Calibration is Platt scaling (J. Platt, Probabilistic outputs for support vector machines, 1999).
    """
    n_categories = truth.shape[1]
    calibrations = [_platt(scores[:, k], truth[:, k]) for k in range(n_categories)]
    draft = Decision(
        slopes=tuple(slope for slope, _ in calibrations),
        intercepts=tuple(intercept for _, intercept in calibrations),
        thresholds=(spec.fixed_threshold,) * n_categories,
        review_below=0.0,
    )
    probability = probabilities(scores, draft)
    if spec.thresholds == "fitted":
        fitted = tuple(_best_threshold(probability[:, k], truth[:, k]) for k in range(n_categories))
        draft = Decision(draft.slopes, draft.intercepts, fitted, 0.0)
    judged = judge(scores, truth, truth, draft)
    _, review_below = coverage_at_precision(judged, spec.review_precision)
    return Decision(draft.slopes, draft.intercepts, draft.thresholds, review_below)


def _platt(scores: Floats, truth: Booleans) -> tuple[float, float]:
    """Slope and intercept; identity-like where a category has only one answer."""
    if truth.all() or not truth.any():
        return 1.0, 4.0 if truth.all() else -4.0
    model = LogisticRegression(C=1e4).fit(scores.reshape(-1, 1), truth)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _best_threshold(probability: Floats, truth: Booleans) -> float:
    """The grid point of the highest F1 after smoothing over its neighbours (a lone peak is chance)."""
    chosen = probability[:, None] >= THRESHOLD_GRID[None, :]
    tp = (chosen & truth[:, None]).sum(axis=0)
    f1 = 2 * tp / np.maximum(chosen.sum(axis=0) + truth.sum(), 1)
    padded = np.pad(f1, SMOOTHING // 2, mode="edge")
    return float(THRESHOLD_GRID[np.convolve(padded, np.ones(SMOOTHING) / SMOOTHING, "valid").argmax()])


def judge(scores: Floats, truth: Booleans, true_primary: Booleans, decision: Decision) -> Judged:
    """Decide on scores (n, 2k) and set the answers beside the truth (both (n, k))."""
    decided = decide(scores, decision)
    probability = probabilities(scores, decision)
    chosen = np.zeros_like(truth)
    for row, answer in enumerate(decided):
        chosen[row, list(answer.labels)] = True
    return Judged(
        truth=truth,
        chosen=chosen,
        probability=probability,
        confidence=confidence(probability, np.array(decision.thresholds)),
        true_primary=np.where(true_primary.any(axis=1), true_primary.argmax(axis=1), -1),
        chosen_primary=np.array([-1 if d.primary is None else d.primary for d in decided]),
    )


def judge_out_of_fold(result: OutOfFold, taxonomy: Taxonomy, *, headings: bool = True) -> Judged:
    """Judge every document with its own decision and pool, rows in the order of `result.clauses`."""
    documents = np.array([clause.doc for clause in result.clauses])
    truth = label_matrix(result.clauses, taxonomy)
    primary = primary_matrix(result.clauses, taxonomy)
    scores = result.scores if headings else result.headless
    parts: list[Judged] = []
    rows: list[npt.NDArray[np.int64]] = []
    for name, decision in sorted(result.decisions.items()):
        here = np.flatnonzero(documents == name)
        rows.append(here)
        parts.append(judge(scores[here], truth[here], primary[here], decision))
    return pool(parts).take(np.argsort(np.concatenate(rows)))


def pool(parts: Sequence[Judged]) -> Judged:
    """Judgements of several documents as one, in the order given."""
    return Judged(
        truth=np.concatenate([p.truth for p in parts]),
        chosen=np.concatenate([p.chosen for p in parts]),
        probability=np.concatenate([p.probability for p in parts]),
        confidence=np.concatenate([p.confidence for p in parts]),
        true_primary=np.concatenate([p.true_primary for p in parts]),
        chosen_primary=np.concatenate([p.chosen_primary for p in parts]),
    )
