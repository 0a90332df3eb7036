"""The command that begins a labels folder: new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.options import say


def new(
    folder: Annotated[Path, typer.Argument(help="The labels folder to make.")],
    category: Annotated[
        list[str], typer.Option("--category", "-c", help="id=name, in the official order; 2 to 50 times.")
    ],
    exclusive: Annotated[
        bool, typer.Option("--exclusive", help="Every clause has exactly one category.")
    ] = False,
) -> None:
    """Begin a labels folder for categories of your own.

    Example: python -m training new labels -c transit=公交 -c roads=道路
    """
    from training.new_labels import write_new_labels

    pairs = [entry.partition("=") for entry in category]
    write_new_labels(
        folder,
        [(name.strip(), shown.strip() or name.strip()) for name, _, shown in pairs],
        exclusive=exclusive,
    )
    say(f"wrote {folder}; now write the definitions in {folder / 'taxonomy.toml'}, then label clauses")
    typer.echo(str(folder / "taxonomy.toml"))
