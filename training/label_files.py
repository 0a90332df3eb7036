"""What the files of a labels folder have in common: faults by file and line, JSON lines, TOML tables."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from qclassify.errors import LabelError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with the labels.

    Attributes:
        file: the file it stands in.
        line: from 1; 1 as well when the fault is about the file as a whole.
        message: what is wrong, one line.
    """

    file: Path
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """What a file or folder holds: the items that could be read, and a fault for all that could not."""

    items: tuple[T, ...]
    faults: tuple[Fault, ...] = ()

    def checked(self) -> tuple[T, ...]:
        """The items.

        Raises:
            LabelError: there is a fault; the message names the first one.
        """
        refuse(self.faults)
        return self.items


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One line of a JSON-lines file."""

    line: int
    cells: dict[str, Any]


def refuse(faults: Sequence[Fault]) -> None:
    """Raise the first fault, if there is one.

    Raises:
        LabelError: `faults` is not empty.
    """
    if faults:
        first, more = faults[0], len(faults) - 1
        others = f" (and {more} more)" if more else ""
        raise LabelError(
            f"{first.file}:{first.line}: {first.message}{others}",
            "mend the labels; `check` lists every fault",
        )


def read_json_lines(path: Path) -> Parsed[JsonRow]:
    """Read one JSON object a line; every line that holds anything else is a fault."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        return Parsed((), (Fault(path, 1, f"cannot be read: {error.strerror}"),))
    if lines[-1] == b"":
        lines.pop()
    rows: list[JsonRow] = []
    faults: list[Fault] = []
    for number, raw in enumerate(lines, 1):
        try:
            cells = json.loads(
                raw.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
            )
            if not isinstance(cells, dict):
                raise ValueError("not an object")  # noqa: TRY004, TRY301 - one way out for every bad line
        except (ValueError, RecursionError) as error:
            faults.append(Fault(path, number, f"not a JSON object in utf-8: {error}"))
        else:
            rows.append(JsonRow(number, cells))
    return Parsed(tuple(rows), tuple(faults))


def parse_json_lines(path: Path, parse: Callable[[JsonRow], T]) -> Parsed[T]:
    """Read one JSON object a line and make something of each; a line that `parse` refuses is a fault.

    Args:
        path: the file.
        parse: raises ValueError, with what is wrong, for a line that it refuses.
    """
    rows = read_json_lines(path)
    items: list[T] = []
    faults = list(rows.faults)
    for row in rows.items:
        try:
            items.append(parse(row))
        except ValueError as error:
            faults.append(Fault(path, row.line, str(error)))
    return Parsed(tuple(items), tuple(sorted(faults)))


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(n for n in names if names.count(n) > 1)!r} stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def toml_fault(path: Path, error: Exception) -> Fault:
    """The fault for a TOML file that cannot be read or parsed; the parser's line is kept."""
    if isinstance(error, OSError):
        return Fault(path, 1, f"cannot be read: {error.strerror}")
    line = re.search(r"at line (\d+)", str(error))
    return Fault(path, int(line[1]) if line else 1, f"not a TOML file in utf-8: {error}")


def table_line(path: Path, table: str, number: int) -> int:
    """The line where the `number`-th (from 1) `[[table]]` of a TOML file begins, 1 if it is not there."""
    header = re.compile(rf"\s*\[\[\s*{re.escape(table)}\s*\]\]".encode())
    lines = [n for n, line in enumerate(path.read_bytes().split(b"\n"), 1) if header.match(line)]
    return lines[number - 1] if number <= len(lines) else 1


def load_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file.

    Raises:
        OSError, ValueError: it cannot be read or is not TOML in utf-8; see `toml_fault`.
    """
    return tomllib.loads(path.read_bytes().decode("utf-8"))


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
