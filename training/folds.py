"""What is held out together: documents; where there is only one, parts of it.

Clauses of one document share wording, so figures are honest only for documents that the model has not
seen. One document alone is dealt out into parts, in an order that only looks random: a section often is
all there is of its category, and lists repeat themselves. Figures made so are optimistic, and
`scarcity.label_warnings` says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from qclassify.errors import LabelError
from training.dataset import Dataset
from training.labelled_clauses import LabelledClause

PARTS = 5
NO_DOCUMENT = "no document"


def in_folds(dataset: Dataset) -> Dataset:
    """The dataset with `doc` of every gold clause naming what it is held out with; at least two names.

    With two documents or more, that is the document; clauses without one count as one document more.

    Raises:
        LabelError: fewer than two gold clauses.
    """
    gold = tuple(replace(clause, doc=clause.doc or NO_DOCUMENT) for clause in dataset.gold)
    if len(gold) < 2:  # noqa: PLR2004 - one to learn from, one to hold out
        raise LabelError(
            f"{dataset.taxonomy_file.parent / 'clauses.jsonl'}: {len(gold)} labelled clauses, an evaluation needs "
            "clauses to hold out and others to learn from",
            "label some hundred clauses of at least two documents",
        )
    if len({clause.doc for clause in gold}) == 1:
        gold = in_parts(gold)
    return replace(dataset, gold=gold)


def in_parts(clauses: Sequence[LabelledClause]) -> tuple[LabelledClause, ...]:
    """The clauses of one document with `doc` naming one of at most five parts of like size."""
    dealt = sorted(range(len(clauses)), key=lambda row: sha256(clauses[row].id.encode("utf-8")).digest())
    part = {row: position % PARTS + 1 for position, row in enumerate(dealt)}
    return tuple(replace(clause, doc=f"{clause.doc}, part {part[row]}") for row, clause in enumerate(clauses))


def is_in_parts(dataset: Dataset) -> bool:
    """Whether `in_folds` cuts the only document into parts."""
    return len({clause.doc for clause in dataset.gold}) == 1
