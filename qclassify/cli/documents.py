"""`tag`, `segment` and `read`: documents in, clauses, units or text out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    FormatOption,
    IdColumnOption,
    ModelOption,
    OutputOption,
    PathsArgument,
    SofficeOption,
    TextColumnOption,
    TitleColumnOption,
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
    text_column: TextColumnOption = None,
    title_column: TitleColumnOption = None,
    id_column: IdColumnOption = None,
    soffice: SofficeOption = False,
) -> None:
    """Tag every clause of documents with its categories.

    Example: qclassify tag labels/documents/quanzhou-2019.txt --format jsonl
    """
    from qclassify.models import load_model
    from qclassify.tagging_inputs import ClauseRows, Columns, Documents
    from qclassify.tagging_output import write_tagged, write_tagged_tables

    if min_score is not None and not 0 < min_score < 1:
        raise typer.BadParameter("must lie between 0 and 1", param_hint="--min-score")
    check_stdin_once(paths)
    form = chosen_format(format_, output).value
    bundle = load_model(model)
    if clauses:
        rows = ClauseRows(inputs(paths), encoding, report)
        failed = write_tagged_tables(rows, bundle, form, output, min_score=min_score, with_evidence=explain)
    else:
        columns = Columns(text_column, title_column, id_column)
        documents = Documents(inputs(paths), encoding, report, columns, soffice=soffice)
        failed = write_tagged(
            documents, bundle, form, output, min_score=min_score, with_evidence=explain, report=report
        )
    raise typer.Exit(1 if failed else 0)


def segment(
    paths: PathsArgument,
    format_: FormatOption = None,
    output: OutputOption = None,
    encoding: EncodingOption = "auto",
    text_column: TextColumnOption = None,
    title_column: TitleColumnOption = None,
    id_column: IdColumnOption = None,
    soffice: SofficeOption = False,
) -> None:
    """Cut documents into units (headings, clauses, responsibility notes, …) without tagging.

    Example: qclassify segment labels/documents/xining-2015.txt --format jsonl
    """
    from qclassify.tagging_inputs import Columns, Documents
    from qclassify.tagging_output import write_units

    check_stdin_once(paths)
    columns = Columns(text_column, title_column, id_column)
    documents = Documents(inputs(paths), encoding, report, columns, soffice=soffice)
    failed = write_units(documents, chosen_format(format_, output).value, output)
    raise typer.Exit(1 if failed else 0)


def read(
    path: Annotated[str, typer.Argument(help="A file; - reads standard input.")],
    encoding: EncodingOption = "auto",
    text_column: TextColumnOption = None,
    title_column: TitleColumnOption = None,
    id_column: IdColumnOption = None,
    soffice: SofficeOption = False,
) -> None:
    """Print a document's text as it was understood, after a header of format, encoding and warnings on stderr.

    Example: qclassify read labels/documents/tianfu-2024.txt
    """
    from qclassify.rendering.sinks import text_sink
    from qclassify.tagging_inputs import Columns, Documents

    columns = Columns(text_column, title_column, id_column)
    documents = Documents([(path, source(path))], encoding, report, columns, soffice=soffice)
    with text_sink(None) as stream:
        for document in documents:
            for line in header_lines(document):
                say(line)
            stream.write(document.text if document.text.endswith("\n") else document.text + "\n")
    raise typer.Exit(1 if documents.failed else 0)


def header_lines(document: Document) -> Iterator[str]:
    """How a document was understood."""
    yield f"name      {document.name}"
    yield f"format    {document.source_format}"
    yield f"encoding  {document.encoding or '–'}"
    yield f"length    {len(document.text)} characters"
    for key, value in sorted(document.meta.items()):
        yield f"{key:<9} {value}"
