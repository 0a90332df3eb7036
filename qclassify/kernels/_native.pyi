from typing import Any, TypeAlias

import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

class Walker:
    def __init__(
        self,
        pages: Array,
        characters: Array,
        dictionary: Array,
        frequencies: Array,
        terms: Array,
        rows: Array,
        idf: Array,
        scales: Array,
        /,
    ) -> None: ...
    def score(
        self, points: Array, ends: Array, fields: tuple[tuple[int, bool, float, float], ...], out: Array, /
    ) -> None: ...
    def cut(self, points: Array, ends: Array, out: Array, /) -> None: ...
