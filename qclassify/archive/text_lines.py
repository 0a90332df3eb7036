"""Text files of any length: in which encoding all of them can be read, and their lines."""

from __future__ import annotations

import codecs
import io
from collections import deque
from pathlib import Path

from qclassify.reading.decoding import decode
from qclassify.reading.limits import MIB, refusal

_HEAD = MIB  # what the encoding is guessed from; it is then checked on the whole file


def checked_encoding(path: Path, name: str, encoding: str) -> str:
    """The first encoding among the likely ones in which the whole file can be read.

    Raises:
        ReadError: `empty`, `binary` or `undecodable`.
    """
    with path.open("rb") as raw:
        head = raw.read(_HEAD)
        whole = not raw.read(1)
    if not head:
        raise refusal("empty", name, "the file is empty")
    if whole:
        return decode(head, name, encoding).encoding
    # A character may be cut in two at the end of the head, but a line's end never is; in UTF-16 it is.
    sample = head if b"\0" in head else head[: head.rfind(b"\n") + 1] or head
    guess = decode(sample, name, encoding).encoding
    failure: UnicodeDecodeError | None = None
    for candidate in (guess, "gb18030") if encoding == "auto" and guess == "utf-8" else (guess,):
        decoder = codecs.getincrementaldecoder(candidate)()
        try:
            with path.open("rb") as raw:
                while piece := raw.read(MIB):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            failure = failure or error
        else:
            return candidate
    raise refusal("undecodable", name, f"is not {guess} from beginning to end ({failure})")


class TextLines:
    """The lines of a text file with their ends; one that is longer than the cap comes cut off there.

    Attributes:
        cap: characters of a line, and of a row over several lines.
        returned: lines to be read once more, before those that follow in the file.

    Args:
        raw: the file, open for reading bytes.
        encoding: in which all of it can be read.
        cap: see above.
    """

    def __init__(self, raw: io.BufferedReader, encoding: str, cap: int) -> None:
        self._raw = raw
        self._text = io.TextIOWrapper(raw, encoding=encoding, newline="")
        self.cap = cap
        self.returned: deque[str] = deque()

    def next(self) -> str | None:
        """The next line, None after the last."""
        if self.returned:
            return self.returned.popleft()
        line = self._text.readline(self.cap)
        if len(line) == self.cap:
            while (rest := self._text.readline(self.cap)) and len(rest) == self.cap:
                pass
        return line or None

    def is_cut(self, line: str) -> bool:
        """Whether a line was longer than the cap."""
        return len(line) >= self.cap

    @property
    def position(self) -> int:
        """Bytes of the file that have been read, about."""
        return self._raw.tell()
