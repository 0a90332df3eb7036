"""The official figures of a recipe as one JSON-ready record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from qclassify.deciding import Decision
from qclassify.profiles import profile_record
from qclassify.taxonomy import Taxonomy
from training.agreement import agreement_record
from training.dataset import Dataset, LabelledClause
from training.decisions import judge
from training.evaluation import (
    OutOfFold,
    clause_text,
    judge_out_of_fold,
    label_matrix,
    pipeline_scores,
    primary_matrix,
)
from training.folds import is_in_parts
from training.held_out import held_out_profile
from training.metrics import Judged, headline, intervals, micro_f1, per_category
from training.recipe import Recipe
from training.scarcity import label_warnings

DIGITS = 6
HEADING_SHARE = 0.15  # so much of the score may rest on headings alone


def official_figures(recipe: Recipe, dataset: Dataset, result: OutOfFold) -> dict[str, Any]:
    """Leave-one-document-out figures with intervals, beside the annotators' agreement.

    Keys: `recipe`, `data` (with `in_parts`: held out were parts of the only document; `warnings`: what the
    labels are too poor for), `lodo`, `lodo_headless` (headings withheld at test time), `by_document`,
    `agreement`, `profile` (the reference of `qclassify drift`). Every number is rounded to six digits.
    """
    judged = judge_out_of_fold(result, dataset.taxonomy)
    headless = judge_out_of_fold(result, dataset.taxonomy, headings=False)
    groups = clause_groups(result.clauses)
    lodo, withheld = (figures(j, dataset.taxonomy, groups, recipe.seed) for j in (judged, headless))
    warnings = label_warnings(dataset, written=recipe.data.written)
    if lodo["micro_f1"] - withheld["micro_f1"] > HEADING_SHARE:
        warnings.append(
            f"the model leans on headings: micro-F1 falls from {lodo['micro_f1']:.3f} to {withheld['micro_f1']:.3f} "
            "without them; label documents with other headings, or lower the heading's weight in the recipe"
        )
    record = {
        "recipe": recipe.name,
        "data": {
            "source_clauses": len(dataset.gold),
            "written_clauses": len(dataset.written) if recipe.data.written else 0,
            "documents": sorted(result.decisions),
            "in_parts": is_in_parts(dataset),
            "warnings": warnings,
        },
        "lodo": lodo,
        "lodo_headless": withheld,
        "by_document": _by_document(result, judged),
        "agreement": agreement_record(dataset),
        "profile": profile_record(held_out_profile(result, dataset.taxonomy)),
    }
    return dict(rounded(record))


def neighbour_figures(
    recipe: Recipe,
    pipeline: Pipeline,
    decision: Decision,
    clauses: Sequence[LabelledClause],
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    """The same figures for labelled clauses of documents that no training data came from."""
    scores = pipeline_scores(pipeline, [clause_text(clause) for clause in clauses])
    judged = judge(scores, label_matrix(clauses, taxonomy), primary_matrix(clauses, taxonomy), decision)
    groups = [f"{clause.doc}" for clause in clauses]
    rows = [f"{group}:{row // 7}" for row, group in enumerate(groups)]
    return dict(rounded(figures(judged, taxonomy, rows, recipe.seed)))


def figures(judged: Judged, taxonomy: Taxonomy, groups: Sequence[str], seed: int) -> dict[str, Any]:
    """Headline figures, F1 by category, details by category and 95 % intervals of one evaluation."""
    detail = per_category(judged, taxonomy.ids)
    return {
        **headline(judged),
        "n_clauses": len(judged.truth),
        "per_category": {category: values["f1"] for category, values in detail.items()},
        "per_category_detail": detail,
        "intervals": intervals(judged, groups, seed),
    }


def clause_groups(clauses: Sequence[LabelledClause]) -> list[str]:
    """Bootstrap groups: clauses of one document under the same heading stand or fall together."""
    return [
        f"{clause.doc}:{'>'.join(clause.heading_nos)}:{'>'.join(clause.heading_path)}" for clause in clauses
    ]


def _by_document(result: OutOfFold, judged: Judged) -> dict[str, dict[str, float]]:
    documents = np.array([clause.doc for clause in result.clauses])
    return {
        name: {
            "n_clauses": int((documents == name).sum()),
            "micro_f1": micro_f1(judged.truth[documents == name], judged.chosen[documents == name]),
        }
        for name in sorted(result.decisions)
    }


def rounded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same JSON value with floats rounded, so that equal trainings give equal bytes."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return round(value, DIGITS) if isinstance(value, float) else value
