"""The inputs that the arguments name."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path


def inputs(paths: Sequence[str]) -> Iterator[tuple[str, Path | bytes]]:
    """(name, source) of every input; folders are walked, `-` is read once."""
    from qclassify.reading import walk

    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from ((str(found), found) for found in walk(Path(path)))
        else:
            yield path, source(path)


def source(path: str) -> Path | bytes:
    """The path itself, or the bytes of standard input for `-`."""
    return sys.stdin.buffer.read() if path == "-" else Path(path)
