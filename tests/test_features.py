"""Normalisation keeps every offset; the terms with offsets are the terms that are counted."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.features import ClauseText, FieldSpec, analyser, located_terms, normalise, source_text
from qclassify.segmenter import Segmenter

LEXICON = (("首席质量官", 1000), ("质量基础设施", 500))
SEGMENTER = Segmenter(LEXICON)
POLICY_TEXT = st.text(
    alphabet=st.sampled_from(
        list("推行首席质量官制度健全产品追溯机制基础设施到2025年达98.5%，,；。（）“”　 \tABc１２Ｇ")
    ),
    max_size=60,
)
ANY_TEXT = st.one_of(POLICY_TEXT, st.text(st.characters(), max_size=40))
SPECS = [
    FieldSpec("words", "clause", "words", 1, 2, 1.0, 1),
    FieldSpec("chars", "clause", "chars", 1, 4, 1.0, 1),
]


@given(ANY_TEXT)
def test_normalising_keeps_the_length_and_is_idempotent(text):
    assert len(normalise(text)) == len(text)
    assert normalise(normalise(text)) == normalise(text)


@given(ANY_TEXT)
def test_normalised_text_can_be_encoded_and_has_no_line_breaks(text):
    assert len(normalise(text).encode("utf-8").decode("utf-8").splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＧＢ／Ｔ　19001", "gb/t 00000"),
        ("到２０２５年，达98.5％；", "到0000年,达00.0%;"),
        ("“6·18”①", "“0·00”①"),
        ("a\r\nb\u2028c\x85d", "a  b c d"),
        ("\ud800质量", "\ufffd质量"),
        ("İ", "İ"),
    ],
)
def test_normalisation_folds_width_case_digits_and_space_only(text, expected):
    assert normalise(text) == expected


@given(ANY_TEXT)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_terms_with_offsets_are_the_terms_that_are_counted(spec, text):
    located = list(located_terms(spec, SEGMENTER, normalise(text)))
    assert sorted(term.text for term in located) == sorted(analyser(spec, SEGMENTER)(ClauseText(text)))
    assert all(0 <= term.start < term.end <= len(text) for term in located)


@given(POLICY_TEXT)
def test_character_and_single_word_terms_stand_where_they_say(text):
    folded = normalise(text)
    for kind, high in (("chars", 3), ("words", 1)):
        for term in located_terms(FieldSpec("f", "clause", kind, 1, high, 1.0, 1), SEGMENTER, folded):
            assert folded[term.start : term.end] == term.text


@given(ANY_TEXT)
def test_both_segmenters_cut_alike_with_hmm_off(text):
    folded = normalise(text)
    assert SEGMENTER.cut(folded) == JIEBA.cut(folded)
    assert "".join(SEGMENTER.cut(folded)) == folded


JIEBA = Segmenter(LEXICON, engine="jieba")


def test_domain_words_stay_whole():
    assert "首席质量官" in SEGMENTER.cut("推行首席质量官制度")
    assert "首席质量官" not in Segmenter().cut("推行首席质量官制度")


def test_the_nearest_heading_with_a_title_counts():
    clause = ClauseText("x", ("重点任务", "提升产品质量", ""))
    assert source_text(clause, "heading") == "提升产品质量"
    assert source_text(clause, "path") == "重点任务 提升产品质量"
    assert source_text(ClauseText("x"), "heading") == ""


def test_an_analyser_survives_pickling():
    analyse = analyser(SPECS[0], SEGMENTER)
    clause = ClauseText("推行首席质量官制度")
    assert pickle.loads(pickle.dumps(analyse))(clause) == analyse(clause)  # noqa: S301 - our own object
