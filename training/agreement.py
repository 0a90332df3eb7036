"""How far two annotators agree before adjudication.

Reported are F1 (one annotator's answers scored against the other's; symmetric), Cohen's κ for each
category, agreement on the whole label set and on the primary, and Krippendorff's α over label sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.errors import LabelError
from training.dataset import Annotation, Dataset

START = "<!-- agreement: begin (written by `python -m training agreement --write`) -->"
END = "<!-- agreement: end -->"
LabelSet = frozenset[str]


@dataclass(frozen=True, slots=True)
class CategoryAgreement:
    """Agreement on one category: how many clauses each annotator gave it, F1 and κ."""

    first: int
    second: int
    both: int
    f1: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two annotators.

    Attributes:
        annotators: their names.
        clauses: how many both have answered.
        per_category: by category id, in taxonomy order.
        micro_f1: F1 over all (clause, category) pairs.
        macro_f1: mean of the categories' F1.
        mean_kappa: mean of the categories' κ.
        subset_agreement: share of clauses with exactly the same label set.
        primary_agreement: share of clauses with the same primary (none counts as an answer).
        alpha: Krippendorff's α with MASI distance.
    """

    annotators: tuple[str, str]
    clauses: int
    per_category: Mapping[str, CategoryAgreement]
    micro_f1: float
    macro_f1: float
    mean_kappa: float
    subset_agreement: float
    primary_agreement: float
    alpha: float


def measure_agreement(dataset: Dataset) -> Agreement | None:
    """Agreement on the gold clauses; None when no clause has two annotators' answers.

    Raises:
        LabelError: the clauses name more than two annotators.
    """
    names = sorted({annotation.annotator for clause in dataset.gold for annotation in clause.annotations})
    if len(names) > 2:  # noqa: PLR2004 - F1 and κ are between two
        raise LabelError(
            f"agreement is measured between two annotators, the clauses name {len(names)}: {', '.join(names)}",
            "leave two answers a clause in clauses.jsonl",
        )
    pairs = [clause.annotations for clause in dataset.gold if len(clause.annotations) == 2]  # noqa: PLR2004
    if not pairs:
        return None
    return compare_answers([(first, second) for first, second in pairs], dataset.taxonomy.ids)


def compare_answers(pairs: Sequence[tuple[Annotation, Annotation]], categories: Sequence[str]) -> Agreement:
    """Agreement of two annotators on the same clauses, one pair of answers a clause, at least one."""
    sets = [(frozenset(first.labels), frozenset(second.labels)) for first, second in pairs]
    per_category = {category: _category_agreement(sets, category) for category in categories}
    values = list(per_category.values())
    return Agreement(
        annotators=(pairs[0][0].annotator, pairs[0][1].annotator),
        clauses=len(pairs),
        per_category=per_category,
        micro_f1=f1(*(sum(getattr(value, name) for value in values) for name in ("both", "first", "second"))),
        macro_f1=sum(value.f1 for value in values) / len(values),
        mean_kappa=sum(value.kappa for value in values) / len(values),
        subset_agreement=sum(first == second for first, second in sets) / len(sets),
        primary_agreement=sum(first.primary == second.primary for first, second in pairs) / len(pairs),
        alpha=masi_alpha(sets),
    )


def f1(both: int, first: int, second: int) -> float:
    """F1 = 2·|A ∩ B| / (|A| + |B|), Dice's coefficient; 1.0 when neither gave the category at all.

    As a measure of agreement: Hripcsak & Rothschild, “Agreement, the F-measure, and reliability in
    information retrieval”, JAMIA 12 (2005).
    """
    return 2 * both / (first + second) if first + second else 1.0


def cohen_kappa(both: int, first: int, second: int, clauses: int) -> float:
    """κ = (p_o − p_e) / (1 − p_e) for a yes/no category.

    p_o is the share of clauses with the same answer, p_e the share expected by chance from how often
    each annotator says yes (Cohen, “A coefficient of agreement for nominal scales”, 1960). 1.0 when both
    always give the same single answer.
    """
    observed = 1 - (first + second - 2 * both) / clauses
    expected = (first * second + (clauses - first) * (clauses - second)) / clauses**2
    return (observed - expected) / (1 - expected) if expected < 1 else 1.0


