"""The command line: parse, call, render.

stdout is data, stderr is talk; exit codes: 0 done, 1 some inputs failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.errors import QClassifyError

if TYPE_CHECKING:
    from qclassify.bundle import Bundle
    from qclassify.records import Document

app = typer.Typer(
    help="Cut Chinese quality-policy documents into clauses and tag each with the categories it acts on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
model_app = typer.Typer(help="Look at a model folder.", no_args_is_help=True)
app.add_typer(model_app, name="model")


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


def main() -> None:
    """Run the command line; an error of the family becomes a line on stderr and exit code 1."""
    try:
        app()
    except QClassifyError as error:
        complain(error)
        sys.exit(1)


def say(line: str) -> None:
    """Talk, on stderr, on one line."""
    typer.echo(line.encode("utf-8", "replace").decode("utf-8").replace("\n", " "), err=True)


def complain(error: QClassifyError) -> None:
    """What went wrong and what to do, on one line."""
    say(f"error: {error.message}" + (f" → {error.hint}" if error.hint else ""))


@app.command()
def tag(
    paths: PathsArgument,
    format_: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    min_score: Annotated[
        float | None, typer.Option(help="One probability threshold for all categories, between 0 and 1.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the terms that speak for each category.")
    ] = False,
    clauses: Annotated[
        bool,
        typer.Option(
            "--clauses", help="The files are tables whose rows already are clauses (id, text, heading_path)."
        ),
    ] = False,
    encoding: EncodingOption = "auto",
) -> None:
    """Tag every clause of documents with its categories.

    Example: qclassify tag labels/documents/quanzhou-2019.txt --format jsonl
    """
    from qclassify.models import load_model
    from qclassify.tagging_output import write_tagged, write_tagged_tables

    if min_score is not None and not 0 < min_score < 1:
        raise typer.BadParameter("must lie between 0 and 1", param_hint="--min-score")
    check_stdin_once(paths)
    bundle = load_model(model)
    write = write_tagged_tables if clauses else write_tagged
    failed = write(
        inputs(paths),
        bundle,
        chosen_format(format_, output).value,
        output,
        min_score=min_score,
        with_evidence=explain,
        encoding=encoding,
        report=report,
    )
    raise typer.Exit(1 if failed else 0)


@app.command()
def segment(
    paths: PathsArgument,
    format_: FormatOption = None,
    output: OutputOption = None,
    encoding: EncodingOption = "auto",
) -> None:
    """Cut documents into units (headings, clauses, responsibility notes, …) without tagging.

    Example: qclassify segment labels/documents/xining-2015.txt --format jsonl
    """
    from qclassify.tagging_output import write_units

    check_stdin_once(paths)
    failed = write_units(
        inputs(paths), chosen_format(format_, output).value, output, encoding=encoding, report=report
    )
    raise typer.Exit(1 if failed else 0)


@app.command()
def read(
    path: Annotated[str, typer.Argument(help="A file; - reads standard input.")],
    encoding: EncodingOption = "auto",
) -> None:
    """Print a document's text as it was understood, after a header of format, encoding and warnings on stderr.

    Example: qclassify read labels/documents/tianfu-2024.txt
    """
    from qclassify.reading import read as read_document
    from qclassify.rendering.sinks import text_sink

    document = read_document(source(path), name=path, encoding=encoding)
    for line in header_lines(document):
        say(line)
    with text_sink(None) as stream:
        stream.write(document.text if document.text.endswith("\n") else document.text + "\n")


@app.command()
def categories(
    model: ModelOption = None,
    format_: FormatOption = None,
) -> None:
    """List the categories of a model with their definitions.

    Example: qclassify categories
    """
    from qclassify.models import load_model
    from qclassify.tagging_output import write_categories

    write_categories(load_model(model).taxonomy, chosen_format(format_, None).value)


@model_app.command()
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


@model_app.command()
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
    yield f"segmenter   {manifest['segmenter']}, cut by {bundle.segmenter.engine}, {len(bundle.segmenter.lexicon)} domain words"
    yield f"terms       {len(bundle.idf)}"
    for name, digest in sorted(manifest["data"].items()):
        yield f"data        {name} {digest[:16]}"


def header_lines(document: Document) -> Iterator[str]:
    """How a document was understood."""
    yield f"name      {document.name}"
    yield f"format    {document.source_format}"
    yield f"encoding  {document.encoding or '–'}"
    yield f"length    {len(document.text)} characters"
    for key, value in sorted(document.meta.items()):
        yield f"{key:<9} {value}"
    for warning in document.warnings:
        yield f"warning   {warning}"


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


if __name__ == "__main__":
    main()
