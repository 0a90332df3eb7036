"""Agreement as text: the block of `labels/README.md`, and a table of every pair of annotators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.agreement import Agreement, measure_agreement
from training.dataset import Dataset
from training.marked_blocks import write_marked_block

START = "<!-- agreement: begin (written by `python -m training agreement --write`) -->"
END = "<!-- agreement: end -->"


def agreement_block(dataset: Dataset) -> str:
    """Counts and agreement as the Markdown block of `labels/README.md`, markers included."""
    agreement = measure_agreement(dataset)
    parts = [START, "", *_count_table(dataset, agreement), "", *_summary(agreement), "", END]
    return "\n".join(parts)


def write_agreement_block(dataset: Dataset, path: Path) -> None:
    """Put a fresh block between the markers of a Markdown file.

    Raises:
        LabelError: the file is missing or does not hold the two markers once each, in order.
    """
    write_marked_block(path, agreement_block(dataset), "the agreement block")


def _count_table(dataset: Dataset, agreement: Agreement | None) -> list[str]:
    rows = [
        "| category | source clauses | primary | annotators’ F1 | Cohen’s κ | written clauses |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for category in dataset.taxonomy.categories:
        labelled = sum(category.id in clause.labels for clause in dataset.gold)
        primary = sum(category.id == clause.primary for clause in dataset.gold)
        written = sum(category.id in clause.labels for clause in dataset.written)
        value = agreement.per_category[category.id] if agreement else None
        human = f"{value.f1:.3f} | {value.kappa:.3f}" if value else "– | –"
        rows.append(f"| `{category.id}` {category.name} | {labelled} | {primary} | {human} | {written} |")
    none = [sum(not clause.labels for clause in clauses) for clauses in (dataset.gold, dataset.written)]
    rows.append(f"| no label | {none[0]} | – | – | – | {none[1]} |")
    rows.append(f"| all clauses | {len(dataset.gold)} | – | – | – | {len(dataset.written)} |")
    return rows


def _summary(agreement: Agreement | None) -> list[str]:
    if agreement is None:
        return ["No clause has the answers of two annotators, so no agreement can be measured."]
    *names, last = agreement.annotators
    return [
        f"Annotators {', '.join(names)} and {last} on {agreement.clauses} source clauses, before adjudication:",
        "",
        f"- F1: micro {agreement.micro_f1:.3f}, macro {agreement.macro_f1:.3f}",
        f"- Cohen’s κ, mean over the categories: {agreement.mean_kappa:.3f}",
        f"- Krippendorff’s α over label sets (MASI distance): {agreement.alpha:.3f}",
        f"- the same label set: {agreement.subset_agreement:.1%}; the same primary: {agreement.primary_agreement:.1%}",
    ]


def pairs_table(pairs: Sequence[Agreement], together: Agreement, categories: Sequence[str]) -> str:
    """Every pair of annotators, and all together: figures over all categories, then each category.

    Cells of a category: F1 / κ / α.
    """
    heads = [
        "annotators",
        "clauses",
        "micro F1",
        "macro F1",
        "mean κ",
        "α (MASI)",
        "same set",
        "same primary",
    ]
    rows = [
        f"| {' | '.join([*heads, *categories])} |",
        "| --- |" + " ---: |" * (len(heads) + len(categories) - 1),
    ]
    for found in [*pairs, *([together] if len(pairs) > 1 else [])]:
        figures = (found.micro_f1, found.macro_f1, found.mean_kappa, found.alpha)
        cells = [" – ".join(found.annotators), str(found.clauses), *(f"{figure:.3f}" for figure in figures)]
        cells += [f"{found.subset_agreement:.1%}", f"{found.primary_agreement:.1%}"]
        for category in categories:
            value = found.per_category[category]
            cells.append(f"{value.f1:.2f} / {value.kappa:.2f} / {value.alpha:.2f}")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
