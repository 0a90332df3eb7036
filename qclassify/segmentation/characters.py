"""Character-level facts every rule relies on: blanks, width folding, letters.

Rules read a *folded* copy of the text, as long as the text itself, so an offset in one is an offset in the
other. Folding makes half-width and full-width punctuation the same character, once, for all rules.
"""

from __future__ import annotations

import re
from typing import Final

# White space, BOM, soft hyphen and zero-width characters may stand between units, never at their ends.
BLANKS: Final = r"\s\ufeff\u00ad\u200b-\u200f\u2060"
HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff〇"

_BLANK_RUN: Final = re.compile(rf"[{BLANKS}]*")
_BLANK: Final = re.compile(rf"[{BLANKS}]+")
_LETTER: Final = re.compile(r"[^\W_]")

_FOLD: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {
    ord("｡"): ord("。"),
    ord("､"): ord("、"),
    ord("─"): ord("—"),
    ord("―"): ord("—"),
    ord("○"): ord("〇"),
}


def fold(text: str) -> str:
    """Return `text` with full-width ASCII and look-alikes in one form; the length stays the same."""
    return text.translate(_FOLD)


def skip_blanks(text: str, start: int, end: int) -> int:
    """Return the first offset in [start, end] that is not blank (`end` if all are)."""
    match = _BLANK_RUN.match(text, start, end)
    return match.end() if match else start


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return [start, end) without the blanks at either end; an all-blank span comes back empty."""
    start = skip_blanks(text, start, end)
    while end > start and _BLANK.match(text, end - 1, end):
        end -= 1
    return start, end


def squeeze(text: str) -> str:
    """Return `text` without any blanks: `国 务 院` and `国务院` are the same to a line pattern."""
    return _BLANK.sub("", text)


def has_letter(text: str) -> bool:
    """Tell whether `text` holds at least one letter or digit."""
    return _LETTER.search(text) is not None


def count_letters(text: str) -> int:
    """Return the number of letters and digits in `text`."""
    return sum(1 for _ in _LETTER.finditer(text))
