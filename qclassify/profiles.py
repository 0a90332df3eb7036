"""What some tagged clauses add up to: the profile by which documents are compared without labels.

The expected F1 is an estimate: were the calibrated probabilities right, `Σ p` over given labels would be the
right ones among them, `Σ (1 − p)` the wrong, and `Σ p` over labels not given the missed. Where the documents
have changed so much that the calibration no longer holds, neither does the estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from qclassify.errors import QClassifyError
from qclassify.records import Prediction

BINS: Final = 10
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """What some tagged clauses add up to; lists have one entry a category, in the model's order.

    Attributes:
        clauses: how many.
        terms: how many terms they have, repeats included; see `scoring.known_terms`.
        unseen: how many of those the model does not know.
        review: how many clauses want a person.
        labels: how many carry the category.
        primaries: of how many it is the primary; one entry more at the end for clauses without any.
        histograms: how many probabilities fall into each tenth.
        expected: right, wrong and missed labels that the calibrated probabilities lead to expect.
    """

    clauses: int
    terms: int
    unseen: int
    review: int
    labels: tuple[int, ...]
    primaries: tuple[int, ...]
    histograms: tuple[tuple[int, ...], ...]
    expected: tuple[tuple[float, float, float], ...]

    @property
    def expected_f1(self) -> float:
        """The micro-F1 to expect, an estimate in [0, 1]."""
        right, wrong, missed = (sum(counts) for counts in zip(*self.expected, strict=True))
        return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 0.0


def profile_of(
    probability: Floats,
    chosen: npt.NDArray[np.bool_],
    primary: npt.NDArray[np.int64],
    review: npt.NDArray[np.bool_],
    known_terms: npt.NDArray[np.int64],
) -> Profile:
    """Add up decided clauses.

    Args:
        probability: calibrated, (n, k).
        chosen: the labels given, (n, k).
        primary: position of the primary category, -1 for none, (n,).
        review: (n,).
        known_terms: known terms and all terms, (n, 2).
    """
    k = probability.shape[1]
    bins = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    right = np.where(chosen, probability, 0.0).sum(axis=0)
    missed = np.where(chosen, 0.0, probability).sum(axis=0)
    wrong = np.where(chosen, 1.0 - probability, 0.0).sum(axis=0)
    known, terms = known_terms.sum(axis=0).tolist() if len(known_terms) else (0, 0)
    return Profile(
        clauses=len(probability),
        terms=terms,
        unseen=terms - known,
        review=int(review.sum()),
        labels=tuple(chosen.sum(axis=0).tolist()),
        primaries=tuple(np.bincount(np.where(primary < 0, k, primary), minlength=k + 1).tolist()),
        histograms=tuple(tuple(np.bincount(bins[:, c], minlength=BINS).tolist()) for c in range(k)),
        expected=tuple(
            (round(float(r), 4), round(float(w), 4), round(float(m), 4))
            for r, w, m in zip(right, wrong, missed, strict=True)
        ),
    )


def profile_predictions(
    predictions: Sequence[Prediction], known_terms: npt.NDArray[np.int64], ids: Sequence[str]
) -> Profile:
    """Add up tagged clauses; `known_terms` as `scoring.known_terms` gives it for the same clauses."""
    k = len(ids)
    return profile_of(
        np.array([[p.scores[c] for c in ids] for p in predictions], dtype=np.float64).reshape(-1, k),
        np.array([[c in p.labels for c in ids] for p in predictions], dtype=bool).reshape(-1, k),
        np.array([-1 if p.primary is None else ids.index(p.primary) for p in predictions], dtype=np.int64),
        np.array([p.review for p in predictions], dtype=bool),
        known_terms,
    )


def add_up(profiles: Iterable[Profile], n_categories: int) -> Profile:
    """Several profiles of one model as one."""
    labels = np.zeros(n_categories, dtype=np.int64)
    primaries = np.zeros(n_categories + 1, dtype=np.int64)
    histograms = np.zeros((n_categories, BINS), dtype=np.int64)
    expected = np.zeros((n_categories, 3))
    clauses = terms = unseen = review = 0
    for profile in profiles:
        clauses, terms = clauses + profile.clauses, terms + profile.terms
        unseen, review = unseen + profile.unseen, review + profile.review
        labels += profile.labels
        primaries += profile.primaries
        histograms += profile.histograms
        expected += profile.expected
    return Profile(
        clauses,
        terms,
        unseen,
        review,
        tuple(labels.tolist()),
        tuple(primaries.tolist()),
        tuple(map(tuple, histograms.tolist())),
        tuple((right, wrong, missed) for right, wrong, missed in expected.round(4).tolist()),
    )


def profile_record(profile: Profile) -> dict[str, Any]:
    """The profile as a JSON-ready record."""
    return {key: _lists(value) for key, value in asdict(profile).items()}


def profile_from_record(record: Mapping[str, Any], n_categories: int) -> Profile:
    """The inverse of `profile_record`.

    Raises:
        QClassifyError: it is no profile, or one of another number of categories.
    """
    try:
        profile = Profile(
            **{key: int(record[key]) for key in ("clauses", "terms", "unseen", "review")},
            labels=tuple(map(int, record["labels"])),
            primaries=tuple(map(int, record["primaries"])),
            histograms=tuple(tuple(map(int, counts)) for counts in record["histograms"]),
            expected=tuple((float(r), float(w), float(m)) for r, w, m in record["expected"]),
        )
        _check_widths(profile, n_categories)
    except (KeyError, TypeError, ValueError) as error:
        raise QClassifyError(
            f"not a profile of this model: {error}", "write one with `qclassify drift … --save-profile`"
        ) from error
    return profile


def _check_widths(profile: Profile, n_categories: int) -> None:
    widths = (len(profile.labels), len(profile.primaries) - 1, len(profile.histograms), len(profile.expected))
    if widths != (n_categories,) * 4 or any(len(counts) != BINS for counts in profile.histograms):
        raise ValueError(f"has numbers for {widths} categories, the model has {n_categories}")


def _lists(value: object) -> object:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value
