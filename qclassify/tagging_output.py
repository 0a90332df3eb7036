"""Inputs one after the other → rows in one output; a bad input is reported and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from qclassify.bundle import Bundle
from qclassify.errors import QClassifyError
from qclassify.heading_path import parse_heading_path
from qclassify.reading import ClauseRow, read, read_clauses
from qclassify.records import Document, Prediction, TaggedDocument, Unit
from qclassify.rendering.lines import csv_lines, json_line
from qclassify.rendering.rows import clause_row, document_rows, unit_row
from qclassify.rendering.sinks import text_sink
from qclassify.segmentation import segment
from qclassify.tagging import tag, tag_units
from qclassify.taxonomy import Taxonomy

Inputs = Iterable[tuple[str, Path | bytes]]
Report = Callable[[QClassifyError | str], None]
BATCH = 4096


def write_tagged(
    inputs: Inputs,
    model: Bundle,
    format_: str,
    output: Path | None,
    *,
    min_score: float | None,
    with_evidence: bool,
    encoding: str,
    report: Report,
) -> int:
    """Tag documents into one output; returns how many inputs failed."""
    documents = _Documents(inputs, encoding, report)
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


def write_units(inputs: Inputs, format_: str, output: Path | None, *, encoding: str, report: Report) -> int:
    """Segment documents into one output; returns how many inputs failed."""
    documents = _Documents(inputs, encoding, report)
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
    inputs: Inputs,
    model: Bundle,
    format_: str,
    output: Path | None,
    *,
    min_score: float | None,
    with_evidence: bool,
    encoding: str,
    report: Report,
) -> int:
    """Tag tables whose rows are clauses; returns how many tables or rows failed."""
    rows = _ClauseRows(inputs, encoding, report)
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


class _Documents:
    """The documents that could be read; failures are reported and counted."""

    def __init__(self, inputs: Inputs, encoding: str, report: Report) -> None:
        self.inputs, self.encoding, self.report = inputs, encoding, report
        self.failed = 0

    def __iter__(self) -> Iterator[Document]:
        for name, source in self.inputs:
            try:
                document = read(source, name=name, encoding=self.encoding)
            except QClassifyError as error:
                self.failed += 1
                self.report(error)
                continue
            for warning in document.warnings:
                self.report(f"{name}: {warning}")
            yield document


class _ClauseRows:
    """(table, index, row) of every usable row of every readable table; failures are reported and counted."""

    def __init__(self, inputs: Inputs, encoding: str, report: Report) -> None:
        self.inputs, self.encoding, self.report = inputs, encoding, report
        self.failed = 0

    def __iter__(self) -> Iterator[tuple[str, int, ClauseRow]]:
        for name, source in self.inputs:
            try:
                for index, row in enumerate(read_clauses(source, name=name, encoding=self.encoding)):
                    if isinstance(row, ClauseRow):
                        for warning in row.warnings:
                            self.report(f"{name}: {warning}")
                        yield name, index, row
                    else:
                        self._fail(row)
            except QClassifyError as error:
                self._fail(error)

    def _fail(self, error: QClassifyError) -> None:
        self.failed += 1
        self.report(error)


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


def clause_unit(row: ClauseRow) -> Unit:
    """A table row as a clause; its offsets count within the row's own text."""
    text = row.text.strip()
    start = row.text.index(text)
    titles, numbers = parse_heading_path(row.heading_path)
    return Unit(start, start + len(text), text, heading_path=titles, heading_nos=numbers)


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
