"""`archive`: whole archives in, shards of tagged clauses out."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    IdColumnOption,
    ModelOption,
    QuietOption,
    SofficeOption,
    TextColumnOption,
    TitleColumnOption,
)
from qclassify.cli.talk import say

if TYPE_CHECKING:
    from qclassify.archive import Outcome, Progress

_MIB = 1024**2


class ShardFormatName(StrEnum):
    """Formats of the shards."""

    PARQUET = "parquet"
    JSONL = "jsonl"


class Engine(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    SPARK = "spark"


def archive(
    source: Annotated[
        str,
        typer.Argument(
            help="A folder, a file, a tar or zip, a table, or a pattern in quotation marks.", metavar="SOURCE"
        ),
    ],
    out: Annotated[str, typer.Argument(help="The folder to write.", metavar="OUT")],
    clauses: Annotated[
        bool,
        typer.Option(
            "--clauses", help="SOURCE holds tables whose rows already are clauses (id, text, heading_path)."
        ),
    ] = False,
    format_: Annotated[
        ShardFormatName,
        typer.Option("--format", "-f", help="Of the shards; parquet needs the extra `parquet`."),
    ] = ShardFormatName.PARQUET,
    model: ModelOption = None,
    min_score: Annotated[
        float | None, typer.Option(help="One probability threshold for all categories, between 0 and 1.")
    ] = None,
    encoding: EncodingOption = "auto",
    text_column: TextColumnOption = None,
    title_column: TitleColumnOption = None,
    id_column: IdColumnOption = None,
    soffice: SofficeOption = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Tag only this document, as failures.jsonl names it; may be repeated."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Worker processes; default: one a core. 0: none, and no limits.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.01, help="Time for reading and cutting one document.")
    ] = 60.0,
    memory: Annotated[int, typer.Option(min=1, help="MiB that one document may take in a worker.")] = 2048,
    shard_size: Annotated[
        int | None,
        typer.Option(min=1, help="Documents (with --clauses: clauses) a shard; default 256 (20,000)."),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Forget what an earlier run has left in OUT.")
    ] = False,
    quiet: QuietOption = False,
    engine: Annotated[Engine, typer.Option(help="spark needs the extra `spark` and Java.")] = Engine.LOCAL,
    master: Annotated[
        str | None, typer.Option(help="Spark's master; default: what spark-submit sets.")
    ] = None,
) -> None:
    """Tag an archive of documents, or of clauses, into shards; the same command resumes a stopped run.

    Example: qclassify archive labels/documents tagged --format jsonl
    """
    from qclassify.archive import ArchiveOptions, run_archive
    from qclassify.models import load_model

    if min_score is not None and not 0 < min_score < 1:
        raise typer.BadParameter("must lie between 0 and 1", param_hint="--min-score")
    # Arrow's own allocator keeps what tables needed for a moment; a long run should stay as small as it began.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    options = ArchiveOptions(
        format="jsonl" if format_ is ShardFormatName.JSONL else "parquet",
        clauses=clauses,
        min_score=min_score,
        encoding=encoding,
        text_column=text_column,
        id_column=id_column,
        title_column=title_column,
        soffice=soffice,
        only=tuple(only or ()),
        shard_items=shard_size,
        seconds=seconds,
        memory=memory * _MIB,
        workers=(os.cpu_count() or 1) if workers is None else workers,
    )
    bundle = load_model(model)
    if engine is Engine.SPARK:
        from qclassify.archive.spark import run_spark

        outcome = run_spark(source, out, bundle, options, master=master, restart=restart)
    else:
        if master is not None:
            raise typer.BadParameter("needs --engine spark", param_hint="--master")
        shown = ProgressLine(enabled=not quiet and sys.stderr.isatty())
        try:
            outcome = run_archive(source, Path(out), bundle, options, restart=restart, on_progress=shown)
        except KeyboardInterrupt:
            shown.end()
            say(f"stopped; the same command goes on where it stopped ({out})")
            raise typer.Exit(1) from None
        shown.end()
    if not quiet:
        say(summary(outcome))
    if outcome.failed:
        say(f"error: {outcome.failed} could not be used → see failures.jsonl in {out}")
    raise typer.Exit(1 if outcome.failed else 0)


def summary(outcome: Outcome) -> str:
    """What was done, in one line."""
    resumed = f", {outcome.resumed} of them from before" if outcome.resumed else ""
    return (
        f"{outcome.documents:,} documents, {outcome.clauses:,} clauses, {outcome.failed:,} failed; "
        f"{outcome.parts:,} shards{resumed} in {outcome.folder}"
    )


class ProgressLine:
    """One line on standard error that is written over and over; nothing at all unless enabled."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Show how far the run is."""
        if not self._enabled:
            return
        line = (
            f"{progress.share:4.0%}  {progress.documents:,} documents  {progress.clauses:,} clauses  "
            f"{progress.clauses_a_second:,.0f}/s  {progress.failed:,} failed  {remaining(progress.seconds_left)}"
        )
        typer.echo("\r" + line.ljust(self._width), err=True, nl=False)
        self._width = len(line)

    def end(self) -> None:
        """Leave the line."""
        if self._width:
            typer.echo("", err=True)


def remaining(seconds: float | None) -> str:
    """How long it will still take, in the largest units that say enough.

    >>> remaining(None), remaining(42.4), remaining(4000)
    ('', '42 s left', '1 h 06 min left')
    """
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min left"
    return f"{minutes} min {rest:02} s left" if minutes else f"{rest} s left"
