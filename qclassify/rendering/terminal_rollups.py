"""Roll-ups as a person reads them in a terminal: a table a document, or a row an item."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.rendering.terminal import FEW, colour_of, printable
from qclassify.rendering.wording import estimate_text, percent, words
from qclassify.summarising import Section, Summary
from qclassify.taxonomy import Taxonomy


def print_documents(
    console: Console, rollups: Iterable[tuple[str, Section | None, Summary]], taxonomy: Taxonomy
) -> None:
    """A table for each document: counts, shares, and shares corrected for known errors, as estimates."""
    phrases = words("zh")
    columns = ("count", "primary", "share", "characters", "share_of_characters", "corrected")
    for name, _, summary in rollups:
        console.print(Text(printable(name), style="bold"))
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        table.add_column(phrases["category"], overflow="fold")
        for column in columns:
            table.add_column(phrases[column], justify="right", no_wrap=True)
        for category in taxonomy.categories:
            numbers = summary.categories[category.id]
            table.add_row(
                Text(category.name, style=colour_of(category)),
                str(numbers.clauses),
                str(numbers.primary),
                percent(numbers.share, 1),
                str(numbers.characters),
                percent(numbers.share_of_characters, 1),
                estimate_text(numbers.corrected),
            )
        console.print(table)
        console.print(
            f"{phrases['clauses']} {summary.clauses}  {phrases['characters']} {summary.characters}  "
            f"{phrases['none']} {summary.untagged}  {phrases['review']} {summary.review}\n"
        )


def print_items(
    console: Console, rollups: Iterable[tuple[str, Section | None, Summary]], taxonomy: Taxonomy
) -> None:
    """A table for each document with a row a numbered item: how many clauses carry each category."""
    phrases = words("zh")
    for name, group in groupby(rollups, key=lambda rollup: rollup[0]):
        console.print(Text(printable(name), style="bold"))
        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True, expand=True
        )
        table.add_column(phrases["item"], ratio=1, overflow="fold")
        table.add_column(phrases["clauses"], justify="right", no_wrap=True)
        many = len(taxonomy.categories) > FEW
        if many:
            table.add_column(phrases["categories"], ratio=1, overflow="fold")
        for category in () if many else taxonomy.categories:
            table.add_column(Text(category.name, style=colour_of(category)), justify="right", no_wrap=True)
        table.add_column(phrases["review"], justify="right", no_wrap=True)
        above: list[str] = []
        for _, section, summary in group:
            levels = _levels(section) or [phrases["no_section"]]
            for depth, level in enumerate(levels[:-1]):
                if above[: depth + 1] != levels[: depth + 1]:
                    table.add_row(Text("  " * depth + level, style="bold cyan"))
            above = levels
            table.add_row(
                Text("  " * (len(levels) - 1) + levels[-1]),
                str(summary.clauses),
                *([_counted(summary, taxonomy)] if many else _counts(summary)),
                str(summary.review or ""),
            )
        console.print(table)


def _counts(summary: Summary) -> list[str]:
    return [str(numbers.clauses or "") for numbers in summary.categories.values()]


def _counted(summary: Summary, taxonomy: Taxonomy) -> Text:
    """The categories that are there, with their counts."""
    found = Text()
    for category in taxonomy.categories:
        if count := summary.categories[category.id].clauses:
            found.append(f"{category.name} {count}", style=colour_of(category))
            found.append("  ")
    return found


def _levels(section: Section | None) -> list[str]:
    if section is None:
        return []
    pairs = zip(section.heading_nos, section.heading_path, strict=True)
    return [printable(f"{number} {title}".strip()) for number, title in pairs]
