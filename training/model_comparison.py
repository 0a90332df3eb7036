"""What changes from one model to another: held-out figures with paired intervals, and the clauses.

Both models are judged by the labels as they are now, on clauses that both answered without having seen
their document. The bootstrap is paired: each draw takes the same groups of clauses for both models, so
the interval of a difference is that of the difference and not of two separate figures (B. Efron and
R. Tibshirani, An Introduction to the Bootstrap, 1993; for text classifiers T. Berg-Kirkpatrick, D. Burkett
and D. Klein, An Empirical Investigation of Statistical Significance in NLP, EMNLP 2012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qclassify.errors import LabelError
from training.held_out_models import HeldOutModel
from training.labelled_clauses import LabelledClause
from training.metrics import Judged, bootstrap_rows, category_f1, headline
from training.report import clause_groups

SEED = 20190101


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both models.

    Attributes:
        first, second: the figures; nan where a category has no clause.
        low, high: 95 % interval of `second - first`, paired by clause group.
        wins: share of the draws in which the second figure is higher, ties counted half.
    """

    first: float
    second: float
    low: float
    high: float
    wins: float

    @property
    def change(self) -> float:
        """`second - first`."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Change:
    """A clause that the two models answer differently.

    Attributes:
        document, id: where it stands; `id` is its number for documents without labels.
        heading: titles above it, outermost first.
        text: of the clause.
        gained, lost: categories that only the second, only the first model gives, in taxonomy order.
        first_primary, second_primary: None for none.
        truth: the labels it should have, None where nobody knows.
    """

    document: str
    id: str
    heading: tuple[str, ...]
    text: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    first_primary: str | None
    second_primary: str | None
    truth: tuple[str, ...] | None

    @property
    def verdict(self) -> str:
        """`better` or `worse` when the second model has fewer or more wrong categories, else `even` or `unknown`."""
        if self.truth is None:
            return "unknown"
        mended = sum(c in self.truth for c in self.gained) + sum(c not in self.truth for c in self.lost)
        spoilt = len(self.gained) + len(self.lost) - mended
        return "better" if mended > spoilt else "worse" if spoilt > mended else "even"


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Two models side by side.

    Attributes:
        names: of the models.
        categories: the ids that both know, in the first one's order; figures and changes are about these.
        left_out: ids that only one knows.
        clauses: how many held-out clauses both answered.
        figures: headline figure → difference; empty when there is no such clause.
        per_category: F1 of each category, likewise.
        changes: held-out clauses, or those of an archive, that are answered differently.
        sources: for each model, where its held-out answers come from.
    """

    names: tuple[str, str]
    categories: tuple[str, ...]
    left_out: tuple[str, ...]
    clauses: int
    figures: Mapping[str, Difference]
    per_category: Mapping[str, Difference]
    changes: tuple[Change, ...]
    sources: tuple[str, str]


def compare_models(
    first: HeldOutModel, second: HeldOutModel, gold: Sequence[LabelledClause], *, figures_needed: bool = True
) -> ModelComparison:
    """Compare two models on the labelled clauses that both answered.

    Args:
        first: a model.
        second: another one.
        gold: the labels as they are now.
        figures_needed: False gives a comparison without figures and changes where no clause is common.

    Raises:
        LabelError: the models share no category, or figures are needed and no clause was answered by both.
    """
    categories = tuple(c for c in first.taxonomy.ids if c in second.taxonomy.ids)
    if not categories:
        raise LabelError(
            f"{first.name} and {second.name} have no category in common", "compare models of one taxonomy"
        )
    clauses = [clause for clause in gold if clause.id in first.answered and clause.id in second.answered]
    if not clauses and figures_needed:
        raise LabelError(
            f"{first.name} and {second.name} have answered no clause of these labels in common",
            "name the labels folder they were trained on with --labels, or add --recompute",
        )
    judged = [on_categories(model, clauses, categories) for model in (first, second)]
    everything = {*first.taxonomy.ids, *second.taxonomy.ids}
    figures, per_category = (
        paired_differences(judged[0], judged[1], clause_groups(clauses), categories) if clauses else ({}, {})
    )
    return ModelComparison(
        names=(first.name, second.name),
        categories=categories,
        left_out=tuple(sorted(everything - set(categories))),
        clauses=len(clauses),
        figures=figures,
        per_category=per_category,
        changes=tuple(_changes(clauses, judged[0], judged[1], categories)),
        sources=(first.source, second.source),
    )


