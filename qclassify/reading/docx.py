"""docx and docm → lines: what a reader sees on the pages, automatic numbers included.

Kept: paragraphs, tracked insertions, tables (one line a row), text boxes (once), notes (at the end).
Left out: tracked deletions, hidden text, headers and footers, comments, field codes. Macros, embedded
objects and links are never touched.
"""

from __future__ import annotations

import posixpath
from types import MappingProxyType
from typing import TYPE_CHECKING

from qclassify.reading.extract import Extract, LineCollector, Options
from qclassify.reading.limits import refusal
from qclassify.reading.markup import Element, attribute, child, children, local, parse_xml
from qclassify.reading.numbering import Numbering
from qclassify.reading.packages import Package
from qclassify.reading.paragraphs import Paragraph, ParagraphReader
from qclassify.reading.styles import Styles

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRANSPARENT = ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "AlternateContent", "Choice")
_NOTE_PARTS = (("footnotes", "footnote"), ("endnotes", "endnote"))
_PICTURES = (".png", ".jpg", ".jpeg", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".gif")


def extract(data: bytes, name: str, options: Options) -> Extract:
    """Read a docx or docm file.

    Raises:
        ReadError: `corrupt`, `encrypted`, `too_large`, `unsupported`, or `scanned` for a file that
            holds nothing but pictures.
    """
    package = Package(data, name, options.limits)
    parts = _Parts(package)
    main = parse_xml(package.read(parts.main), name, parts.main)
    body = child(main, "body")
    if body is None:
        raise refusal("corrupt", name, f"{parts.main} has no body")
    styles = Styles(parts.parse("styles"))
    numbering = Numbering(parts.parse("numbering"), styles)
    collector = LineCollector(name, options.limits)
    writer = _Writer(ParagraphReader(styles), numbering, collector)
    writer.write(body)
    for part, note in _NOTE_PARTS:
        for element in children(parts.parse(part), note):
            if attribute(element, "type") in (None, "normal"):
                writer.write(element)
    if not any(line.strip() for line in collector.lines) and _has_pictures(package):
        raise refusal("scanned", name, "holds pictures only, no text")
    warnings = ["an embedded document (altChunk) is not read"] if child(body, "altChunk") is not None else []
    return Extract(collector.text, None, tuple(warnings), MappingProxyType(_core_properties(package)))


class _Parts:
    """Finds the parts of a package by relationship, since their names are free."""

    def __init__(self, package: Package) -> None:
        self._package = package
        roots = self._targets("_rels/.rels", "")
        main = roots.get("officeDocument", "word/document.xml")
        self.main = main if main in package.members else "word/document.xml"
        folder, file = posixpath.split(self.main)
        self._targets_of_main = self._targets(posixpath.join(folder, "_rels", f"{file}.rels"), folder)
        self._folder = folder

    def parse(self, kind: str) -> Element | None:
        """Return the root of the part of that kind, None when the file has none."""
        member = self._targets_of_main.get(kind, posixpath.join(self._folder, f"{kind}.xml"))
        if member not in self._package.members:
            return None
        return parse_xml(self._package.read(member), self._package.name, member)

    def _targets(self, member: str, folder: str) -> dict[str, str]:
        if member not in self._package.members:
            return {}
        root = parse_xml(self._package.read(member), self._package.name, member)
        return {
            (attribute(entry, "Type") or "").rpartition("/")[2]: posixpath.normpath(
                posixpath.join("/", folder, attribute(entry, "Target") or "")
            ).lstrip("/")
            for entry in children(root, "Relationship")
            if attribute(entry, "TargetMode") != "External"
        }


class _Writer:
    """Walks blocks and hands lines to the collector."""

    def __init__(self, reader: ParagraphReader, numbering: Numbering, collector: LineCollector) -> None:
        self._reader = reader
        self._numbering = numbering
        self._collector = collector

    def write(self, container: Element) -> None:
        """Add the lines of every block in a body, note or text box."""
        for line in self._lines(container):
            self._collector.add(line)

    def _lines(self, container: Element) -> Iterator[str]:
        carried = ""
        for block in _blocks(container):
            if local(block) == "tbl":
                yield from self._table(block)
                continue
            paragraph = self._reader.read(block)
            text = carried + paragraph.text
            carried = text if paragraph.runs_on else ""
            if not paragraph.runs_on:
                yield from self._paragraph(block, text, paragraph)
        if carried:
            yield carried

    def _paragraph(self, block: Element, text: str, paragraph: Paragraph) -> Iterator[str]:
        label = self._numbering.next_label(child(block, "pPr"), text)
        yield from ((label + text) if text.strip() else text).split("\n")
        for box in paragraph.boxes:
            yield from self._lines(box)

    def _table(self, table: Element) -> Iterator[str]:
        rows = [[*_cells(row)] for row in _rows(table)]
        if len(rows) == 1 and len(rows[0]) == 1:
            # A frame drawn as a table: its paragraphs are the document's.
            yield from self._lines(rows[0][0])
            return
        for row in rows:
            cells = [self._cell(cell) for cell in row]
            if any(cells):
                yield "\t".join(cells)

    def _cell(self, cell: Element) -> str:
        merge = child(cell, "tcPr", "vMerge")
        if merge is not None and attribute(merge, "val") in (None, "continue"):
            return ""
        lines = (line.replace("\t", " ").strip() for line in self._lines(cell))
        return " ".join(line for line in lines if line)


def _blocks(container: Element) -> Iterator[Element]:
    for element in container:
        kind = local(element)
        if kind in ("p", "tbl"):
            yield element
        elif kind in _TRANSPARENT:
            yield from _blocks(element)


def _rows(table: Element) -> Iterator[Element]:
    for element in table:
        kind = local(element)
        if kind == "tr" and child(element, "trPr", "del") is None:
            yield element
        elif kind in _TRANSPARENT:
            yield from _rows(element)


def _cells(row: Element) -> Iterator[Element]:
    for element in row:
        kind = local(element)
        if kind == "tc":
            yield element
        elif kind in _TRANSPARENT:
            yield from _cells(element)


def _has_pictures(package: Package) -> bool:
    return any(member.lower().endswith(_PICTURES) for member in package.members)


def _core_properties(package: Package) -> dict[str, str]:
    member = "docProps/core.xml"
    if member not in package.members:
        return {}
    title = child(parse_xml(package.read(member), package.name, member), "title")
    text = "" if title is None else " ".join((title.text or "").split())
    return {"title": text} if text else {}
