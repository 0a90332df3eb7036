"""How far annotators agree before adjudication: two of them, or any number.

Reported are F1 (one annotator's answers scored against the other's; symmetric), Cohen's κ and Krippendorff's α
for each category, agreement on the whole label set and on the primary, and α over label sets. For more than two
annotators every pair is measured on the clauses that both answered; together, F1 and shares count all pairs of
answers to one clause, κ is the mean of the pairs' κ weighted by their clauses (Light, “Measures of response
agreement for qualitative data”, 1971), and α takes every clause with two answers or more, however many.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.dataset import Annotation, Dataset
from training.labelled_clauses import LabelledClause

LabelSet = frozenset[str]


@dataclass(frozen=True, slots=True)
class CategoryAgreement:
    """Agreement on one category.

    Attributes:
        first, second, both: to how many clauses the one annotator gave it, the other, both; with more than
            two annotators summed over pairs of answers.
        f1, kappa, alpha: F1, Cohen's κ, Krippendorff's α; 1.0 is perfect, κ and α are 0 at chance.
    """

    first: int
    second: int
    both: int
    f1: float
    kappa: float
    alpha: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two annotators, or of several together.

    Attributes:
        annotators: their names.
        clauses: how many clauses at least two of them have answered.
        per_category: by category id, in taxonomy order.
        micro_f1: F1 over all (clause, category) pairs.
        macro_f1: mean of the categories' F1.
        mean_kappa: mean of the categories' κ.
        subset_agreement: share of pairs of answers with exactly the same label set.
        primary_agreement: share of pairs of answers with the same primary (none counts as an answer).
        alpha: Krippendorff's α with MASI distance.
    """

    annotators: tuple[str, ...]
    clauses: int
    per_category: Mapping[str, CategoryAgreement]
    micro_f1: float
    macro_f1: float
    mean_kappa: float
    subset_agreement: float
    primary_agreement: float
    alpha: float


def measure_agreement(dataset: Dataset, clauses: Sequence[LabelledClause] | None = None) -> Agreement | None:
    """Agreement of all annotators together; None when no clause has the answers of two.

    Args:
        dataset: gives the categories.
        clauses: whose answers to compare; by default the gold clauses.
    """
    pairs = measure_pairs(dataset, clauses)
    if len(pairs) <= 1:
        return pairs[0] if pairs else None
    answers = _answered_twice(dataset.gold if clauses is None else clauses)
    return _together(answers, pairs, dataset.taxonomy.ids)


def measure_pairs(dataset: Dataset, clauses: Sequence[LabelledClause] | None = None) -> tuple[Agreement, ...]:
    """Agreement of every two annotators that have answered the same clauses, by name."""
    common: dict[tuple[str, str], list[tuple[Annotation, Annotation]]] = {}
    for answers in _answered_twice(dataset.gold if clauses is None else clauses):
        for first, second in itertools.combinations(sorted(answers, key=lambda a: a.annotator), 2):
            common.setdefault((first.annotator, second.annotator), []).append((first, second))
    return tuple(compare_answers(common[names], dataset.taxonomy.ids) for names in sorted(common))


def compare_answers(pairs: Sequence[tuple[Annotation, Annotation]], categories: Sequence[str]) -> Agreement:
    """Agreement of two annotators on the same clauses, one pair of answers a clause, at least one."""
    sets = [(frozenset(first.labels), frozenset(second.labels)) for first, second in pairs]
    per_category = {category: _category_agreement(sets, category) for category in categories}
    return _agreement((pairs[0][0].annotator, pairs[0][1].annotator), len(pairs), per_category, pairs, sets)


