"""What every format reader returns, and the shape that all of them have."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from qclassify.reading.limits import Limits, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Extract:
    """The text found in a file.

    Attributes:
        text: one paragraph or table row per line, LF between lines; text files exactly as decoded.
        encoding: the text encoding used, None where the format has none to choose.
        warnings: one line each.
        meta: `title`, `issuer`, `number`, `date` as the format itself states them.
    """

    text: str
    encoding: str | None = None
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may set for a reader.

    Attributes:
        encoding: `auto` or an encoding's name; used by text and html.
        limits: caps on size.
        soffice: let LibreOffice convert legacy Word files.
    """

    encoding: str = "auto"
    limits: Limits = field(default_factory=Limits)
    soffice: bool = False


class Reader(Protocol):
    """One format: the whole file in, its text out, `ReadError` for everything that is wrong with it."""

    def __call__(self, data: bytes, name: str, options: Options) -> Extract:
        """Read the file."""
        ...


class LineCollector:
    """Gathers lines and stops a document that grows beyond the cap while it is being read."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._cap = limits.characters
        self._size = 0
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        """Add one line.

        Raises:
            ReadError: `too_large`.
        """
        self._size += len(line) + 1
        if self._size > self._cap:
            raise refusal("too_large", self._name, f"more than {self._cap:,} characters of text")
        self.lines.append(line)

    @property
    def text(self) -> str:
        """The lines, LF between them."""
        return "\n".join(self.lines)
