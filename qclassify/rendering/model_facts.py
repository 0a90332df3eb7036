"""What outputs for people say of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import log

from qclassify.bundle import Bundle
from qclassify.correcting import ErrorRates
from qclassify.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What outputs for people say of the model.

    Attributes:
        id: of the model.
        taxonomy: names, colours and definitions.
        thresholds: the probability from which a category is a label, one a category; None where exactly
            one category is chosen, the most probable one.
        scores_needed: the raw score that reaches that probability, one a category; None when none does.
        rates: known error rates; None when they do not hold for these thresholds.
        version: of qclassify.
    """

    id: str
    taxonomy: Taxonomy
    thresholds: tuple[float | None, ...]
    scores_needed: tuple[float | None, ...]
    rates: Mapping[str, ErrorRates] | None
    version: str


def scores_needed(
    thresholds: Sequence[float | None], slopes: Sequence[float], intercepts: Sequence[float]
) -> tuple[float | None, ...]:
    """The raw score at which the calibrated probability equals each threshold; None when it never does or need not."""
    return tuple(
        (log(t / (1 - t)) - intercept) / slope if t is not None and slope > 0 else None
        for t, slope, intercept in zip(thresholds, slopes, intercepts, strict=True)
    )


def model_facts(model: Bundle, min_score: float | None, rates: Mapping[str, ErrorRates] | None) -> ModelFacts:
    """The facts of a loaded model, for its own thresholds or for one for all categories."""
    decision = model.decision
    thresholds = tuple(
        None if decision.exclusive else min_score or threshold for threshold in decision.thresholds
    )
    try:
        made_by = version("qclassify")
    except PackageNotFoundError:  # a checkout that is not installed
        made_by = ""
    return ModelFacts(
        model.id,
        model.taxonomy,
        thresholds,
        scores_needed(thresholds, decision.slopes, decision.intercepts),
        rates,
        made_by,
    )
