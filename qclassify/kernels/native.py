"""The C back end; what it does stands in `_native.c`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qclassify.kernels import _native
from qclassify.kernels.layout import Arrays
from qclassify.kernels.texts import FieldProgram, TextBatch


class NativeKernel:
    """See `qclassify.kernels.texts.Kernel`. The C code checks the arrays again and releases the GIL."""

    name = "native"

    def __init__(self, arrays: Arrays) -> None:
        self._n_outputs = len(arrays.scales)
        self._walker = _native.Walker(
            arrays.pages,
            arrays.characters,
            arrays.dictionary,
            arrays.frequencies,
            arrays.terms,
            arrays.rows,
            arrays.idf,
            arrays.scales,
        )

    def score(self, batch: TextBatch, fields: Sequence[FieldProgram]) -> npt.NDArray[np.float64]:
        """Sum of the fields' contributions to every output, float64 (n_texts, n_outputs)."""
        out = np.zeros((len(batch.ends), self._n_outputs))
        self._walker.score(batch.points, batch.ends, tuple(fields), out)
        return out

    def cut(self, batch: TextBatch) -> npt.NDArray[np.bool_]:
        """For every position of `batch.points` whether a word (or a separator) starts there."""
        starts = np.zeros(len(batch.points), dtype=np.bool_)
        self._walker.cut(batch.points, batch.ends, starts.view(np.uint8))
        return starts
