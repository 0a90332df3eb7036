"""How much of a text's vocabulary a fitted pipeline knows: the first sign that texts have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from qclassify.features import ClauseText, analyser, vocabulary_field
from training.recipe import Recipe

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TermCounts:
    """For each clause how many terms it has and how many of them the model knows, both (n,)."""

    known: Integers
    all: Integers

    @classmethod
    def none(cls, n_clauses: int) -> Self:
        """No terms yet."""
        return cls(np.zeros(n_clauses, dtype=np.int64), np.zeros(n_clauses, dtype=np.int64))

    def put(self, rows: Integers, counts: TermCounts) -> None:
        """Set the counts of some clauses."""
        self.known[rows], self.all[rows] = counts.known, counts.all


def count_terms(recipe: Recipe, pipeline: Pipeline, clauses: Sequence[ClauseText]) -> TermCounts:
    """Count the clauses' terms in the field that `features.vocabulary_field` names.

    The same as `qclassify.scoring.known_terms` counts with the exported model.
    """
    field = vocabulary_field(recipe.fields)
    if field is None:
        return TermCounts.none(len(clauses))
    vectorizer = dict(pipeline["features"].transformer_list)[field.name]
    terms_of = analyser(replace(field, high=field.low), vectorizer.analyzer.segmenter)
    known: list[int] = []
    total: list[int] = []
    for clause in clauses:
        terms = terms_of(clause)
        known.append(sum(term in vectorizer.vocabulary_ for term in terms))
        total.append(len(terms))
    return TermCounts(np.array(known, dtype=np.int64), np.array(total, dtype=np.int64))
