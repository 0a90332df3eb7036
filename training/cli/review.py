"""Commands that look for what needs a person: queue, suspects, annotators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.labelling import ModelOption, read_documents_of, suggested_by
from training.cli.options import ROOT, LabelsOption, RecipeOption, checked_dataset, say

if TYPE_CHECKING:
    from training.labelling.selection import Queue


def queue(
    source: Annotated[
        list[Path],
        typer.Argument(help="Documents (files, folders), or a table of clauses (id, text, heading_path)."),
    ],
    limit: Annotated[int, typer.Option(min=1, help="How many clauses to choose.")] = 50,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .jsonl, .csv or .xlsx file; default: jsonl, printed."),
    ] = None,
    labels: LabelsOption = ROOT / "labels",
    model: ModelOption = None,
) -> None:
    """What to label next: where the model is least sure, every category in turn, nothing like what is labelled.

    Documents of the labels folder are left out, and copies of them. The output is a source of `export-tasks`.

    Example: python -m training queue plans/ --limit 100 --output queue.jsonl
    """
    from qclassify.models import load_model
    from training.labelling import selection, sources

    dataset = checked_dataset(labels, warn=False)
    if len(source) == 1 and source[0].is_file() and sources.is_clause_table(source[0]):
        tasks, texts = sources.table_tasks(source[0]), {}
    else:
        documents = read_documents_of(source)
        tasks = sources.document_tasks(documents)
        texts = {sources.document_id(document.name): document.text for document in documents}
    tested = selection.without_test_documents(texts, tasks, dataset)
    free = [task for task in tasks if task.doc not in tested]
    bundle = load_model(model)
    guessed = suggested_by(bundle, free, dataset.taxonomy.ids)
    found = selection.select(guessed, dataset, bundle.decision.thresholds, limit)
    _write_queue(found, output)
    say(
        f"{len(found.chosen)} of {len(tasks)} clauses chosen; left out: "
        f"{found.of_test_documents + len(tasks) - len(free)} of documents that models are tested on, "
        f"{found.like_labelled} like labelled clauses, {found.like_chosen} like chosen ones"
    )


def suspects(
    recipe: RecipeOption = "default",
    labels: LabelsOption = ROOT / "labels",
    written: Annotated[
        bool, typer.Option("--written", help="Look at written clauses too (five more fits).")
    ] = False,
    least: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="The smallest gap between label and probability.")
    ] = 0.5,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Take the held-out answers that this model carries, at once; gold clauses only."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .jsonl, .csv or .xlsx file to decide in.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON lines instead of text.")] = False,
) -> None:
    """Labels that models doubt which have not learnt from them, the widest gap first.

    Decide in the file and hand it to `adjudicate`, or take one clause at a time with `accept` and `dismiss`.

    Example: python -m training suspects --written --output suspects.xlsx
    """
    from training.held_out_models import held_out_model
    from training.labelling.decisions import read_decisions
    from training.labelling.questions import question_lines, write_questions
    from training.labelling.suspects import find_suspects, suspects_of_model
    from training.recipe import load_recipe

    if model is not None and written:
        raise typer.BadParameter("a model carries no answers for written clauses", param_hint="--written")
    dataset = checked_dataset(labels, warn=False)
    decisions = read_decisions(labels, dataset.taxonomy).checked()
    if model is not None:
        found = suspects_of_model(held_out_model(model, dataset), dataset, decisions, least=least)
    else:
        found = find_suspects(load_recipe(recipe), dataset, decisions, written=written, least=least)
    if output is not None or json_:
        write_questions(found[:limit], output, dataset.taxonomy)
    else:
        for line in question_lines(found[:limit]):
            typer.echo(line)
    say(f"{len(found)} labels in doubt" + (f", {limit} shown" if limit and limit < len(found) else ""))


def annotators(
    labels: LabelsOption = ROOT / "labels",
    by: Annotated[
        str, typer.Option(help="What to compare: batch, document, or a number of clauses.")
    ] = "batch",
    json_: Annotated[bool, typer.Option("--json", help="All figures as JSON lines.")] = False,
) -> None:
    """Whether an annotator drifts: agreement and leaning of every batch against the other batches, tested.

    Example: python -m training annotators --by document
    """
    from training.labelling.annotators import annotator_reports, report_record, report_table
    from training.labelling.decisions import read_decisions

    if by not in ("batch", "document") and not (by.isdecimal() and int(by) > 0):
        raise typer.BadParameter("batch, document, or a number of clauses", param_hint="--by")
    dataset = checked_dataset(labels, warn=False)
    decisions = read_decisions(labels, dataset.taxonomy).checked()
    clauses = (*dataset.gold, *dataset.written)
    reports = annotator_reports(clauses, dataset.taxonomy.ids, decisions, int(by) if by.isdecimal() else by)
    if json_:
        for report in reports:
            typer.echo(json.dumps(report_record(report), ensure_ascii=False))
    elif reports:
        typer.echo(report_table(reports))
    if not reports:
        say("no clause has an annotator's answer")
    flagged = [f"{report.annotator} in {report.batch}" for report in reports if report.flagged]
    say(f"stands out: {', '.join(flagged)}" if flagged else "no batch stands out (p < 0.05, Holm-corrected)")


def _write_queue(found: Queue, output: Path | None) -> None:
    from training.labelling.row_files import write_rows
    from training.labelling.selection import queue_record
    from training.labelling.sheet import write_table

    rows = [queue_record(queued) for queued in found.chosen]
    write_rows(output, "queue", rows, rows, lambda stream: write_table(stream, rows))
