"""Two documents side by side: which clauses of the one have a counterpart in the other.

Likeness of two clauses is the cosine of their TF-IDF vectors over runs of two and three characters, which
for Chinese hold more than a segmenter's words (Li, Sun and Zhang, ACL 2006, P06-1069); the document
frequencies are those of the two documents together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qclassify.features import normalise
from qclassify.records import Prediction, TaggedDocument

# Read off random pairs of the five source documents: from 0.2 upward nearly all pairs want the same measure,
# between 0.12 and 0.2 they share the subject, below 0.12 mostly the style.
COUNTERPART = 0.2
_SIZES = (2, 3)
_TERMS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A clause and the most alike clause of the other document.

    Attributes:
        index: the clause's position in its document, from 0.
        nearest: position of the most alike clause in the other document, None when that has no clause.
        likeness: cosine, in [0, 1].
        found: whether the likeness suffices to call it a counterpart.
    """

    index: int
    nearest: int | None
    likeness: float
    found: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two tagged documents and, for every clause of each, its nearest clause in the other."""

    first: TaggedDocument
    second: TaggedDocument
    of_first: tuple[Counterpart, ...]
    of_second: tuple[Counterpart, ...]


def compare(
    first: TaggedDocument,
    second: TaggedDocument,
    least: float = COUNTERPART,
    track: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> Comparison:
    """Find every clause's nearest clause in the other document.

    Args:
        first: for example a city's plan.
        second: for example the province's.
        least: the likeness from which a clause counts as a counterpart, in (0, 1].
        track: wraps the steps of the work, to show progress.
    """
    likeness = clause_likeness(_texts(first.predictions), _texts(second.predictions), track)
    return Comparison(first, second, _nearest(likeness, least), _nearest(likeness.T, least))


def clause_likeness(
    first: Sequence[str], second: Sequence[str], track: Callable[[Sequence[int]], Iterable[int]] = iter
) -> npt.NDArray[np.float32]:
    """Cosine of every clause of the one with every clause of the other, (len(first), len(second))."""
    rows, terms, counts = _term_counts([*first, *second])
    total = len(first) + len(second)
    likeness = np.zeros((len(first), len(second)), dtype=np.float32)
    if not len(terms):
        return likeness
    frequency = np.bincount(terms)
    values = (1.0 + np.log(counts)) * (1.0 + np.log((1.0 + total) / (1.0 + frequency)))[terms]
    norms = np.sqrt(np.bincount(rows, weights=values * values, minlength=total))
    values = (values / norms[rows]).astype(np.float32)
    # Blocks of terms keep the dense pieces small whatever the documents' size.
    order = np.argsort(terms, kind="stable")
    rows, terms, values = rows[order], terms[order], values[order]
    for start in track(range(0, int(terms[-1]) + 1, _TERMS_AT_ONCE)):
        low, high = np.searchsorted(terms, (start, start + _TERMS_AT_ONCE))
        block = np.zeros((total, _TERMS_AT_ONCE), dtype=np.float32)
        block[rows[low:high], terms[low:high] - start] = values[low:high]
        likeness += block[: len(first)] @ block[len(first) :].T
    return np.clip(likeness, 0.0, 1.0)


def _term_counts(
    texts: Sequence[str],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(text, term, count) of every term of every text, as three arrays of one length."""
    vocabulary: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for row, text in enumerate(texts):
        normal = "".join(character if character.isalnum() else " " for character in normalise(text))
        for size in _SIZES:
            for start in range(len(normal) - size + 1):
                term = normal[start : start + size]
                if " " not in term:
                    pairs.append((row, vocabulary.setdefault(term, len(vocabulary))))
    if not pairs:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    unique, counts = np.unique(np.array(pairs, dtype=np.int64), axis=0, return_counts=True)
    return unique[:, 0], unique[:, 1], counts


def _nearest(likeness: npt.NDArray[np.float32], least: float) -> tuple[Counterpart, ...]:
    if not likeness.shape[1]:
        return tuple(Counterpart(index, None, 0.0, found=False) for index in range(len(likeness)))
    nearest = likeness.argmax(axis=1)
    best = likeness[np.arange(len(likeness)), nearest]
    return tuple(
        Counterpart(index, int(position), round(float(value), 4), found=bool(value >= least))
        for index, (position, value) in enumerate(zip(nearest, best, strict=True))
    )


def _texts(predictions: Sequence[Prediction]) -> list[str]:
    return [prediction.unit.text for prediction in predictions]
