"""Two documents side by side in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.comparing import Comparison, Counterpart
from qclassify.records import TaggedDocument
from qclassify.rendering.terminal import colour_of, printable
from qclassify.rendering.titles import document_title
from qclassify.rendering.wording import heading_line, percent, short_name, words
from qclassify.summarising import sections, summarise
from qclassify.taxonomy import Taxonomy

_MAIN_CATEGORIES = 3


def print_comparison(console: Console, comparison: Comparison, taxonomy: Taxonomy) -> None:
    """Shares by category, sections, and the clauses of each document without a counterpart."""
    phrases = words("zh")
    documents = (comparison.first, comparison.second)
    for letter, document in zip((phrases["first"], phrases["second"]), documents, strict=True):
        title = f"{letter}：{document_title(document)}（{document.document.name}）"
        console.print(Text(printable(title), style="bold"))
    console.print(_shares(comparison, taxonomy))
    for letter, document in zip((phrases["first"], phrases["second"]), documents, strict=True):
        console.print(Text(f"{letter} {phrases['sections_compared']}", style="bold"))
        console.print(_sections(document, taxonomy))
    sides = (
        (phrases["first"], comparison.first, comparison.second, comparison.of_first),
        (phrases["second"], comparison.second, comparison.first, comparison.of_second),
    )
    for letter, document, other, counterparts in sides:
        missing = [found for found in counterparts if not found.found]
        heading = phrases["without_counterpart"].format(
            name=letter, n=len(missing), total=len(document.predictions)
        )
        console.print(Text(heading, style="bold"))
        console.print(_missing(document, other, missing, taxonomy))


def _shares(comparison: Comparison, taxonomy: Taxonomy) -> Table:
    phrases = words("zh")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(phrases["category"], no_wrap=True)
    for head in (phrases["first"], phrases["second"], phrases["difference"]):
        table.add_column(head, justify="right", no_wrap=True)
    first, second = (summarise(d.predictions, taxonomy.ids) for d in (comparison.first, comparison.second))
    for category in taxonomy.categories:
        left, right = first.categories[category.id], second.categories[category.id]
        table.add_row(
            Text(category.name, style=colour_of(category)),
            f"{left.clauses}  {percent(left.share)}",
            f"{right.clauses}  {percent(right.share)}",
            f"{(left.share - right.share) * 100:+.1f}",
        )
    table.add_row(phrases["total"], str(first.clauses), str(second.clauses), "")
    return table


def main_categories(
    document: TaggedDocument, taxonomy: Taxonomy
) -> list[tuple[str, int, list[tuple[str, float]]]]:
    """(title, clauses, its most frequent categories with their shares) of every outermost section."""
    rows = []
    for section in sections(document.predictions, depth=1):
        summary = summarise(section.predictions, taxonomy.ids)
        ranked = sorted(taxonomy.ids, key=lambda name: -summary.categories[name].clauses)
        most = [(c, summary.categories[c].share) for c in ranked if summary.categories[c].clauses]
        title = heading_line(section.heading_nos, section.heading_path)
        rows.append((title, summary.clauses, most[:_MAIN_CATEGORIES]))
    return rows


def _sections(document: TaggedDocument, taxonomy: Taxonomy) -> Table:
    phrases = words("zh")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(phrases["section"], overflow="fold")
    table.add_column(phrases["clauses"], justify="right", no_wrap=True)
    table.add_column(phrases["main_categories"], overflow="fold")
    for title, clauses, most in main_categories(document, taxonomy):
        named = "  ".join(f"{short_name(taxonomy[c], 'zh')} {percent(share)}" for c, share in most)
        table.add_row(Text(printable(title or phrases["no_section"])), str(clauses), named)
    return table


def _missing(
    document: TaggedDocument, other: TaggedDocument, missing: Sequence[Counterpart], taxonomy: Taxonomy
) -> Table:
    phrases = words("zh")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column(phrases["primary"], no_wrap=True)
    table.add_column(phrases["clause"], ratio=3, overflow="fold")
    table.add_column(f"{phrases['counterpart']} #", justify="right", no_wrap=True)
    table.add_column(phrases["likeness"], justify="right", no_wrap=True)
    for found in missing:
        prediction = document.predictions[found.index]
        primary = taxonomy[prediction.primary] if prediction.primary else None
        table.add_row(
            str(found.index + 1),
            Text(primary.name, style=colour_of(primary)) if primary else "—",
            Text(printable(prediction.unit.text)),
            "" if found.nearest is None or not other.predictions else str(found.nearest + 1),
            f"{found.likeness:.2f}",
        )
    return table
