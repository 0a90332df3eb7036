"""`python -m training …`: parse, call, print.

stdout is data, stderr is talk; exit codes: 0 done, 1 faults or failed inputs, 2 wrong usage, 5 a gate failed.
Each module of this package holds the commands of one subject; this one puts them together.
"""

from __future__ import annotations

import sys

import typer

from qclassify.errors import QClassifyError
from training.cli import (
    comparing,
    deciding,
    labelling,
    labels,
    modelling,
    registry,
    review,
    starting,
    tuning,
)
from training.cli.options import say

app = typer.Typer(
    help="Check labels, train, evaluate and export models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(starting.new)
app.command()(labels.check)
app.command()(labels.agreement)
app.command()(labelling.export_tasks)
app.command()(labelling.import_tasks)
app.command()(deciding.conflicts)
app.command()(deciding.adjudicate)
app.command()(review.queue)
app.command()(review.suspects)
app.command()(deciding.accept)
app.command()(deciding.dismiss)
app.command()(review.annotators)
app.command()(modelling.train)
app.command()(modelling.figures)
app.command()(modelling.evaluate)
app.command()(modelling.errors)
app.command()(comparing.compare)
app.command()(comparing.reproduce)
app.command()(tuning.tune)
app.command()(tuning.league)
app.command()(registry.promote)
app.command()(registry.rollback)
app.command("list")(registry.list_)
app.command()(registry.relocate)


def main() -> None:
    """Run the command line; errors of the family become two lines on stderr and exit code 1."""
    try:
        app()
    except QClassifyError as error:
        say(f"error: {error.message}")
        if error.hint:
            say(f"  → {error.hint}")
        sys.exit(1)
