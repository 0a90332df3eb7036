"""Commands on labels in and out: export-tasks, import-tasks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.errors import LabelError, QClassifyError
from training.cli.options import ROOT, LabelsOption, checked_dataset, say, today

if TYPE_CHECKING:
    from qclassify.bundle import Bundle
    from qclassify.records import Document
    from qclassify.taxonomy import Taxonomy
    from training.label_files import Fault
    from training.labelling.importing import Imported
    from training.labelling.questions import Question
    from training.labelling.tasks import Task


class TaskFormats(StrEnum):
    """Formats of annotation tools."""

    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    PRODIGY = "prodigy"
    FASTTEXT = "fasttext"
    XLSX = "xlsx"


class Part(StrEnum):
    """Which clauses of a labels folder."""

    GOLD = "gold"
    WRITTEN = "written"
    ALL = "all"


class Prefill(StrEnum):
    """Which answers stand in the tasks already."""

    NOTHING = "nothing"
    SUGGESTION = "suggestion"
    GOLD = "gold"
    ANSWERS = "answers"


class MissingPrimary(StrEnum):
    """What to do about several labels without a primary."""

    ERROR = "error"
    SUGGESTED = "suggested"
    FIRST = "first"


FormatOption = Annotated[TaskFormats, typer.Option("--format", "-f", help="The tool's format.")]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model", envvar="QCLASSIFY_MODEL", help="The model that guesses; default: the current one."
    ),
]


def export_tasks(
    source: Annotated[
        list[Path],
        typer.Argument(help="The labels folder, documents (files, folders), or a table of clauses."),
    ],
    format_: FormatOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    labels: LabelsOption = ROOT / "labels",
    part: Annotated[Part, typer.Option(help="Which clauses of a labels folder.")] = Part.GOLD,
    not_by: Annotated[
        str | None, typer.Option(help="Leave out clauses that this annotator has answered.")
    ] = None,
    prefill: Annotated[
        Prefill,
        typer.Option(help="Answers that stand in the tasks already; they draw people's answers near."),
    ] = Prefill.NOTHING,
    annotator: Annotated[str, typer.Option(help="Written into the annotator column of a workbook.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many tasks.")] = None,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="The file is a table whose rows are clauses (id, text).")
    ] = False,
    suggestions: Annotated[bool, typer.Option(help="Add a model's guesses.")] = True,
    model: ModelOption = None,
) -> None:
    """Write clauses for an annotation tool, with the current model's guesses.

    Example: python -m training export-tasks plan.docx --format xlsx --output plan.xlsx
    """
    from qclassify.taxonomy import load_taxonomy
    from training.labelling.formats import FORMATS

    if prefill is Prefill.SUGGESTION and not suggestions:
        raise typer.BadParameter("there is nothing to prefill without suggestions", param_hint="--prefill")
    folder = source[0] if _is_folder(source) else labels
    taxonomy = load_taxonomy(folder / "taxonomy.toml")
    tasks = _tasks(source, part, prefill, not_by, clauses=clauses)[:limit]
    if suggestions:
        tasks = _suggested(tasks, model, taxonomy.ids, prefill)
    if not tasks:
        say("no clause is left to label")
    chosen = FORMATS[format_.value]
    for path in chosen.write(tasks, taxonomy, output, annotator):
        typer.echo(str(path))
    say(f"{len(tasks)} tasks")
    if chosen.lost:
        say(f"{format_.value} has no room for {chosen.lost}")


def import_tasks(
    file: Annotated[Path, typer.Argument(help="What the tool exported, or the workbook that was filled in.")],
    format_: FormatOption,
    into: Annotated[Path, typer.Option("--into", "--labels", help="The labels folder.")] = ROOT / "labels",
    annotator: Annotated[
        str | None, typer.Option(help="Who answered, where the file names nobody or one account of the tool.")
    ] = None,
    rename: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW: who an account of the tool is; may be repeated.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="Recorded with the answers; default: today's date.")
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Take in clauses that the folder does not know.")
    ] = False,
    documents: Annotated[
        list[Path] | None, typer.Option(help="The documents that new clauses stand in; may be repeated.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option(help="Id of the document that new clauses of no document make up.")
    ] = None,
    missing_primary: Annotated[
        MissingPrimary,
        typer.Option(help="Several labels without a primary: refuse, take the suggested, the first."),
    ] = MissingPrimary.ERROR,
    replace: Annotated[
        bool, typer.Option("--replace", help="New answers of an annotator take the place of older ones.")
    ] = False,
    drop_near_written: Annotated[
        bool, typer.Option("--drop-near-written", help="Drop written clauses that resemble new clauses.")
    ] = False,
    conflicts_to: Annotated[
        Path | None,
        typer.Option("--conflicts", help="Write conflicts here (.jsonl, .csv, .xlsx) to be decided."),
    ] = None,
) -> None:
    """Set annotators' answers beside those that stand in the labels folder; labels never change by this.

    Example: python -m training import-tasks plan.xlsx --format xlsx --annotator li --add --documents plan.docx
    """
    from training.labelling.conflicts import open_conflicts
    from training.labelling.decisions import read_decisions
    from training.labelling.formats import FORMATS
    from training.labelling.importing import ImportOptions, apply_merge, merge_answers
    from training.labelling.sources import document_id

    dataset = checked_dataset(into, warn=False)
    returned = FORMATS[format_.value].read(file, dataset.taxonomy, missing_primary.value)
    options = ImportOptions(
        annotator=annotator,
        renames=_renames(rename or []),
        batch=today() if batch is None else batch,
        add=add,
        replace_answers=replace,
        drop_near_written=drop_near_written,
        documents={document_id(document.name): document for document in read_documents_of(documents or [])},
        collection=document_id(collection or file.name),
    )
    merge = merge_answers(dataset, file, returned.items, options)
    refuse_faults([*returned.faults, *merge.faults], "nothing was imported")
    imported = apply_merge(into, merge)
    _tell(imported)
    dataset = checked_dataset(into, warn=False)
    decisions = read_decisions(into, dataset.taxonomy).checked()
    conflicts = open_conflicts(dataset, decisions, imported.touched)
    if conflicts or conflicts_to:
        show_questions(conflicts, conflicts_to, dataset.taxonomy)
    if conflicts:
        say(f"{len(conflicts)} conflicts wait for a decision: `conflicts` lists them, `adjudicate` takes it")


def _is_folder(source: Sequence[Path]) -> bool:
    from training.labelling.sources import is_labels_folder

    return len(source) == 1 and is_labels_folder(source[0])


def _tasks(
    source: Sequence[Path], part: Part, prefill: Prefill, not_by: str | None, *, clauses: bool
) -> list[Task]:
    from training.labelling import sources

    if _is_folder(source):
        dataset = checked_dataset(source[0], warn=False)
        if prefill in (Prefill.GOLD, Prefill.ANSWERS):
            by_annotators = prefill is Prefill.ANSWERS
            return sources.answered_tasks(dataset, part.value, not_by, by_annotators=by_annotators)
        return sources.folder_tasks(dataset, part.value, not_by)
    if prefill in (Prefill.GOLD, Prefill.ANSWERS):
        raise typer.BadParameter("only a labels folder has answers to prefill", param_hint="--prefill")
    if clauses or (len(source) == 1 and source[0].is_file() and sources.is_clause_table(source[0])):
        return [task for path in source for task in sources.table_tasks(path)]
    return sources.document_tasks(read_documents_of(source))


def read_documents_of(paths: Sequence[Path]) -> list[Document]:
    """Read documents.

    Raises:
        QClassifyError: one of them cannot be read.
    """
    from qclassify.cli.sources import inputs
    from qclassify.tagging_inputs import Documents

    failures: list[QClassifyError] = []

    def report(what: QClassifyError | str) -> None:
        if isinstance(what, QClassifyError):
            failures.append(what)
        else:
            say(f"warning: {what}")

    found = list(Documents(inputs([str(path) for path in paths]), "auto", report))
    if failures:
        raise failures[0]
    return found


def _suggested(tasks: list[Task], model: Path | None, ids: tuple[str, ...], prefill: Prefill) -> list[Task]:
    from qclassify.models import load_model
    from training.labelling.sources import prefilled

    tasks = suggested_by(load_model(model), tasks, ids)
    return list(prefilled(tasks)) if prefill is Prefill.SUGGESTION else tasks


def suggested_by(bundle: Bundle, tasks: list[Task], ids: tuple[str, ...]) -> list[Task]:
    """The tasks with a model's guesses.

    Raises:
        LabelError: the model knows other categories than `ids`.
    """
    from training.labelling.sources import with_suggestions

    if bundle.taxonomy.ids != ids:
        raise LabelError(
            f"model {bundle.id} knows other categories ({', '.join(bundle.taxonomy.ids)}) than the labels folder",
            "name a model of these categories with --model; export-tasks can do without (--no-suggestions)",
        )
    return with_suggestions(tasks, bundle)


def _renames(pairs: Sequence[str]) -> dict[str, str]:
    if bad := [pair for pair in pairs if not all(pair.partition("="))]:
        raise typer.BadParameter(f"{bad[0]!r} is not like OLD=NEW", param_hint="--rename")
    return {old: new for old, _, new in (pair.rpartition("=") for pair in pairs)}


def show_questions(questions: Sequence[Question], output: Path | None, taxonomy: Taxonomy) -> None:
    """Write doubts to a file to decide in, or show them: text in a terminal, jsonl in a pipe."""
    from training.labelling.questions import question_lines, write_questions

    if output is None and sys.stdout.isatty():
        for line in question_lines(questions):
            typer.echo(line)
    else:
        write_questions(questions, output, taxonomy)


def refuse_faults(faults: Sequence[Fault], done: str) -> None:
    """List every fault and stop."""
    for fault in faults:
        say(f"{fault.file}:{fault.line}: {fault.message}")
    if faults:
        say(f"{len(faults)} faults, {done}")
        raise typer.Exit(1)


def _tell(imported: Imported) -> None:
    say(
        f"{imported.answers} answers recorded ({imported.replaced} in the place of older ones), "
        f"{imported.repeated} stood there already, {imported.skipped} tasks without an answer"
    )
    if imported.new:
        say(f"{len(imported.new)} new clauses; new documents: {', '.join(imported.documents) or 'none'}")
    if imported.dropped:
        say(f"{len(imported.dropped)} written clauses dropped, for they resemble new ones")
