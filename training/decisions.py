"""From out-of-fold scores to decisions, and decisions beside the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from qclassify.deciding import Decision, confidence, decide, probabilities
from training.metrics import Judged, coverage_at_precision
from training.recipe import DecisionSpec

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
THRESHOLD_GRID = np.linspace(0.25, 0.75, 51)
SMOOTHING = 7


def fit_decision(scores: Floats, truth: Booleans, spec: DecisionSpec, *, exclusive: bool = False) -> Decision:
    """Calibration, thresholds and review limit from out-of-fold scores (n, 2k) and labels (n, k).

    Calibration is Platt scaling (J. Platt, Probabilistic outputs for support vector machines, 1999), or none.
    """
    n_categories = truth.shape[1]
    calibrations = (
        [_platt(scores[:, k], truth[:, k]) for k in range(n_categories)]
        if spec.calibration == "platt"
        else [(1.0, 0.0)] * n_categories
    )
    draft = Decision(
        slopes=tuple(slope for slope, _ in calibrations),
        intercepts=tuple(intercept for _, intercept in calibrations),
        thresholds=(spec.fixed_threshold,) * n_categories,
        review_below=0.0,
        exclusive=exclusive,
    )
    probability = probabilities(scores, draft)
    if spec.thresholds == "fitted":
        fitted = tuple(_best_threshold(probability[:, k], truth[:, k]) for k in range(n_categories))
        draft = replace(draft, thresholds=fitted)
    judged = judge(scores, truth, truth, draft)
    _, review_below = coverage_at_precision(judged, spec.review_precision)
    return replace(draft, review_below=review_below)


def _platt(scores: Floats, truth: Booleans) -> tuple[float, float]:
    """Slope and intercept; identity-like where a category has only one answer.

    Where higher scores go with fewer labels, the scores say nothing: everything gets the base rate.
    """
    if truth.all() or not truth.any():
        return 1.0, 4.0 if truth.all() else -4.0
    model = LogisticRegression(C=1e4).fit(scores.reshape(-1, 1), truth)
    if (slope := float(model.coef_[0, 0])) <= 0:
        return 0.0, math.log(truth.mean() / (1 - truth.mean()))
    return slope, float(model.intercept_[0])


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
        confidence=confidence(probability, np.array(decision.thresholds), exclusive=decision.exclusive),
        true_primary=np.where(true_primary.any(axis=1), true_primary.argmax(axis=1), -1),
        chosen_primary=np.array([-1 if d.primary is None else d.primary for d in decided]),
    )


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
