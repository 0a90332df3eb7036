"""One flat record for each clause or unit: the keys of the JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qclassify.comparing import Comparison
from qclassify.records import Evidence, Prediction, TaggedDocument, Unit
from qclassify.summarising import CategorySummary, Section, Summary

SHOWN_TERMS = 8


def document_rows(tagged: TaggedDocument) -> Iterator[dict[str, Any]]:
    """The rows of a tagged document's clauses; `index` counts its clauses from 0."""
    for index, prediction in enumerate(tagged.predictions):
        yield clause_row(tagged.document.name, index, prediction)


def clause_row(
    document: str, index: int, prediction: Prediction, own_id: str | None = None
) -> dict[str, Any]:
    """A tagged clause as a JSON-ready record.

    Args:
        document: name of the document or table.
        index: position among its clauses, from 0.
        prediction: the clause and its categories.
        own_id: the row's id when the clause came from a table.
    """
    unit = prediction.unit
    row: dict[str, Any] = {} if own_id is None else {"id": own_id}
    row |= {
        "document": document,
        "index": index,
        "start": unit.start,
        "end": unit.end,
        "item_no": unit.item_no,
        "heading_path": list(unit.heading_path),
        "heading_nos": list(unit.heading_nos),
        "text": unit.text,
        "labels": list(prediction.labels),
        "primary": prediction.primary,
        "scores": {category: round(score, 6) for category, score in prediction.scores.items()},
        "review": prediction.review,
        "model": prediction.model,
    }
    if prediction.evidence:
        row["evidence"] = {e.category: _evidence_row(e) for e in prediction.evidence}
    return row


def _evidence_row(evidence: Evidence) -> dict[str, Any]:
    """Score, bias and the strongest terms; `rest` makes the sum complete."""
    shown = evidence.contributions[:SHOWN_TERMS]
    rest = evidence.score - evidence.bias - sum(c.value for c in shown)
    return {
        "score": round(evidence.score, 6),
        "bias": round(evidence.bias, 6),
        "rest": round(rest, 6),
        "terms": [
            {
                "term": c.term,
                "in": c.source,
                "field": c.field,
                "value": round(c.value, 6),
                "spans": [list(s) for s in c.spans],
            }
            for c in shown
        ],
    }


def unit_row(document: str, index: int, unit: Unit) -> dict[str, Any]:
    """A unit as the segmenter found it."""
    row: dict[str, Any] = {
        "document": document,
        "index": index,
        "start": unit.start,
        "end": unit.end,
        "kind": unit.kind,
        "item_no": unit.item_no,
        "heading_path": list(unit.heading_path),
        "heading_nos": list(unit.heading_nos),
        "text": unit.text,
    }
    optional = {"title": unit.title, "level": unit.level, "sent": unit.sent, "part": unit.part}
    row |= {key: value for key, value in optional.items() if value is not None}
    row |= dict.fromkeys(sorted(unit.flags), True)
    return row


def rollup_row(document: str, summary: Summary, section: Section | None = None) -> dict[str, Any]:
    """Rolled-up clauses as a JSON-ready record.

    Args:
        document: name of the document or table.
        summary: its numbers, or those of one section of it.
        section: the numbered item, None for the whole document.
    """
    row: dict[str, Any] = {"document": document, "level": "document" if section is None else "item"}
    if section is not None:
        row |= {
            "first_index": section.first,
            "heading_path": list(section.heading_path),
            "heading_nos": list(section.heading_nos),
        }
    return row | {
        "clauses": summary.clauses,
        "characters": summary.characters,
        "review": summary.review,
        "untagged": summary.untagged,
        "categories": {name: _category_row(numbers) for name, numbers in summary.categories.items()},
    }


def _category_row(numbers: CategorySummary) -> dict[str, Any]:
    """The keys of estimates say that they are estimates."""
    estimate = numbers.corrected
    return {
        "clauses": numbers.clauses,
        "characters": numbers.characters,
        "primary": numbers.primary,
        "share": round(numbers.share, 6),
        "share_of_characters": round(numbers.share_of_characters, 6),
        "share_estimate": None if estimate is None else round(estimate.share, 6),
        "share_estimate_low": None if estimate is None else round(estimate.low, 6),
        "share_estimate_high": None if estimate is None else round(estimate.high, 6),
    }


def comparison_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """A row a clause of either document: what it is nearest to, and whether that is a counterpart."""
    sides = (
        (comparison.first, comparison.second, comparison.of_first),
        (comparison.second, comparison.first, comparison.of_second),
    )
    for document, other, counterparts in sides:
        for found in counterparts:
            prediction = document.predictions[found.index]
            nearest = None if found.nearest is None else other.predictions[found.nearest]
            yield {
                "document": document.document.name,
                "index": found.index,
                "text": prediction.unit.text,
                "labels": list(prediction.labels),
                "primary": prediction.primary,
                "counterpart": found.found,
                "likeness": found.likeness,
                "nearest_index": found.nearest,
                "nearest_text": nearest.unit.text if nearest else None,
                "nearest_labels": list(nearest.labels) if nearest else None,
            }
