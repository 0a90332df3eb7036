"""The command line: parse, call, render.

stdout is data, stderr is talk; exit codes: 0 done, 1 some inputs failed, 2 wrong usage.
Each module of this package holds the commands of one subject; this one puts them together.
"""

from __future__ import annotations

import sys

import typer

from qclassify.cli import archive, compare, documents, explain, model
from qclassify.cli.options import complain
from qclassify.errors import QClassifyError

app = typer.Typer(
    help="Cut Chinese quality-policy documents into clauses and tag each with the categories it acts on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(documents.tag)
app.command()(documents.segment)
app.command()(documents.read)
app.command()(explain.explain)
app.command()(compare.compare)
app.command()(archive.archive)
app.command()(model.categories)

model_app = typer.Typer(help="Look at a model folder.", no_args_is_help=True)
model_app.command()(model.show)
model_app.command()(model.verify)
app.add_typer(model_app, name="model")


def main() -> None:
    """Run the command line; an error of the family becomes a line on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a question mark; it is no reason to fail.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except QClassifyError as error:
        complain(error)
        sys.exit(1)
