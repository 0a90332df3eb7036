"""The numpy back end: every step is done for all positions of a batch of texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qclassify.kernels.layout import (
    BASE_MASK,
    LABEL_BITS,
    LABEL_MASK,
    LATIN,
    SEGMENTED,
    VALUE_SHIFT,
    WORD,
    Arrays,
)
from qclassify.kernels.segmenting import word_starts
from qclassify.kernels.texts import FieldProgram, TextBatch

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# About this many characters at once: fewer cost calls, many more cost memory.
CHUNK = 65_536


class BatchKernel:
    """See `qclassify.kernels.texts.Kernel`."""

    name = "numpy"

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._n_outputs = len(arrays.scales)

    def cut(self, batch: TextBatch) -> npt.NDArray[np.bool_]:
        """For every position of `batch.points` whether a word (or a separator) starts there."""
        return self._word_starts(self._entries(batch))

    def score(self, batch: TextBatch, fields: Sequence[FieldProgram]) -> Floats:
        """Sum of the fields' contributions to every output, float64 (n_texts, n_outputs)."""
        out = np.zeros((len(batch.ends), self._n_outputs))
        for first, chunk in _chunks(batch):
            out[first : first + len(chunk.ends)] = self._score_chunk(chunk, fields)
        return out

    def _score_chunk(self, batch: TextBatch, fields: Sequence[FieldProgram]) -> Floats:
        entries = self._entries(batch)
        ids = (entries & LABEL_MASK).astype(np.int64)
        text_of = np.repeat(np.arange(len(batch.ends)), np.diff(batch.ends, prepend=-1))
        words = None
        out = np.zeros((len(batch.ends), self._n_outputs))
        for field in fields:
            if field.words:
                words = words or self._words(entries, text_of)
                found = self._word_ngrams(field.root, ids, *words)
            else:
                found = self._character_ngrams(field.root, ids, text_of)
            if len(found[0]):
                self._add(out, field, *found)
        return out

    def _entries(self, batch: TextBatch) -> npt.NDArray[np.uint32]:
        pages = self._arrays.pages[batch.points >> 8]
        entries: npt.NDArray[np.uint32] = self._arrays.characters[pages, batch.points & 0xFF]
        entries[batch.ends] = 0
        return entries

    def _word_starts(self, entries: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        return word_starts(
            (entries & LABEL_MASK).astype(np.int64),
            (entries & SEGMENTED) != 0,
            (entries & LATIN) != 0,
            self._arrays.dictionary,
            self._arrays.frequencies,
        )

    def _words(self, entries: npt.NDArray[np.uint32], text_of: Ints) -> tuple[Ints, Ints, Ints]:
        """Start, length and text of every word that is more than punctuation."""
        starts = np.flatnonzero(self._word_starts(entries))
        lengths = np.diff(starts, append=len(entries))
        is_word = np.bitwise_or.reduceat(entries, starts) & WORD != 0
        return starts[is_word], lengths[is_word], text_of[starts[is_word]]

    def _character_ngrams(self, root: int, ids: Ints, text_of: Ints) -> tuple[Ints, Ints]:
        """(text, row) of every n-gram that is a term, repeats included."""
        nodes, mask = self._arrays.terms, np.uint64(LABEL_MASK)
        at = np.arange(len(ids))
        starts, base = at, np.full(len(ids), _base(nodes[root : root + 1])[0])
        found: list[tuple[Ints, Ints]] = []
        while len(at):
            codes = ids[at]
            node = nodes[base + codes]
            alive = np.flatnonzero((node & mask == codes.astype(np.uint64)) & (codes > 0))
            starts, at, node = starts[alive], at[alive] + 1, node[alive]
            found.append(_terms(starts, node))
            base = _base(node)
            inner = np.flatnonzero(base)  # the others are leaves
            starts, at, base = starts[inner], at[inner], base[inner]
        texts, rows = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return text_of[texts], rows

    def _word_ngrams(
        self, root: int, ids: Ints, starts: Ints, lengths: Ints, text_of: Ints
    ) -> tuple[Ints, Ints]:
        """(text, row) of every word n-gram that is a term, repeats included."""
        nodes = self._arrays.terms
        first = np.arange(len(starts))  # the n-gram's first word
        base = np.full(len(starts), _base(nodes[root : root + 1])[0])
        space = self._space()
        found: list[tuple[Ints, Ints]] = []
        n = 0
        while len(first):
            last = first + n
            alive, node = _walk(nodes, base, starts[last], lengths[last], ids)
            first, last = first[alive], last[alive]
            found.append(_terms(text_of[first], node))
            follows = (last + 1 < len(starts)) & (
                text_of[np.minimum(last + 1, len(starts) - 1)] == text_of[first]
            )
            base = _base(node)
            node = nodes[base + space]
            goes_on = np.flatnonzero(
                follows & (space > 0) & (node & np.uint64(LABEL_MASK) == np.uint64(space))
            )
            first, base = first[goes_on], _base(node[goes_on])
            n += 1
        if not found:
            return first, first
        texts, rows = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return texts, rows

    def _space(self) -> int:
        """The id of the character between the words of an n-gram, 0 when no term has it."""
        entry = self._arrays.characters[self._arrays.pages[0], 0x20]
        return int(entry) & LABEL_MASK

    def _add(self, out: Floats, field: FieldProgram, texts: Ints, rows: Ints) -> None:
        """Add one field's share: TF-IDF with sublinear counts, normalised, times weights."""
        arrays = self._arrays
        keys, counts = _counted(texts * len(arrays.rows) + rows)
        owners = keys // len(arrays.rows)
        row = arrays.rows.take(keys - owners * len(arrays.rows), axis=0)
        values = arrays.idf[row[:, self._n_outputs].view(np.uint16)]
        repeated = np.flatnonzero(counts > 1)
        values[repeated] *= 1.0 + np.log(counts[repeated])
        norms = np.sqrt(np.bincount(owners, weights=values * values, minlength=len(out)))
        norms[norms == 0] = 1.0
        values *= (field.weight / norms**field.norm_power)[owners]
        sums = np.zeros((len(out), row.shape[1]))
        bounds = np.searchsorted(owners, np.arange(len(out) + 1)).tolist()
        for text, (low, high) in enumerate(pairwise(bounds)):  # a text's rows fit the cache
            if low < high:
                np.dot(values[low:high], row[low:high].astype(np.float64), out=sums[text])
        out += sums[:, : self._n_outputs] * arrays.scales


def _chunks(batch: TextBatch) -> list[tuple[int, TextBatch]]:
    """Runs of whole texts of about `CHUNK` characters, each with the number of its first text."""
    chunks = []
    first, begin = 0, 0
    while first < len(batch.ends):
        last = max(first + 1, int(np.searchsorted(batch.ends, begin + CHUNK)))
        end = int(batch.ends[last - 1]) + 1
        chunks.append((first, TextBatch(batch.points[begin:end], batch.ends[first:last] - begin)))
        first, begin = last, end
    return chunks


def _base(node: npt.NDArray[np.uint64]) -> Ints:
    return (node >> np.uint64(LABEL_BITS)).astype(np.int64) & BASE_MASK


def _terms(texts: Ints, node: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Text and row of the nodes where a term ends."""
    value = (node >> np.uint64(VALUE_SHIFT)).astype(np.int64)
    here = np.flatnonzero(value)
    return texts[here], value[here] - 1


def _walk(
    nodes: npt.NDArray[np.uint64], base: Ints, starts: Ints, lengths: Ints, ids: Ints
) -> tuple[Ints, npt.NDArray[np.uint64]]:
    """Follow whole words from given bases: which of them can be followed to the end, and where they end."""
    which = np.arange(len(starts))
    ended: list[tuple[Ints, npt.NDArray[np.uint64]]] = []
    depth = 0
    while len(which):
        codes = ids[starts[which] + depth]
        node = nodes[base + codes]
        alive = np.flatnonzero((node & np.uint64(LABEL_MASK) == codes.astype(np.uint64)) & (codes > 0))
        which, node = which[alive], node[alive]
        depth += 1
        done = lengths[which] == depth
        ended.append((which[done], node[done]))
        which, base = which[~done], _base(node[~done])
        inner = np.flatnonzero(base)
        which, base = which[inner], base[inner]
    if not ended:
        return which, np.zeros(0, dtype=np.uint64)
    return np.concatenate([w for w, _ in ended]), np.concatenate([node for _, node in ended])


def _counted(keys: Ints) -> tuple[npt.NDArray[np.integer], Ints]:
    """The distinct keys in order, and how often each stands there."""
    narrow = keys.astype(np.int32) if keys.max() < 2**31 else keys  # half the bytes to sort
    narrow.sort()
    first = np.flatnonzero(np.diff(narrow, prepend=-1))
    return narrow[first], np.diff(first, append=len(narrow))
