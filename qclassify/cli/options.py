"""Arguments and options that several commands share, and what they mean."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """Forms of rows: of `segment` and `categories`, and among those of `tag`."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class TagFormat(StrEnum):
    """Output formats of `tag`."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    MD = "md"
    HTML = "html"


class CompareFormat(StrEnum):
    """Output formats of `compare`."""

    TABLE = "table"
    JSONL = "jsonl"
    HTML = "html"


class Level(StrEnum):
    """What a row of the output stands for."""

    CLAUSE = "clause"
    ITEM = "item"
    DOCUMENT = "document"


class Lang(StrEnum):
    """Languages of the outputs for people."""

    ZH = "zh"
    EN = "en"


BINARY = ("xlsx", "parquet")


PathsArgument = Annotated[
    list[str], typer.Argument(help="Files or folders; - reads standard input.", metavar="PATH…")
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", "-f", help="Default: table in a terminal, jsonl in a pipe, else by the output's suffix."
    ),
]
TagFormatOption = Annotated[
    TagFormat | None,
    typer.Option(
        "--format", "-f", help="Default: table in a terminal, jsonl in a pipe, else by the output's suffix."
    ),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of html, xlsx and md.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors on stderr: no warnings, no progress.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write here instead of standard output.")
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        envvar="QCLASSIFY_MODEL",
        help="A model folder, or models:/NAME@ALIAS in an MLflow registry; default: the shipped one.",
    ),
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


def check_stdin_once(paths: Sequence[str]) -> None:
    """Refuse `- -`: standard input can be read once."""
    if list(paths).count("-") > 1:
        raise typer.BadParameter("standard input (-) can be read only once", param_hint="PATH")


def chosen_format(asked: StrEnum | None, output: Path | None, formats: type[StrEnum] = Format) -> StrEnum:
    """The format asked for, else the one that fits where the output goes.

    Raises:
        typer.BadParameter: the suffix names no format, or bytes would go to a terminal.
    """
    if output is None:
        terminal = sys.stdout.isatty()
        chosen = asked.value if asked else "table" if terminal else "jsonl"
        if terminal and chosen in BINARY:
            raise typer.BadParameter(
                f"{chosen} is no text for a terminal; add --output", param_hint="--format"
            )
        return formats(chosen)
    if asked is not None:
        return asked
    suffix = output.suffix.lower().lstrip(".")
    suffix = {"htm": "html", "markdown": "md"}.get(suffix, suffix)
    if suffix not in {form.value for form in formats} or suffix == "table":
        raise typer.BadParameter(
            f"no format is known for {output.name!r}; add --format", param_hint="--output"
        )
    return formats(suffix)
