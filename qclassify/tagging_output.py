"""Inputs one after the other → rows in one output; a bad input is reported and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from qclassify.bundle import Bundle
from qclassify.reading import ClauseRow
from qclassify.records import Prediction, TaggedDocument
from qclassify.rendering.lines import csv_lines, json_line
from qclassify.rendering.rows import clause_row, document_rows, unit_row
from qclassify.rendering.sinks import text_sink
from qclassify.segmentation import segment
from qclassify.tagging import tag, tag_units
from qclassify.tagging_inputs import ClauseRows, Documents, Report, clause_unit
from qclassify.taxonomy import Taxonomy

BATCH = 4096


def write_tagged(
    documents: Documents,
    model: Bundle,
    format_: str,
    output: Path | None,
    *,
    min_score: float | None,
    with_evidence: bool,
    report: Report,
) -> int:
    """Tag documents into one output; returns how many inputs failed."""
    tagged = (
        _noted(tag(document, model, min_score=min_score, with_evidence=with_evidence), report)
        for document in documents
    )
    with text_sink(output, byte_order_mark=format_ == "csv") as stream:
        if format_ == "table":
            _print_tables(tagged, model.taxonomy, stream)
        else:
            _write_rows((row for document in tagged for row in document_rows(document)), format_, stream)
    return documents.failed


def write_units(documents: Documents, format_: str, output: Path | None) -> int:
    """Segment documents into one output; returns how many inputs failed."""
    rows = (
        unit_row(document.name, index, unit)
        for document in documents
        for index, unit in enumerate(segment(document))
    )
    with text_sink(output, byte_order_mark=format_ == "csv") as stream:
        if format_ == "table":
            from qclassify.rendering.terminal import print_units

            print_units(_console(stream), rows)
        else:
            _write_rows(rows, format_, stream)
    return documents.failed


def write_tagged_tables(
    rows: ClauseRows,
    model: Bundle,
    format_: str,
    output: Path | None,
    *,
    min_score: float | None,
    with_evidence: bool,
) -> int:
    """Tag tables whose rows are clauses; returns how many tables or rows failed."""
    tagged = _tagged_batches(rows, model, min_score=min_score, with_evidence=with_evidence)
    with text_sink(output, byte_order_mark=format_ == "csv") as stream:
        if format_ == "table":
            from qclassify.rendering.terminal import print_predictions

            pairs = list(tagged)
            print_predictions(
                _console(stream),
                [p for _, _, _, p in pairs],
                model.taxonomy,
                [own_id for _, _, own_id, _ in pairs],
            )
        else:
            _write_rows(
                (clause_row(name, index, prediction, own_id) for name, index, own_id, prediction in tagged),
                format_,
                stream,
            )
    return rows.failed


def write_categories(taxonomy: Taxonomy, format_: str) -> None:
    """The categories with their definitions, on standard output."""
    rows = (
        {
            "id": c.id,
            "name": c.name,
            "name_en": c.name_en,
            "definition": c.definition,
            "includes": c.includes,
            "excludes": c.excludes,
            "colour": c.colour,
            "example": c.example,
        }
        for c in taxonomy.categories
    )
    with text_sink(None) as stream:
        if format_ == "table":
            from qclassify.rendering.terminal import print_categories

            print_categories(_console(stream), taxonomy)
        else:
            _write_rows(rows, format_, stream)


def _tagged_batches(
    rows: Iterable[tuple[str, int, ClauseRow]], model: Bundle, *, min_score: float | None, with_evidence: bool
) -> Iterator[tuple[str, int, str, Prediction]]:
    batch: list[tuple[str, int, ClauseRow]] = []

    def tagged() -> Iterator[tuple[str, int, str, Prediction]]:
        units = [clause_unit(row) for _, _, row in batch]
        predictions = tag_units(units, model, min_score=min_score, with_evidence=with_evidence)
        for (name, index, row), prediction in zip(batch, predictions, strict=True):
            yield name, index, row.id, prediction

    for item in rows:
        batch.append(item)
        if len(batch) == BATCH:
            yield from tagged()
            batch.clear()
    yield from tagged()


def _noted(tagged: TaggedDocument, report: Report) -> TaggedDocument:
    if not tagged.predictions:
        kinds = ", ".join(sorted({unit.kind for unit in tagged.units})) or "no text"
        report(f"{tagged.document.name}: no clause found (only {kinds}); nothing to tag")
    return tagged


def _print_tables(tagged: Iterable[TaggedDocument], taxonomy: Taxonomy, stream: TextIO) -> None:
    from qclassify.rendering.terminal import print_tagged

    console = _console(stream)
    for document in tagged:
        print_tagged(console, document, taxonomy)


def _console(stream: TextIO) -> Any:  # noqa: ANN401 - rich is loaded only for people
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False, markup=False, soft_wrap=False)


def _write_rows(rows: Iterable[dict[str, Any]], format_: str, stream: TextIO) -> None:
    stream.writelines(csv_lines(rows) if format_ == "csv" else map(json_line, rows))
