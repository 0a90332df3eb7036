"""What the commands share: options, where talk goes, and labels that have passed the check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qclassify.errors import LabelError

if TYPE_CHECKING:
    from training.dataset import Dataset

ROOT = Path(__file__).resolve().parent.parent.parent

LabelsOption = Annotated[Path, typer.Option("--labels", help="The labels folder.")]
RecipeOption = Annotated[
    str, typer.Option("--recipe", help="A recipe file, or the name of one in training/recipes.")
]
ModelsOption = Annotated[Path, typer.Option("--models", help="The folder of model folders.")]
ExperimentsOption = Annotated[
    Path, typer.Option("--experiments", help="Where runs are tracked and drafts written.")
]


def say(line: str) -> None:
    """Talk goes to stderr; stdout is data."""
    typer.echo(line, err=True)


def today() -> str:
    """The date that is recorded with answers and decisions, as 2019-01-05; of UTC, so that teams agree."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def checked_dataset(labels: Path, *, warn: bool = True) -> Dataset:
    """Load the labels folder; what it is too poor for is said (with `warn`), not refused.

    Raises:
        LabelError: `check` finds faults in it.
    """
    from training.checking import check_labels
    from training.dataset import load_dataset
    from training.scarcity import label_warnings

    faults = check_labels(labels)
    if faults:
        first = faults[0]
        raise LabelError(
            f"{first.file}:{first.line}: {first.message} ({len(faults)} faults in all)",
            "run `python -m training check` and mend them first",
        )
    dataset = load_dataset(labels)
    for warning in label_warnings(dataset) if warn else ():
        say(f"warning: {warning}")
    return dataset


def headline_line(figures: Mapping[str, Any]) -> str:
    """One line for people."""
    lodo = figures["lodo"]
    return ", ".join(
        f"{name} {lodo[name]:.3f}"
        for name in (
            "micro_f1",
            "macro_f1",
            "primary_accuracy",
            "subset_accuracy",
            "ece",
            "coverage_at_95_precision",
        )
    )
