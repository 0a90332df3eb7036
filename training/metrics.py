"""Scores of multi-label decisions, with bootstrap intervals by clause group.

All functions take label matrices (n_clauses, n_categories) of booleans and, where needed,
probabilities of the same shape in [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ECE_BINS = 10
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers beside the truth; `primary` columns hold a category position or -1 for none.

    Attributes:
        truth, chosen: (n, k) label matrices.
        probability: (n, k) calibrated.
        confidence: (n,) of the decision as a whole, see `qclassify.deciding.confidence`.
        true_primary, chosen_primary: (n,).
    """

    truth: Booleans
    chosen: Booleans
    probability: Floats
    confidence: Floats
    true_primary: Integers
    chosen_primary: Integers

    def take(self, rows: Integers) -> Judged:
        """The same for some rows (rows may repeat)."""
        return Judged(
            self.truth[rows],
            self.chosen[rows],
            self.probability[rows],
            self.confidence[rows],
            self.true_primary[rows],
            self.chosen_primary[rows],
        )


def _f1(true_positive: Floats, false_positive: Floats, false_negative: Floats) -> Floats:
    denominator = 2 * true_positive + false_positive + false_negative
    return np.asarray(
        np.divide(2 * true_positive, denominator, out=np.zeros_like(denominator), where=denominator > 0)
    )


def category_counts(truth: Booleans, chosen: Booleans) -> tuple[Floats, Floats, Floats]:
    """True positives, false positives and false negatives, each (k,)."""
    return (
        (truth & chosen).sum(axis=0).astype(np.float64),
        (~truth & chosen).sum(axis=0).astype(np.float64),
        (truth & ~chosen).sum(axis=0).astype(np.float64),
    )


def category_f1(truth: Booleans, chosen: Booleans) -> Floats:
    """F1 of each category, (k,); 0 where a category neither occurs nor is chosen."""
    return _f1(*category_counts(truth, chosen))


def micro_f1(truth: Booleans, chosen: Booleans) -> float:
    """F1 over all clause-category decisions together."""
    tp, fp, fn = (np.array([counts.sum()]) for counts in category_counts(truth, chosen))
    return float(_f1(tp, fp, fn)[0])


def macro_f1(truth: Booleans, chosen: Booleans) -> float:
    """Mean of the F1 of the categories that occur or are chosen; 0 when none is.

    A category of which there is nothing has no F1; counting it as 0 would hide how good the others are.
    """
    counted = truth.any(axis=0) | chosen.any(axis=0)
    return float(category_f1(truth, chosen)[counted].mean()) if counted.any() else 0.0


def subset_accuracy(truth: Booleans, chosen: Booleans) -> float:
    """Share of clauses whose whole label set is right."""
    return float((truth == chosen).all(axis=1).mean())


def expected_calibration_error(truth: Booleans, probability: Floats, bins: int = ECE_BINS) -> float:
    """Mean |observed rate − mean probability| over equal-width bins, weighted by bin size.

    All clause-category pairs are pooled (Guo et al., On Calibration of Modern Neural Networks, 2017,
    applied to each binary decision).
    """
    bin_of = np.clip((probability * bins).astype(int), 0, bins - 1).ravel()
    count = np.bincount(bin_of, minlength=bins)
    gap = np.bincount(bin_of, weights=(probability - truth).ravel(), minlength=bins)
    return float(np.abs(gap).sum() / count.sum())


def coverage_at_precision(judged: Judged, precision: float) -> tuple[float, float]:
    """The largest share of clauses, most confident first, whose labels keep this precision.

    Precision counts labels: of all labels given to the covered clauses, the share that is right.
    A clause without labels is covered without changing it.

    Returns:
        (coverage in [0, 1], confidence of the least confident covered clause; 1.0 if none is covered).
    """
    order = np.argsort(-judged.confidence, kind="stable")
    given = judged.chosen[order].sum(axis=1).cumsum()
    right = (judged.chosen & judged.truth)[order].sum(axis=1).cumsum()
    reached = np.flatnonzero(right >= precision * given)
    if not len(reached):
        return 0.0, 1.0
    last = int(reached[-1])
    return (last + 1) / len(order), float(judged.confidence[order[last]])


def headline(judged: Judged, precision: float = 0.95) -> dict[str, float]:
    """The official single figures of one evaluation."""
    return {
        "micro_f1": micro_f1(judged.truth, judged.chosen),
        "macro_f1": macro_f1(judged.truth, judged.chosen),
        "primary_accuracy": float((judged.true_primary == judged.chosen_primary).mean()),
        "subset_accuracy": subset_accuracy(judged.truth, judged.chosen),
        "ece": expected_calibration_error(judged.truth, judged.probability),
        "coverage_at_95_precision": coverage_at_precision(judged, precision)[0],
    }


def per_category(judged: Judged, ids: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """F1, precision, recall and number of true clauses of each category; None where there is none to find."""
    tp, fp, fn = category_counts(judged.truth, judged.chosen)
    f1 = _f1(tp, fp, fn)
    return {
        category: {
            "f1": float(f1[k]) if tp[k] + fn[k] else None,
            "precision": float(tp[k] / (tp[k] + fp[k])) if tp[k] + fp[k] else 0.0 if fn[k] else None,
            "recall": float(tp[k] / (tp[k] + fn[k])) if tp[k] + fn[k] else None,
            "support": float(tp[k] + fn[k]),
        }
        for k, category in enumerate(ids)
    }


def bootstrap_rows(groups: Sequence[str], seed: int, resamples: int = RESAMPLES) -> list[Integers]:
    """Row samples that draw whole groups with replacement, so that related clauses stay together."""
    names = sorted(set(groups))
    members = {name: np.flatnonzero(np.array(groups) == name) for name in names}
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([members[names[pick]] for pick in rng.integers(0, len(names), len(names))])
        for _ in range(resamples)
    ]


def intervals(judged: Judged, groups: Sequence[str], seed: int) -> dict[str, list[float]]:
    """95 % percentile bootstrap intervals of every headline figure, [low, high]."""
    draws = [headline(judged.take(rows)) for rows in bootstrap_rows(groups, seed)]
    return {
        name: [float(bound) for bound in np.percentile([draw[name] for draw in draws], [2.5, 97.5])]
        for name in draws[0]
    }
