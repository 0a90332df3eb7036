"""The flow: a document in, its tagged clauses out."""

from __future__ import annotations

from collections.abc import Sequence

from qclassify.bundle import Bundle
from qclassify.deciding import Decided, decide, probabilities
from qclassify.features import ClauseText
from qclassify.records import Document, Prediction, TaggedDocument, Unit
from qclassify.scoring import explain, score
from qclassify.segmentation import segment


def tag(
    document: Document, model: Bundle, *, min_score: float | None = None, with_evidence: bool = False
) -> TaggedDocument:
    """Cut a document and tag every clause of it.

    Args:
        document: what `qclassify.reading.read` gives.
        model: what `qclassify.load_model` gives.
        min_score: one threshold in (0, 1) for every category instead of the model's own.
        with_evidence: also list every term's share of every score.
    """
    units = segment(document)
    clauses = [unit for unit in units if unit.kind == "clause"]
    predictions = tag_units(clauses, model, min_score=min_score, with_evidence=with_evidence)
    return TaggedDocument(document, units, predictions)


def tag_units(
    units: Sequence[Unit], model: Bundle, *, min_score: float | None = None, with_evidence: bool = False
) -> tuple[Prediction, ...]:
    """Tag units that are clauses already; one prediction a unit, same order."""
    scores = score([ClauseText(unit.text, unit.heading_path) for unit in units], model)
    probability = probabilities(scores, model.decision)
    ids = model.taxonomy.ids
    return tuple(
        _prediction(unit, dict(zip(ids, map(float, row), strict=True)), decided, model, with_evidence)
        for unit, row, decided in zip(
            units, probability, decide(scores, model.decision, min_score), strict=True
        )
    )


def _prediction(
    unit: Unit,
    scores: dict[str, float],
    decided: Decided,
    model: Bundle,
    with_evidence: bool,  # noqa: FBT001
) -> Prediction:
    ids = model.taxonomy.ids
    return Prediction(
        unit=unit,
        scores=scores,
        labels=tuple(ids[column] for column in decided.labels),
        primary=None if decided.primary is None else ids[decided.primary],
        review=decided.review,
        model=model.id,
        evidence=explain(unit, model) if with_evidence else (),
    )
