"""Evidence made small enough to show, in whole thousandths that add up exactly.

A clause has hundreds of terms. Shown are the strongest ones; the others are one sum, so that
`base + heading + clause == score` and `shown + rest == clause` (or heading) hold to the last digit.
Each character's shade is its part of the terms that cover it, every term split evenly over its characters
(for a term that is there or not, that is the Shapley split of its value among them).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from qclassify.records import Contribution, Evidence, FieldSource, Unit

THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class ShownTerm:
    """A term worth showing.

    Attributes:
        text: as it stands in the clause, or as the model writes it when it stands in several spellings.
        value: thousandths of the score.
        spans: offsets in the clause; empty for heading terms.
    """

    text: str
    value: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What the clause, or its heading, adds to a score: `total == sum(shown) + rest`, in thousandths."""

    total: int
    shown: tuple[ShownTerm, ...]
    rest: int
    rest_terms: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one category got its score: `score == base + heading.total + clause.total`, in thousandths.

    Attributes:
        shades: each character's part of `clause.total`, one number a character of the clause.
    """

    category: str
    score: int
    base: int
    heading: Part
    clause: Part
    shades: tuple[int, ...]


def reasons(evidence: Evidence, unit: Unit, most: int = 8) -> Reasons:
    """Round a category's evidence to thousandths that add up.

    Args:
        evidence: of `unit`, as `scoring.explain` gives it.
        unit: the clause.
        most: how many terms of the clause to show for, and how many against; of the heading half as many.
    """
    score, base = _thousandths(evidence.score), _thousandths(evidence.bias)
    of_heading = [c for c in evidence.contributions if c.source == "heading"]
    of_clause = [c for c in evidence.contributions if c.source == "clause"]
    heading = _thousandths(sum(c.value for c in of_heading))
    clause = score - base - heading  # carries the rounding, at most two thousandths
    return Reasons(
        category=evidence.category,
        score=score,
        base=base,
        heading=_part(heading, of_heading, "heading", unit, (most + 1) // 2),
        clause=_part(clause, of_clause, "clause", unit, most),
        shades=_shades(of_clause, unit, clause),
    )


def _part(
    total: int, contributions: Iterable[Contribution], source: FieldSource, unit: Unit, most: int
) -> Part:
    """One term may come from several fields (a word is also a run of characters): it is shown once."""
    values: dict[object, float] = {}
    found: dict[object, Contribution] = {}
    for contribution in contributions:
        key = contribution.spans if source == "clause" else contribution.term.replace(" ", "")
        values[key] = values.get(key, 0.0) + contribution.value
        found.setdefault(key, contribution)
    # Evidence comes strongest first; sorting keeps its order among equals.
    in_favour = sorted((key for key in values if values[key] > 0), key=lambda key: -values[key])[:most]
    against = sorted((key for key in values if values[key] < 0), key=lambda key: values[key])[:most]
    terms = (_shown(found[key], values[key], unit) for key in in_favour + against)
    shown = tuple(term for term in terms if term.value)
    return Part(total, shown, total - sum(term.value for term in shown), len(values) - len(shown))


def _shown(contribution: Contribution, value: float, unit: Unit) -> ShownTerm:
    spans = tuple((start - unit.start, end - unit.start) for start, end in contribution.spans)
    return ShownTerm(_as_written(contribution.term, spans, unit.text), _thousandths(value), spans)


def _as_written(term: str, spans: Sequence[tuple[int, int]], text: str) -> str:
    written = {text[start:end] for start, end in spans}
    return written.pop() if len(written) == 1 else term.replace(" ", "")


def _shades(contributions: Iterable[Contribution], unit: Unit, total: int) -> tuple[int, ...]:
    exact = [0.0] * len(unit.text)
    for contribution in contributions:
        if not contribution.value:
            continue  # terms that say nothing of this category are many
        covered = sum(end - start for start, end in contribution.spans)
        for start, end in contribution.spans:
            for position in range(start - unit.start, end - unit.start):
                exact[position] += contribution.value / covered
    return apportion(exact, total)


def apportion(exact: Sequence[float], total: int) -> tuple[int, ...]:
    """Thousandths near `exact` that add up to `total`: the largest remainders get the odd ones."""
    scaled = [value * THOUSAND for value in exact]
    floors = [int(value // 1) for value in scaled]
    odd = total - sum(floors)
    if not exact:
        return ()
    order = sorted(range(len(exact)), key=lambda n: floors[n] - scaled[n])
    everyone, some = divmod(odd, len(exact))
    for rank, position in enumerate(order):
        floors[position] += everyone + (rank < some)
    return tuple(floors)


def _thousandths(value: float) -> int:
    return round(value * THOUSAND)
