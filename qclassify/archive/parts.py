"""Items → parts: what one worker does at a time and one shard holds, spooled so that memory stays flat.

Where a part ends depends on the items alone, so a resumed run finds the same parts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qclassify.archive.items import Item
from qclassify.archive.options import BYTES_A_SHARD
from qclassify.errors import ReadError
from qclassify.rendering.lines import json_line


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the archive.

    Attributes:
        number: from 0.
        folder: where its items are spooled, None when it was committed before.
        weight: bytes of the listed files that it covers, about.
    """

    number: int
    folder: Path | None
    weight: int

    @property
    def spool(self) -> Path:
        """The file of its items, see `qclassify.archive.cuts`."""
        assert self.folder is not None  # noqa: S101 - not asked of parts that are done
        return self.folder / "items.jsonl"

    def discard(self) -> None:
        """Remove what was spooled."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def parts(
    items: Iterator[Item], items_a_part: int, folder: Path, is_done: Callable[[int], bool]
) -> Iterator[Part]:
    """Cut a stream of items into parts and spool those that are not done.

    Args:
        items: all of them, in order.
        items_a_part: at most; a part also ends before the item that would take it above `BYTES_A_SHARD`.
        folder: where to spool.
        is_done: whether the part of that number was committed before.
    """
    open_part: _OpenPart | None = None
    number = reached = 0
    for item in items:
        if open_part is not None and open_part.is_full(item, items_a_part):
            yield open_part.closed(reached)
            reached = open_part.position
            open_part = None
        if open_part is None:
            open_part = _OpenPart(number, None if is_done(number) else folder / f"{number:06}")
            number += 1
        open_part.add(item)
    if open_part is not None:
        yield open_part.closed(reached)


class _OpenPart:
    def __init__(self, number: int, folder: Path | None) -> None:
        self._number, self._folder = number, folder
        self._file: IO[str] | None = None
        if folder is not None:
            folder.mkdir(parents=True)
            self._file = (folder / "items.jsonl").open("w", encoding="utf-8", newline="\n")
        self._items = self._size = 0
        self.position = 0

    def is_full(self, item: Item, items_a_part: int) -> bool:
        return self._items >= items_a_part or self._size + item.size > BYTES_A_SHARD

    def add(self, item: Item) -> None:
        if self._file is not None:
            self._file.write(json_line(self._record(item)))
        self._items += 1
        self._size += item.size
        self.position = item.position

    def closed(self, reached: int) -> Part:
        if self._file is not None:
            self._file.close()
        return Part(self._number, self._folder, self.position - reached)

    def _record(self, item: Item) -> dict[str, Any]:
        record = {"source": item.source, "document": item.document, **item.record}
        if item.copy is None or self._folder is None:
            return record
        target = self._folder / f"{self._items:06}"
        try:
            item.copy(target)
        except ReadError as error:
            target.unlink(missing_ok=True)
            failure = {"kind": error.kind, "message": error.message, "hint": error.hint}
            return {**record, "failure": failure}
        return {**record, "path": str(target)}
