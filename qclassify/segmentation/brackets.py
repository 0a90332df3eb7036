"""Bracket and quote groups of one paragraph: inside a group no sentence ends and no item starts."""

from __future__ import annotations

import re
from typing import Final

# The encoder's window. A "group" longer than this is two accidents that happen to match.
LONGEST_GROUP: Final = 480

_FAMILIES: Final = ("()", "[]", "{}", "〔〕", "【】", "《》", "〈〉", "「」", "『』", "“”", "‘’")
_OPENERS: Final = {pair[0]: pair for pair in _FAMILIES}
_CLOSERS: Final = {pair[1]: pair for pair in _FAMILIES}
_STRAIGHT: Final = '"'
_ANY: Final = re.compile("[" + re.escape("".join(_FAMILIES) + _STRAIGHT) + "]")
# Folded text: a full-width stop or bracket after an address looks like one of its characters.
_URL: Final = re.compile(
    r"(?:https?://|www\.)[\w./?=&%#~:+@-]*[\w/]|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+", re.ASCII
)

QUOTE_ENDS: Final = frozenset("”’」』" + _STRAIGHT)

_OUTSIDE, _INSIDE, _LAST = 0, 1, 2


class Groups:
    """The balanced groups (and URLs) of `text[start:end]`; an unbalanced bracket is an ordinary character.

    Linear time: every bracket is pushed and popped at most once.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        self._base = start
        self._mask = bytearray(end - start)
        self._opener_of: dict[int, int] = {}
        for url in _URL.finditer(text, start, end):
            self._cover(url.start(), url.end())
        open_count: dict[str, int] = {}
        stack: list[tuple[str, int]] = []
        for match in _ANY.finditer(text, start, end):
            character, offset = match.group(), match.start()
            family = _CLOSERS.get(character) or (_STRAIGHT if character == _STRAIGHT else None)
            if family is None or (character == _STRAIGHT and not open_count.get(family)):
                family = _OPENERS.get(character, _STRAIGHT)
                stack.append((family, offset))
                open_count[family] = open_count.get(family, 0) + 1
            elif open_count.get(family):
                self._close(family, offset, stack, open_count)

    def _close(
        self, family: str, offset: int, stack: list[tuple[str, int]], open_count: dict[str, int]
    ) -> None:
        while True:
            opened, opener = stack.pop()
            open_count[opened] -= 1
            if opened == family:
                break
        if offset + 1 - opener <= LONGEST_GROUP:
            # Inner groups close first, so the outermost one has the last word on every character in it.
            self._cover(opener, offset + 1)
            self._opener_of[offset] = opener

    def _cover(self, start: int, end: int) -> None:
        self._mask[start - self._base : end - self._base] = bytes([_INSIDE]) * (end - start - 1) + bytes(
            [_LAST]
        )

    def covers(self, offset: int) -> bool:
        """Tell whether the character at `offset` belongs to a group, its brackets included."""
        return self._mask[offset - self._base] != _OUTSIDE

    def ends_at(self, offset: int) -> bool:
        """Tell whether the character at `offset` closes an outermost group."""
        return self._mask[offset - self._base] == _LAST

    def starts_at(self, offset: int) -> bool:
        """Tell whether no group is open just before `offset`."""
        return offset == self._base or self._mask[offset - self._base - 1] != _INSIDE

    def close_of(self, opener: int) -> int | None:
        """Return the offset of the bracket that closes the outermost group opening at `opener`, if one does."""
        if not (self.covers(opener) and self.starts_at(opener)):
            return None
        close = self._mask.find(_LAST, opener - self._base)
        return (
            self._base + close if close >= 0 and self._opener_of.get(self._base + close) == opener else None
        )

    def open_of(self, closer: int) -> int | None:
        """Return the offset of the bracket that opens the outermost group closing at `closer`, if one does."""
        return self._opener_of.get(closer) if self.ends_at(closer) else None
