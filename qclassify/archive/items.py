"""Files → items: documents or clauses, one after the other, in the order of the listing.

An item that must be copied or carried (a member of a container, a row of a table) is so only when its
part is worked on; going past it is cheap, which is how a resumed run finds its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.archive.column_choice import (
    CLAUSE_COLUMNS,
    DOCUMENT_COLUMNS,
    clause_columns,
    clause_record,
    document_columns,
)
from qclassify.archive.containers import is_container, members
from qclassify.archive.inputs import Entry, Listing, ListingDigest
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.tables import opened_table, table_format
from qclassify.errors import ReadError
from qclassify.reading.limits import DEFAULT_LIMITS, Limits
from qclassify.reading.rows import bad_row


@dataclass(frozen=True, slots=True)
class Item:
    """A document or a clause to come.

    Attributes:
        source: the file it is in, as the listing names it.
        document: its own name: the file's, the member's, or the row's id (`<source>:<line>` without one).
        size: bytes of the file or member, characters of a row; what it costs, about.
        position: bytes of all listed files that lie before its end, about.
        record: what a worker needs, JSON-ready; see `qclassify.archive.tagged_part`.
        copy: writes its bytes to a file, for a member of a container.
    """

    source: str
    document: str
    size: int
    position: int
    record: dict[str, Any]
    copy: Callable[[Path], None] | None = None

    @property
    def key(self) -> str:
        """What `--only` names it by."""
        return item_key(self.source, self.document)


def item_key(source: str, document: str) -> str:
    """`source`, or `source::document` where the two differ."""
    return source if source == document else f"{source}::{document}"


def items(
    listing: Listing, options: ArchiveOptions, digest: ListingDigest, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Item]:
    """All items of a listing, or those that `options.only` names; `digest` gathers the files that passed."""
    of_entry = _clauses_of if options.clauses else _documents_of
    only = frozenset(options.only)
    before = 0
    for entry in listing:
        digest.add(entry)
        for item in of_entry(entry, before, options, limits):
            if not only or item.key in only or item.source in only:
                yield item
        before += entry.size


def _documents_of(entry: Entry, before: int, options: ArchiveOptions, limits: Limits) -> Iterator[Item]:
    if is_container(entry.path):
        for member in members(entry.path, entry.name, limits):
            if isinstance(member, ReadError):
                yield _failed(entry, entry.name, member, before + entry.size)
            else:
                yield Item(entry.name, member.name, member.size, before + member.position, {}, member.copy)
    elif table_format(entry.path):
        yield from _rows_as_documents(entry, before, options, limits)
    else:
        yield Item(entry.name, entry.name, entry.size, before + entry.size, {"path": str(entry.path)})


def _rows_as_documents(entry: Entry, before: int, options: ArchiveOptions, limits: Limits) -> Iterator[Item]:
    try:
        with opened_table(entry.path, entry.name, options.encoding, DOCUMENT_COLUMNS, limits) as table:
            text_in, title_in, id_in = document_columns(table.columns, entry.name, options)
            for row, position in table.rows:
                if isinstance(row, ReadError):
                    yield _failed(entry, entry.name, row, before + position)
                    continue
                text = row.cells.get(text_in, "")
                own_name = row.cells.get(id_in, "").strip() if id_in else ""
                document = own_name or f"{entry.name}:{row.line}"
                if not text.strip():
                    error = bad_row(entry.name, row.line, f"no text in column {text_in!r}")
                    yield _failed(entry, document, error, before + position)
                    continue
                record = {
                    "text": text,
                    "title": row.cells.get(title_in, "").strip() if title_in else "",
                    "format": table.source_format,
                    "encoding": table.encoding,
                    "warnings": [*table.warnings, *row.warnings],
                }
                yield Item(entry.name, document, len(text), before + position, record)
    except ReadError as error:
        yield _failed(entry, entry.name, error, before + entry.size)


def _clauses_of(entry: Entry, before: int, options: ArchiveOptions, limits: Limits) -> Iterator[Item]:
    """Rows of tables of clauses; `index` counts the rows of a table, those that cannot be used included."""
    try:
        with opened_table(entry.path, entry.name, options.encoding, CLAUSE_COLUMNS, limits) as table:
            columns = clause_columns(table.columns, entry.name)
            for index, (row, position) in enumerate(table.rows):
                found = row if isinstance(row, ReadError) else clause_record(row, columns, entry.name)
                if isinstance(found, ReadError):
                    yield _failed(entry, entry.name, found, before + position)
                else:
                    size = len(found["text"])
                    yield Item(entry.name, entry.name, size, before + position, {**found, "index": index})
    except ReadError as error:
        yield _failed(entry, entry.name, error, before + entry.size)


def _failed(entry: Entry, document: str, error: ReadError, position: int) -> Item:
    failure = {"kind": error.kind, "message": error.message, "hint": error.hint}
    return Item(entry.name, document, 0, position, {"failure": failure})
