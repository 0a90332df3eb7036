"""Builds double-array tries (the format is described in `qclassify.kernels.layout`) in seconds.

Parents with several children are placed first, those with most children first, each at the first base
where all its children fall on free slots; parents of a single child then fill the holes. The result
depends on nothing but the keys.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qclassify.errors import LabelError
from qclassify.kernels.layout import BASE_BITS, LABEL_BITS, LABEL_MASK, VALUE_SHIFT

_WINDOW = 16384
_PATIENCE = 16
_HASTE = 4


def character_ids(key_sets: Iterable[Iterable[str]]) -> dict[str, int]:
    """Ids from 1 for all characters of the keys, frequent ones first so that children lie close together.

    Raises:
        LabelError: there are more characters than ids.
    """
    counts: Counter[str] = Counter()
    for keys in key_sets:
        for key in keys:
            counts.update(key)
    if len(counts) > LABEL_MASK:
        raise LabelError(
            f"{len(counts)} different characters, a model may have {LABEL_MASK}", "raise min_count"
        )
    ordered = sorted(counts, key=lambda character: (-counts[character], character))
    return {character: number for number, character in enumerate(ordered, 1)}


def build_trie(key_sets: Sequence[Mapping[str, int]], ids: Mapping[str, int]) -> npt.NDArray[np.uint64]:
    """The nodes of a trie with one root for each set of keys.

    Args:
        key_sets: key → value, keys not empty, values from 1.
        ids: of every character of the keys.
    """
    labels, values, children = _linked_nodes(key_sets, ids)
    slots, bases = _placed(labels, children, len(key_sets))
    size = max(int(slots.max()) + 1, int(bases.max()) + len(ids) + 1)
    if size >> BASE_BITS or max(values) >> (64 - VALUE_SHIFT):
        raise LabelError(f"a trie of {size} nodes is too large for the format", "raise min_count")
    nodes = np.zeros(size, dtype="<u8")
    nodes[slots] = (
        np.array(labels, dtype=np.uint64)
        | bases.astype(np.uint64) << np.uint64(LABEL_BITS)
        | np.array(values, dtype=np.uint64) << np.uint64(VALUE_SHIFT)
    )
    return nodes


def _linked_nodes(
    key_sets: Sequence[Mapping[str, int]], ids: Mapping[str, int]
) -> tuple[list[int], list[int], dict[int, list[int]]]:
    """Label and value of each node (roots first), and the children of each node that has some."""
    labels, values = [0] * len(key_sets), [0] * len(key_sets)
    children: dict[int, list[int]] = {}
    for root, keys in enumerate(key_sets):
        node_of = {"": root}
        for key in sorted(keys):
            depth = len(key)
            while key[:depth] not in node_of:
                depth -= 1
            node = node_of[key[:depth]]
            for end in range(depth + 1, len(key) + 1):
                children.setdefault(node, []).append(len(labels))
                node = node_of[key[:end]] = len(labels)
                labels.append(ids[key[end - 1]])
                values.append(0)
            values[node] = keys[key]
    return labels, values, children


def _placed(
    labels: Sequence[int], children: Mapping[int, Sequence[int]], n_roots: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Slot and base of each node."""
    capacity = 2 * len(labels) + (2 << LABEL_BITS) + _WINDOW
    taken = np.zeros(capacity, dtype=bool)  # slots that hold a node
    used = np.zeros(capacity, dtype=bool)  # bases that a parent has
    taken[:n_roots] = True
    used[0] = True  # the base of leaves
    slots = np.zeros(len(labels), dtype=np.int64)
    slots[:n_roots] = np.arange(n_roots)
    bases = np.zeros(len(labels), dtype=np.int64)
    parents = sorted(children, key=lambda node: (-len(children[node]), node))
    first_single = next((n for n, node in enumerate(parents) if len(children[node]) == 1), len(parents))
    start, size = 1, 0
    for node in parents[:first_single]:
        if len(children[node]) != size:  # smaller families may fit where larger ones did not
            start, size = 1, len(children[node])
        codes = np.array([labels[child] for child in children[node]])
        base = _first_fit(taken, used, codes, start)
        if base >= start + _WINDOW:  # nothing fits at the start any more: move on, but slowly
            start += _WINDOW // _HASTE
        slots[list(children[node])] = base + codes
        taken[base + codes] = True
        used[base] = True
        bases[node] = base
    _fill_holes(labels, children, parents[first_single:], taken, used, slots, bases)
    return slots, bases


def _first_fit(
    taken: npt.NDArray[np.bool_], used: npt.NDArray[np.bool_], codes: npt.NDArray[np.int64], start: int
) -> int:
    while True:
        blocked = used[start : start + _WINDOW].copy()
        for code in codes.tolist():
            blocked |= taken[start + code : start + code + _WINDOW]
        offset = int(blocked.argmin())
        if not blocked[offset]:
            return start + offset
        start += _WINDOW


def _fill_holes(
    labels: Sequence[int],
    children: Mapping[int, Sequence[int]],
    parents: Sequence[int],
    taken: npt.NDArray[np.bool_],
    used: npt.NDArray[np.bool_],
    slots: npt.NDArray[np.int64],
    bases: npt.NDArray[np.int64],
) -> None:
    waiting = deque(parents)
    in_use = bytearray(used.tobytes())
    for slot in np.flatnonzero(~taken).tolist():
        for _ in range(min(_PATIENCE, len(waiting))):
            node = waiting[0]
            [child] = children[node]
            base = slot - labels[child]
            if base > 0 and not in_use[base]:
                waiting.popleft()
                slots[child], bases[node], in_use[base] = slot, base, 1
                break
            waiting.rotate(-1)
        if not waiting:
            return
    raise AssertionError("the array has room for every node")
