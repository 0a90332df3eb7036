"""What `tag` was asked to do, however the arguments were parsed, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qclassify.rendering.wording import Language


@dataclass(frozen=True, slots=True)
class TagRequest:
    """The arguments of `tag`, checked.

    Attributes:
        paths: files or folders; `-` is standard input.
        format: a value of `options.TagFormat`.
        output: the file to write, None for standard output.
        model: a model folder, None for the shipped one.
        level, lang: values of `options.Level` and `options.Lang`.
        min_score: one threshold in (0, 1) for all categories, None for the model's own.
        explain: rows carry the terms that speak for each category.
        clauses: the files are tables whose rows already are clauses.
        encoding: of text files; `auto` finds it out.
        text_column, title_column, id_column: of tables of documents; None finds them by their names.
        soffice: legacy files may be converted by LibreOffice.
        quiet: only errors are said.
    """

    paths: tuple[str, ...]
    format: str
    output: Path | None = None
    model: Path | None = None
    level: str = "clause"
    lang: Language = "zh"
    min_score: float | None = None
    explain: bool = False
    clauses: bool = False
    encoding: str = "auto"
    text_column: str | None = None
    title_column: str | None = None
    id_column: str | None = None
    soffice: bool = False
    quiet: bool = False


def perform(request: TagRequest) -> int:
    """Tag what was asked for; returns the exit code: 0, or 1 when some inputs failed.

    Raises:
        QClassifyError: the model or the output cannot be used.
    """
    from qclassify.cli.progress import tracker
    from qclassify.cli.sources import inputs
    from qclassify.cli.talk import reporter
    from qclassify.models import load_model
    from qclassify.row_output import Wanted
    from qclassify.tagging_inputs import ClauseRows, Columns, Documents
    from qclassify.tagging_output import write_tagged, write_tagged_tables

    wanted = Wanted(
        request.format, request.output, request.level, request.lang, request.min_score, request.explain
    )
    report, track = reporter(quiet=request.quiet), tracker(quiet=request.quiet)
    model = load_model(request.model)
    found = inputs(request.paths)
    if request.clauses:
        rows = ClauseRows(found, request.encoding, report)
        failed = write_tagged_tables(rows, model, wanted, report, track)
    else:
        columns = Columns(request.text_column, request.title_column, request.id_column)
        documents = Documents(found, request.encoding, report, columns, soffice=request.soffice)
        failed = write_tagged(documents, model, wanted, report, track)
    return 1 if failed else 0
