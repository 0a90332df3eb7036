"""Sentences of a paragraph, and the parts of a long sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from qclassify.segmentation.brackets import QUOTE_ENDS, Groups
from qclassify.segmentation.characters import count_letters, skip_blanks, trim
from qclassify.segmentation.linekinds import is_validity, recognise
from qclassify.segmentation.markers import match_marker
from qclassify.segmentation.responsibility import OPENERS, is_unbracketed_note, names_responsible

STOPS: Final = frozenset("。!?…")
_STOP_RUN: Final = re.compile(r"[。!?…]+")
_SEMICOLON: Final = re.compile(";+")
_COMMA: Final = re.compile(r"[,、]")

# A `;` part below this many letters is no action of its own and stays with its neighbour.
MIN_PART_LETTERS: Final = 10
# The encoder's window; only a longer clause is cut at a comma.
MAX_CLAUSE: Final = 480


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a responsibility note between sentences."""

    start: int
    end: int
    is_responsibility: bool = False


def split_sentences(
    text: str, start: int, end: int, groups: Groups, *, after_number: bool = False
) -> Iterator[Sentence]:
    """Cut `text[start:end]` into sentences and responsibility notes; together they hold all its non-blanks.

    Args:
        text: folded text.
        start: where the first sentence begins.
        end: where the text ends.
        groups: bracket groups of the paragraph.
        after_number: whether an item's number stands before `start`; then the item's text comes first, no note.
    """
    position = skip_blanks(text, start, end)
    while position < end:
        note_end = None if after_number else _note_end(text, position, end, groups)
        if note_end:
            yield Sentence(position, note_end, is_responsibility=True)
            position = skip_blanks(text, note_end, end)
            continue
        stop = _sentence_end(text, position, end, groups)
        body_end = stop
        notes: list[Sentence] = []
        while note_start := _trailing_note(
            text, position, body_end, groups, open_end=bool(notes) or stop == end
        ):
            notes.append(Sentence(*trim(text, note_start, body_end), is_responsibility=True))
            body_end = trim(text, position, note_start)[1]
        body = trim(text, position, body_end)
        unbracketed = not after_number and is_unbracketed_note(text[slice(*body)])
        yield Sentence(*body, is_responsibility=unbracketed)
        yield from reversed(notes)
        position = skip_blanks(text, stop, end)
        after_number = False


def _sentence_end(text: str, start: int, end: int, groups: Groups) -> int:
    """Return the offset after the first stop that ends a sentence, its closing quotes included."""
    for match in _STOP_RUN.finditer(text, start, end):
        offset = match.end()
        if groups.covers(match.start()):
            closes = offset < end and text[offset] in QUOTE_ENDS and groups.ends_at(offset)
            if not closes:
                continue
            offset += 1
        # Stray closing quotes and further stops belong to the sentence that just ended.
        while (
            offset < end and not groups.covers(offset) and (text[offset] in STOPS or text[offset] in "”’」』")
        ):
            offset += 1
        return offset
    return end


def _note_end(text: str, start: int, end: int, groups: Groups) -> int | None:
    """Return the end of the responsibility note that begins at a sentence start, its trailing stop included."""
    close = groups.close_of(start) if text[start] in OPENERS else None
    if close is None or close >= end or not names_responsible(text[start + 1 : close], after_stop=True):
        return None
    return _with_stops(text, close + 1, end, groups)


def _trailing_note(text: str, start: int, stop: int, groups: Groups, *, open_end: bool) -> int | None:
    """Return the start of the responsibility note in which the sentence ends."""
    last = stop - 1
    while last > start and text[last] in STOPS:
        last -= 1
    opener = groups.open_of(last)
    if opener is None or opener <= start or text[opener] not in OPENERS:
        return None
    ends_open = last == stop - 1 and open_end
    note = names_responsible(text[opener + 1 : last], after_stop=False, ends_open=ends_open)
    return opener if note else None


def _with_stops(text: str, offset: int, end: int, groups: Groups) -> int:
    after = skip_blanks(text, offset, end)
    if after >= end or text[after] not in STOPS:
        return offset
    while after < end and text[after] in STOPS and not groups.covers(after):
        after += 1
    return after


def split_parts(text: str, start: int, end: int, groups: Groups) -> Iterator[tuple[int, int, bool]]:
    """Cut a sentence at its `;` and, above MAX_CLAUSE characters, at commas.

    Yields:
        start, end and whether the cut was forced by length.
    """
    position = start
    for cut in _semicolon_cuts(text, start, end, groups):
        yield from _fit(text, *trim(text, position, cut))
        position = cut
    yield from _fit(text, *trim(text, position, end))


def _semicolon_cuts(text: str, start: int, end: int, groups: Groups) -> Iterator[int]:
    stops = [
        match.end() for match in _SEMICOLON.finditer(text, start, end) if not groups.covers(match.start())
    ]
    edges = [start, *stops, end]
    letters = [count_letters(text[left:right]) for left, right in pairwise(edges)]
    collected = 0
    for index, cut in enumerate(stops):
        collected += letters[index]
        long_enough = collected >= MIN_PART_LETTERS and letters[index + 1] >= MIN_PART_LETTERS
        if long_enough and _is_text(text, *trim(text, cut, edges[index + 2]), groups):
            yield cut
            collected = 0


def _is_text(text: str, start: int, end: int, groups: Groups) -> bool:
    """Tell whether a part would still be text on a line of its own."""
    part = text[start:end]
    known = recognise(text, start, end) or is_validity(part) or is_unbracketed_note(part)
    numbered = match_marker(text, start, end, text_start=True)
    return not (known or numbered or _note_end(text, start, end, groups))


def _fit(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    if end - start <= MAX_CLAUSE:
        if end > start:
            yield start, end, False
        return
    commas = [match.end() for match in _COMMA.finditer(text, start, end - 1)]
    pieces = list(_halve(text, start, end, commas))
    yield from ((left, right, len(pieces) > 1) for left, right in pieces)


def _halve(text: str, start: int, end: int, commas: list[int]) -> Iterator[tuple[int, int]]:
    """Cut at the comma nearest the middle until every piece fits or has no comma left."""
    pending = [(start, end)]
    while pending:
        left, right = pending.pop()
        low, high = bisect_left(commas, left + 1), bisect_left(commas, right)
        if right - left <= MAX_CLAUSE or low == high:
            yield trim(text, left, right)
            continue
        middle = bisect_left(commas, (left + right) // 2, low, high)
        nearest = min(
            commas[max(low, middle - 1) : min(high, middle + 1)],
            key=lambda comma: abs(2 * comma - left - right),
        )
        pending += [(nearest, right), (left, nearest)]
