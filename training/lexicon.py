"""Domain words for the segmenter, `labels/lexicon/*.txt`.

One `word frequency` a line; `#` opens a comment, blank lines are free. The frequency always stands
there: one that is left to the segmentation library differs between libraries.
"""

from __future__ import annotations

import re
from pathlib import Path

from qclassify.features import normalise
from training.label_files import Fault, Parsed

_WORD = re.compile(r"\w{2,}")


def read_lexicon(folder: Path) -> Parsed[tuple[str, int]]:
    """Read every lexicon file in name order; a missing folder is an empty lexicon.

    Faults: a line that is not `word frequency`, a word that could never match (one character, a
    character that is no word character, or not as `features.normalise` leaves it), a word twice.
    """
    entries: dict[str, int] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.txt")):
        try:
            lines = path.read_bytes().decode("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(path, 1, f"cannot be read as utf-8: {error}"))
            continue
        for number, line in enumerate(lines, 1):
            parts = line.split("#", 1)[0].split()
            if not parts:
                continue
            problem = _problem(parts, entries)
            if problem:
                faults.append(Fault(path, number, f"{problem}: {line.strip()!r}"))
            else:
                entries[parts[0]] = int(parts[1])
    return Parsed(tuple(entries.items()), tuple(faults))


def _problem(parts: list[str], entries: dict[str, int]) -> str:
    if len(parts) != 2:  # noqa: PLR2004 - word and frequency
        return "is not `word frequency`"
    word, frequency = parts
    if not (frequency.isascii() and frequency.isdecimal() and int(frequency) > 0):
        return "frequency is not a whole number above 0"
    if not _WORD.fullmatch(word):
        return "only words of two or more word characters can match"
    if normalise(word) != word:
        return f"can only match as {normalise(word)!r}"
    if word in entries:
        return "word stands twice"
    return ""
