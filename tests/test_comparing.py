"""Likeness of clauses, against a plain re-computation, and counterparts."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_documents import tagged

from qclassify.comparing import clause_likeness, compare

texts = st.lists(st.text("质量强市产品品牌服务，。1 ", max_size=12), max_size=6)


def terms(text):
    text = "".join("0" if c.isdigit() else c if c.isalnum() else " " for c in text)
    grams = (text[i : i + n] for n in (2, 3) for i in range(len(text) - n + 1))
    return Counter(gram for gram in grams if " " not in gram)


def plain_likeness(first, second):
    counted = [terms(text) for text in [*first, *second]]
    frequency = Counter(term for found in counted for term in found)
    vectors = [
        {t: (1 + log(n)) * (1 + log((1 + len(counted)) / (1 + frequency[t]))) for t, n in found.items()}
        for found in counted
    ]

    def cosine(a, b):
        norm = sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
        return sum(v * b.get(t, 0) for t, v in a.items()) / norm if norm else 0

    left, right = vectors[: len(first)], vectors[len(first) :]
    return [[cosine(a, b) for b in right] for a in left]


@given(texts, texts)
def test_likeness_is_the_cosine_of_tf_idf_vectors(first, second):
    found = clause_likeness(first, second)
    assert found.shape == (len(first), len(second))
    assert np.allclose(found, np.array(plain_likeness(first, second)).reshape(found.shape), atol=1e-5)


def test_a_document_is_its_own_counterpart():
    document = tagged("xining-2015")
    comparison = compare(document, document)
    assert all(c.found for c in comparison.of_first)
    assert [c.likeness for c in comparison.of_first] == pytest.approx([1.0] * len(document.predictions))


def test_the_same_measure_in_other_words_is_found_and_another_subject_is_not():
    city = ["推行首席质量官制度,全市规模以上企业覆盖率达70%。", "开展公路水运工程专项行动。"]
    province = ["推动企业建立首席质量官制度,免费培训首席质量官700人次以上。", "推进国家地理标志产品保护。"]
    likeness = clause_likeness(city, province)
    assert likeness[0, 0] > 0.2 > likeness[1].max()


def test_a_document_without_clauses_has_no_counterparts():
    document = tagged("xining-2015")
    empty = type(document)(document.document, (), ())
    comparison = compare(document, empty)
    assert not any(c.found or c.nearest for c in comparison.of_first)
    assert comparison.of_second == ()
