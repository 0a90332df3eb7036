"""Scores are scikit-learn's; the evidence adds up to them exactly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_model import NO_LABEL, THINGS, export, fitted

from qclassify.bundle import load_bundle
from qclassify.deciding import decide, probabilities
from qclassify.features import ClauseText, normalise
from qclassify.records import Unit
from qclassify.scoring import explain, score
from training.evaluation import clause_text, pipeline_scores

WORDS = [
    *THINGS,
    *NO_LABEL,
    "稳定",
    "价格",
    "供给",
    "增加",
    "储备",
    "到2025年达98.5%",
    "Wi-Fi",
    "c++",
    "１２Ａ",
]
TEXTS = st.one_of(
    st.lists(st.sampled_from([*WORDS, " ", ",", "、", "\t", "“", "\ud800", "𠮷", "é"]), max_size=30).map(
        "".join
    ),
    st.text(st.characters(), max_size=60),
)
CLAUSES = st.builds(ClauseText, TEXTS, st.lists(TEXTS, max_size=3).map(tuple))
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """(pipeline, bundle, its training clauses)."""
    pipeline, decision, dataset, recipe = fitted(tmp_path_factory.mktemp("small"))
    folder = export(tmp_path_factory.mktemp("models"), pipeline, decision, dataset, recipe)
    return pipeline, load_bundle(folder), [clause_text(clause) for clause in dataset.written]


def unit(clause, start=100):
    numbers = ("",) * len(clause.heading_path)
    return Unit(
        start, start + len(clause.text), clause.text, heading_path=clause.heading_path, heading_nos=numbers
    )


def same(ours, theirs):
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max(initial=0) < 1e-9


def test_training_clauses_score_like_the_pipeline_and_decide_alike(small):
    pipeline, bundle, clauses = small
    ours, theirs = score(clauses, bundle), pipeline_scores(pipeline, clauses)
    same(ours, theirs)
    assert decide(ours, bundle.decision) == decide(theirs, bundle.decision)
    assert np.abs(probabilities(ours, bundle.decision) - probabilities(theirs, bundle.decision)).max() < 1e-9
    assert (
        len({answer.labels for answer in decide(ours, bundle.decision)}) == 4
    )  # the model did learn something


@MANY
@given(clauses=st.lists(CLAUSES, min_size=1, max_size=5))
def test_any_text_scores_like_the_pipeline(small, clauses):
    pipeline, bundle, _ = small
    same(score(clauses, bundle), pipeline_scores(pipeline, clauses))


@MANY
@given(clauses=st.lists(CLAUSES, max_size=6))
def test_a_batch_scores_exactly_like_its_clauses_one_by_one(small, clauses):
    _, bundle, _ = small
    together = score(clauses, bundle)
    assert together.shape == (len(clauses), 4)
    for row, clause in zip(together, clauses, strict=True):
        assert score([clause], bundle)[0] == pytest.approx(row, abs=1e-12)


@MANY
@given(clause=CLAUSES)
def test_evidence_adds_up_to_the_score_and_stands_where_it_says(small, clause):
    _, bundle, _ = small
    if not clause.text:
        return
    scores = score([clause], bundle)[0]
    found = explain(unit(clause), bundle)
    assert [evidence.category for evidence in found] == list(bundle.taxonomy.ids)
    for column, evidence in enumerate(found):
        assert evidence.score == evidence.bias + sum(c.value for c in evidence.contributions)
        assert evidence.score == pytest.approx(scores[column], abs=1e-9)
        shares = [abs(c.value) for c in evidence.contributions]
        assert shares == sorted(shares, reverse=True)
        for contribution in evidence.contributions:
            assert bool(contribution.spans) == (contribution.source == "clause")
            for start, end in contribution.spans:
                stretch = normalise(clause.text)[start - 100 : end - 100]
                # The words of a word n-gram may be parted by characters that are no words.
                assert stretch == contribution.term or stretch.startswith(contribution.term.split(" ")[0])


def test_every_term_appears_once_a_category_with_all_its_places(small):
    _, bundle, _ = small
    [price, _] = explain(unit(ClauseText("增加粮食,增加粮食。")), bundle)
    places = {(c.field, c.term): c.spans for c in price.contributions}
    assert len(places) == len(price.contributions)
    assert places["words", "增加"] == ((100, 102), (105, 107))
    assert places["words", "增加 粮食"] == ((100, 104), (105, 109))
    assert places["chars", "增加"] == ((100, 102), (105, 107))


def test_nothing_in_nothing_out(small):
    _, bundle, _ = small
    assert score([], bundle).shape == (0, 4)
    for text in ("", " ", "\t\u3000", "Ωλ", "\ud800", "𠮷𠮷", "zzzz"):
        assert score([ClauseText(text)], bundle)[0].tolist() == bundle.bias.tolist()


def test_unknown_words_count_for_nothing_but_known_ones_beside_them_do(small):
    _, bundle, _ = small
    known = score([ClauseText("粮食")], bundle)[0]
    beside = score([ClauseText("粮食ω")], bundle)[0]
    assert beside == pytest.approx(known, abs=1e-12)
    assert (known != bundle.bias).all()


def test_headings_count_only_through_their_titles(small):
    _, bundle, _ = small
    bare, titled, nested = (
        score([ClauseText("增加粮食供给。", path)], bundle)[0]
        for path in ((), ("价格监测",), ("重点任务", "价格监测", ""))
    )
    assert (bare != titled).all()
    assert (nested != titled).any()  # the path reads the outer title, the nearest heading does not
    assert score([ClauseText("增加粮食供给。", ("", ""))], bundle)[0].tolist() == bare.tolist()


@pytest.mark.parametrize("piece", ["稳定蔬菜价格,", "粮食", "a", "0", "价", " ", "𠮷", "。"])
def test_a_very_long_clause_scores_like_the_pipeline(small, piece):
    pipeline, bundle, _ = small
    clauses = [ClauseText(piece * 20_000), ClauseText("稳定蔬菜价格。")]
    same(score(clauses, bundle), pipeline_scores(pipeline, clauses))


def test_more_clauses_than_a_batch_keep_their_order(small):
    pipeline, bundle, clauses = small
    many = (clauses * 80)[:5000]
    expected = np.tile(pipeline_scores(pipeline, clauses), (80, 1))[:5000]
    same(score(many, bundle), expected)
