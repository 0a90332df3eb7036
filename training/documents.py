"""The source documents and their index, `labels/documents/index.toml`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.label_files import Fault, Parsed, load_toml, sha256, table_line, toml_fault

_KEYS = ("id", "file", "title", "issuer", "date", "number", "sha256")
_MAY_BE_EMPTY = frozenset({"title", "issuer", "date", "number"})


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One source document.

    Attributes:
        id: as clauses name it in `doc`.
        file: where it is.
        title, issuer, number: as the document shows them, empty where it shows none.
        date: of signature, ISO 8601, or empty.
        sha256: of the file's bytes.
        text: the bytes decoded as utf-8, nothing altered (line ends included).
    """

    id: str
    file: Path
    title: str
    issuer: str
    date: str
    number: str
    sha256: str
    text: str


def read_documents(folder: Path) -> Parsed[SourceDocument]:
    """Read the index of a documents folder and all that it names; a missing folder holds nothing.

    Faults: a malformed index, a document that is missing, not utf-8 or altered, a text not indexed.
    """
    index = folder / "index.toml"
    if not folder.is_dir():
        return Parsed(())
    try:
        entries = load_toml(index).get("document", [])
    except (OSError, ValueError) as error:
        return Parsed((), (toml_fault(index, error),))
    if not isinstance(entries, list):
        return Parsed((), (Fault(index, 1, "`document` is not a list of [[document]] tables"),))
    documents: list[SourceDocument] = []
    faults: list[Fault] = []
    for number, entry in enumerate(entries, 1):
        problem = _problem(entry, folder) or _seen_before(entry, documents)
        if problem:
            faults.append(Fault(index, table_line(index, "document", number), problem))
        else:
            path = folder / entry["file"]
            documents.append(
                SourceDocument(**{**entry, "file": path}, text=path.read_bytes().decode("utf-8"))
            )
    named = {entry.get("file") for entry in entries if isinstance(entry, dict)}
    faults += [
        Fault(index, 1, f"{path.name} is not in the index")
        for path in sorted(folder.glob("*.txt"))
        if path.name not in named
    ]
    return Parsed(tuple(documents), tuple(faults))


def _problem(entry: Any, folder: Path) -> str:  # noqa: ANN401 - raw TOML, checked here
    if not isinstance(entry, dict):
        return "is not a [[document]] table"
    unknown = sorted(set(entry) - set(_KEYS))
    missing = [key for key in _KEYS if not isinstance(entry.get(key), str)]
    empty = [key for key in _KEYS if entry.get(key) == "" and key not in _MAY_BE_EMPTY]
    if unknown or missing or empty:
        return f"unknown keys {unknown}, keys missing or no text {missing}, empty {empty}"
    if entry["date"] and not _is_date(entry["date"]):
        return f"date {entry['date']!r} is not like 2019-01-05"
    return _file_problem(folder / entry["file"], entry["sha256"])


def _file_problem(path: Path, digest: str) -> str:
    try:
        if sha256(path) != digest:
            return f"sha256 of {path.name} is {sha256(path)}, the index says {digest}"
        path.read_bytes().decode("utf-8")
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        return f"{path.name} is not utf-8: {error}"
    return ""


def _seen_before(entry: dict[str, str], documents: list[SourceDocument]) -> str:
    return f"document {entry['id']!r} stands twice" if entry["id"] in {d.id for d in documents} else ""


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
