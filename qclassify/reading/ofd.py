"""OFD (GB/T 33190) → paragraphs: a zip of XML pages on which every text run has its place."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from qclassify.reading.extract import Extract, LineCollector, Options
from qclassify.reading.limits import refusal
from qclassify.reading.markup import Element, attribute, child, children, local, parse_xml
from qclassify.reading.metadata import iso_date
from qclassify.reading.packages import Package
from qclassify.reading.reflow import PrintedLine, PrintedPage, joined_line, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = "OFD.xml"
_HALF = 0.5  # width of a Latin character in widths of a Chinese one
_BASELINE = 0.4  # of the font size: pieces this close in height are on one line
_A4 = (0.0, 0.0, 210.0, 297.0)
_MOST = 100_000  # advances of one run


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a text object stands, and how a matrix scales what is inside."""

    x: float
    y: float
    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float


def extract(data: bytes, name: str, options: Options) -> Extract:
    """Read an OFD file.

    Raises:
        ReadError: `corrupt`, `encrypted`, `scanned`, `too_large`, `unsupported`, or `empty`.
    """
    package = Package(data, name, options.limits)
    root = parse_xml(package.read(_ROOT), name, _ROOT)
    collector = LineCollector(name, options.limits)
    meta: dict[str, str] = {}
    pictures = 0
    count = 0
    for body in children(root, "DocBody"):
        reader = _Body(package, body)
        count += len(reader.locations)
        if count > options.limits.pages:
            raise refusal("too_large", name, f"more than {options.limits.pages:,} pages")
        for paragraph in paragraphs([*reader.pages()]):
            collector.add(paragraph)
        pictures += reader.pictures
        meta = {**_stated_metadata(body), **meta}
    if not collector.lines:
        if child(root, "Encryptions") is not None or "Encryptions.xml" in package.members:
            raise refusal("encrypted", name, "is protected by a password")
        if pictures:
            raise refusal("scanned", name, f"{count} pages of pictures without a text layer")
    return Extract(collector.text, None, (), MappingProxyType(meta))


class _Body:
    """One document of the package; there may be several."""

    def __init__(self, package: Package, body: Element) -> None:
        self._package = package
        self._document = _resolved("", _content(child(body, "DocRoot")))
        document = self._parse(self._document)
        common = child(document, "CommonData")
        self._area = _numbers(_content(child(common, "PageArea", "PhysicalBox")))
        self._templates = {
            attribute(entry, "ID") or "": attribute(entry, "BaseLoc") or ""
            for entry in children(common, "TemplatePage")
        }
        self.locations = [
            attribute(page, "BaseLoc") or "" for page in children(child(document, "Pages"), "Page")
        ]
        self.pictures = 0

    def pages(self) -> Iterator[PrintedPage]:
        """Yield the pages in order, each with what its template prints on it."""
        for location in self.locations:
            page = self._parse(_resolved(self._document, location))
            area = _numbers(_content(child(page, "Area", "PhysicalBox"))) or self._area
            runs = [*self._template_runs(page), *self._runs(page)]
            _, _, width, height = area if len(area) == len(_A4) else _A4
            yield PrintedPage(width, height, tuple(_lines(runs)))

    def _template_runs(self, page: Element) -> Iterator[PrintedLine]:
        for reference in children(page, "Template"):
            location = self._templates.get(attribute(reference, "TemplateID") or "")
            if location:
                yield from self._runs(self._parse(_resolved(self._document, location)))

    def _runs(self, page: Element) -> Iterator[PrintedLine]:
        for element in page.iter():
            kind = local(element)
            if kind == "ImageObject":
                self.pictures += 1
            elif kind == "TextObject" and attribute(element, "Visible") != "false":
                yield from _text_object(element)

    def _parse(self, member: str) -> Element:
        return parse_xml(self._package.read(member), self._package.name, member)


def _text_object(element: Element) -> Iterator[PrintedLine]:
    size = next(iter(_numbers(attribute(element, "Size"))), 0.0) or 1.0
    box = _box(element)
    for code in children(element, "TextCode"):
        text = (code.text or "").replace("\n", " ").replace("\r", " ")
        if not text.strip():
            continue
        x = next(iter(_numbers(attribute(code, "X"))), 0.0)
        y = next(iter(_numbers(attribute(code, "Y"))), 0.0)
        advances = _advances(attribute(code, "DeltaX"))
        indent = len(text) - len(text.lstrip())
        width = _width(text, advances, size)
        glyph = size * box.scale_x
        left = box.x + box.shift_x + (x + _width(text[:indent], advances, size)) * box.scale_x
        right = box.x + box.shift_x + (x + width) * box.scale_x
        bottom = box.y + box.shift_y + y * box.scale_y
        yield PrintedLine(text.strip(), left, right, bottom - size * box.scale_y, bottom, glyph)


def _lines(runs: list[PrintedLine]) -> Iterator[PrintedLine]:
    """Runs on one baseline are one line; runs come in any order, so baselines are gathered first."""
    row: list[PrintedLine] = []
    for run in sorted(runs, key=attrgetter("bottom", "left")):
        if row and run.bottom - row[0].bottom > _BASELINE * row[0].glyph:
            yield joined_line(sorted(row, key=attrgetter("left")))
            row = []
        row.append(run)
    if row:
        yield joined_line(sorted(row, key=attrgetter("left")))


def _box(element: Element) -> _Box:
    boundary = [*_numbers(attribute(element, "Boundary")), 0.0, 0.0]
    matrix = _numbers(attribute(element, "CTM"))
    if len(matrix) != len("abcdef"):
        matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    a, _, _, d, e, f = matrix
    return _Box(boundary[0], boundary[1], abs(a) or 1.0, abs(d) or 1.0, e, f)


def _width(text: str, advances: list[float], size: float) -> float:
    if not text:
        return 0.0
    known = advances[: len(text) - 1] if len(advances) >= len(text) - 1 else []
    if known or len(text) == 1:
        return sum(known) + size * (_HALF if text[-1].isascii() else 1)
    return sum(size * (_HALF if char.isascii() else 1) for char in text)


def _advances(value: str | None) -> list[float]:
    """Read DeltaX: numbers, where `g n v` stands for n times v."""
    words = (value or "").split()
    advances: list[float] = []
    position = 0
    while position < len(words) and len(advances) < _MOST:
        if words[position] == "g" and position + 2 < len(words):
            count = _numbers(words[position + 1])
            advance = _numbers(words[position + 2])
            if count and advance:
                advances += advance * min(max(int(count[0]), 0), _MOST)
            position += 3
        else:
            advances += _numbers(words[position])
            position += 1
    return advances


def _resolved(base: str, location: str) -> str:
    """Turn a location, absolute in the package or relative to the file that names it, into a member name."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), location.strip())).lstrip("/")


def _stated_metadata(body: Element) -> dict[str, str]:
    info = child(body, "DocInfo")
    title = " ".join(_content(child(info, "Title")).split())
    date = iso_date(_content(child(info, "CreationDate")))
    return {key: value for key, value in (("title", title), ("date", date)) if value}


def _content(element: Element | None) -> str:
    return "" if element is None else str(element.text or "")


def _numbers(value: str | None) -> list[float]:
    """Read numbers; what is none, or no finite one, is left out."""
    found = []
    for word in (value or "").split():
        try:
            number = float(word)
        except ValueError:
            continue
        if abs(number) < float(_MOST):
            found.append(number)
    return found
