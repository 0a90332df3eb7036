"""The metrics, on cases that can be checked by eye and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import f1_score

from training.metrics import (
    Judged,
    bootstrap_rows,
    coverage_at_precision,
    expected_calibration_error,
    headline,
    intervals,
    macro_f1,
    micro_f1,
    per_category,
    subset_accuracy,
)

TRUTH = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=bool)
CHOSEN = np.array([[1, 0], [1, 0], [0, 0], [1, 1]], dtype=bool)
MATRICES = hnp.arrays(bool, (9, 3))


def judged(truth=TRUTH, chosen=CHOSEN, confidence=(0.9, 0.5, 0.8, 0.1)):
    return Judged(
        truth,
        chosen,
        np.where(chosen, 0.8, 0.1),
        np.array(confidence),
        np.array([0, 1, -1, 1]),
        np.array([0, 0, -1, 0]),
    )


def test_f1_of_a_case_counted_by_hand():
    # category 0: tp 2, fp 1, fn 0 → 0.8; category 1: tp 1, fp 0, fn 1 → 2/3; together tp 3, fp 1, fn 1 → 0.75
    assert micro_f1(TRUTH, CHOSEN) == pytest.approx(0.75)
    assert macro_f1(TRUTH, CHOSEN) == pytest.approx((0.8 + 2 / 3) / 2)
    assert subset_accuracy(TRUTH, CHOSEN) == 0.5
    assert headline(judged())["primary_accuracy"] == 0.5
    assert per_category(judged(), ["a", "b"])["b"] == {
        "f1": pytest.approx(2 / 3),
        "precision": 1.0,
        "recall": 0.5,
        "support": 2.0,
    }


@given(MATRICES, MATRICES)
def test_f1_equals_scikit_learn(truth, chosen):
    assert micro_f1(truth, chosen) == pytest.approx(f1_score(truth, chosen, average="micro", zero_division=0))
    each = f1_score(truth, chosen, average=None, zero_division=np.nan)
    assert macro_f1(truth, chosen) == pytest.approx(0.0 if np.isnan(each).all() else np.nanmean(each))


def test_calibration_error_is_the_mean_gap():
    truth = np.array([[True], [False], [False], [False]])
    assert expected_calibration_error(truth, np.full((4, 1), 0.25)) == pytest.approx(0.0)
    assert expected_calibration_error(truth, np.full((4, 1), 0.85)) == pytest.approx(0.6)


def test_coverage_counts_the_most_confident_clauses_that_keep_the_precision():
    # by confidence: rows 0 (1 of 1 right), 2 (no labels), 1 (2 of 2), 3 (3 of 4)
    assert coverage_at_precision(judged(), 0.95) == (0.75, 0.5)
    assert coverage_at_precision(judged(), 0.75) == (1.0, 0.1)


def test_coverage_is_nothing_when_even_the_surest_label_is_wrong():
    wrong = judged(truth=~CHOSEN)
    assert coverage_at_precision(wrong, 0.95)[0] == 0.0


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.integers(0, 5))
def test_bootstrap_draws_whole_groups(groups, seed):
    for rows in bootstrap_rows(groups, seed, resamples=5):
        drawn = [groups[row] for row in rows]
        for name in set(drawn):
            assert drawn.count(name) % groups.count(name) == 0


def test_intervals_hold_the_figure_and_repeat_with_the_seed():
    first = intervals(judged(), ["a", "b", "c", "d"], seed=1)
    assert first == intervals(judged(), ["a", "b", "c", "d"], seed=1)
    low, high = first["micro_f1"]
    assert low <= micro_f1(TRUTH, CHOSEN) <= high
