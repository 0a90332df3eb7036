"""What the page's script needs to know, as JSON in script elements that no browser executes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from qclassify.records import Evidence, Prediction, Unit
from qclassify.rendering.reasons import THOUSAND, Part, Reasons, reasons
from qclassify.rendering.report.markup import Markup
from qclassify.rendering.wording import Language, category_name, short_name, words
from qclassify.taxonomy import Taxonomy

# Terms shown for, and as many against: more where the category is in question.
MANY: Final = 8
FEW: Final = 4
IN_QUESTION: Final = 0.05


def facts(
    predictions: Sequence[Prediction],
    taxonomy: Taxonomy,
    thresholds: Sequence[float | None],
    language: Language,
    needed: Sequence[int | None],
) -> Markup:
    """Categories, phrases and every clause's decision.

    A clause is `[labels as bits, primary (-1: none), review, probabilities in thousandths]`.
    """
    ids = taxonomy.ids
    return embedded(
        {
            "categories": [
                {
                    "id": c.id,
                    "name": category_name(c, language),
                    "short": short_name(c, language),
                    "definition": c.definition,
                    "threshold": None if threshold is None else round(threshold * THOUSAND),
                    "needed": need,
                }
                for c, threshold, need in zip(taxonomy.categories, thresholds, needed, strict=True)
            ],
            "words": words(language),
            "clauses": [
                [
                    sum(1 << ids.index(label) for label in p.labels),
                    -1 if p.primary is None else ids.index(p.primary),
                    int(p.review),
                    [round(p.scores[category] * THOUSAND) for category in ids],
                ]
                for p in predictions
            ],
        }
    )


def reason_line(unit: Unit, prediction: Prediction, evidence: Sequence[Evidence]) -> Markup:
    """One clause's reasons, one list a category: score, base, heading, clause, shades."""
    chosen = [
        reasons(
            e,
            unit,
            MANY if e.category in prediction.labels or prediction.scores[e.category] >= IN_QUESTION else FEW,
        )
        for e in evidence
    ]
    return Markup(embedded([list(_flat(entry)) for entry in chosen]) + "\n")


def _flat(entry: Reasons) -> Iterator[Any]:
    yield entry.score
    yield entry.base
    yield _part(entry.heading)
    yield _part(entry.clause)
    yield entry.shades


def _part(part: Part) -> list[Any]:
    terms = [[term.text, term.value, *(term.spans and [term.spans])] for term in part.shown]
    return [part.total, terms, part.rest, part.rest_terms]


def embedded(value: object) -> Markup:
    """JSON that cannot end its script element, whatever the text."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    line = line.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(line.encode("utf-8", "replace").decode("utf-8"))
