"""SOURCE → the files it stands for, always in the same order, and a digest that tells when they change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qclassify.errors import QClassifyError
from qclassify.reading import walk

_PATTERN = re.compile(r"[*?\[]")
_PATTERN_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file.

    Attributes:
        path: where it is.
        name: its path below SOURCE with `/` between folders; its own name when SOURCE is the file.
        size: in bytes; 0 when it cannot be reached, which reading it will report.
        changed: time of the last change in nanoseconds.
    """

    path: Path
    name: str
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Survey:
    """How many files a listing has, how many bytes, and a SHA-256 over names, sizes and times of change."""

    files: int
    size: int
    digest: str


class Listing:
    """The files of a folder, of a glob pattern, or one file; every iteration lists them anew.

    Links are not followed, except SOURCE itself. Hidden files and lock files are left out.

    Raises:
        QClassifyError: nothing is there.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        path = Path(source)
        if not path.exists() and not (_PATTERN.search(source) and next(self._matching(), None)):
            raise QClassifyError(
                f"{source}: no such file or folder, and no file matches it",
                "name a folder, a file, or a pattern in quotation marks such as 'policies/**/*.docx'",
            )

    def __iter__(self) -> Iterator[Entry]:
        path = Path(self.source)
        if path.is_dir():
            for found in walk(path):
                yield _entry(found, found.relative_to(path).as_posix())
        elif path.exists():
            yield _entry(path, path.name)
        else:
            for found in self._matching():
                yield _entry(found, found.as_posix())

    def survey(self) -> Survey:
        """Walk through the whole listing once."""
        digest = ListingDigest()
        for entry in self:
            digest.add(entry)
        return digest.survey()

    def _matching(self) -> Iterator[Path]:
        """The files below the part of the pattern that is fixed whose path fits the rest."""
        parts = Path(self.source).parts
        fixed = next(number for number, part in enumerate(parts) if _PATTERN.search(part))
        folder = Path(*parts[:fixed])
        fits = re.compile(_expression("/".join(parts[fixed:])))
        if folder.is_dir():
            for found in walk(folder):
                if fits.fullmatch(found.relative_to(folder).as_posix()):
                    yield found


def _expression(pattern: str) -> str:
    r"""The pattern as a regular expression: `**` is any number of folders, `*` stays within one.

    >>> _expression("**/plan-*.txt")
    '(?:.+/)?plan\\-[^/]*\\.txt'
    """
    known = {"**/": "(?:.+/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = _PATTERN_TOKEN.findall(pattern)
    return "".join(known.get(token) or _one_character(token) for token in tokens)


def _one_character(token: str) -> str:
    if len(token) == 1:
        return re.escape(token)
    inside = token[1:-1].replace("\\", "\\\\")
    return "[^" + inside[1:] + "]" if inside.startswith("!") else "[" + inside + "]"


class ListingDigest:
    """Gathers a survey while entries pass by."""

    def __init__(self) -> None:
        self._files = 0
        self._size = 0
        self._digest = hashlib.sha256()

    def add(self, entry: Entry) -> None:
        """Take one more entry into account."""
        self._files += 1
        self._size += entry.size
        line = f"{entry.name}\0{entry.size}\0{entry.changed}\n"
        self._digest.update(line.encode("utf-8", "surrogateescape"))

    def survey(self) -> Survey:
        """What has been gathered so far."""
        return Survey(self._files, self._size, self._digest.hexdigest())


def _entry(path: Path, name: str) -> Entry:
    try:
        status = path.stat()
    except OSError:
        return Entry(path, name, 0, 0)
    return Entry(path, name, status.st_size, status.st_mtime_ns)
