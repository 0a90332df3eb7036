"""Shares corrected for the classifier's known errors, as estimates with intervals.

A share of tagged clauses is biased: missed clauses pull it down, false alarms push it up. With the
sensitivity (se) and specificity (sp) that the model showed on documents it was not trained on, the true
share is estimated as `(share + sp - 1) / (se + sp - 1)` (Rogan and Gladen, American Journal of
Epidemiology 107, 1978, 71-76). The interval is that of the delta method, with the smoothed rates
`(hits + 1) / (n + 2)` of Lang and Reiczigel (Preventive Veterinary Medicine 113, 2014, 13-22) so that an
error-free test still leaves doubt. Every clause of the document is counted, none is sampled, so the doubt
is that of the classifier's errors alone.

The correction carries over to documents like those the model was tested on. On documents that were in
the training data the model errs less, and the correction overshoots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

Z_95: Final = 1.959963984540054
# With se + sp - 1 this small the tags say next to nothing about the true share.
LEAST_INFORMATION: Final = 0.05
# Rates of a category that was seen less often say next to nothing either.
FEWEST_POSITIVES: Final = 10


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often the model was right about one category on documents it was not trained on.

    Attributes:
        hits: clauses with the category that got it.
        positives: clauses with the category.
        rejections: clauses without the category that did not get it.
        negatives: clauses without the category.
    """

    hits: int
    positives: int
    rejections: int
    negatives: int

    def __post_init__(self) -> None:
        if not (0 <= self.hits <= self.positives and 0 <= self.rejections <= self.negatives):
            raise ValueError(f"error rates contradict themselves: {self}")

    @property
    def sensitivity(self) -> float:
        """Smoothed share of the category's clauses that are found, in (0, 1)."""
        return (self.hits + 1) / (self.positives + 2)

    @property
    def specificity(self) -> float:
        """Smoothed share of the other clauses that are left alone, in (0, 1)."""
        return (self.rejections + 1) / (self.negatives + 2)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A corrected share with its 95 % interval, all in [0, 1]."""

    share: float
    low: float
    high: float


def error_rates(manifest: Mapping[str, Any], category_ids: Sequence[str]) -> dict[str, ErrorRates]:
    """The rates that a model's manifest reports, by category; those without figures or with few clauses are left out.

    They come from leave-one-document-out predictions: precision, recall and support of each category
    give back its four counts.
    """
    figures = manifest.get("metrics", {}).get("lodo", {})
    details = figures.get("per_category_detail", {})
    total = int(figures.get("n_clauses", 0))
    rates = {}
    for category in category_ids:
        detail = details.get(category)
        if not detail or not FEWEST_POSITIVES <= detail["support"] < total:
            continue
        positives = round(detail["support"])
        hits = round(detail["recall"] * positives)
        false_alarms = round(hits / detail["precision"]) - hits if detail["precision"] else 0
        rates[category] = ErrorRates(
            hits, positives, max(total - positives - false_alarms, 0), total - positives
        )
    return rates


def corrected_share(tagged: int, total: int, rates: ErrorRates) -> Estimate | None:
    """Estimate the true share of a category among `total` clauses of which `tagged` carry it.

    Returns:
        The estimate, or None when there are no clauses or the classifier is too weak for one.
    """
    se, sp = rates.sensitivity, rates.specificity
    information = se + sp - 1
    if total == 0 or information < LEAST_INFORMATION:
        return None
    share = min(max((tagged / total + sp - 1) / information, 0.0), 1.0)
    missing, alarming = se * (1 - se), sp * (1 - sp)
    variance = (
        (share * missing + (1 - share) * alarming) / total
        + share**2 * missing / (rates.positives + 2)
        + (1 - share) ** 2 * alarming / (rates.negatives + 2)
    )
    margin = Z_95 * sqrt(variance) / information
    return Estimate(share, max(share - margin, 0.0), min(share + margin, 1.0))
