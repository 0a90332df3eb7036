"""Where rows go: standard output as they come, or a file that appears only when it is complete."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from qclassify.errors import QClassifyError


@contextmanager
def text_sink(output: Path | None, *, byte_order_mark: bool = False) -> Iterator[TextIO]:
    """A utf-8 text stream: stdout, or a draft that replaces `output` when the block ends well.

    Args:
        output: the file to write, None for standard output.
        byte_order_mark: begin the file with a BOM, which spreadsheets need to see utf-8.

    Raises:
        QClassifyError: the file cannot be written.
    """
    if output is None:
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace", newline="\n")
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has gone (`… | head`): that is no failure of ours, and nobody reads on.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    encoding = "utf-8-sig" if byte_order_mark else "utf-8"
    with (
        _draft(output) as draft,
        draft.open("w", encoding=encoding, errors="replace", newline="") as stream,
    ):
        yield stream


@contextmanager
def binary_sink(output: Path | None) -> Iterator[BinaryIO]:
    """A stream of bytes: standard output, or a draft that replaces `output` when the block ends well.

    Raises:
        QClassifyError: the file cannot be written.
    """
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _draft(output) as draft, draft.open("wb") as stream:
        yield stream


@contextmanager
def _draft(output: Path) -> Iterator[Path]:
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.", suffix=".draft")
    except OSError as error:
        raise QClassifyError(
            f"{output}: cannot be written: {error.strerror}",
            "name a file in a folder that exists and is yours",
        ) from error
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o666 & ~_umask())
        draft.replace(output)
    except OSError as error:
        raise QClassifyError(
            f"{output}: cannot be written: {error.strerror}", "free some space or name another file"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
