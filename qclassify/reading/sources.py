"""From what the caller named to bytes, with the size cap checked before anything is read."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from qclassify.reading.limits import MIB, Limits, refusal

if TYPE_CHECKING:
    from qclassify.errors import ReadError

_PIECE = 4 * MIB

Source = Path | str | bytes | BinaryIO


def name_of(source: Source, name: str | None) -> str:
    """Return the name used in records and messages: the one given, else the path, else `-`."""
    if name is not None:
        return name
    if isinstance(source, Path | str):
        return str(source)
    own = getattr(source, "name", None)
    return own if isinstance(own, str) and not own.startswith("<") else "-"


def load(source: Source, name: str, limits: Limits) -> bytes:
    """Return the bytes of a path, an open binary file, or bytes as they are.

    Raises:
        ReadError: `not_found`, `not_a_file`, `too_large` or `empty`.
    """
    if isinstance(source, Path | str):
        data = _load_path(Path(source), name, limits)
    elif isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    else:
        data = _load_stream(source, limits)
    if len(data) > limits.file_bytes:
        raise _too_large(name, limits)
    if not data:
        raise refusal("empty", name, "the file is empty")
    return data


def _load_path(path: Path, name: str, limits: Limits) -> bytes:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise refusal("not_found", name, "no such file") from None
    except (OSError, ValueError) as error:
        # A loop of links, a name too long, a NUL in the name, a folder closed to us.
        raise refusal("not_found", name, f"cannot be reached: {_reason(error)}") from error
    if not stat.S_ISREG(status.st_mode):
        what = "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file"
        raise refusal("not_a_file", name, what)
    if status.st_size > limits.file_bytes:
        raise _too_large(name, limits)
    try:
        with path.open("rb") as file:
            return _load_stream(file, limits)
    except OSError as error:
        raise refusal("not_found", name, f"cannot be opened: {_reason(error)}") from error


def _load_stream(file: BinaryIO, limits: Limits) -> bytes:
    """Read in pieces: asking for as much as the cap allows would take that much memory for any file."""
    pieces = []
    size = 0
    while size <= limits.file_bytes and (piece := file.read(_PIECE)):
        if isinstance(piece, str):
            raise TypeError("open the file in binary mode; text has its own entry, text_document")
        size += len(piece)
        pieces.append(piece)
    return b"".join(pieces)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _too_large(name: str, limits: Limits) -> ReadError:
    return refusal("too_large", name, f"larger than the limit of {limits.file_bytes / MIB:g} MiB")
