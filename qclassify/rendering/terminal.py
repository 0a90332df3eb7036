"""The table that a person reads in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.palette import on_any_ground
from qclassify.records import Prediction, TaggedDocument
from qclassify.rendering.wording import heading_line
from qclassify.taxonomy import Category, Taxonomy

REASONS = 4
FEW = 14  # so many categories can all be shown; of more, only those that are there


def print_tagged(
    console: Console, tagged: TaggedDocument, taxonomy: Taxonomy, ids: Sequence[str] = ()
) -> None:
    """A document's clauses under their headings, then the counts.

    Args:
        console: where to print.
        tagged: the document.
        taxonomy: names and colours.
        ids: the clauses' own ids, shown instead of their numbers, which count from 1.
    """
    meta = tagged.document.meta
    console.print(Text(printable(f"{tagged.document.name}  {meta.get('title', '')}".rstrip()), style="bold"))
    predictions = tagged.predictions
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("类别", min_width=8, max_width=15, overflow="fold")
    table.add_column("概率", justify="right", no_wrap=True)
    table.add_column("条款", ratio=1, overflow="fold")
    path: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    for index, prediction in enumerate(predictions):
        unit = prediction.unit
        if (unit.heading_path, unit.heading_nos) != path:
            path = (unit.heading_path, unit.heading_nos)
            if any(unit.heading_path) or unit.heading_nos:
                table.add_row(
                    "",
                    "",
                    "",
                    Text(printable(heading_line(unit.heading_nos, unit.heading_path)), style="bold cyan"),
                )
        shown = printable(unit.text)
        if prediction.evidence:
            shown = shown + "\n" + reasons(prediction, taxonomy)
        number = ids[index] if ids else str(index + 1)
        table.add_row(printable(number), _chips(prediction, taxonomy), _probability(prediction), Text(shown))
    console.print(table)
    console.print(_counts(predictions, taxonomy))


def printable(text: str) -> str:
    """The text without control characters, which could drive the terminal, and without lone surrogates."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\t", " "))


def colour_of(category: Category, *, bold: bool = False) -> str:
    """The style of a category's name: its colour, light enough for dark terminals, dark enough for light ones."""
    colour = on_any_ground(category.colour)
    return f"bold {colour}" if bold else colour


def reasons(prediction: Prediction, taxonomy: Taxonomy) -> str:
    """The strongest terms for each label, and against the nearest miss."""
    lines = []
    for evidence in prediction.evidence:
        if evidence.category in prediction.labels:
            terms = "  ".join(
                f"{c.term.strip() or '␣'}{'(标题)' if c.source == 'heading' else ''} {c.value:+.2f}"
                for c in evidence.contributions[:REASONS]
            )
            lines.append(f"  {taxonomy[evidence.category].name} {evidence.score:+.2f} = {terms} …")
    return "\n".join(lines)


def _chips(prediction: Prediction, taxonomy: Taxonomy) -> Text:
    if not prediction.labels:
        return Text("— 无", style="dim")
    chips = Text()
    first = prediction.primary
    for label in sorted(prediction.labels, key=lambda label: label != first):
        if chips:
            # Names of one word need no more than a space between them.
            chips.append(" · " if any(" " in category.name for category in taxonomy.categories) else " ")
        chips.append(taxonomy[label].name, style=colour_of(taxonomy[label], bold=label == first))
    return chips


def _probability(prediction: Prediction) -> Text:
    top = prediction.scores[prediction.primary] if prediction.primary else max(prediction.scores.values())
    return Text(
        f"{top:.2f}" + (" ?" if prediction.review else "  "), style="yellow" if prediction.review else ""
    )


def _counts(predictions: Sequence[Prediction], taxonomy: Taxonomy) -> Text:
    labels = Counter(label for prediction in predictions for label in prediction.labels)
    primaries = Counter(prediction.primary for prediction in predictions)
    line = Text(f"{len(predictions)} 条款: ")
    many = len(taxonomy.categories) > FEW
    for category in taxonomy.categories:
        if many and not labels[category.id]:
            continue
        line.append(f"{category.name} {labels[category.id]}", style=colour_of(category))
        line.append(f" (主 {primaries[category.id]})  ")
    review = sum(prediction.review for prediction in predictions)
    line.append(f"无 {primaries[None]}  待复核(?) {review}")
    return line


def print_units(console: Console, rows: Iterable[Mapping[str, Any]]) -> None:
    """Units with kind, offsets and number."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    for column in ("#", "start", "end", "kind", "no."):
        table.add_column(column, no_wrap=True, justify="right" if column in ("#", "start", "end") else "left")
    table.add_column("text", ratio=1, overflow="fold")
    for row in rows:
        table.add_row(
            str(row["index"]),
            str(row["start"]),
            str(row["end"]),
            row["kind"],
            row["item_no"] or "",
            Text(printable(row["text"])),
        )
    console.print(table)


def print_categories(console: Console, taxonomy: Taxonomy) -> None:
    """Each category with its definition, what belongs to it and what does not."""
    for category in taxonomy.categories:
        console.print(
            Text(f"{category.id}  {category.name}  {category.name_en}", style=colour_of(category, bold=True))
        )
        for name, text in (
            ("定义", category.definition),
            ("包括", category.includes),
            ("不包括", category.excludes),
            ("例", category.example),
        ):
            if text:
                console.print(Text(f"  {name}  {text}"))
