"""Which clauses of unlabelled documents two models tag differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qclassify.bundle import Bundle
from qclassify.records import Document, Prediction
from qclassify.segmentation import segment
from qclassify.tagging import tag_units
from training.model_comparison import Change


def archive_changes(
    documents: Iterable[Document], first: Bundle, second: Bundle, categories: Sequence[str]
) -> Iterator[Change]:
    """Clauses whose labels or primary differ, in order; each document is cut once.

    Args:
        documents: as `qclassify.read` gives them.
        first: a model.
        second: another one.
        categories: the ids to look at.
    """
    for document in documents:
        clauses = [unit for unit in segment(document) if unit.kind == "clause"]
        answers = zip(tag_units(clauses, first), tag_units(clauses, second), strict=True)
        for number, (before, after) in enumerate(answers, 1):
            change = _change(document.name, number, before, after, categories)
            if change is not None:
                yield change


def _change(
    document: str, number: int, before: Prediction, after: Prediction, categories: Sequence[str]
) -> Change | None:
    gained = tuple(c for c in categories if c in after.labels and c not in before.labels)
    lost = tuple(c for c in categories if c in before.labels and c not in after.labels)
    primaries = [p.primary if p.primary in categories else None for p in (before, after)]
    if not gained and not lost and primaries[0] == primaries[1]:
        return None
    heading = tuple(filter(None, before.unit.heading_path))
    return Change(
        document, str(number), heading, before.unit.text, gained, lost, primaries[0], primaries[1], None
    )