def masi_distance(first: LabelSet, second: LabelSet) -> float:
    """1 − J·M: J is Jaccard similarity, M is 1 for equal sets, 2/3 when one holds the other, 1/3 when
    they merely overlap, 0 when they share nothing (Passonneau, “Measuring agreement on set-valued items
    (MASI) for semantic and pragmatic annotation”, LREC 2006). Two empty sets are equal.
    """  # noqa: D205 - the formula is the summary
    if first == second:
        return 0.0
    shared = len(first & second)
    if not shared:
        return 1.0
    monotonicity = 2 / 3 if first < second or second < first else 1 / 3
    return 1 - shared / len(first | second) * monotonicity


def masi_alpha(pairs: Sequence[tuple[LabelSet, LabelSet]]) -> float:
    """α = 1 − D_o / D_e with MASI distance.

    D_o is the mean distance within clauses, D_e the mean distance between any two of all 2n answers
    (Krippendorff, “Content Analysis”, 2nd ed. 2004, ch. 11; two annotators, no missing answers). 1.0
    when all answers are the same.
    """
    counts = Counter(answer for pair in pairs for answer in pair)
    answers = 2 * len(pairs)
    observed = sum(masi_distance(first, second) for first, second in pairs) / len(pairs)
    expected = sum(
        n * m * masi_distance(first, second) for first, n in counts.items() for second, m in counts.items()
    ) / (answers * (answers - 1))
    return 1 - observed / expected if expected else 1.0


def _category_agreement(sets: Sequence[tuple[LabelSet, LabelSet]], category: str) -> CategoryAgreement:
    first = sum(category in a for a, _ in sets)
    second = sum(category in b for _, b in sets)
    both = sum(category in a and category in b for a, b in sets)
    return CategoryAgreement(
        first, second, both, f1(both, first, second), cohen_kappa(both, first, second, len(sets))
    )


def agreement_record(dataset: Dataset) -> dict[str, Any]:
    """The agreement as a JSON-ready record; empty when it cannot be measured.

    Keys: `annotators`, `n_clauses`, `micro_f1`, `macro_f1`, `mean_kappa`, `subset_agreement`,
    `primary_agreement`, `alpha_masi`, `per_category` (category → `f1`, `kappa`).
    """
    found = measure_agreement(dataset)
    if found is None:
        return {}
    return {
        "annotators": list(found.annotators),
        "n_clauses": found.clauses,
        "micro_f1": found.micro_f1,
        "macro_f1": found.macro_f1,
        "mean_kappa": found.mean_kappa,
        "subset_agreement": found.subset_agreement,
        "primary_agreement": found.primary_agreement,
        "alpha_masi": found.alpha,
        "per_category": {
            category: {"f1": value.f1, "kappa": value.kappa} for category, value in found.per_category.items()
        },
    }


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
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise LabelError(
            f"{path}: cannot be read: {error.strerror}", "the block goes into an existing file"
        ) from error
    start, end = text.find(START), text.find(END)
    if text.count(START) != 1 or text.count(END) != 1 or end < start:
        raise LabelError(f"{path}: the markers of the agreement block are missing", f"put in: {START} {END}")
    path.write_text(text[:start] + agreement_block(dataset) + text[end + len(END) :], "utf-8")


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
    first, second = agreement.annotators
    return [
        f"Annotators {first} and {second} on {agreement.clauses} source clauses, before adjudication:",
        "",
        f"- F1: micro {agreement.micro_f1:.3f}, macro {agreement.macro_f1:.3f}",
        f"- Cohen’s κ, mean over the categories: {agreement.mean_kappa:.3f}",
        f"- Krippendorff’s α over label sets (MASI distance): {agreement.alpha:.3f}",
        f"- the same label set: {agreement.subset_agreement:.1%}; the same primary: {agreement.primary_agreement:.1%}",
    ]
