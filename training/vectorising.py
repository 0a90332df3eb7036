"""TF-IDF whose length normalisation has a power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from qclassify.features import ClauseText

Floats = npt.NDArray[np.float64]


class PoweredTfidf(TfidfVectorizer):  # type: ignore[misc]
    """scikit-learn's TF-IDF with sublinear counts, each row divided by its L2 norm to a power.

    Power 1 is the usual L2 normalisation, 0 none (pivoted normalisation is the older relative: Singhal,
    Buckley and Mitra, Pivoted document length normalization, 1996).

    Args:
        analyzer: lists a clause's terms.
        min_df: in how many clauses a term must occur.
        norm_power: in [0, 1].
    """

    def __init__(
        self, analyzer: Callable[[ClauseText], list[str]], min_df: int = 1, norm_power: float = 1.0
    ) -> None:
        super().__init__(analyzer=analyzer, min_df=min_df, sublinear_tf=True, norm=None)
        self.norm_power = norm_power

    def fit_transform(self, raw_documents: Iterable[ClauseText], y: Any = None) -> sparse.csr_matrix:  # noqa: ANN401
        """Learn vocabulary and idf; the weighted matrix (n_clauses, n_terms).

        A field without any frequent enough term, such as the heading of clauses that have none, is no
        error: it has no columns.
        """
        clauses = list(raw_documents)
        self.has_terms_ = self._has_terms(clauses)
        if not self.has_terms_:
            self.vocabulary_: dict[str, int] = {}
            return sparse.csr_matrix((len(clauses), 0))
        return self._scaled(super().fit_transform(clauses, y))

    def transform(self, raw_documents: Iterable[ClauseText]) -> sparse.csr_matrix:
        """The weighted matrix (n_clauses, n_terms) of the terms learnt before."""
        if not self.has_terms_:
            return sparse.csr_matrix((len(list(raw_documents)), 0))
        return self._scaled(super().transform(raw_documents))

    def term_weights(self) -> Floats:
        """Inverse document frequencies, (n_terms,)."""
        return np.asarray(self.idf_) if self.has_terms_ else np.zeros(0)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:  # noqa: ANN401
        """The terms in column order."""
        if not self.has_terms_:
            return np.array([], dtype=object)
        return np.asarray(super().get_feature_names_out(input_features))

    def _has_terms(self, clauses: list[ClauseText]) -> bool:
        """Whether a term occurs in `min_df` clauses; stops at the first."""
        counts: Counter[str] = Counter()
        for clause in clauses:
            terms = set(self.analyzer(clause))
            counts.update(terms)
            if any(counts[term] >= self.min_df for term in terms):
                return True
        return False

    def _scaled(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        return (sparse.diags(norms**-self.norm_power) @ matrix).tocsr()
