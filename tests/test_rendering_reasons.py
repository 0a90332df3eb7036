"""Reasons in thousandths: they add up to the last digit, and every shade stands where its term stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_documents import model, tagged

from qclassify.records import Contribution, Evidence, Unit
from qclassify.rendering.reasons import apportion, reasons
from qclassify.scoring import explain

OFFSET = 17
TEXT = "加强产品质量监督抽查,产品召回。"

values = st.floats(-3, 3, allow_nan=False)
spans = st.lists(
    st.tuples(st.integers(0, len(TEXT) - 2), st.integers(1, 4)).map(
        lambda pair: (OFFSET + pair[0], OFFSET + min(pair[0] + pair[1], len(TEXT)))
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(lambda found: tuple(sorted(found)))


@st.composite
def evidence(draw):
    contributions = [
        Contribution("words", "clause", draw(st.sampled_from("甲乙丙丁戊")), draw(values), draw(spans))
        for _ in range(draw(st.integers(0, 20)))
    ] + [
        Contribution("heading", "heading", draw(st.sampled_from(["甲", "乙 丙", "乙丙", " "])), draw(values))
        for _ in range(draw(st.integers(0, 12)))
    ]
    bias = draw(values)
    return Evidence("product", bias + sum(c.value for c in contributions), bias, tuple(contributions))


@given(evidence(), st.integers(1, 6))
def test_base_heading_and_clause_add_up_to_the_score_exactly(found, most):
    unit = Unit(OFFSET, OFFSET + len(TEXT), TEXT)
    shown = reasons(found, unit, most)
    assert shown.base + shown.heading.total + shown.clause.total == shown.score
    for part in (shown.heading, shown.clause):
        assert sum(term.value for term in part.shown) + part.rest == part.total
    assert len(shown.shades) == len(TEXT)
    assert sum(shown.shades) == shown.clause.total
    assert abs(shown.score - found.score * 1000) <= 0.5 + 1e-6


@given(st.lists(st.floats(-5, 5, allow_nan=False), min_size=1, max_size=40))
def test_apportioned_numbers_are_near_and_add_up(exact):
    total = round(sum(exact) * 1000)
    parts = apportion(exact, total)
    assert sum(parts) == total
    assert all(abs(part - value * 1000) <= 1.001 for part, value in zip(parts, exact, strict=True))


def test_a_term_of_two_fields_is_shown_once_with_both_values():
    unit = Unit(0, 2, "产品")
    both = (
        Contribution("words", "clause", "产品", 0.25, ((0, 2),)),
        Contribution("chars", "clause", "产品", 0.125, ((0, 2),)),
    )
    [term] = reasons(Evidence("product", 0.375, 0.0, both), unit).clause.shown
    assert (term.text, term.value, term.spans) == ("产品", 375, ((0, 2),))


def test_terms_are_shown_as_the_clause_writes_them():
    unit = Unit(0, 5, "ＧＢ１９0")
    terms = (Contribution("chars", "clause", "gb000", 0.5, ((0, 5),)),)
    [term] = reasons(Evidence("standards", 0.5, 0.0, terms), unit).clause.shown
    assert term.text == "ＧＢ１９0"


@pytest.mark.parametrize("name", ["xining-2015", "dongtou-2023"])
def test_real_clauses_keep_their_sums_and_their_places(name):
    for prediction in tagged(name).predictions[::7]:
        unit = prediction.unit
        for evidence_ in explain(unit, model()):
            shown = reasons(evidence_, unit)
            assert shown.base + shown.heading.total + shown.clause.total == shown.score
            for term in shown.clause.shown:
                assert term.spans
                for start, end in term.spans:
                    assert 0 <= start < end <= len(unit.text)
            assert all(term.spans == () for term in shown.heading.shown)
