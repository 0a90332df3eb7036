"""The index finds exactly the pairs that comparing every pair would find, and fast."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.near_duplicates import SHINGLE, near_duplicates, shingles

TEXTS = st.lists(st.text(alphabet="质量提升1２ ，,a", max_size=14), max_size=8)


@given(TEXTS, TEXTS, st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_the_index_finds_what_comparing_all_pairs_finds(queries, targets, threshold):
    expected = set()
    for i, a in enumerate(map(shingles, queries)):
        for j, b in enumerate(map(shingles, targets)):
            if len(a & b) / len(a | b) >= threshold:
                expected.add((i, j, len(a & b) / len(a | b)))
    found = [
        (match.query, match.target, match.similarity)
        for match in near_duplicates(queries, targets, threshold)
    ]
    assert set(found) == expected
    assert len(found) == len(expected)
    assert found == sorted(found, key=lambda match: (match[0], -match[2], match[1]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("合格率达到98%以上", "合格率达到96％以上"),
        ("质量, 提升行动", "质量，提升行动"),
        ("ＱＣ小组活动", "qc小组活动"),
        ("质量", "质 量"),
    ],
)
def test_width_blanks_case_and_digits_make_no_difference(one, other):
    assert [match.similarity for match in near_duplicates([one], [other])] == [1.0]


def test_similarity_is_the_share_of_common_grams():
    one, other = "全面加强质量监督", "全面加强质量监管"  # 4 five-grams each, the first 3 in common
    assert len(shingles(one)) == len(one) - SHINGLE + 1 == 4
    assert [match.similarity for match in near_duplicates([one], [other])] == [3 / 5]


def test_ten_thousand_clauses_against_seven_hundred_take_seconds():
    rng = random.Random(7)  # noqa: S311 - made-up clauses, not secrets
    words = [chr(0x4E00 + rng.randrange(900)) + chr(0x4E00 + rng.randrange(900)) for _ in range(400)]
    clauses = ["".join(rng.choices(words, k=30)) for _ in range(10_700)]
    start = time.perf_counter()
    assert list(near_duplicates(clauses[:10_000], clauses[10_000:])) == []
    assert time.perf_counter() - start < 10
