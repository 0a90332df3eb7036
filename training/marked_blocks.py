"""Generated blocks in Markdown files that people write: between two markers, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

from qclassify.errors import LabelError


def write_marked_block(path: Path, block: str, what: str) -> None:
    """Put a fresh block in the place of the one that begins and ends with the same lines.

    Args:
        path: an existing Markdown file.
        block: its first and its last line are the markers.
        what: it is, for errors: `the table`.

    Raises:
        LabelError: the file is missing, or does not hold the two markers once each, in order.
    """
    lines = block.split("\n")
    begin, end = lines[0], lines[-1]
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise LabelError(
            f"{path}: cannot be read: {error.strerror}", f"{what} goes into an existing file"
        ) from error
    start, stop = text.find(begin), text.find(end)
    if text.count(begin) != 1 or text.count(end) != 1 or stop < start:
        raise LabelError(f"{path}: the markers of {what} are missing", f"put in: {begin} {end}")
    path.write_text(text[:start] + block + text[stop + len(end) :], "utf-8")
