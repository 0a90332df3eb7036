"""Scores → calibrated probabilities → labels, primary and “needs review”.

Score and decision are two things: everything here can change without retraining.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Decision:
    """How scores become labels; every tuple has one number a category, in taxonomy order.

    Attributes:
        slopes, intercepts: Platt scaling, `p = 1 / (1 + exp(-(slope · score + intercept)))`.
        thresholds: a category is a label when its probability is at least this, each in (0, 1).
        review_below: a decision whose confidence (see `confidence`) is lower wants a person, in [0, 1].
        exclusive: exactly one category a clause, the most probable one; thresholds then choose nothing.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    thresholds: tuple[float, ...]
    review_below: float
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """One clause's decision: chosen category positions, the primary's position (None if none), review."""

    labels: tuple[int, ...]
    primary: int | None
    review: bool


def probabilities(scores: npt.NDArray[np.float64], decision: Decision) -> npt.NDArray[np.float64]:
    """Calibrated label probabilities in [0, 1], (n, n_categories), from scores (n, 2 · n_categories)."""
    label_scores = scores[:, : len(decision.slopes)]
    logits = label_scores * np.array(decision.slopes) + np.array(decision.intercepts)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -500.0, 500.0))))


def confidence(
    probability: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64], *, exclusive: bool = False
) -> npt.NDArray[np.float64]:
    """How far the closest call of each clause is from going the other way, 0 to 1 (certain); shape (n,).

    A probability above its threshold t is measured on the way from t to 1, one below on the way from t to 0.
    Where exactly one category is chosen, it is the lead of the most probable over the second.
    """
    if exclusive:
        first, second = np.sort(probability, axis=1)[:, :-3:-1].T
        return np.asarray(first - second)
    return np.asarray(distances(probability, thresholds).min(axis=1))


def distances(
    probability: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How far each category of each clause is from going the other way, 0 to 1; shape (n, n_categories)."""
    above = (probability - thresholds) / (1.0 - thresholds)
    below = (thresholds - probability) / thresholds
    return np.asarray(np.where(probability >= thresholds, above, below))


def chosen_labels(
    probability: npt.NDArray[np.float64], thresholds: npt.NDArray[np.float64], *, exclusive: bool = False
) -> npt.NDArray[np.bool_]:
    """Which categories each clause gets, (n, n_categories); ties of an exclusive choice go to the earlier."""
    if exclusive:
        return np.asarray(np.arange(probability.shape[1]) == probability.argmax(axis=1)[:, None])
    return np.asarray(probability >= thresholds)


def decide(
    scores: npt.NDArray[np.float64], decision: Decision, min_score: float | None = None
) -> list[Decided]:
    """Labels, primary and review flag of each clause.

    The primary is the chosen label with the highest primary score; ties go to the earlier category.

    Args:
        scores: raw, (n, 2 · n_categories), as `scoring.score` gives them.
        decision: calibration, thresholds and the review limit.
        min_score: one threshold in (0, 1) for every category instead of the model's own. Where exactly
            one category is chosen, a clause whose category stays below it wants a person.
    """
    thresholds = np.array(decision.thresholds)
    if min_score is not None:
        thresholds = np.full_like(thresholds, min_score)
    probability = probabilities(scores, decision)
    chosen = chosen_labels(probability, thresholds, exclusive=decision.exclusive)
    review = confidence(probability, thresholds, exclusive=decision.exclusive) < decision.review_below
    if decision.exclusive and min_score is not None:
        review |= probability.max(axis=1) < min_score
    primary = np.where(chosen, scores[:, len(thresholds) :], -np.inf).argmax(axis=1)
    return [
        Decided(
            labels=tuple(int(column) for column in np.flatnonzero(row)),
            primary=int(primary[n]) if row.any() else None,
            review=bool(review[n]),
        )
        for n, row in enumerate(chosen)
    ]


def decision_to_json(decision: Decision, category_ids: Sequence[str]) -> dict[str, Any]:
    """The form stored in `decision.json`."""
    return {
        "review_below": decision.review_below,
        "categories": {
            category: {
                "slope": decision.slopes[n],
                "intercept": decision.intercepts[n],
                "threshold": decision.thresholds[n],
            }
            for n, category in enumerate(category_ids)
        },
    }


def decision_from_json(
    data: Mapping[str, Any], category_ids: Sequence[str], *, exclusive: bool = False
) -> Decision:
    """The inverse of `decision_to_json`; whether categories exclude each other is the taxonomy's to say.

    Raises:
        ValueError: categories differ from `category_ids`, or a number is not finite or out of range.
    """
    entries = data["categories"]
    if sorted(entries) != sorted(category_ids):
        raise ValueError(
            f"decision.json has categories {sorted(entries)}, the taxonomy {sorted(category_ids)}"
        )
    decision = Decision(
        slopes=tuple(float(entries[c]["slope"]) for c in category_ids),
        intercepts=tuple(float(entries[c]["intercept"]) for c in category_ids),
        thresholds=tuple(float(entries[c]["threshold"]) for c in category_ids),
        review_below=float(data["review_below"]),
        exclusive=exclusive,
    )
    if not np.isfinite([*decision.slopes, *decision.intercepts]).all():
        raise ValueError("decision.json: calibration numbers must be finite")
    if not all(0.0 < t < 1.0 for t in decision.thresholds) or not 0.0 <= decision.review_below <= 1.0:
        raise ValueError("decision.json: thresholds must lie between 0 and 1")
    return decision
