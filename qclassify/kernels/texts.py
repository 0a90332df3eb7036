"""What goes into a kernel: texts as code points, and which fields to score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt


class TextBatch(NamedTuple):
    """Texts behind each other, one separator after each.

    Attributes:
        points: uint32, code points; lone surrogates stay.
        ends: int64 (n_texts,), the position of each text's separator; the last one ends the array.
    """

    points: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.int64]


class FieldProgram(NamedTuple):
    """How to score one field.

    Attributes:
        root: of the field's trie, a slot of `Arrays.terms`.
        words: whether its terms are n-grams of words rather than of characters.
        weight: factor on the block, positive.
        norm_power: p in `weight · x / ‖x‖₂^p`, in [0, 1].
    """

    root: int
    words: bool
    weight: float
    norm_power: float


class Kernel(Protocol):
    """Segments and scores texts with one compiled model; safe to share between threads."""

    @property
    def name(self) -> str:
        """`numpy` or `native`."""

    def score(self, batch: TextBatch, fields: Sequence[FieldProgram]) -> npt.NDArray[np.float64]:
        """Sum of the fields' contributions to every output, float64 (n_texts, n_outputs)."""

    def cut(self, batch: TextBatch) -> npt.NDArray[np.bool_]:
        """For every position of `batch.points` whether a word (or a separator) starts there."""


def encode(texts: Sequence[str]) -> TextBatch:
    """The texts as a kernel wants them."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    joined = "\n".join(texts) + "\n" if texts else ""
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return TextBatch(points.astype(np.uint32, copy=False), np.cumsum(lengths + 1) - 1)
