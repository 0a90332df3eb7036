"""pdf with a text layer → paragraphs, from the positions of the glyphs."""

from __future__ import annotations

import threading
import unicodedata
from types import MappingProxyType

import pypdfium2
import pypdfium2.raw as pdfium

from qclassify.reading.extract import Extract, LineCollector, Options
from qclassify.reading.limits import refusal
from qclassify.reading.pdf_lines import lines_of_page
from qclassify.reading.reflow import PrintedPage, paragraphs

_SCANNED = 10  # characters a page; fewer is no text layer
_SHOWN = 10  # page numbers in a warning
_BROKEN = 0.2  # share of characters that no font table could name
_JUNK_TITLES = ("microsoft word", "untitled", "无标题", "document", "文档")
_FILE_ENDINGS = (".doc", ".docx", ".wps", ".pdf", ".indd", ".cdr", ".txt")
# pdfium is one C library without locks of its own.
_LOCK = threading.Lock()


def extract(data: bytes, name: str, options: Options) -> Extract:
    """Read a pdf file.

    Raises:
        ReadError: `encrypted`, `corrupt`, `scanned`, `broken_font`, `too_large`, or `empty`.
    """
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                raise refusal("encrypted", name, "is protected by a password") from error
            raise refusal("corrupt", name, f"a damaged pdf: {error}") from error
        try:
            count = len(document)
            if count > options.limits.pages:
                raise refusal("too_large", name, f"{count:,} pages, more than {options.limits.pages:,}")
            pages, pictures = _pages(document, name, options)
            title = _title(document)
        except pypdfium2.PdfiumError as error:
            raise refusal("corrupt", name, f"a damaged pdf: {error}") from error
        finally:
            document.close()
    warnings = _check(pages, pictures, name)
    collector = LineCollector(name, options.limits)
    for paragraph in paragraphs(pages):
        collector.add(paragraph)
    return Extract(collector.text, None, warnings, MappingProxyType({"title": title} if title else {}))


def _pages(
    document: pypdfium2.PdfDocument, name: str, options: Options
) -> tuple[list[PrintedPage], list[int]]:
    """Return all pages, and the numbers (from 1) of those that hold a picture but hardly any text."""
    pages = []
    pictures = []
    characters = 0
    damaged = 0
    unnamed = 0  # pages with text objects of which not one character has a name
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            damaged += 1
            pages.append(PrintedPage(1.0, 1.0, ()))
            continue
        try:
            width, height = page.get_size()
            lines = tuple(lines_of_page(page))
            size = sum(len(line.text) for line in lines)
            if size < _SCANNED and _holds(page, pdfium.FPDF_PAGEOBJ_IMAGE):
                pictures.append(index + 1)
            unnamed += not size and _holds(page, pdfium.FPDF_PAGEOBJ_TEXT)
        finally:
            page.close()
        characters += size
        if characters > options.limits.characters:
            raise refusal("too_large", name, f"more than {options.limits.characters:,} characters of text")
        pages.append(PrintedPage(width, height, lines))
    if damaged:
        raise refusal("corrupt", name, f"{damaged} of {len(document)} pages cannot be read")
    if unnamed and not characters:
        raise refusal("broken_font", name, "not one character has a name: its fonts lack a usable table")
    return pages, pictures


def _check(pages: list[PrintedPage], pictures: list[int], name: str) -> tuple[str, ...]:
    text = "".join(line.text for page in pages for line in page.lines)
    if len(text) < _SCANNED * len(pages):
        if pictures:
            raise refusal("scanned", name, f"{len(pages)} pages of pictures without a text layer")
        if not text:
            raise refusal("empty", name, "no text and no picture in it")
    nameless = sum(_is_nameless(char) for char in text)
    if nameless > _BROKEN * len(text):
        what = f"{nameless / len(text):.0%} of the characters have no name: its fonts lack a usable table"
        raise refusal("broken_font", name, what)
    warnings = []
    if nameless:
        warnings.append(f"{nameless} characters have no name in the file's fonts")
    if pictures:
        shown = ", ".join(map(str, pictures[:_SHOWN])) + (" …" if len(pictures) > _SHOWN else "")
        warnings.append(f"pages with a picture and no text, not read: {shown}")
    return tuple(warnings)


def _holds(page: pypdfium2.PdfPage, kind: int) -> bool:
    return any(True for _ in page.get_objects(filter=[kind], max_depth=3))


def _is_nameless(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cc", "Cn")


def _title(document: pypdfium2.PdfDocument) -> str:
    """Many programs put a file name into the title field; such a one says nothing."""
    title = " ".join(document.get_metadata_dict().get("Title", "").split())
    lowered = title.lower()
    is_junk = (
        lowered.startswith(_JUNK_TITLES) or lowered.endswith(_FILE_ENDINGS) or any(map(_is_nameless, title))
    )
    return "" if is_junk else title
