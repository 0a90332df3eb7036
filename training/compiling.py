"""Dictionary, vocabularies and coefficients → the flat arrays of `qclassify.kernels.layout`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from qclassify.features import normalise
from qclassify.kernels.layout import LATIN, N_PAGES, SEGMENTED, WORD, Arrays, stride_of
from training.dictionary import SEGMENTED_CHARACTER, WordFrequencies, word_frequencies
from training.rounding import grid_numbers, grid_scales
from training.tries import build_trie, character_ids

Floats = npt.NDArray[np.float64]


def compile_arrays(
    vocabularies: Sequence[Sequence[str]],
    idf: Floats,
    coefficients: Floats,
    lexicon: Sequence[tuple[str, int]],
) -> Arrays:
    """The compiled form of a fitted model.

    Args:
        vocabularies: every field's terms in column order.
        idf: (n_terms,), the fields behind each other.
        coefficients: (n_outputs, n_terms), on the grid of `training.rounding`.
        lexicon: domain words with their frequencies.

    Raises:
        LabelError: the model does not fit the format, or jieba's dictionary is not the one it must be.
        ValueError: a coefficient is not on the grid.
    """
    words = word_frequencies(lexicon)
    term_sets = list(_numbered(vocabularies))
    ids = character_ids([words.frequencies, *term_sets])
    pages, characters = _character_table(ids)
    distinct = sorted(set(words.frequencies.values()))
    position = {frequency: n for n, frequency in enumerate(distinct, 1)}
    distinct_idf, idf_number = np.unique(idf, return_inverse=True)
    return Arrays(
        pages=pages,
        characters=characters,
        dictionary=build_trie([{word: position[f] for word, f in words.frequencies.items()}], ids),
        frequencies=_log_probabilities(distinct, words),
        terms=build_trie(term_sets, ids),
        rows=_rows(coefficients, idf_number),
        idf=distinct_idf,
        scales=grid_scales(coefficients),
    )


def _numbered(vocabularies: Iterable[Sequence[str]]) -> Iterable[Mapping[str, int]]:
    first = 1
    for terms in vocabularies:
        yield {term: first + n for n, term in enumerate(terms)}
        first += len(terms)


def _log_probabilities(frequencies: Sequence[int], words: WordFrequencies) -> Floats:
    """`ln f - ln total` as jieba computes it; first that of an unknown character, which counts as 1."""
    log_total = math.log(words.total)
    return np.array([math.log(frequency) - log_total for frequency in (1, *frequencies)])


def _rows(coefficients: Floats, idf_number: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
    n_outputs, n_terms = coefficients.shape
    rows = np.zeros((n_terms, stride_of(n_outputs)), dtype=np.int16)
    rows[:, :n_outputs] = grid_numbers(coefficients).T
    rows[:, n_outputs] = idf_number.astype(np.uint16).view(np.int16)
    return rows


def _character_table(ids: Mapping[str, int]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint32]]:
    """Pages and entries for all of Unicode; a character gets the entry of what it is normalised to."""
    entries = _flags().copy()
    entries[[ord(character) for character in ids]] |= np.fromiter(ids.values(), dtype=np.uint32)
    table = entries[_normalised()].reshape(N_PAGES, 256)
    characters, pages = np.unique(table, axis=0, return_inverse=True)
    return pages.ravel().astype(np.uint16), characters


@cache
def _normalised() -> npt.NDArray[np.uint32]:
    """What each code point is normalised to; the same for every model."""
    text = normalise("".join(map(chr, range(N_PAGES * 256)))).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(text, dtype="<u4")


@cache
def _flags() -> npt.NDArray[np.uint32]:
    """The flags of each code point; the same for every model."""
    points = range(N_PAGES * 256)
    return np.fromiter((_flags_of(chr(point)) for point in points), dtype=np.uint32, count=len(points))


def _flags_of(character: str) -> int:
    return (
        SEGMENTED * bool(SEGMENTED_CHARACTER.match(character))
        | WORD * (character.isalnum() or character == "_")  # what \w matches
        | LATIN * (character.isascii() and character.isalnum())
    )
