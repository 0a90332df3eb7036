"""Spooled items → cuts: what is to be tagged of one document, or of a run of rows of one table.

A spooled item is one JSON object a line, in one of these shapes:

    {"source", "document", "path"}                   a file, or a container's member copied to a file
    {"source", "document", "text", "title", "format", "encoding", "warnings"}     a row that is a document
    {"source", "document", "id", "text", "heading_path", "index"}                 a row that is a clause
    {"source", "document", "failure"}                what could not even be spooled
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qclassify.archive.columns import META
from qclassify.archive.options import ArchiveOptions
from qclassify.errors import ReadError
from qclassify.heading_path import parse_heading_path
from qclassify.reading import read
from qclassify.reading.documents import document_from
from qclassify.reading.extract import Extract
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.records import Document, Unit
from qclassify.segmentation import segment

ROWS_A_CUT = 2_048

Failure = Mapping[str, str]
SpooledItem = Mapping[str, Any]
# Told the position of the document that is about to be read, so that a watcher knows what took too long.
Announce = Callable[[int], None]


@dataclass(slots=True)
class Cut:
    """Clauses that are tagged and written together.

    Attributes:
        source: the file that they come from.
        document: the document in it; the table itself for rows that are clauses.
        units: the clauses.
        shared: columns of the table of clauses with one value for all of them.
        own: columns with a value for each.
        characters: of the text they come from.
        facts: what `document_row` takes about the document.
        failures: (document, why) of every item that could not be used.
    """

    source: str
    document: str
    units: list[Unit] = field(default_factory=list)
    shared: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, list[Any]] = field(default_factory=dict)
    characters: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    failures: list[tuple[str, Failure]] = field(default_factory=list)


def spooled_items(spool: Path) -> Iterator[SpooledItem]:
    """The items of a part."""
    with spool.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)


def document_cuts(
    items: Iterator[SpooledItem], options: ArchiveOptions, skip: Mapping[int, Failure], announce: Announce
) -> Iterator[Cut]:
    """One cut a document.

    Args:
        items: files, members and rows that are documents.
        options: of the run.
        skip: position → why that item is not to be tried again.
        announce: see `Announce`.
    """
    for position, item in enumerate(items):
        announce(position)
        failure = skip.get(position) or item.get("failure")
        cut = _failed(item, failure) if failure else _document_cut(item, options)
        yield cut


def _document_cut(item: SpooledItem, options: ArchiveOptions) -> Cut:
    try:
        document = read_item(item, options)
        clauses = [unit for unit in segment(document) if unit.kind == "clause"]
    except ReadError as error:
        return _failed(item, {"kind": error.kind, "message": error.message, "hint": error.hint})
    except MemoryError:
        return _failed(item, memory_failure(item))
    except Exception as error:  # noqa: BLE001 - one document must never stop a run over millions
        what = f"{item['document']}: reading failed with {type(error).__name__}: {error}"
        return _failed(item, {"kind": "internal", "message": what, "hint": "report it with the document"})
    return document_cut(item["source"], document, clauses)


def document_cut(source: str, document: Document, clauses: list[Unit]) -> Cut:
    """A document's clauses and all that the two tables say about the document."""
    return Cut(
        source,
        document.name,
        clauses,
        shared={
            "document": document.name,
            **{key: document.meta.get(key) or None for key in META},
        },
        own={"index": list(range(len(clauses)))},
        characters=len(document.text),
        facts={
            "meta": document.meta,
            "format_": document.source_format,
            "encoding": document.encoding,
            "warnings": document.warnings,
            "status": "ok" if clauses else "no_clauses",
        },
    )


def read_item(item: SpooledItem, options: ArchiveOptions) -> Document:
    """The document of a spooled item, by the name that the item gives it.

    Raises:
        ReadError: as `qclassify.reading.read`.
    """
    if "path" in item:
        path = Path(item["path"])
        return read(path, name=item["document"], encoding=options.encoding, soffice=options.soffice)
    title = {"title": item["title"]} if item["title"] else {}
    extract = Extract(item["text"], item["encoding"], tuple(item["warnings"]), MappingProxyType(title))
    return document_from(extract, item["document"], item["format"], DEFAULT_LIMITS)


def memory_failure(item: SpooledItem) -> Failure:
    """Why a document that asks for too much memory is left out."""
    return {
        "kind": "too_large",
        "message": f"{item['document']}: reading it takes more memory than it may",
        "hint": "raise --memory · 请提高 --memory",
    }


def _failed(item: SpooledItem, failure: Failure) -> Cut:
    return Cut(
        item["source"],
        item["document"],
        facts={"status": "failed", "reason": failure["message"]},
        failures=[(item["document"], failure)],
    )


def clause_cuts(items: Iterator[SpooledItem]) -> Iterator[Cut]:
    """Runs of rows that stand in one table, at most `ROWS_A_CUT` each."""
    cut: Cut | None = None
    for item in items:
        if cut is None or cut.source != item["source"] or len(cut.units) >= ROWS_A_CUT:
            if cut is not None:
                yield cut
            cut = Cut(item["source"], item["document"], own={"id": [], "index": []})
        if failure := item.get("failure"):
            cut.failures.append((item["document"], failure))
        else:
            cut.units.append(row_unit(item["text"], item["heading_path"]))
            cut.own["id"].append(item["id"])
            cut.own["index"].append(item["index"])
            cut.characters += len(item["text"])
    if cut is not None:
        yield cut


def row_unit(text: str, heading_path: Sequence[str] | str) -> Unit:
    """A table's row as a clause; its offsets count within the row's own text."""
    bare = text.strip()
    start = text.index(bare)
    titles, numbers = parse_heading_path(heading_path)
    return Unit(start, start + len(bare), bare, heading_path=titles, heading_nos=numbers)
