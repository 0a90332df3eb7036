"""One flat record for each clause or unit: the keys of the JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qclassify.records import Evidence, Prediction, TaggedDocument, Unit

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
