"""Commands that set models side by side: compare, reproduce."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.options import ROOT, LabelsOption, checked_dataset, say

if TYPE_CHECKING:
    from qclassify.bundle import Bundle
    from qclassify.errors import QClassifyError
    from training.model_comparison import ModelComparison


class ComparisonFormat(StrEnum):
    """Forms of a comparison."""

    TABLE = "table"
    JSONL = "jsonl"
    HTML = "html"


def compare(
    first: Annotated[
        str, typer.Argument(help="A model folder, or models:/NAME@ALIAS in a registry.", metavar="A")
    ],
    second: Annotated[str, typer.Argument(help="Another one.", metavar="B")],
    labels: LabelsOption = ROOT / "labels",
    archive: Annotated[
        Path | None, typer.Option(help="Documents without labels: list their clauses that change instead.")
    ] = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Make held-out answers again even if the models have them.")
    ] = False,
    format_: Annotated[
        ComparisonFormat | None,
        typer.Option("--format", "-f", help="Default: by the output's suffix, else table."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of standard output.")
    ] = None,
) -> None:
    """What changes from model A to model B: figures with paired intervals, and the clauses.

    Held-out answers come with the models; where they do not, they are made again from the recipe.

    Example: python -m training compare models/old models/new --output changes.html
    """
    from qclassify.bundle import load_bundle
    from qclassify.models import model_folder
    from qclassify.rendering.sinks import text_sink
    from qclassify.row_output import console_on
    from training.held_out_models import held_out_model
    from training.model_comparison import compare_models

    dataset = checked_dataset(labels)
    folders = model_folder(first), model_folder(second)
    comparison = compare_models(
        held_out_model(folders[0], dataset, recompute=recompute),
        held_out_model(folders[1], dataset, recompute=recompute),
        dataset.gold,
        figures_needed=archive is None,
    )
    models = load_bundle(folders[0]), load_bundle(folders[1])
    if archive is not None:
        comparison = _with_archive(comparison, models, archive)
    taxonomy = models[0].taxonomy
    form = format_ or _format_of(output)
    with text_sink(output) as stream:
        if form is ComparisonFormat.HTML:
            from training.comparison_page import comparison_page

            stream.write(comparison_page(comparison, taxonomy))
        elif form is ComparisonFormat.JSONL:
            from qclassify.rendering.lines import json_line
            from training.comparison_rows import comparison_records

            stream.writelines(json_line(record) for record in comparison_records(comparison))
        else:
            from training.comparison_rows import print_comparison

            print_comparison(console_on(stream), comparison, taxonomy)


def _format_of(output: Path | None) -> ComparisonFormat:
    suffix = output.suffix.lower().lstrip(".") if output else ""
    known = {"html": ComparisonFormat.HTML, "htm": ComparisonFormat.HTML, "jsonl": ComparisonFormat.JSONL}
    return known.get(suffix, ComparisonFormat.TABLE)


def _with_archive(
    comparison: ModelComparison, models: tuple[Bundle, Bundle], archive: Path
) -> ModelComparison:
    """The same with the changed clauses of these documents instead of the held-out ones."""
    from qclassify.reading import walk
    from qclassify.tagging_inputs import Documents
    from training.archive_changes import archive_changes

    paths = walk(archive) if archive.is_dir() else [archive]
    documents = Documents([(str(path), path) for path in paths], "auto", _report)
    changes = tuple(archive_changes(documents, models[0], models[1], comparison.categories))
    if documents.failed:
        say(f"warning: {documents.failed} documents could not be read")
    return replace(comparison, changes=changes)


def _report(what: QClassifyError | str) -> None:
    say(f"warning: {what}")


def reproduce(
    model: Annotated[
        str, typer.Argument(help="A model folder, or models:/NAME@ALIAS in a registry.", metavar="MODEL")
    ],
    labels: LabelsOption = ROOT / "labels",
) -> None:
    """Build a model again from its recipe and the labels; is it the same, file by file?

    Exit code 0: identical; 1: not, and what differs is listed.

    Example: python -m training reproduce models/default-abcdefgh
    """
    from qclassify.models import model_folder
    from training.reproducing import reproduce as build_again

    found = build_again(model_folder(model), checked_dataset(labels))
    for name in found.different:
        typer.echo(f"differs  {name}")
    for name, (then, now) in found.data.items():
        typer.echo(f"data     {name}: made from {then[:16]}, here is {now[:16]}")
    for name, (then, now) in found.circumstances.items():
        typer.echo(f"changed  {name}: {then} → {now}")
    if found.identical:
        typer.echo(f"{found.model}: identical, {len(found.same)} files")
        return
    typer.echo(
        f"{found.model}: not identical; built again it is {found.rebuilt}, {len(found.same)} files the same"
    )
    raise typer.Exit(1)
