"""jieba's segmentation with HMM off, for all positions of many texts at once.

A run of dictionary characters is cut along its most probable path: from the end of the run backwards,
every position takes the word that maximises `ln p(word) + best(rest)`, and of equals the longest one.
The additions are jieba's, in jieba's order, in float64, so that ties fall alike
(https://github.com/fxsj/jieba, `Tokenizer.calc`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qclassify.kernels.layout import BASE_MASK, DICTIONARY_ROOT, LABEL_BITS, LABEL_MASK, VALUE_SHIFT

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def word_starts(
    ids: Ints,
    segmented: Flags,
    latin: Flags,
    dictionary: npt.NDArray[np.uint64],
    frequencies: npt.NDArray[np.float64],
) -> Flags:
    """Where words start; characters outside the runs are words by themselves.

    Args:
        ids: character ids, 0 for unknown ones.
        segmented: which characters belong to runs that are cut.
        latin: which of them are letters or digits; words of one such character are joined.
        dictionary: trie of the words.
        frequencies: log probabilities that its values point to.
    """
    starts = np.ones(len(ids), dtype=np.bool_)
    edges = np.flatnonzero(np.diff(segmented, prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return starts
    lengths = _best_words(ids, begins, ends, dictionary, frequencies)
    starts[segmented] = False
    at = begins
    while len(at):
        starts[at] = True
        at = at + lengths[at]
        inside = segmented[np.minimum(at, len(ids) - 1)] & (at < len(ids))
        at = at[inside]
    single = starts & latin & np.append(starts[1:], True)
    starts[1:] &= ~(single[1:] & single[:-1])
    return starts


def _best_words(
    ids: Ints,
    begins: Ints,
    ends: Ints,
    dictionary: npt.NDArray[np.uint64],
    frequencies: npt.NDArray[np.float64],
) -> Ints:
    """The length of the best word at every position of the runs (1 elsewhere).

    Positions are laid out by their distance to the end of the run and then by run, long runs first:
    one step works on neighbours, and so do the steps that it looks back to.
    """
    sizes = ends - begins
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    runs = np.repeat(np.arange(len(sizes)), sizes)
    positions = np.arange(len(runs)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + begins[runs]
    distance = ends[runs] - 1 - positions
    active = np.bincount(distance)  # runs that reach this far
    offsets = np.cumsum(active) - active
    place = offsets[distance] + rank[runs]
    candidates = _candidates(ids, positions, place, dictionary, frequencies)
    best = np.zeros(len(runs))
    length = np.ones(len(runs), dtype=np.int64)
    nothing = np.zeros(len(sizes))
    for step, (offset, count) in enumerate(zip(offsets.tolist(), active.tolist(), strict=True)):
        here = slice(offset, offset + count)
        scores, lengths = best[here], length[here]
        scores[:] = -np.inf
        for back in range(min(step + 1, len(candidates))):
            before = offsets[step - back - 1] if back < step else 0
            rest = best[before : before + count] if back < step else nothing[:count]
            score = candidates[back][here] + rest
            better = score >= scores
            np.copyto(scores, score, where=better)
            np.copyto(lengths, back + 1, where=better)
    found = np.ones(len(ids), dtype=np.int64)
    found[positions] = length[place]
    return found


def _candidates(
    ids: Ints,
    positions: Ints,
    place: Ints,
    dictionary: npt.NDArray[np.uint64],
    frequencies: npt.NDArray[np.float64],
) -> list[npt.NDArray[np.float64]]:
    """For each word length, at every place: the log probability of the word that starts there, or -inf."""
    base = np.full(len(positions), int(dictionary[DICTIONARY_ROOT]) >> LABEL_BITS & BASE_MASK)
    found: list[npt.NDArray[np.float64]] = []
    covered = np.zeros(len(positions), dtype=np.bool_)
    while True:
        codes = ids[positions]
        node = dictionary[base + codes]
        alive = np.flatnonzero((node & np.uint64(LABEL_MASK) == codes.astype(np.uint64)) & (codes > 0))
        positions, place, node = positions[alive] + 1, place[alive], node[alive]
        if not len(node) and found:
            break
        value = (node >> np.uint64(VALUE_SHIFT)).astype(np.int64)
        words = np.flatnonzero(value)
        scores = np.full(len(covered), -np.inf)
        scores[place[words]] = frequencies[value[words]]
        covered[place[words]] = True
        found.append(scores)
        base = (node >> np.uint64(LABEL_BITS)).astype(np.int64) & BASE_MASK
        inner = np.flatnonzero(base)
        positions, place, base = positions[inner], place[inner], base[inner]
    found[0][~covered] = frequencies[0]
    return found
