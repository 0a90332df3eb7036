"""Commands on the labels: check, agreement."""

from __future__ import annotations

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
    """Validate the labels folder; list every fault by file and line.

    Example: python -m training check
    """
    from training.checking import check_labels

    faults = check_labels(labels, against=against)
    for fault in faults:
        typer.echo(f"{fault.file}:{fault.line}: {fault.message}")
    say(f"{len(faults)} faults in {labels}")
    if faults:
        raise typer.Exit(1)


def agreement(
    labels: LabelsOption = ROOT / "labels",
    write: Annotated[
        bool, typer.Option("--write", help="Refresh the block in the folder's README.md.")
    ] = False,
) -> None:
    """Agreement of the annotators: F1, κ, α, by category.

    Example: python -m training agreement
    """
    from training.agreement import agreement_block, write_agreement_block
    from training.dataset import load_dataset

    dataset = load_dataset(labels)
    typer.echo(agreement_block(dataset))
    if write:
        write_agreement_block(dataset, labels / "README.md")
