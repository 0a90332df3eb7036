"""Tries, the character table and the grid of the coefficients: nothing is lost on the way into a model folder."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qclassify.errors import LabelError
from qclassify.features import normalise
from qclassify.kernels.layout import BASE_MASK, LABEL_BITS, LABEL_MASK, LATIN, SEGMENTED, VALUE_SHIFT, WORD
from qclassify.models import load_model
from training import dictionary
from training.rounding import LARGEST, grid_numbers, grid_scales, round_to_grid
from training.tries import build_trie, character_ids

KEYS = st.dictionaries(st.text("abcdé质量", min_size=1, max_size=5), st.integers(1, 2**24 - 1), max_size=40)
COEFFICIENTS = hnp.arrays(np.float64, (3, 7), elements=st.floats(-50, 50, width=32))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value_of(nodes, root, key, ids):
    node = int(nodes[root])
    for character in key:
        label = ids.get(character, 0)
        node = int(nodes[(node >> LABEL_BITS & BASE_MASK) + label])
        if label == 0 or node & LABEL_MASK != label:
            return 0
    return node >> VALUE_SHIFT


@FEW
@given(
    key_sets=st.lists(KEYS, min_size=1, max_size=3),
    others=st.lists(st.text("abcdé质量x", min_size=1, max_size=6)),
)
def test_a_trie_holds_exactly_its_keys_under_their_roots(key_sets, others):
    ids = character_ids(key_sets)
    nodes = build_trie(key_sets, ids)
    every_key = {key for keys in key_sets for key in keys}
    for root, keys in enumerate(key_sets):
        for key in [*every_key, *others]:
            assert value_of(nodes, root, key, ids) == keys.get(key, 0)


@FEW
@given(keys=KEYS)
def test_the_order_of_the_keys_does_not_matter(keys):
    backwards = dict(reversed(keys.items()))
    ids = character_ids([keys])
    assert ids == character_ids([backwards])
    assert build_trie([keys], ids).tobytes() == build_trie([backwards], ids).tobytes()


def test_too_many_characters_are_refused():
    with pytest.raises(LabelError, match="different characters"):
        character_ids([[chr(point) for point in range(0x10000, 0x20001)]])


@given(COEFFICIENTS)
def test_rounding_is_idempotent_and_fits_sixteen_bits(coefficients):
    rounded = round_to_grid(coefficients)
    assert (round_to_grid(rounded) == rounded).all()
    numbers = grid_numbers(rounded)
    assert np.abs(numbers.astype(int)).max() <= LARGEST
    assert (numbers * grid_scales(rounded)[:, None] == rounded).all()
    largest = np.abs(coefficients).max(axis=1, keepdims=True)
    assert (np.abs(rounded - coefficients) <= np.maximum(largest, 1e-37) / 2**14 / 2 * 1.01).all()


def test_coefficients_off_the_grid_are_refused():
    with pytest.raises(ValueError, match="not rounded"):
        grid_numbers(np.array([[1.0, 1 / 3]]))


def test_every_code_point_has_the_flags_of_what_it_is_normalised_to():
    arrays = load_model().arrays
    for point in (*range(0x600), *range(0x2000, 0x2100), *range(0x3000, 0x3100), *range(0x4DF0, 0x4E20), 0x9FD5, 0x9FD6, *range(0xFF00, 0xFFF0), 0x20BB7, 0xD800, 0x10FFFF):  # fmt: skip
        entry = int(arrays.characters[arrays.pages[point >> 8], point & 0xFF])
        folded = normalise(chr(point))
        assert bool(entry & WORD) == (folded.isalnum() or folded == "_"), hex(point)
        assert bool(entry & LATIN) == (folded.isascii() and folded.isalnum()), hex(point)
        assert bool(entry & SEGMENTED) == bool(dictionary.SEGMENTED_CHARACTER.match(folded)), hex(point)
        same = int(arrays.characters[arrays.pages[ord(folded) >> 8], ord(folded) & 0xFF])
        assert entry == same


def test_another_dictionary_than_jiebas_is_refused(monkeypatch):
    monkeypatch.setattr(dictionary, "DICTIONARY_SHA256", "0" * 64)
    with pytest.raises(LabelError, match=r"not that of 0\.42\.1"):
        dictionary.word_frequencies(())
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LabelError, match="jieba is not installed"):
        dictionary.word_frequencies(())