def _together(
    answers: Sequence[Sequence[Annotation]], pairs: Sequence[Agreement], categories: Sequence[str]
) -> Agreement:
    names = tuple(sorted({answer.annotator for group in answers for answer in group}))
    sets = [tuple(frozenset(answer.labels) for answer in group) for group in answers]
    weight = sum(pair.clauses for pair in pairs)
    per_category = {}
    for category in categories:
        values = [pair.per_category[category] for pair in pairs]
        first, second, both = (
            sum(getattr(value, name) for value in values) for name in ("first", "second", "both")
        )
        kappa = sum(v.kappa * pair.clauses for v, pair in zip(values, pairs, strict=True)) / weight
        alpha = masi_alpha([tuple(given & {category} for given in group) for group in sets])
        per_category[category] = CategoryAgreement(first, second, both, f1(both, first, second), kappa, alpha)
    couples = [couple for group in answers for couple in itertools.combinations(group, 2)]
    return _agreement(names, len(answers), per_category, couples, sets)


def _agreement(
    names: tuple[str, ...],
    clauses: int,
    per_category: Mapping[str, CategoryAgreement],
    pairs: Sequence[tuple[Annotation, Annotation]],
    sets: Sequence[Sequence[LabelSet]],
) -> Agreement:
    values = list(per_category.values())
    return Agreement(
        annotators=names,
        clauses=clauses,
        per_category=per_category,
        micro_f1=f1(*(sum(getattr(value, name) for value in values) for name in ("both", "first", "second"))),
        macro_f1=sum(value.f1 for value in values) / len(values),
        mean_kappa=sum(value.kappa for value in values) / len(values),
        subset_agreement=sum(set(a.labels) == set(b.labels) for a, b in pairs) / len(pairs),
        primary_agreement=sum(a.primary == b.primary for a, b in pairs) / len(pairs),
        alpha=masi_alpha(sets),
    )


def _answered_twice(clauses: Sequence[LabelledClause]) -> list[tuple[Annotation, ...]]:
    return [clause.annotations for clause in clauses if len(clause.annotations) > 1]


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


def masi_alpha(groups: Sequence[Sequence[LabelSet]]) -> float:
    """α = 1 − D_o / D_e with MASI distance; one group of answers a clause, each of two answers or more.

    D_o is the mean distance within clauses, where a clause with m answers counts for m; D_e is the mean
    distance between any two of all answers (Krippendorff, “Content Analysis”, 2nd ed. 2004, ch. 11, for
    any number of annotators and missing answers). 1.0 when all answers are the same.
    """
    counts = Counter(answer for group in groups for answer in group)
    answers = sum(counts.values())
    observed = sum(
        2 * masi_distance(first, second) / (len(group) - 1)
        for group in groups
        for first, second in itertools.combinations(group, 2)
    )
    expected = sum(
        n * m * masi_distance(first, second) for first, n in counts.items() for second, m in counts.items()
    ) / (answers - 1)
    return 1 - observed / expected if expected else 1.0


def _category_agreement(sets: Sequence[tuple[LabelSet, LabelSet]], category: str) -> CategoryAgreement:
    first = sum(category in a for a, _ in sets)
    second = sum(category in b for _, b in sets)
    both = sum(category in a and category in b for a, b in sets)
    alpha = masi_alpha([(a & {category}, b & {category}) for a, b in sets])
    kappa = cohen_kappa(both, first, second, len(sets))
    return CategoryAgreement(first, second, both, f1(both, first, second), kappa, alpha)


def agreement_record(dataset: Dataset) -> dict[str, Any]:
    """The agreement on the gold clauses as a JSON-ready record; empty when it cannot be measured.

    Keys: `annotators`, `n_clauses`, `micro_f1`, `macro_f1`, `mean_kappa`, `subset_agreement`,
    `primary_agreement`, `alpha_masi`, `per_category` (category → `f1`, `kappa`, `alpha`).
    """
    found = measure_agreement(dataset)
    return {} if found is None else record_of(found)


def record_of(found: Agreement) -> dict[str, Any]:
    """One agreement as such a record."""
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
            category: {"f1": value.f1, "kappa": value.kappa, "alpha": value.alpha}
            for category, value in found.per_category.items()
        },
    }
