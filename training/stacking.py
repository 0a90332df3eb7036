"""A second linear step in which every category hears the scores of all the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from training.learners import AveragedLinear, OneMatrix

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
CERTAIN = 4.0  # log-odds of a category that has only one answer


class StackedLinear(OneMatrix):
    """A linear learner and, on its scores of held-out rows, a logistic regression for each category.

    The second step sees the scores s of all outputs, z_k = a_k · s + b_k, and so learns which categories go
    together and which exclude each other (stacking: D. Wolpert, Stacked generalization, 1992; for label
    sets: S. Godbole and S. Sarawagi, Discriminative methods for multi-labeled classification, PAKDD 2004).
    Both steps are linear, so the result is one coefficient matrix again: coef = A · coef of the first step.
    z_k is a log-odds, so no calibration needs to follow; scores of primaries stay those of the first step.

    Args:
        base: the first step.
        c: inverse strength of the second step's L2 penalty, positive.
        folds: in how many parts of whole groups rows are held out, at least 2.
        min_rows: with fewer rows a category hears only its own score: many weights would fit noise.
    """

    def __init__(self, base: AveragedLinear, c: float = 1.0, folds: int = 3, min_rows: int = 2000) -> None:
        self.base = base
        self.c = c
        self.folds = folds
        self.min_rows = min_rows

    def fit(
        self,
        x: sparse.csr_matrix,
        y: Booleans,
        sample_weight: Floats | None = None,
        groups: Sequence[str] | None = None,
        stacking_weight: Floats | None = None,
    ) -> Self:
        """Fit on x (n, n_terms) and y (n, 2k): k label columns, which are stacked, then k primary columns.

        Args:
            x: TF-IDF rows.
            y: what they are.
            sample_weight: (n,) weights of the rows in the first step.
            groups: (n,) names of what is held out together; without it every row stands for itself.
            stacking_weight: (n,) weights of the rows in the second step; `sample_weight` if not given.

        Raises:
            LabelError: there is no term at all.
        """
        weights = np.ones(len(y)) if sample_weight is None else sample_weight
        second = weights if stacking_weight is None else stacking_weight
        names = np.arange(len(y)) if groups is None else np.asarray(groups)
        self.base.fit(x, y, weights)
        held_out = self._held_out_scores(x, y, weights, names)
        n_labels = y.shape[1] // 2
        mixing, shift = np.eye(y.shape[1]), np.zeros(y.shape[1])
        for k in range(n_labels):
            heard = np.arange(y.shape[1]) if len(y) >= self.min_rows else np.array([k])
            mixing[k] = 0.0
            mixing[k, heard], shift[k] = self._log_odds(held_out[:, heard], y[:, k], second)
        return self._keep(mixing @ self.base.coef_, mixing @ self.base.intercept_ + shift)

    def _held_out_scores(
        self, x: sparse.csr_matrix, y: Booleans, weights: Floats, groups: npt.NDArray[np.generic]
    ) -> Floats:
        """Scores (n, 2k) of every row by a first step that has not seen the row's group."""
        if len(np.unique(groups)) == 1:  # one group leaves nothing to learn from
            groups = np.arange(len(y))
        scores = np.zeros(y.shape)
        splitter = GroupKFold(min(self.folds, len(np.unique(groups))))
        for kept, away in splitter.split(x, groups=groups):
            learner = clone(self.base).fit(x[kept], y[kept], weights[kept])
            scores[away] = learner.decision_function(x[away])
        return scores

    def _log_odds(self, scores: Floats, truth: Booleans, weights: Floats) -> tuple[Floats, float]:
        """Factors of the scores (n, m) and a constant that give the log-odds of the truth (n,)."""
        if truth.all() or not truth.any():
            return np.zeros(scores.shape[1]), CERTAIN if truth.all() else -CERTAIN
        model = LogisticRegression(C=self.c, max_iter=5000).fit(scores, truth, sample_weight=weights)
        return model.coef_[0], float(model.intercept_[0])
