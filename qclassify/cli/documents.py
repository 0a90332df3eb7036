"""`tag`, `segment` and `read`: documents in, clauses, units or text out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    FormatOption,
    ModelOption,
    OutputOption,
    PathsArgument,
    check_stdin_once,
    chosen_format,
    inputs,
    report,
    say,
    source,
)

if TYPE_CHECKING:
    from qclassify.records import Document


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
