"""Inputs → tagged clauses → one output in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby, islice

from qclassify.bundle import Bundle
from qclassify.correcting import ErrorRates, error_rates
from qclassify.reading import ClauseRow
from qclassify.records import Prediction, TaggedDocument, Unit
from qclassify.rendering.rows import clause_row, document_rows, rollup_row
from qclassify.rendering.sinks import binary_sink, text_sink
from qclassify.row_output import Track, Wanted, console_on, untracked, write_rows
from qclassify.scoring import explain
from qclassify.summarising import Section, Summary, sections, summarise
from qclassify.tagging import tag, tag_units
from qclassify.tagging_inputs import ClauseRows, Documents, Report, clause_unit, composed_document
from qclassify.taxonomy import Taxonomy

BATCH = 4096
Tagged = tuple[TaggedDocument, tuple[str, ...]]  # a document, and its clauses' own ids if it was a table


def write_tagged(
    documents: Documents, model: Bundle, wanted: Wanted, report: Report, track: Track = untracked
) -> int:
    """Tag documents into one output; returns how many inputs failed."""
    evidence = wanted.with_evidence and wanted.format != "html"
    tagged = (
        _noted(tag(document, model, min_score=wanted.min_score, with_evidence=evidence), report)
        for document in track(documents, "tagging", None)
    )
    if wanted.as_rows:
        write_rows((row for document in tagged for row in document_rows(document)), wanted)
    else:
        _write_documents(((document, ()) for document in tagged), model, wanted, report, track)
    return documents.failed


def write_tagged_tables(
    rows: ClauseRows, model: Bundle, wanted: Wanted, report: Report, track: Track = untracked
) -> int:
    """Tag tables whose rows are clauses; returns how many tables or rows failed."""
    tracked = track(rows, "tagging", None)
    decide = partial(
        tag_units,
        model=model,
        min_score=wanted.min_score,
        with_evidence=wanted.with_evidence and wanted.format != "html",
    )
    if wanted.as_rows:
        tagged = _tagged_batches(tracked, decide)
        write_rows((clause_row(name, n, prediction, own) for name, n, own, prediction in tagged), wanted)
    else:
        tables = (
            _tagged_table(name, [row for _, _, row in group], decide)
            for name, group in groupby(tracked, key=lambda row: row[0])
        )
        _write_documents(tables, model, wanted, report, track)
    return rows.failed


def known_rates(model: Bundle, min_score: float | None) -> dict[str, ErrorRates] | None:
    """The model's error rates; they hold for its own thresholds only."""
    return (error_rates(model.manifest, model.taxonomy.ids) or None) if min_score is None else None


def _write_documents(
    tagged: Iterable[Tagged], model: Bundle, wanted: Wanted, report: Report, track: Track
) -> None:
    rates = known_rates(model, wanted.min_score)
    if wanted.format == "html":
        _write_html(list(tagged), model, wanted, track)
    elif wanted.format == "xlsx":
        _write_xlsx(list(tagged), model, rates, wanted, report)
    elif wanted.level != "clause":
        _write_rollups(tagged, model.taxonomy, rates, wanted)
    elif wanted.format == "md":
        from qclassify.rendering.markdown import markdown_document

        with text_sink(wanted.output) as stream:
            for document, ids in tagged:
                stream.writelines(markdown_document(document, ids, model.taxonomy, rates, wanted.language))
    else:
        from qclassify.rendering.terminal import print_tagged

        with text_sink(wanted.output) as stream:
            console = console_on(stream)
            for document, ids in tagged:
                print_tagged(console, document, model.taxonomy, ids)


def _write_html(tagged: list[Tagged], model: Bundle, wanted: Wanted, track: Track) -> None:
    from qclassify.rendering.model_facts import model_facts
    from qclassify.rendering.report import write_report

    page = model_facts(model, wanted.min_score, known_rates(model, wanted.min_score))
    with text_sink(wanted.output) as stream:
        write_report(
            stream,
            tagged,
            page,
            lambda unit: explain(unit, model),
            wanted.language,
            lambda units, total: track(units, "explaining", total),
        )


def _write_xlsx(
    tagged: list[Tagged],
    model: Bundle,
    rates: dict[str, ErrorRates] | None,
    wanted: Wanted,
    report: Report,
) -> None:
    from qclassify.rendering.model_facts import model_facts
    from qclassify.rendering.xlsx import TaggedTable, write_workbook

    thresholds = model_facts(model, wanted.min_score, rates).thresholds
    tables = [TaggedTable(document.document.name, document, ids) for document, ids in tagged]
    with binary_sink(wanted.output) as stream:
        write_workbook(
            stream,
            tables,
            model.taxonomy,
            thresholds,
            rates,
            model.id,
            wanted.language,
            wanted.level,
            report,
        )


def _write_rollups(
    tagged: Iterable[Tagged], taxonomy: Taxonomy, rates: dict[str, ErrorRates] | None, wanted: Wanted
) -> None:
    """An item has too few clauses for an estimate; only whole documents get corrected shares."""
    rollups: Iterator[tuple[str, Section | None, Summary]] = (
        (document.document.name, section, summarise(section.predictions, taxonomy.ids))
        if section
        else (document.document.name, None, summarise(document.predictions, taxonomy.ids, rates))
        for document, _ in tagged
        for section in (sections(document.predictions) if wanted.level == "item" else (None,))
    )
    if wanted.format == "table":
        from qclassify.rendering.terminal_rollups import print_documents, print_items

        with text_sink(wanted.output) as stream:
            show = print_items if wanted.level == "item" else print_documents
            show(console_on(stream), rollups, taxonomy)
    elif wanted.format == "md":
        from qclassify.rendering.markdown import document_lines, item_lines

        with text_sink(wanted.output) as stream:
            lines = item_lines if wanted.level == "item" else document_lines
            stream.writelines(lines(rollups, taxonomy, wanted.language))
    else:
        write_rows((rollup_row(name, summary, section) for name, section, summary in rollups), wanted)


def _tagged_batches(
    rows: Iterable[tuple[str, int, ClauseRow]], decide: Callable[[list[Unit]], tuple[Prediction, ...]]
) -> Iterator[tuple[str, int, str, Prediction]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        predictions = decide([clause_unit(row) for _, _, row in batch])
        for (name, index, row), prediction in zip(batch, predictions, strict=True):
            yield name, index, row.id, prediction


def _tagged_table(
    name: str, rows: list[ClauseRow], decide: Callable[[list[Unit]], tuple[Prediction, ...]]
) -> Tagged:
    document, units = composed_document(name, rows)
    predictions = decide([unit for unit in units if unit.kind == "clause"])
    return TaggedDocument(document, units, predictions), tuple(row.id for row in rows)


def _noted(tagged: TaggedDocument, report: Report) -> TaggedDocument:
    if not tagged.predictions:
        kinds = ", ".join(sorted({unit.kind for unit in tagged.units})) or "no text"
        report(f"{tagged.document.name}: no clause found (only {kinds}); nothing to tag")
    return tagged
