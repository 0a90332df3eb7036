"""jieba's dictionary, from the installed package, with the lexicon's words: what the compiled model cuts by."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qclassify.errors import LabelError
from qclassify.features import normalise

DICTIONARY_SHA256 = "7197c3211ddd98962b036cdf40324d1ea2bfaa12bd028e68faa70111a88e12a8"
# The runs that jieba cuts with its dictionary (`re_han_default`); whatever else there is it takes apart.
SEGMENTED_CHARACTER = re.compile(r"[\u4E00-\u9FD5a-zA-Z0-9+#&\._%\-]")


@dataclass(frozen=True, slots=True)
class WordFrequencies:
    """Words that can be met in normalised text, with frequencies above 0, and the total of all frequencies."""

    frequencies: Mapping[str, int]
    total: int


def word_frequencies(lexicon: Sequence[tuple[str, int]]) -> WordFrequencies:
    """The dictionary as jieba holds it after `add_word(word, frequency)` for each word of the lexicon.

    Raises:
        LabelError: jieba is missing, or its dictionary is not that of version 0.42.1.
    """
    frequencies: dict[str, int] = {}
    total = 0
    for line in dictionary_text().splitlines():
        word, frequency = line.split(" ")[:2]
        frequencies[word] = int(frequency)
        total += int(frequency)
    for word, frequency_ in lexicon:
        frequencies[word] = frequency_
        total += frequency_
    met = {word: count for word, count in frequencies.items() if count > 0 and _can_be_met(word)}
    return WordFrequencies(met, total)


def dictionary_text() -> str:
    """Jieba's `dict.txt`, checked."""
    package = importlib.util.find_spec("jieba")
    if package is None or package.origin is None:
        raise LabelError("jieba is not installed, its dictionary is needed", "install qclassify[train]")
    data = (Path(package.origin).parent / "dict.txt").read_bytes()
    if hashlib.sha256(data).hexdigest() != DICTIONARY_SHA256:
        raise LabelError(
            "the dictionary of the installed jieba is not that of 0.42.1", "install jieba==0.42.1"
        )
    return data.decode("utf-8")


def _can_be_met(word: str) -> bool:
    return normalise(word) == word and all(map(SEGMENTED_CHARACTER.match, word))
