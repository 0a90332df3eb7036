"""Scores become labels, primary and review; each on its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qclassify.deciding import (
    Decided,
    Decision,
    confidence,
    decide,
    decision_from_json,
    decision_to_json,
    probabilities,
)

PLAIN = Decision(slopes=(1.0, 1.0), intercepts=(0.0, 0.0), thresholds=(0.5, 0.5), review_below=0.2)
SCORES = hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6))


def scores(*rows):
    return np.array(rows, dtype=float)


def test_below_all_thresholds_gives_no_label_and_no_primary():
    assert decide(scores([-5, -5, 9, 9]), PLAIN) == [Decided((), None, review=False)]


def test_the_primary_is_the_chosen_label_with_the_highest_primary_score():
    assert decide(scores([4, 4, -1, 2]), PLAIN)[0].primary == 1
    assert decide(scores([4, -4, -1, 2]), PLAIN)[0].primary == 0


def test_ties_go_to_the_earlier_category():
    assert decide(scores([4, 4, 1, 1]), PLAIN)[0].primary == 0


def test_a_probability_on_its_threshold_is_a_label_and_wants_review():
    assert decide(scores([0, -9, 0, 0]), PLAIN) == [Decided((0,), 0, review=True)]


@pytest.mark.parametrize(("min_score", "labels"), [(0.99, ()), (0.9, (0,)), (0.01, (0, 1))])
def test_min_score_replaces_every_threshold(min_score, labels):
    assert decide(scores([3, -3, 0, 0]), PLAIN, min_score)[0].labels == labels


@given(SCORES)
def test_probabilities_lie_between_zero_and_one_and_follow_the_score(values):
    probability = probabilities(values, PLAIN)
    assert ((probability >= 0) & (probability <= 1)).all()
    assert (np.argsort(values[:, 0]) == np.argsort(values[:, 0])).all()
    higher = probabilities(values + 1.0, PLAIN)
    assert (higher >= probability).all()


@given(SCORES)
def test_confidence_is_a_share_and_zero_only_on_a_threshold(values):
    probability = probabilities(values, PLAIN)
    certain = confidence(probability, np.array(PLAIN.thresholds))
    assert ((certain >= 0) & (certain <= 1)).all()
    assert ((certain == 0) == (probability == 0.5).any(axis=1)).all()


@given(SCORES)
def test_the_primary_is_always_one_of_the_labels(values):
    for decided in decide(values, PLAIN):
        assert (decided.primary in decided.labels) if decided.labels else decided.primary is None


def test_a_decision_survives_its_file_form():
    assert decision_from_json(decision_to_json(PLAIN, ["a", "b"]), ["a", "b"]) == PLAIN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"review_below": 2.0}, "between 0 and 1"),
        ({"categories": {}}, "categories"),
    ],
)
def test_a_decision_file_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        decision_from_json({**decision_to_json(PLAIN, ["a", "b"]), **change}, ["a", "b"])


@pytest.mark.parametrize(("key", "value"), [("threshold", 0.0), ("threshold", 1.0), ("slope", float("nan"))])
def test_impossible_numbers_in_a_decision_file_are_refused(key, value):
    data = decision_to_json(PLAIN, ["a", "b"])
    data["categories"]["a"][key] = value
    with pytest.raises(ValueError, match=r"decision\.json"):
        decision_from_json(data, ["a", "b"])
