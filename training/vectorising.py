"""TF-IDF whose length normalisation has a power."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from qclassify.features import ClauseText


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
        """Learn vocabulary and idf; the weighted matrix (n_clauses, n_terms)."""
        return self._scaled(super().fit_transform(raw_documents, y))

    def transform(self, raw_documents: Iterable[ClauseText]) -> sparse.csr_matrix:
        """The weighted matrix (n_clauses, n_terms) of the terms learnt before."""
        return self._scaled(super().transform(raw_documents))

    def _scaled(self, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
        norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        norms[norms == 0] = 1.0
        return (sparse.diags(norms**-self.norm_power) @ matrix).tocsr()
