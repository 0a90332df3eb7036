"""The compiled form of a model: flat little-endian arrays, and what must hold for them to be walked safely.

A trie is an array of 64-bit nodes (a double-array trie, J. Aoe 1989, with one word a node):

    bits  0–15  label: the character id that leads here from the parent; 0 in free slots and roots
    bits 16–39  base: the child by character c is the node at `base + c`, if its label is c; 0 in leaves
    bits 40–63  value: 0 where no key ends, else the number of the key's entry

No two parents share a base, so that label and slot together name the parent. The first slots are the
roots. A character's entry in `characters` holds its id (0 for one that no key has) and three flags; it
already is the entry of the *normalised* character.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LABEL_BITS = 16
BASE_BITS = 24
LABEL_MASK = (1 << LABEL_BITS) - 1
BASE_MASK = (1 << BASE_BITS) - 1
VALUE_SHIFT = LABEL_BITS + BASE_BITS

SEGMENTED = 1 << 16  # belongs to the runs that the dictionary cuts; everything else is a word by itself
WORD = 1 << 17  # a word without such a character is punctuation
LATIN = 1 << 18  # a letter or digit: single ones that follow each other are one word

PAGE_BITS = 8
N_PAGES = 0x110000 >> PAGE_BITS
DICTIONARY_ROOT = 0


@dataclass(frozen=True, slots=True)
class Arrays:
    """A compiled model's arrays.

    Attributes:
        pages: uint16 (4352,), for each 256 code points the row of `characters` that holds them.
        characters: uint32 (n, 256), entries as described above.
        dictionary: uint64, trie of the words; a value is a position in `frequencies`.
        frequencies: float64, `ln(frequency) - ln(total)` of each distinct frequency; the first is that
            of a character which no word covers.
        terms: uint64, trie of all fields' terms, one root a field; a value is a row number plus one.
        rows: int16 (n_terms, stride): a weight for every output, the term's position in `idf` as an
            unsigned number, zeros.
        idf: float64, distinct inverse document frequencies, positive.
        scales: float64 (n_outputs,), what one unit of a weight is worth.
    """

    pages: npt.NDArray[np.uint16]
    characters: npt.NDArray[np.uint32]
    dictionary: npt.NDArray[np.uint64]
    frequencies: npt.NDArray[np.float64]
    terms: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int16]
    idf: npt.NDArray[np.float64]
    scales: npt.NDArray[np.float64]


def stride_of(n_outputs: int) -> int:
    """Numbers in a row of `rows`: the outputs and one more, rounded up to whole 16-byte blocks."""
    return -(-(n_outputs + 1) // 8) * 8


def check_pages(pages: npt.NDArray[np.uint16], n_rows: int) -> None:
    """Raise ValueError unless every code point has an entry among `n_rows` rows of characters."""
    if pages.shape != (N_PAGES,) or int(pages.max()) >= n_rows:
        raise ValueError(f"needs {N_PAGES} page numbers below {n_rows}")


def check_trie(nodes: npt.NDArray[np.uint64], n_roots: int, max_id: int, max_value: int) -> None:
    """Raise ValueError unless no walk can leave the array and no value leads past `max_value`."""
    if nodes.ndim != 1 or len(nodes) <= n_roots:
        raise ValueError(f"a trie needs more than its {n_roots} roots")
    # The value stands in the highest bits, so the largest node has the largest value.
    if int(nodes.max()) >> VALUE_SHIFT > max_value:
        raise ValueError(f"a node's value is larger than {max_value}")
    bases = (nodes >> np.uint64(LABEL_BITS)).astype(np.uint32) & np.uint32(BASE_MASK)
    if int(bases.max()) + max_id >= len(nodes):
        raise ValueError("a node leads past the end of the trie")


def check_rows(rows: npt.NDArray[np.int16], n_outputs: int, n_idf: int) -> None:
    """Raise ValueError unless every row's inverse document frequency exists."""
    if rows.ndim != 2 or rows.shape[1] != stride_of(n_outputs) or not len(rows):  # noqa: PLR2004 - a matrix
        raise ValueError(f"needs rows of {stride_of(n_outputs)} numbers")
    if int(rows[:, n_outputs].view(np.uint16).max()) >= n_idf:
        raise ValueError(f"a row names an inverse document frequency past the {n_idf} that exist")


def check_floats(values: npt.NDArray[np.float64], count: int | None = None) -> None:
    """Raise ValueError unless there are `count` (or else some) numbers, all finite."""
    if values.ndim != 1 or not len(values) or (count is not None and len(values) != count):
        raise ValueError(f"has {len(values)} numbers where {count or 'some'} belong")
    if not np.isfinite(values).all():
        raise ValueError("has numbers that are not finite")
