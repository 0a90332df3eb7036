"""Commands on the labels: check, agreement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import ROOT, LabelsOption, say


def check(
    labels: LabelsOption = ROOT / "labels",
    against: Annotated[
        Path | None, typer.Option(help="A table whose clauses no written clause may resemble.")
    ] = None,
) -> None:
    """Validate the labels folder: every fault by file and line, and what the labels are too poor for.

    Example: python -m training check
    """
    from training.checking import check_labels
    from training.dataset import load_dataset
    from training.scarcity import label_warnings

    faults = check_labels(labels, against=against)
    for fault in faults:
        typer.echo(f"{fault.file}:{fault.line}: {fault.message}")
    say(f"{len(faults)} faults in {labels}")
    if faults:
        raise typer.Exit(1)
    for warning in label_warnings(load_dataset(labels)):
        say(f"warning: {warning}")


def agreement(
    labels: LabelsOption = ROOT / "labels",
    write: Annotated[
        bool, typer.Option("--write", help="Refresh the block in the folder's README.md.")
    ] = False,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Every pair of annotators by itself, F1, κ and α by category.")
    ] = False,
    written: Annotated[
        bool, typer.Option("--written", help="With --pairs or --json: answers to written clauses instead.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="All figures as JSON, every pair among them.")
    ] = False,
) -> None:
    """Agreement of the annotators, two or more: F1, κ, α, by category.

    Example: python -m training agreement --pairs
    """
    from training.agreement import measure_agreement, measure_pairs, record_of
    from training.agreement_report import agreement_block, pairs_table, write_agreement_block
    from training.dataset import load_dataset

    dataset = load_dataset(labels)
    clauses = dataset.written if written else dataset.gold
    together, couples = measure_agreement(dataset, clauses), measure_pairs(dataset, clauses)
    if json_:
        record = record_of(together) if together else {}
        typer.echo(
            json.dumps({**record, "pairs": [record_of(couple) for couple in couples]}, ensure_ascii=False)
        )
    elif pairs and together is not None:
        typer.echo(pairs_table(couples, together, dataset.taxonomy.ids))
    elif not pairs:
        typer.echo(agreement_block(dataset))
    if together is None:
        say("no clause has the answers of two annotators, so no agreement can be measured")
    if write:
        write_agreement_block(dataset, labels / "README.md")
