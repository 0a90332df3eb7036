"""Term counts that many fits share: a search fits hundreds of pipelines on parts of the same clauses.

Inside `remembering(dataset)`, pipelines count the terms of a clause once for each kind of terms instead of
once a fit. Vocabulary and weights are the same as without; scores differ in the last digits, since sums
are taken in another order (a test compares them). So models that are kept are fitted without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from qclassify.features import ClauseText, FieldSpec, WordCutter, analyser
from training.dataset import Dataset
from training.vectorising import Floats, PoweredTfidf


@dataclass(frozen=True)
class Counts:
    """Terms of all clauses: `matrix` (n_clauses, n_terms), `terms` in column order, sorted."""

    matrix: sparse.csr_matrix
    terms: npt.NDArray[Any]


class TermStore:
    """Counts of some clauses, made when they are first asked for.

    Args:
        clauses: all that will ever be fitted on or scored.
    """

    def __init__(self, clauses: Iterable[ClauseText]) -> None:
        self.clauses = list(dict.fromkeys(clauses))
        self.row = {clause: row for row, clause in enumerate(self.clauses)}
        self._counts: dict[tuple[str, str, int, int], Counts] = {}

    def counts(self, spec: FieldSpec, segmenter: WordCutter) -> Counts:
        """The counts for one kind of terms; what a field weighs or leaves out does not matter here."""
        key = (spec.source, spec.terms, spec.low, spec.high)
        if key not in self._counts:
            counter = CountVectorizer(analyzer=analyser(spec, segmenter))
            try:
                matrix = counter.fit_transform(self.clauses)
                terms = counter.get_feature_names_out()
            except ValueError:  # no clause has a term
                matrix, terms = sparse.csr_matrix((len(self.clauses), 0)), np.array([], dtype=object)
            self._counts[key] = Counts(matrix.tocsr().astype(np.float64), terms)
        return self._counts[key]

    def rows(self, clauses: Sequence[ClauseText]) -> npt.NDArray[np.int64]:
        """Where the clauses stand.

        Raises:
            KeyError: the store was not told of one.
        """
        return np.array([self.row[clause] for clause in clauses], dtype=np.int64)


class RememberedTfidf(PoweredTfidf):
    """`PoweredTfidf` on counts that are there already; it fits and transforms clauses of the store only."""

    def __init__(
        self,
        analyzer: Any,  # noqa: ANN401 - a callable, kept as scikit-learn wants it
        min_df: int = 1,
        norm_power: float = 1.0,
        store: TermStore | None = None,
        spec: FieldSpec | None = None,
    ) -> None:
        super().__init__(analyzer, min_df, norm_power)
        self.store = store
        self.spec = spec

    @cached_property
    def _remembered(self) -> Counts:
        assert self.store is not None and self.spec is not None  # noqa: S101, PT018 - always given
        return self.store.counts(self.spec, self.analyzer.segmenter)

    def fit_transform(self, raw_documents: Iterable[ClauseText], y: Any = None) -> sparse.csr_matrix:  # noqa: ANN401, ARG002
        """As `PoweredTfidf.fit_transform`."""
        matrix = self._of(raw_documents)
        n_clauses, n_terms = matrix.shape
        frequency = np.bincount(matrix.indices, minlength=n_terms)
        self.columns_ = np.flatnonzero(frequency >= self.min_df)
        self.has_terms_ = bool(len(self.columns_))
        self.weights_: Floats = np.log((n_clauses + 1.0) / (frequency[self.columns_] + 1.0)) + 1.0
        return self._weighted(matrix)

    def transform(self, raw_documents: Iterable[ClauseText]) -> sparse.csr_matrix:
        """As `PoweredTfidf.transform`."""
        return self._weighted(self._of(raw_documents))

    def term_weights(self) -> Floats:
        """Inverse document frequencies, (n_terms,)."""
        return self.weights_

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:  # noqa: ANN401, ARG002
        """The terms in column order."""
        return np.asarray(self._remembered.terms[self.columns_])

    @property
    def vocabulary_(self) -> dict[str, int]:  # type: ignore[override]
        """Term → column."""
        return {term: column for column, term in enumerate(self.get_feature_names_out())}

    def _of(self, clauses: Iterable[ClauseText]) -> sparse.csr_matrix:
        assert self.store is not None  # noqa: S101 - always given
        return self._remembered.matrix[self.store.rows(list(clauses))]

    def _weighted(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        chosen = matrix[:, self.columns_]
        chosen.data = (np.log(chosen.data) + 1.0) * self.weights_[chosen.indices]
        return self._scaled(chosen)


_STORE: ContextVar[TermStore | None] = ContextVar("term store", default=None)


@contextmanager
def remembering(dataset: Dataset) -> Iterator[None]:
    """Inside, pipelines of this dataset's clauses share their counts."""
    gold = [ClauseText(clause.text, clause.heading_path) for clause in dataset.gold]
    written = [ClauseText(clause.text, clause.heading_path) for clause in dataset.written]
    withheld = [ClauseText(clause.text) for clause in gold]
    token = _STORE.set(TermStore([*gold, *written, *withheld]))
    try:
        yield
    finally:
        _STORE.reset(token)


def vectorizer(spec: FieldSpec, segmenter: WordCutter) -> PoweredTfidf:
    """The vectorizer of a field: on shared counts inside `remembering`, on its own elsewhere."""
    terms_of = analyser(spec, segmenter)
    store = _STORE.get()
    if store is None:
        return PoweredTfidf(terms_of, spec.min_count, spec.norm_power)
    return RememberedTfidf(terms_of, spec.min_count, spec.norm_power, store, spec)
