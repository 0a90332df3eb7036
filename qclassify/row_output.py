"""Rows → one output in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qclassify.rendering.lines import csv_lines, json_line
from qclassify.rendering.rows import unit_row
from qclassify.rendering.sinks import binary_sink, text_sink
from qclassify.rendering.wording import Language
from qclassify.segmentation import segment
from qclassify.tagging_inputs import Documents
from qclassify.taxonomy import Taxonomy

Row = dict[str, Any]
Track = Callable[[Iterable[Any], str, int | None], Iterable[Any]]


def untracked(items: Iterable[Any], _what: str, _total: int | None) -> Iterable[Any]:
    """No progress is shown."""
    return items


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the output shall be.

    Attributes:
        format: `table`, `jsonl`, `csv`, `parquet`, `xlsx`, `md` or `html`.
        output: the file, None for standard output.
        level: `clause`, or rolled up to `item` (a numbered item of the document) or `document`.
        language: of the outputs for people.
        min_score: one threshold in (0, 1) for every category instead of the model's own.
        with_evidence: rows carry the terms that speak for each category (html always has them).
    """

    format: str
    output: Path | None = None
    level: str = "clause"
    language: Language = "zh"
    min_score: float | None = None
    with_evidence: bool = False

    @property
    def as_rows(self) -> bool:
        """Whether the output is clauses one by one, which need not be held all at once."""
        return self.level == "clause" and self.format in ("jsonl", "csv", "parquet")


def write_units(documents: Documents, wanted: Wanted, track: Track = untracked) -> int:
    """Segment documents into one output; returns how many inputs failed."""
    rows = (
        unit_row(document.name, index, unit)
        for document in track(documents, "segmenting", None)
        for index, unit in enumerate(segment(document))
    )
    if wanted.format == "table":
        from qclassify.rendering.terminal import print_units

        with text_sink(wanted.output) as stream:
            print_units(console_on(stream), rows)
    else:
        write_rows(rows, wanted)
    return documents.failed


def write_categories(taxonomy: Taxonomy, format_: str) -> None:
    """The categories with their definitions, on standard output."""
    keys = ("id", "name", "name_en", "definition", "includes", "excludes", "colour", "example")
    if format_ == "table":
        from qclassify.rendering.terminal import print_categories

        with text_sink(None) as stream:
            print_categories(console_on(stream), taxonomy)
    else:
        rows = ({key: getattr(category, key) for key in keys} for category in taxonomy.categories)
        write_rows(rows, Wanted(format_))


def write_rows(rows: Iterable[Row], wanted: Wanted) -> None:
    """Write rows as they come: JSON lines, csv or parquet."""
    if wanted.format == "parquet":
        from qclassify.rendering.parquet import write_parquet

        with binary_sink(wanted.output) as binary:
            write_parquet(rows, binary)
        return
    as_csv = wanted.format == "csv"
    with text_sink(wanted.output, byte_order_mark=as_csv) as stream:
        stream.writelines(csv_lines(rows) if as_csv else map(json_line, rows))


def console_on(stream: TextIO) -> Any:  # noqa: ANN401 - rich is loaded only for people
    """A console that prints what it is given and guesses nothing from it."""
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False, markup=False, soft_wrap=False)
