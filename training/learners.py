"""Linear one-vs-rest learners whose whole result is one coefficient matrix."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from qclassify.errors import LabelError
from training.rounding import round_to_grid

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


class OneMatrix(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What all learners end in: one coefficient matrix and one intercept an output.

    Attributes:
        coef_: float64 (n_outputs, n_terms).
        intercept_: float64 (n_outputs,).
    """

    coef_: Floats
    intercept_: Floats

    def decision_function(self, x: sparse.csr_matrix) -> Floats:
        """Scores (n, n_outputs)."""
        return np.asarray(x @ self.coef_.T + self.intercept_)

    def predict(self, x: sparse.csr_matrix) -> Booleans:
        """Matrix (n, n_outputs) at a score of 0."""
        return self.decision_function(x) > 0

    def _keep(self, coef: Floats, intercept: Floats) -> Self:
        """Take the matrix on the grid of the model folder: what is evaluated is what the folder stores."""
        self.coef_ = round_to_grid(coef.astype(np.float32).astype(np.float64))
        self.intercept_ = intercept
        self.classes_ = np.arange(len(coef))
        return self


class NBWeightedLinear(OneMatrix):
    """One linear classifier a category, on features weighted by Naive Bayes log-count ratios.

    For a category with positive rows P and negative rows N, feature t is multiplied by
    `|log((α + Σ_P x_t) / ‖α + Σ_P x‖₁ ÷ (α + Σ_N x_t) / ‖α + Σ_N x‖₁)| ** power`
    (S. Wang and C. Manning, Baselines and Bigrams, ACL 2012, with a power added); the factor is then
    folded into the coefficients, so serving sees a plain linear model. Coefficients are rounded to
    float32 here, so that what is exported is exactly what was evaluated.

    Args:
        kind: `svm` (L2-regularised squared hinge) or `logistic`.
        c: inverse regularisation strength, positive.
        nb_smoothing: α, positive.
        nb_power: 0 leaves the features as they are.
        seed: of the solver.

    Attributes:
        coef_: float64 (n_categories, n_terms), each value exactly representable in float32.
        intercept_: float64 (n_categories,).
    """

    def __init__(
        self,
        kind: str = "svm",
        c: float = 1.0,
        nb_smoothing: float = 0.1,
        nb_power: float = 1.0,
        seed: int = 0,
    ) -> None:
        self.kind = kind
        self.c = c
        self.nb_smoothing = nb_smoothing
        self.nb_power = nb_power
        self.seed = seed

    def fit(self, x: sparse.csr_matrix, y: Booleans, sample_weight: Floats | None = None) -> Self:
        """Fit on x (n, n_terms) and the label matrix y (n, n_categories).

        A category without a positive (or without a negative) row gets coefficients of zero and an
        intercept that always says no (or yes).
        """
        fitted = [self._fit_category(x, y[:, k], sample_weight) for k in range(y.shape[1])]
        self.coef_ = np.array([coef for coef, _ in fitted]).astype(np.float32).astype(np.float64)
        self.intercept_ = np.array([intercept for _, intercept in fitted])
        self.classes_ = np.arange(y.shape[1])
        return self

    def _fit_category(
        self, x: sparse.csr_matrix, y: Booleans, sample_weight: Floats | None
    ) -> tuple[Floats, float]:
        if y.all() or not y.any():
            return np.zeros(x.shape[1]), 1.0 if y.all() else -1.0
        ratio = self._log_count_ratio(x, y)
        learner = self._learner()
        learner.fit(x @ sparse.diags(ratio), y, sample_weight=sample_weight)
        return np.asarray(ratio * learner.coef_.ravel()), float(learner.intercept_[0])

    def _log_count_ratio(self, x: sparse.csr_matrix, y: Booleans) -> Floats:
        if self.nb_power == 0:
            return np.ones(x.shape[1])
        positive = self.nb_smoothing + np.asarray(x[y].sum(axis=0)).ravel()
        negative = self.nb_smoothing + np.asarray(x[~y].sum(axis=0)).ravel()
        ratio = np.log((positive / positive.sum()) / (negative / negative.sum()))
        return np.asarray(np.abs(ratio) ** self.nb_power)

    def _learner(self) -> Any:  # noqa: ANN401 - scikit-learn is untyped
        if self.kind == "logistic":
            return LogisticRegression(C=self.c, solver="liblinear", random_state=self.seed)
        return LinearSVC(C=self.c, dual=True, random_state=self.seed, max_iter=5000)


class AveragedLinear(OneMatrix):
    """A weighted sum of linear learners: again one linear model, with one coefficient matrix.

    Args:
        learners: the learners, all fitted on the same data.
        shares: factor of each learner's scores.
    """

    def __init__(self, learners: list[NBWeightedLinear], shares: list[float]) -> None:
        self.learners = learners
        self.shares = shares

    def fit(self, x: sparse.csr_matrix, y: Booleans, sample_weight: Floats | None = None) -> Self:
        """Fit every learner on x (n, n_terms) and y (n, n_categories).

        Raises:
            LabelError: there is no term at all.
        """
        if not x.shape[1]:
            raise LabelError(
                "no term occurs in enough training clauses, so there is nothing to learn from",
                "lower min_count in the recipe or label more clauses",
            )
        for learner in self.learners:
            learner.fit(x, y, sample_weight)
        weighted = list(zip(self.learners, self.shares, strict=True))
        coef = sum(share * learner.coef_ for learner, share in weighted)
        intercept = sum(share * learner.intercept_ for learner, share in weighted)
        return self._keep(np.asarray(coef), np.asarray(intercept))
