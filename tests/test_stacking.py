"""Two linear steps are one matrix, and the second hears what goes together."""

import numpy as np
import pytest
from scipy import sparse

from qclassify.errors import LabelError
from training.learners import AveragedLinear, NBWeightedLinear
from training.recipe import RECIPES, load_recipe
from training.stacking import StackedLinear

RNG = np.random.default_rng(7)
N = 600
# Term 0 speaks for A. Term 1 is common; B holds exactly where it stands without term 0.
TERMS = RNG.random((N, 4)) < [0.4, 0.6, 0.5, 0.5]
X = sparse.csr_matrix(TERMS.astype(float))
A, B = TERMS[:, 0], TERMS[:, 1] & ~TERMS[:, 0]
Y = np.column_stack([A, B, A, B])
GROUPS = [f"group {n % 6}" for n in range(N)]


def stacked(**options):
    return StackedLinear(AveragedLinear([NBWeightedLinear(c=1.0)], [1.0]), **{"min_rows": 100} | options)


def test_both_steps_together_are_one_matrix():
    model = stacked().fit(X, Y, groups=GROUPS)
    assert model.coef_.shape == (4, 4)
    first = model.base.decision_function(X)
    second = model.decision_function(X)
    # Label scores are linear in the scores of the first step; primary scores are those of the first step.
    mixed = np.column_stack([first, np.ones(N)])
    fitted, *_ = np.linalg.lstsq(mixed, second[:, :2], rcond=None)
    assert mixed @ fitted == pytest.approx(second[:, :2], abs=1e-2)
    assert second[:, 2:] == pytest.approx(first[:, 2:], abs=1e-3)


def test_scores_are_log_odds():
    noisy = Y ^ (RNG.random(Y.shape) < 0.2)
    model = stacked().fit(X, noisy, groups=GROUPS)
    probability = 1 / (1 + np.exp(-model.decision_function(X)[:, 0]))
    high = probability > 0.5
    assert probability[high].mean() == pytest.approx(noisy[high, 0].mean(), abs=0.05)
    assert probability[~high].mean() == pytest.approx(noisy[~high, 0].mean(), abs=0.05)


def test_with_few_rows_a_category_hears_only_its_own_score():
    model = stacked(min_rows=N + 1).fit(X, Y, groups=GROUPS)
    first, second = model.base.coef_, model.coef_
    for k in range(2):
        assert np.corrcoef(first[k], second[k])[0, 1] > 0.9999
    assert not np.corrcoef(stacked().fit(X, Y, groups=GROUPS).coef_[1], first[1])[0, 1] > 0.9999


def test_no_row_is_scored_by_a_learner_that_saw_its_group(monkeypatch):
    seen = []
    original = AveragedLinear.fit

    def fit(self, x, y, sample_weight=None):
        seen.append(x.shape[0])
        return original(self, x, y, sample_weight)

    monkeypatch.setattr(AveragedLinear, "fit", fit)
    stacked(folds=3).fit(X, Y, groups=GROUPS)
    assert seen == [N, N * 2 // 3, N * 2 // 3, N * 2 // 3]


@pytest.mark.parametrize("groups", [None, ["one"] * N, ["one"] * 500 + ["two"] * 100])
def test_few_groups_or_none_are_no_obstacle(groups):
    assert np.isfinite(stacked().fit(X, Y, groups=groups).coef_).all()


def test_a_category_without_examples_always_says_no_and_one_without_counterexamples_yes():
    y = np.column_stack([np.zeros(N, bool), np.ones(N, bool), A, B])
    predicted = stacked().fit(X, y, groups=GROUPS).predict(X)
    assert not predicted[:, 0].any()
    assert predicted[:, 1].all()


def test_fitting_twice_gives_the_same_bits():
    first, second = (stacked().fit(X, Y, groups=GROUPS) for _ in range(2))
    assert first.coef_.tobytes() == second.coef_.tobytes()
    assert first.intercept_.tobytes() == second.intercept_.tobytes()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("folds = 3", "folds = 1", "folds at least 2"),
        ("[stacking]", "[stakcing]", "stakcing"),
        ('calibration = "none"', 'calibration = "nnoe"', "unknown calibration 'nnoe'"),
    ],
)
def test_a_slip_in_the_recipe_is_named(tmp_path, old, new, message):
    text = (RECIPES / "default.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "slip.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LabelError, match=message):
        load_recipe(path)


def test_raw_scores_are_not_taken_for_log_odds(tmp_path):
    path = tmp_path / "raw.toml"
    path.write_text((RECIPES / "baseline.toml").read_text("utf-8") + '\ncalibration = "none"\n', "utf-8")
    with pytest.raises(LabelError, match="needs \\[stacking\\]"):
        load_recipe(path)
