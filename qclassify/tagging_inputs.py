"""Inputs one after the other → documents or clause rows; a bad one is reported and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qclassify.errors import QClassifyError, ReadError
from qclassify.heading_path import parse_heading_path
from qclassify.reading import ClauseRow, read_clauses, read_documents
from qclassify.records import Document, Unit

Inputs = Iterable[tuple[str, Path | bytes]]
Report = Callable[[QClassifyError | str], None]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table of documents has them; None: by the usual names, or an error that asks."""

    text: str | None = None
    title: str | None = None
    id: str | None = None


class Documents:
    """The documents that could be read, a table's rows among them; `failed` counts what could not."""

    def __init__(
        self,
        inputs: Inputs,
        encoding: str,
        report: Report,
        columns: Columns = Columns(),
        *,
        soffice: bool = False,
    ) -> None:
        self.inputs, self.encoding, self.report = inputs, encoding, report
        self.columns, self.soffice = columns, soffice
        self.failed = 0

    def __iter__(self) -> Iterator[Document]:
        for name, source in self.inputs:
            try:
                for found in self._read(name, source):
                    if isinstance(found, Document):
                        for warning in found.warnings:
                            self.report(f"{found.name}: {warning}")
                        yield found
                    else:
                        self._fail(found)
            except QClassifyError as error:
                self._fail(error)

    def _read(self, name: str, source: Path | bytes) -> Iterator[Document | ReadError]:
        return read_documents(
            source,
            name=name,
            encoding=self.encoding,
            text_column=self.columns.text,
            title_column=self.columns.title,
            id_column=self.columns.id,
            soffice=self.soffice,
        )

    def _fail(self, error: QClassifyError) -> None:
        self.failed += 1
        self.report(error)


class ClauseRows:
    """(table, index, row) of every usable row of every readable table; `failed` counts the others."""

    def __init__(self, inputs: Inputs, encoding: str, report: Report) -> None:
        self.inputs, self.encoding, self.report = inputs, encoding, report
        self.failed = 0

    def __iter__(self) -> Iterator[tuple[str, int, ClauseRow]]:
        for name, source in self.inputs:
            try:
                for index, row in enumerate(read_clauses(source, name=name, encoding=self.encoding)):
                    if isinstance(row, ClauseRow):
                        for warning in row.warnings:
                            self.report(f"{name}: {warning}")
                        yield name, index, row
                    else:
                        self._fail(row)
            except QClassifyError as error:
                self._fail(error)

    def _fail(self, error: QClassifyError) -> None:
        self.failed += 1
        self.report(error)


def clause_unit(row: ClauseRow) -> Unit:
    """A table row as a clause; its offsets count within the row's own text."""
    text = row.text.strip()
    start = row.text.index(text)
    titles, numbers = parse_heading_path(row.heading_path)
    return Unit(start, start + len(text), text, heading_path=titles, heading_nos=numbers)


def composed_document(name: str, rows: Sequence[ClauseRow]) -> tuple[Document, tuple[Unit, ...]]:
    """A table's rows as one document: a line for every clause, and for every heading where it begins.

    For the outputs that show documents; offsets count within the composed text.
    """
    lines: list[str] = []
    units: list[Unit] = []
    position = 0
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def add(text: str, **facts: object) -> None:
        nonlocal position
        units.append(Unit(position, position + len(text), text, **facts))  # type: ignore[arg-type]
        lines.append(text)
        position += len(text) + 1

    for row in rows:
        clause = clause_unit(row)
        known = list(zip(numbers, titles, strict=True))
        titles, numbers = clause.heading_path, clause.heading_nos
        same = True
        for depth, (number, title) in enumerate(zip(numbers, titles, strict=True)):
            same = same and depth < len(known) and known[depth] == (number, title)
            text = " ".join(f"{number} {title}".split())
            if not same and text:
                add(
                    text,
                    kind="heading",
                    heading_path=titles[:depth],
                    heading_nos=numbers[:depth],
                    item_no=number or None,
                    title=title,
                )
        add(clause.text, heading_path=titles, heading_nos=numbers)
    return Document("\n".join(lines), name=name, source_format="table"), tuple(units)
