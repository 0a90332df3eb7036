"""Progress on stderr for whoever waits: only in a terminal, only after a second, never with --quiet."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0  # seconds


def tracker(*, quiet: bool) -> Callable[[Iterable[Any], str, int | None], Iterable[Any]]:
    """A function that passes items through and shows how many of how many have gone by."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return lambda items, _what, _total: items
    return _tracked


def _tracked(items: Iterable[Any], what: str, total: int | None) -> Iterator[Any]:
    began = time.monotonic()
    bar: Progress | None = None
    try:
        for count, item in enumerate(items, 1):
            yield item
            if bar is None and time.monotonic() - began > PATIENCE:
                bar = _bar()
                task = bar.add_task(what, total=total)
                bar.start()
            if bar is not None:
                bar.update(task, completed=count)
    finally:
        if bar is not None:
            bar.stop()


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)  # which honours NO_COLOR
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)
