"""Arguments and options that several commands share, and what they mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qclassify.errors import QClassifyError


class Format(StrEnum):
    """Output formats of `tag` and `segment`."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


PathsArgument = Annotated[
    list[str], typer.Argument(help="Files or folders; - reads standard input.", metavar="PATH…")
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", "-f", help="Default: table in a terminal, jsonl in a pipe, else by the output's suffix."
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write here instead of standard output.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", envvar="QCLASSIFY_MODEL", help="A model folder; default: the shipped one."),
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Text encoding, if it is not to be found out.")
]
TextColumnOption = Annotated[
    str | None, typer.Option("--text-column", help="The column of a table that holds the documents' text.")
]
TitleColumnOption = Annotated[
    str | None, typer.Option("--title-column", help="The column with their titles.")
]
IdColumnOption = Annotated[str | None, typer.Option("--id-column", help="The column with their ids.")]
SofficeOption = Annotated[
    bool,
    typer.Option("--soffice", help="Let LibreOffice, if it is on PATH, convert legacy doc and wps files."),
]


def say(line: str) -> None:
    """Talk, on stderr, on one line."""
    typer.echo(line.encode("utf-8", "replace").decode("utf-8").replace("\n", " "), err=True)


def complain(error: QClassifyError) -> None:
    """What went wrong and what to do, on one line."""
    say(f"error: {error.message}" + (f" → {error.hint}" if error.hint else ""))


def report(what: QClassifyError | str) -> None:
    """Failures and warnings of single inputs while the others go on."""
    if isinstance(what, QClassifyError):
        complain(what)
    else:
        say(f"warning: {what}")


def inputs(paths: Sequence[str]) -> Iterator[tuple[str, Path | bytes]]:
    """(name, source) of every input; folders are walked, `-` is read once."""
    from qclassify.reading import walk

    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from ((str(found), found) for found in walk(Path(path)))
        else:
            yield path, source(path)


def source(path: str) -> Path | bytes:
    """The path itself, or the bytes of standard input for `-`."""
    return sys.stdin.buffer.read() if path == "-" else Path(path)


def check_stdin_once(paths: Sequence[str]) -> None:
    """Refuse `- -`: standard input can be read once."""
    if list(paths).count("-") > 1:
        raise typer.BadParameter("standard input (-) can be read only once", param_hint="PATH")


def chosen_format(asked: Format | None, output: Path | None) -> Format:
    """The format asked for, else the one that fits where the output goes."""
    if asked is not None:
        return asked
    if output is not None:
        suffix = output.suffix.lower().lstrip(".")
        if suffix not in ("csv", "jsonl"):
            raise typer.BadParameter(
                f"no format is known for {output.name!r}; add --format", param_hint="--output"
            )
        return Format(suffix)
    return Format.TABLE if sys.stdout.isatty() else Format.JSONL
