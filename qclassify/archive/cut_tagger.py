"""Cuts → columns of the table of clauses: what every engine does with what it has read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qclassify.archive.batch import BatchTagger
from qclassify.archive.columns import (
    Columns,
    Tally,
    add_clauses,
    clause_schema,
    document_schema,
    empty_columns,
)
from qclassify.archive.cuts import Cut
from qclassify.archive.options import ArchiveOptions
from qclassify.bundle import Bundle
from qclassify.features import ClauseText

CLAUSES_A_BATCH = 2_048


class CutTagger:
    """Tags cuts with one model and one memory of repeated clauses.

    Attributes:
        categories: ids in taxonomy order.
        clause_schema: of the table of clauses.
        document_schema: of the table of documents.

    Args:
        model: a loaded model.
        options: of the run.
    """

    def __init__(self, model: Bundle, options: ArchiveOptions) -> None:
        self._tagger = BatchTagger(model, min_score=options.min_score, cache=options.cache)
        self._model_id = model.id
        self.categories = model.taxonomy.ids
        self.clause_schema = clause_schema(self.categories, rows_are_clauses=options.clauses)
        self.document_schema = document_schema(self.categories)

    def tag(self, cuts: Sequence[Cut]) -> tuple[Columns, list[Tally]]:
        """The clauses of some cuts as columns, and the counts of each cut."""
        texts = [ClauseText(unit.text, unit.heading_path) for cut in cuts for unit in cut.units]
        tags = self._tagger.tag(texts)
        columns = empty_columns(self.clause_schema)
        tallies = []
        start = 0
        for cut in cuts:
            own = tags[start : start + len(cut.units)]
            start += len(own)
            shared = {"source": cut.source, "model": self._model_id, **cut.shared}
            add_clauses(columns, cut.units, own, self.categories, shared, cut.own)
            tally = Tally(characters=cut.characters)
            tally.add(own)
            tallies.append(tally)
        return columns, tallies


def batches(cuts: Iterable[Cut]) -> Iterator[list[Cut]]:
    """Small documents are tagged together: what a call costs is shared by its clauses."""
    batch: list[Cut] = []
    clauses = 0
    for cut in cuts:
        batch.append(cut)
        clauses += len(cut.units)
        if clauses >= CLAUSES_A_BATCH:
            yield batch
            batch, clauses = [], 0
    if batch:
        yield batch
