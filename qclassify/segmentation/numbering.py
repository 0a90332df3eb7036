"""The nesting of numbered items, and whether their numbers run on without a gap."""

from __future__ import annotations

from dataclasses import dataclass, field

from qclassify.segmentation.markers import BULLET_LEVEL, Marker


@dataclass(slots=True, eq=False)
class Item:
    """One numbered item.

    Attributes:
        marker: its number.
        chunk: index of the chunk it opens.
        parent: the item around it.
        previous: the sibling before it in the same list; None for a list's first item.
        missing: how many numbers are missing before it in its list.
        in_order: whether its number is 1 or follows on from one before it.
        blocks: chunks directly in it (sub-items and un-numbered lines), in order.
        has_children: whether sub-items follow.
        is_leaf: whether it holds nothing but its own line; known once decided.
        title: the heading's title; None while undecided and for an untitled item.
        label: its number as written.
        path, numbers: titles and numbers of the items around it and its own.
    """

    marker: Marker
    chunk: int
    parent: Item | None
    previous: Item | None
    missing: int
    in_order: bool
    blocks: list[int] = field(default_factory=list)
    has_children: bool = False
    is_leaf: bool = False
    title: str | None = None
    label: str = ""
    path: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def is_in(self, level: int) -> bool:
        """Tell whether it, or an item around it, has this level."""
        item: Item | None = self
        while item and item.marker.level != level:
            item = item.parent
        return item is not None


class Numbering:
    """The items open at the current place; `open` closes whatever is as deep as the new one or deeper."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._open: list[Item] = []
        self._last_sibling: dict[tuple[int, int], Item] = {}
        self._last_number: dict[int, int] = {}

    @property
    def current(self) -> Item | None:
        """The innermost open item."""
        return self._open[-1] if self._open else None

    def reset(self) -> None:
        """Close all items and forget all numbers: another document begins."""
        self._open.clear()
        self._last_sibling.clear()
        self._last_number.clear()

    def leave_bullet(self) -> None:
        """Close an open bullet: it ends with its line, unlike a numbered item."""
        while self._open and self._open[-1].marker.level == BULLET_LEVEL:
            self._open.pop()

    def open(self, marker: Marker, chunk: int) -> Item:
        """Open an item and return it."""
        while self._open and self._open[-1].marker.rank >= marker.rank:
            self._open.pop()
        parent = self.current
        key = (id(parent) if parent else 0, marker.rank)
        previous = self._last_sibling.get(key)
        number, before = marker.number, previous.marker.number if previous else None
        in_order, missing = True, 0
        if number is not None and number != 1 and not self._runs_on(marker):
            expected = 1 if before is None else before + 1
            in_order, missing = number == expected, max(0, number - expected)
        if number == 1:
            previous = None
        item = Item(marker, chunk, parent, previous, missing, in_order)
        if parent:
            parent.blocks.append(chunk)
            parent.has_children = True
        self._last_sibling[key] = item
        if number is not None:
            self._last_number[marker.rank] = number
        self._open.append(item)
        self.items.append(item)
        return item

    def is_next_sibling(self, marker: Marker) -> bool:
        """Tell whether `marker` continues a list that is open here."""
        return any(
            item.marker.rank == marker.rank
            and item.marker.number is not None
            and item.marker.number + 1 == marker.number
            for item in self._open
        )

    def is_next(self, marker: Marker) -> bool:
        """Tell whether `marker` continues an open list or the numbers of its rank in the document."""
        return self.is_next_sibling(marker) or self._runs_on(marker)

    def _runs_on(self, marker: Marker) -> bool:
        last = self._last_number.get(marker.rank)
        return last is not None and marker.number == last + 1
