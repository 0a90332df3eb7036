"""Chinese word segmentation: jieba's dictionary and algorithm with HMM off, plus domain words.

With HMM off `jieba` and `rjieba` cut every text alike, so the faster one that is installed serves and
the choice never changes a result. Domain words always carry an explicit frequency: a frequency left
to the library differs between the two.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

SEGMENTER_ID = "jieba-0.42.1/hmm-off"


class Segmenter:
    """Cuts normalised text into words.

    Args:
        lexicon: domain words, each with its frequency (a positive whole number).
        engine: `rjieba`, `jieba`, or None for the faster one that is installed.
    """

    def __init__(self, lexicon: Sequence[tuple[str, int]] = (), engine: str | None = None) -> None:
        self.lexicon = tuple(lexicon)
        self.engine = engine or ("rjieba" if importlib.util.find_spec("rjieba") else "jieba")
        self.cut: Callable[[str], list[str]] = (
            _rjieba_cutter(self.lexicon) if self.engine == "rjieba" else _jieba_cutter(self.lexicon)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # The engines' own objects cannot be pickled; the lexicon is all there is to know.
        return Segmenter, (self.lexicon,)


def _rjieba_cutter(lexicon: Sequence[tuple[str, int]]) -> Callable[[str], list[str]]:
    import rjieba

    engine = rjieba.Jieba()
    for word, frequency in lexicon:
        engine.add_word(word, frequency, "n")

    def cut(text: str) -> list[str]:
        words: list[str] = engine.cut(text, hmm=False)
        return words

    return cut


def _jieba_cutter(lexicon: Sequence[tuple[str, int]]) -> Callable[[str], list[str]]:
    import jieba

    engine = jieba.Tokenizer()
    # jieba would read a marshalled cache from the shared temp folder, where anyone may have put it.
    engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
    engine.initialized = True
    for word, frequency in lexicon:
        engine.add_word(word, frequency)

    def cut(text: str) -> list[str]:
        return list(engine.cut(text, HMM=False))

    return cut
