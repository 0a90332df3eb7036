"""Which files of a folder are documents to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qclassify.reading.limits import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

# Word's lock files (`~$plan.docx`), macOS resource forks (`._plan.docx`), and whatever is hidden.
_SKIPPED_PREFIXES = ("~$", "._", ".")
# Settings and indexes that lie beside documents; whoever names such a file gets it read.
_SKIPPED_SUFFIXES = (".toml", ".yaml", ".yml", ".ini", ".cfg")
_DEPTH = 64


def walk(folder: Path | str) -> Iterator[Path]:
    """Yield the regular files below `folder` in sorted order, folders after the files beside them.

    Links are not followed, neither to files nor to folders, so a walk ends and stays inside.

    Raises:
        ReadError: `not_found`, or `not_a_file` when `folder` is no folder.
    """
    top = Path(folder)
    if not top.exists():
        raise refusal("not_found", str(folder), "no such folder")
    if not top.is_dir():
        raise refusal("not_a_file", str(folder), "is not a folder", "name a folder · 请给出文件夹")
    yield from _walk(top, 0)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise refusal("not_found", str(folder), f"cannot be listed: {error.strerror}") from error
    kept = [entry for entry in entries if not entry.name.startswith(_SKIPPED_PREFIXES)]
    for entry in kept:
        if entry.is_file(follow_symlinks=False) and not entry.name.lower().endswith(_SKIPPED_SUFFIXES):
            yield folder / entry.name
    for entry in kept:
        if entry.is_dir(follow_symlinks=False) and depth < _DEPTH:
            yield from _walk(folder / entry.name, depth + 1)
