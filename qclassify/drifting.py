"""Whether documents still look like those a model was measured on, seen without labels.

Two profiles (`qclassify.profiles`) of one model are set side by side:

- Spread of a category's probabilities: population stability index over ten equal bins,
  `PSI = Σ (p − q) · ln(p / q)` (N. Siddiqi, Credit Risk Scorecards, 2006), counts smoothed by 1/2.
- Mix of primary categories: Jensen–Shannon divergence in bits, `JS = H((p + q)/2) − (H(p) + H(q))/2`, from
  0 to 1 (J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 1991).
- Shares (unseen terms, review, each category): their difference.

Few clauses differ by chance alone. Beside each value stands what 95 of 100 samples of this size would stay
below if nothing had changed: for PSI `χ²(bins − 1) · (1/n + 1/m)` (B. Yurdakul and J. Naranjo, Statistical
properties of the population stability index, 2020), for JS the same over `8 ln 2`, for shares the normal
approximation. Clauses of one document depend on each other, so this is a lower bound of chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from qclassify.errors import QClassifyError
from qclassify.profiles import Profile

_SMOOTHING: Final = 0.5
_Z_ONE_SIDED, _Z_TWO_SIDED = 1.6448536269514722, 1.959963984540054
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a change counts as drift; each is a value that `Signal.change` must not exceed.

    Attributes:
        unseen: rise of the share of unseen terms.
        review: rise of the share of clauses for review.
        share: change of a category's share of clauses, up or down.
        psi: population stability index of a category's probabilities (0.1 some change, 0.25 much: Siddiqi).
        mix: Jensen–Shannon divergence of the primaries, in bits.
        f1: fall of the expected F1.
    """

    unseen: float = 0.1
    review: float = 0.1
    share: float = 0.15
    psi: float = 0.25
    mix: float = 0.1
    f1: float = 0.05


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing watched.

    Attributes:
        kind: `unseen`, `review`, `share`, `psi`, `mix` or `f1`.
        category: position of the category it is about, None for all together.
        reference, new: the figures compared, None where only the change is a figure.
        change: how much changed; what is compared with the limit.
        chance: what 95 of 100 samples of this size stay below when nothing has changed; 0 where not known.
        limit: of `Limits`.
    """

    kind: str
    category: int | None
    reference: float | None
    new: float | None
    change: float
    chance: float
    limit: float

    @property
    def exceeded(self) -> bool:
        """More than the limit, and more than chance."""
        return self.change > max(self.limit, self.chance)


def compare_profiles(reference: Profile, new: Profile, limits: Limits) -> tuple[Signal, ...]:
    """All signals: those about everything, then share and spread of each category.

    Raises:
        QClassifyError: one of the profiles has no clause.
    """
    for name, profile in (("reference", reference), ("new", new)):
        if not profile.clauses:
            raise QClassifyError(f"the {name} documents have no clause", "compare documents that have some")
    total, inverse = (reference.clauses, new.clauses), 1 / reference.clauses + 1 / new.clauses
    signals = [
        _rise("unseen", (reference.unseen, new.unseen), (reference.terms, new.terms), limits.unseen),
        _rise("review", (reference.review, new.review), total, limits.review),
        Signal(
            "mix",
            None,
            None,
            None,
            jensen_shannon(reference.primaries, new.primaries),
            _chance(reference.primaries, new.primaries, inverse) / (8 * log(2)),
            limits.mix,
        ),
        Signal(
            "f1",
            None,
            reference.expected_f1,
            new.expected_f1,
            reference.expected_f1 - new.expected_f1,
            0.0,
            limits.f1,
        ),
    ]
    for category, counts in enumerate(zip(reference.labels, new.labels, strict=True)):
        before, after = (count / n for count, n in zip(counts, total, strict=True))
        pooled = sum(counts) / sum(total)
        chance = _Z_TWO_SIDED * sqrt(pooled * (1 - pooled) * inverse)
        signals.append(Signal("share", category, before, after, abs(after - before), chance, limits.share))
        spreads = reference.histograms[category], new.histograms[category]
        value = stability_index(*spreads)
        signals.append(Signal("psi", category, None, None, value, _chance(*spreads, inverse), limits.psi))
    return tuple(signals)


def _rise(kind: str, counts: tuple[int, int], totals: tuple[int, int], limit: float) -> Signal:
    before, after = (count / total if total else 0.0 for count, total in zip(counts, totals, strict=True))
    pooled = sum(counts) / max(sum(totals), 1)
    inverse = sum(1 / max(total, 1) for total in totals)
    chance = _Z_ONE_SIDED * sqrt(pooled * (1 - pooled) * inverse)
    return Signal(kind, None, before, after, after - before, chance, limit)


def stability_index(reference: Sequence[int], new: Sequence[int]) -> float:
    """Population stability index of two histograms over the same bins, at least 0."""
    p, q = _smoothed(reference), _smoothed(new)
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(reference: Sequence[int], new: Sequence[int]) -> float:
    """Jensen–Shannon divergence of two counts, in bits, from 0 to 1."""
    p, q = (np.array(counts, dtype=np.float64) / sum(counts) for counts in (reference, new))
    return max(0.0, _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2)


def _smoothed(counts: Sequence[int]) -> Floats:
    smoothed = np.array(counts, dtype=np.float64) + _SMOOTHING
    return np.asarray(smoothed / smoothed.sum())


def _entropy(shares: Floats) -> float:
    used = shares[shares > 0]
    return float(-(used * np.log2(used)).sum())


def _chance(reference: Sequence[int], new: Sequence[int], inverse: float) -> float:
    """χ²₀.₉₅ with as many degrees of freedom as bins are used but one (Wilson and Hilferty 1931), scaled."""
    used = sum(1 for one, other in zip(reference, new, strict=True) if one or other)
    if used < 2:  # noqa: PLR2004 - one bin cannot differ
        return 0.0
    degrees = used - 1
    share = 2 / (9 * degrees)
    return float(degrees * (1 - share + _Z_ONE_SIDED * sqrt(share)) ** 3 * inverse)
