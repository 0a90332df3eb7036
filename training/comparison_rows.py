"""A comparison of two models as rows: for JSON lines, and for a terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.taxonomy import Taxonomy
from training.model_comparison import Change, Difference, ModelComparison

FIGURE_NAMES = {
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "primary_accuracy": "primary accuracy",
    "subset_accuracy": "label set right",
    "ece": "calibration error",
    "coverage_at_95_precision": "coverage at 95 %",
}
SHOWN = 20


def comparison_records(comparison: ModelComparison) -> Iterator[dict[str, Any]]:
    """One record a figure (`kind` `figure`), category (`category`) and changed clause (`clause`)."""
    for kind, differences in (("figure", comparison.figures), ("category", comparison.per_category)):
        for name, difference in differences.items():
            yield {"kind": kind, "name": name, **_numbers(difference)}
    for change in comparison.changes:
        yield {"kind": "clause", **asdict(change), "verdict": change.verdict}


def _numbers(difference: Difference) -> dict[str, float | None]:
    values = {**asdict(difference), "change": difference.change}
    return {key: None if math.isnan(value) else round(value, 6) for key, value in values.items()}


def gains_and_losses(changes: Sequence[Change]) -> tuple[Counter[str], Counter[str]]:
    """How many clauses gain and how many lose each category."""
    return (
        Counter(category for change in changes for category in change.gained),
        Counter(category for change in changes for category in change.lost),
    )


def number_text(value: float) -> str:
    """`0.892`, a dash for what is not known."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def change_text(difference: Difference) -> str:
    """`+0.012 [-0.004, 0.027]`."""
    if math.isnan(difference.change) or math.isnan(difference.low):
        return "–"
    return f"{difference.change:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def summary_line(comparison: ModelComparison) -> str:
    """How many clauses change, and which way."""
    verdicts = Counter(change.verdict for change in comparison.changes)
    counted = ", ".join(
        f"{verdicts[name]} {name}" for name in ("better", "worse", "even", "unknown") if verdicts[name]
    )
    return f"{len(comparison.changes)} clauses change" + (f": {counted}" if counted else "")


def print_comparison(console: Console, comparison: ModelComparison, taxonomy: Taxonomy) -> None:
    """Figures, categories, and the first changed clauses of each document."""
    first, second = comparison.names
    console.print(Text(f"A = {first} ({comparison.sources[0]})   B = {second} ({comparison.sources[1]})"))
    if comparison.left_out:
        console.print(Text(f"known to one model only, left out: {', '.join(comparison.left_out)}"))
    if comparison.figures:
        console.print(Text(f"\n{comparison.clauses} held-out clauses", style="bold"))
        console.print(_figure_table(comparison, taxonomy))
    console.print(Text(f"\n{summary_line(comparison)}", style="bold"))
    by_document: dict[str, list[Change]] = {}
    for change in comparison.changes:
        by_document.setdefault(change.document, []).append(change)
    for document, changes in by_document.items():
        console.print(Text(f"\n{document}: {len(changes)}", style="bold cyan"))
        for change in changes[:SHOWN]:
            console.print(Text(f"  [{change.id}] {change_words(change)}  ({change.verdict})"))
            console.print(Text(f"    {change.text}", style="dim"))
        if len(changes) > SHOWN:
            console.print(Text(f"  … {len(changes) - SHOWN} more; --format jsonl or html shows all"))


def change_words(change: Change) -> str:
    """`+product -governance primary governance → product`."""
    words = [f"+{category}" for category in change.gained] + [f"-{category}" for category in change.lost]
    if change.first_primary != change.second_primary:
        words.append(f"primary {change.first_primary or 'none'} → {change.second_primary or 'none'}")
    return " ".join(words)


def _figure_table(comparison: ModelComparison, taxonomy: Taxonomy) -> Table:
    gained, lost = gains_and_losses(comparison.changes)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("", overflow="fold")
    for head in ("A", "B", "B − A [95 %]", "gained", "lost"):
        table.add_column(head, justify="right", no_wrap=True)
    for name, difference in comparison.figures.items():
        table.add_row(FIGURE_NAMES.get(name, name), *_cells(difference), "", "")
    table.add_section()
    for category, difference in comparison.per_category.items():
        label = Text(f"{category} {taxonomy[category].name}", style=taxonomy[category].colour)
        table.add_row(label, *_cells(difference), str(gained[category] or ""), str(lost[category] or ""))
    return table


def _cells(difference: Difference) -> tuple[str, str, str]:
    return number_text(difference.first), number_text(difference.second), change_text(difference)