def on_categories(
    model: HeldOutModel, clauses: Sequence[LabelledClause], categories: Sequence[str]
) -> Judged:
    """A model's answers for some clauses, reduced to some of its categories."""
    judged = model.judged(clauses)
    columns = np.array([model.taxonomy.ids.index(c) for c in categories])
    position = np.full(len(model.taxonomy.ids) + 1, -1)
    position[columns] = np.arange(len(columns))
    return Judged(
        judged.truth[:, columns],
        judged.chosen[:, columns],
        judged.probability[:, columns],
        judged.confidence,
        position[judged.true_primary],
        position[judged.chosen_primary],
    )


def paired_differences(
    first: Judged, second: Judged, groups: Sequence[str], categories: Sequence[str]
) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """Differences of the headline figures and of each category's F1."""
    f1 = [_f1_or_nan(judged) for judged in (first, second)]
    rows = bootstrap_rows(groups, SEED)
    draws = [np.array([_f1_or_nan(judged.take(chosen)) for chosen in rows]) for judged in (first, second)]
    per_category = {
        category: _difference(float(f1[0][k]), float(f1[1][k]), draws[0][:, k], draws[1][:, k])
        for k, category in enumerate(categories)
    }
    return headline_differences(first, second, groups), per_category


def headline_differences(
    first: Judged, second: Judged, groups: Sequence[str], seed: int = SEED
) -> dict[str, Difference]:
    """Differences of the headline figures; each draw takes the same groups of clauses for both."""
    rows = bootstrap_rows(groups, seed)
    whole = [headline(judged) for judged in (first, second)]
    drawn = [[headline(judged.take(chosen)) for chosen in rows] for judged in (first, second)]
    return {
        name: _difference(
            whole[0][name], whole[1][name], *(np.array([draw[name] for draw in draws]) for draws in drawn)
        )
        for name in whole[0]
    }


def _f1_or_nan(judged: Judged) -> npt.NDArray[np.float64]:
    return np.where(judged.truth.any(axis=0), category_f1(judged.truth, judged.chosen), np.nan)


def _difference(
    first: float, second: float, firsts: npt.NDArray[np.float64], seconds: npt.NDArray[np.float64]
) -> Difference:
    differences = seconds - firsts
    known = differences[~np.isnan(differences)]  # a draw may hold no clause of a rare category
    if not len(known):
        return Difference(first, second, float("nan"), float("nan"), float("nan"))
    low, high = np.percentile(known, [2.5, 97.5])
    wins = float((known > 0).mean() + (known == 0).mean() / 2)
    return Difference(first, second, float(low), float(high), wins)


def _changes(
    clauses: Sequence[LabelledClause], first: Judged, second: Judged, categories: Sequence[str]
) -> list[Change]:
    changed = (first.chosen != second.chosen).any(axis=1) | (first.chosen_primary != second.chosen_primary)
    found = []
    for row in np.flatnonzero(changed).tolist():
        clause, before, after = clauses[row], first.chosen[row], second.chosen[row]
        found.append(
            Change(
                document=clause.doc or "-",
                id=clause.id,
                heading=tuple(filter(None, clause.heading_path)),
                text=clause.text,
                gained=tuple(
                    c for c, was, now in zip(categories, before, after, strict=True) if now and not was
                ),
                lost=tuple(
                    c for c, was, now in zip(categories, before, after, strict=True) if was and not now
                ),
                first_primary=_named(int(first.chosen_primary[row]), categories),
                second_primary=_named(int(second.chosen_primary[row]), categories),
                truth=tuple(c for c in clause.labels if c in categories),
            )
        )
    return found


def _named(position: int, categories: Sequence[str]) -> str | None:
    return None if position < 0 else categories[position]
