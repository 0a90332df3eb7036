"""`compare`: two documents side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from qclassify.cli.options import (
    CompareFormat,
    EncodingOption,
    Lang,
    LangOption,
    ModelOption,
    OutputOption,
    QuietOption,
    SofficeOption,
    check_stdin_once,
    chosen_format,
)
from qclassify.cli.sources import source
from qclassify.cli.talk import reporter


def compare(
    first: Annotated[str, typer.Argument(help="A document, for example a city's plan.")],
    second: Annotated[str, typer.Argument(help="Another one, for example the province's plan.")],
    format_: Annotated[
        CompareFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="Default: table in a terminal, jsonl (a line a clause) in a pipe, else by the output's suffix.",
        ),
    ] = None,
    output: OutputOption = None,
    lang: LangOption = Lang.ZH,
    likeness: Annotated[
        float, typer.Option(help="From which likeness, between 0 and 1, a clause counts as a counterpart.")
    ] = 0.2,
    model: ModelOption = None,
    encoding: EncodingOption = "auto",
    soffice: SofficeOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare two documents: shares by category, sections, and clauses without a counterpart.

    Example: qclassify compare labels/documents/xining-2015.txt labels/documents/dongtou-2023.txt
    """
    from qclassify.cli.progress import tracker
    from qclassify.comparing import compare as compare_tagged
    from qclassify.models import load_model
    from qclassify.rendering.model_facts import model_facts
    from qclassify.rendering.sinks import text_sink
    from qclassify.row_output import console_on
    from qclassify.tagging import tag
    from qclassify.tagging_inputs import Documents
    from qclassify.tagging_output import known_rates

    if not 0 < likeness <= 1:
        raise typer.BadParameter("must lie between 0 and 1", param_hint="--likeness")
    check_stdin_once([first, second])
    form = chosen_format(format_, output, CompareFormat).value
    bundle = load_model(model)
    documents = Documents(
        [(path, source(path)) for path in (first, second)], encoding, reporter(quiet=quiet), soffice=soffice
    )
    track = tracker(quiet=quiet)
    tagged = [tag(document, bundle) for document in track(documents, "tagging", None)]
    if documents.failed:
        raise typer.Exit(1)
    if len(tagged) != 2:  # noqa: PLR2004 - one of the inputs was a table of documents
        raise typer.BadParameter(
            f"need two documents, the files hold {len(tagged)}", param_hint="FIRST SECOND"
        )
    comparison = compare_tagged(
        tagged[0], tagged[1], likeness, lambda steps: track(steps, "comparing", len(steps))
    )
    with text_sink(output) as stream:
        if form == "html":
            from qclassify.rendering.report.comparison import write_comparison

            facts = model_facts(bundle, None, known_rates(bundle, None))
            write_comparison(stream, comparison, likeness, facts, lang.value)
        elif form == "table":
            from qclassify.rendering.comparison_table import print_comparison

            print_comparison(console_on(stream), comparison, bundle.taxonomy)
        else:
            from qclassify.rendering.lines import json_line
            from qclassify.rendering.rows import comparison_rows

            stream.writelines(json_line(row) for row in comparison_rows(comparison))
