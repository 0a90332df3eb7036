"""Tagged clauses rolled up: counts and shares for an item, a section, a document or several documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from qclassify.correcting import ErrorRates, Estimate, corrected_share
from qclassify.records import Prediction


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """One category among some clauses.

    Attributes:
        clauses: how many clauses carry the category.
        characters: how many characters those clauses have together.
        primary: of how many it is the primary category.
        share: `clauses` over all clauses, in [0, 1]; shares of several categories may add up to more
            than 1, because a clause may carry several.
        share_of_characters: `characters` over all characters, in [0, 1].
        corrected: `share` corrected for the classifier's known errors, None when they are not known.
    """

    clauses: int
    characters: int
    primary: int
    share: float
    share_of_characters: float
    corrected: Estimate | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Some clauses rolled up; `categories` has every category in taxonomy order.

    Attributes:
        clauses: how many there are.
        characters: how many characters they have together.
        review: how many want a person's look.
        untagged: how many carry no category.
    """

    clauses: int
    characters: int
    review: int
    untagged: int
    categories: Mapping[str, CategorySummary]


@dataclass(frozen=True, slots=True)
class Section:
    """Clauses that stand under one heading path.

    Attributes:
        heading_nos: the headings' numbers, outermost first.
        heading_path: their titles, as many.
        first: position of the first clause in the document, from 0.
        predictions: its clauses, in order.
    """

    heading_nos: tuple[str, ...]
    heading_path: tuple[str, ...]
    first: int
    predictions: tuple[Prediction, ...]


def summarise(
    predictions: Sequence[Prediction],
    category_ids: Sequence[str],
    rates: Mapping[str, ErrorRates] | None = None,
) -> Summary:
    """Count clauses and characters of every category.

    Args:
        predictions: the clauses, of one document or of many.
        category_ids: all categories in taxonomy order.
        rates: the classifier's known error rates; categories without any get no corrected share.
    """
    total = len(predictions)
    lengths = [len(prediction.unit.text) for prediction in predictions]
    characters = sum(lengths)

    def summary_of(category: str) -> CategorySummary:
        carrying = [length for p, length in zip(predictions, lengths, strict=True) if category in p.labels]
        known = (rates or {}).get(category)
        return CategorySummary(
            clauses=len(carrying),
            characters=sum(carrying),
            primary=sum(prediction.primary == category for prediction in predictions),
            share=len(carrying) / total if total else 0.0,
            share_of_characters=sum(carrying) / characters if characters else 0.0,
            corrected=corrected_share(len(carrying), total, known) if known else None,
        )

    return Summary(
        clauses=total,
        characters=characters,
        review=sum(prediction.review for prediction in predictions),
        untagged=sum(not prediction.labels for prediction in predictions),
        categories={category: summary_of(category) for category in category_ids},
    )


def sections(predictions: Sequence[Prediction], depth: int | None = None) -> Iterator[Section]:
    """Neighbouring clauses under the same headings, in document order.

    Args:
        predictions: a document's clauses in order.
        depth: look only at the outermost `depth` headings; None: at all of them, which gives the
            numbered items.
    """

    def headings(numbered: tuple[int, Prediction]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        unit = numbered[1].unit
        return unit.heading_nos[:depth], unit.heading_path[:depth]

    for (numbers, path), group in groupby(enumerate(predictions), key=headings):
        members = list(group)
        yield Section(numbers, path, members[0][0], tuple(prediction for _, prediction in members))


def opened_sections(predictions: Sequence[Prediction], most: int) -> Iterator[tuple[int, Section]]:
    """(headings above it, section), outermost sections first, the sections inside a large one after it.

    Args:
        predictions: a document's clauses in order.
        most: a section with more clauses than this is followed by the sections inside it.
    """

    def opened(section: Section, depth: int) -> Iterator[tuple[int, Section]]:
        yield depth, section
        if len(section.predictions) <= most:
            return
        for inner in sections(section.predictions, depth + 2):
            if len(inner.heading_path) == depth + 2:  # not the clauses between the heading and the next below
                yield from opened(replace(inner, first=section.first + inner.first), depth + 1)

    for outermost in sections(predictions, depth=1):
        yield from opened(outermost, 0)
