"""`tag`, `segment` and `read`: documents in, clauses, units or text out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    FormatOption,
    IdColumnOption,
    Lang,
    LangOption,
    Level,
    ModelOption,
    OutputOption,
    PathsArgument,
    QuietOption,
    SofficeOption,
    TagFormat,
    TagFormatOption,
    TextColumnOption,
    TitleColumnOption,
    check_stdin_once,
    chosen_format,
)
from qclassify.cli.sources import inputs, source
from qclassify.cli.talk import reporter, say

if TYPE_CHECKING:
    from qclassify.records import Document


def tag(
    paths: PathsArgument,
    format_: TagFormatOption = None,
    output: OutputOption = None,
    level: Annotated[
        Level, typer.Option(help="Roll clauses up to numbered items or documents: counts and shares.")
    ] = Level.CLAUSE,
    lang: LangOption = Lang.ZH,
    model: ModelOption = None,
    min_score: Annotated[
        float | None, typer.Option(help="One probability threshold for all categories, between 0 and 1.")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show the terms that speak for each category (html always does)."),
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
    quiet: QuietOption = False,
) -> None:
    """Tag every clause of documents with its categories: rows for programs, pages and workbooks for people.

    Corrected shares (--level document, html, xlsx, md) are estimates: the raw share corrected for the
    model's error rates on documents it was not trained on (Rogan-Gladen), with 95 % intervals.

    Example: qclassify tag labels/documents/quanzhou-2019.txt --format jsonl
    """
    from qclassify.cli.tag_request import TagRequest, perform

    if min_score is not None and not 0 < min_score < 1:
        raise typer.BadParameter("must lie between 0 and 1", param_hint="--min-score")
    check_stdin_once(paths)
    form = chosen_format(format_, output, TagFormat).value
    if form == "html" and level is not Level.CLAUSE:
        raise typer.BadParameter("html shows every level at once; leave --level out", param_hint="--level")
    request = TagRequest(
        tuple(paths),
        form,
        output,
        model,
        level=level.value,
        lang=lang.value,
        min_score=min_score,
        explain=explain,
        clauses=clauses,
        encoding=encoding,
        text_column=text_column,
        title_column=title_column,
        id_column=id_column,
        soffice=soffice,
        quiet=quiet,
    )
    raise typer.Exit(perform(request))


def segment(
    paths: PathsArgument,
    format_: FormatOption = None,
    output: OutputOption = None,
    encoding: EncodingOption = "auto",
    text_column: TextColumnOption = None,
    title_column: TitleColumnOption = None,
    id_column: IdColumnOption = None,
    soffice: SofficeOption = False,
    quiet: QuietOption = False,
) -> None:
    """Cut documents into units (headings, clauses, responsibility notes, …) without tagging.

    Example: qclassify segment labels/documents/xining-2015.txt --format jsonl
    """
    from qclassify.cli.progress import tracker
    from qclassify.row_output import Wanted, write_units
    from qclassify.tagging_inputs import Columns, Documents

    check_stdin_once(paths)
    columns = Columns(text_column, title_column, id_column)
    documents = Documents(inputs(paths), encoding, reporter(quiet=quiet), columns, soffice=soffice)
    wanted = Wanted(chosen_format(format_, output).value, output)
    failed = write_units(documents, wanted, tracker(quiet=quiet))
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
    documents = Documents([(path, source(path))], encoding, reporter(quiet=False), columns, soffice=soffice)
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
