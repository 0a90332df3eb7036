"""`categories`, `model show` and `model verify`: what a model knows and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from qclassify.cli.options import (
    FormatOption,
    ModelOption,
    chosen_format,
)

if TYPE_CHECKING:
    from qclassify.bundle import Bundle


def categories(
    model: ModelOption = None,
    format_: FormatOption = None,
) -> None:
    """List the categories of a model with their definitions.

    Example: qclassify categories
    """
    from qclassify.models import load_model
    from qclassify.row_output import write_categories

    write_categories(load_model(model).taxonomy, chosen_format(format_, None).value)


def show(model: ModelOption = None) -> None:
    """Show a model's id, figures, data and card.

    Example: qclassify model show
    """
    from qclassify.models import load_model

    bundle = load_model(model)
    for line in model_lines(bundle):
        typer.echo(line)
    typer.echo("")
    typer.echo((bundle.path / "CARD.md").read_text("utf-8"))


def verify(model: ModelOption = None) -> None:
    """Check every file of a model against its manifest.

    Example: qclassify model verify
    """
    from qclassify.models import load_model

    bundle = load_model(model)
    typer.echo(f"{bundle.id}: all {len(bundle.manifest['files'])} files are as they were written")


def model_lines(bundle: Bundle) -> Iterator[str]:
    """What `model show` prints above the card."""
    manifest = bundle.manifest
    yield f"id          {bundle.id}"
    yield f"folder      {bundle.path}"
    yield f"format      {manifest['format']}"
    yield f"categories  {', '.join(bundle.taxonomy.ids)} (taxonomy {bundle.taxonomy.version})"
    yield f"segmenter   {manifest['segmenter']}, {len(bundle.lexicon)} domain words"
    yield f"back end    {bundle.kernel.name}"
    yield f"terms       {bundle.n_terms}"
    for name, digest in sorted(manifest["data"].items()):
        yield f"data        {name} {digest[:16]}"
