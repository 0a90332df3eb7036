"""The commands put together; each module of this package holds those of one subject."""

from __future__ import annotations

import typer

from qclassify.cli import archive, compare, documents, drift, explain, model

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
app.command()(drift.drift)
app.command()(model.categories)

model_app = typer.Typer(help="Look at a model folder.", no_args_is_help=True)
model_app.command()(model.show)
model_app.command()(model.verify)
app.add_typer(model_app, name="model")
