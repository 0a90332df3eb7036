"""The learner's whole result is one matrix that serving can use as it is."""

import numpy as np
import pytest
from scipy import sparse

from training.learners import AveragedLinear, NBWeightedLinear

X = sparse.csr_matrix(
    np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 1, 1]], dtype=float)
)
Y = np.array([[1, 0], [1, 0], [1, 0], [0, 0], [0, 0], [0, 0]], dtype=bool)


@pytest.mark.parametrize("kind", ["svm", "logistic"])
@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_it_learns_what_can_be_separated(kind, power):
    learner = NBWeightedLinear(kind, c=10.0, nb_power=power).fit(X, Y)
    assert (learner.predict(X)[:, 0] == Y[:, 0]).all()


def test_a_category_without_examples_always_says_no_and_one_without_counterexamples_yes():
    y = np.column_stack([Y[:, 0], np.zeros(6, bool), np.ones(6, bool)])
    predicted = NBWeightedLinear().fit(X, y).predict(X)
    assert not predicted[:, 1].any()
    assert predicted[:, 2].all()


def test_coefficients_are_exact_in_float32():
    coef = NBWeightedLinear().fit(X, Y).coef_
    assert (coef == coef.astype(np.float32)).all()


def test_fitting_twice_gives_the_same_bits():
    first, second = (NBWeightedLinear(seed=3).fit(X, Y) for _ in range(2))
    assert first.coef_.tobytes() == second.coef_.tobytes()
    assert first.intercept_.tobytes() == second.intercept_.tobytes()


def test_an_average_is_the_weighted_sum_of_its_learners():
    parts = [NBWeightedLinear("svm", c=1.0), NBWeightedLinear("logistic", c=5.0)]
    average = AveragedLinear(parts, [0.25, 0.75]).fit(X, Y)
    expected = 0.25 * parts[0].decision_function(X) + 0.75 * parts[1].decision_function(X)
    assert average.decision_function(X) == pytest.approx(expected, abs=1e-3)


def test_sample_weights_matter():
    y = Y.copy()
    y[0, 0] = False
    light = NBWeightedLinear(c=1.0).fit(X, y, np.array([0.01, 1, 1, 1, 1, 1]))
    heavy = NBWeightedLinear(c=1.0).fit(X, y, np.array([100.0, 1, 1, 1, 1, 1]))
    assert light.decision_function(X)[0, 0] > heavy.decision_function(X)[0, 0]
