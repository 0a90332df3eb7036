"""Shares corrected for known errors: the formula, its edges, and whether the intervals keep their promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.correcting import ErrorRates, corrected_share, error_rates

FLAWLESS = ErrorRates(hits=10_000, positives=10_000, rejections=10_000, negatives=10_000)


def test_a_flawless_classifier_needs_no_correction():
    estimate = corrected_share(30, 100, FLAWLESS)
    assert estimate.share == pytest.approx(0.3, abs=1e-3)
    assert estimate.high - estimate.low < 0.02


def test_the_estimate_is_that_of_rogan_and_gladen():
    rates = ErrorRates(hits=79, positives=98, rejections=449, negatives=498)  # smoothed: 0.8 and 0.9
    assert corrected_share(31, 100, rates).share == pytest.approx((0.31 + 0.9 - 1) / (0.8 + 0.9 - 1))


@pytest.mark.parametrize("tagged", [0, 100])
def test_estimates_stay_between_none_and_all(tagged):
    rates = ErrorRates(hits=70, positives=98, rejections=449, negatives=498)
    estimate = corrected_share(tagged, 100, rates)
    assert 0 <= estimate.low <= estimate.share <= estimate.high <= 1


def test_a_guessing_classifier_gives_no_estimate():
    assert corrected_share(50, 100, ErrorRates(50, 100, 50, 100)) is None


def test_no_clauses_give_no_estimate():
    assert corrected_share(0, 0, FLAWLESS) is None


def test_counts_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="contradict"):
        ErrorRates(hits=11, positives=10, rejections=0, negatives=5)


@given(st.integers(10, 300), st.integers(1, 300), st.data())
def test_the_counts_come_back_from_precision_recall_and_support(positives, negatives, data):
    hits = data.draw(st.integers(1, positives))
    alarms = data.draw(st.integers(0, negatives))
    detail = {"precision": hits / (hits + alarms), "recall": hits / positives, "support": float(positives)}
    manifest = {
        "metrics": {"lodo": {"n_clauses": positives + negatives, "per_category_detail": {"brand": detail}}}
    }
    assert error_rates(manifest, ["product", "brand"]) == {
        "brand": ErrorRates(hits, positives, negatives - alarms, negatives)
    }


def test_a_category_that_was_hardly_met_has_no_rates():
    detail = {"precision": 0.5, "recall": 0.5, "support": 9.0}
    figures = {"n_clauses": 100, "per_category_detail": {"brand": detail}}
    assert error_rates({"metrics": {"lodo": figures}}, ["brand"]) == {}


def test_a_model_without_figures_has_no_rates():
    assert error_rates({}, ["product"]) == {}


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.8, 0.98), (0.87, 0.95)])
def test_intervals_cover_the_true_share_about_as_often_as_they_say(share, sensitivity, specificity):
    rng = np.random.default_rng(7)
    clauses, trials, covered, errors, raw_errors = 200, 800, 0, [], []
    true = round(share * clauses)
    for _ in range(trials):
        rates = ErrorRates(rng.binomial(150, sensitivity), 150, rng.binomial(550, specificity), 550)
        tagged = rng.binomial(true, sensitivity) + rng.binomial(clauses - true, 1 - specificity)
        estimate = corrected_share(int(tagged), clauses, rates)
        covered += estimate.low <= true / clauses <= estimate.high
        errors.append(estimate.share - share)
        raw_errors.append(tagged / clauses - share)
    assert 0.92 < covered / trials < 0.99
    assert abs(np.mean(errors)) < 0.01
    if share != 0.2:  # where missed and false ones happen to cancel, the raw share is right as well
        assert abs(np.mean(raw_errors)) > abs(np.mean(errors))
