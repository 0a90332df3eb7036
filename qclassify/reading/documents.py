"""One file → one `Document`: load, sniff, read, describe."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import cast

from qclassify.reading.decoding import decode
from qclassify.reading.extract import Extract, Options, Reader
from qclassify.reading.limits import DEFAULT_LIMITS, Limits, refusal
from qclassify.reading.metadata import visible_metadata
from qclassify.reading.scripts import text_warnings
from qclassify.reading.sniffing import TABLE_FORMATS, mismatch_warning, sniff
from qclassify.reading.sources import Source, load, name_of
from qclassify.records import Document

# Imported when a file of that format comes: they need libraries that plain text does not.
_READERS = {
    "docx": "qclassify.reading.docx",
    "html": "qclassify.reading.html",
    "pdf": "qclassify.reading.pdf",
    "ofd": "qclassify.reading.ofd",
    "doc": "qclassify.reading.legacy",
}


def read(
    source: Source,
    *,
    name: str | None = None,
    encoding: str = "auto",
    limits: Limits = DEFAULT_LIMITS,
    soffice: bool = False,
) -> Document:
    """Read one document.

    Args:
        source: a path, the file's bytes, or a file open for reading bytes. A `str` is a path; text
            itself goes to `text_document`.
        name: how the document is called in results and messages; by default its path, or `-`.
        encoding: of text and html files: `auto`, or a name such as `gb18030`.
        limits: caps on size.
        soffice: let LibreOffice, when it is on PATH, convert legacy Word files.

    Returns:
        the document; its text is exactly what a text file holds, and for other formats one
        paragraph or table row per line.

    Raises:
        ReadError: of every kind; nothing else is raised for whatever bytes are given.
    """
    name = name_of(source, name)
    data = load(source, name, limits)
    found = sniff(data, name, limits)
    if found in TABLE_FORMATS:
        hint = "read it as a table (read_table, read_documents) · 这是表格，请按表格读取"
        raise refusal("unsupported", name, f"is a table ({found}) with a document in every row", hint)
    options = Options(encoding=encoding, limits=limits, soffice=soffice)
    extract = _read_text(data, name, options) if found == "text" else _reader(found)(data, name, options)
    return document_from(extract, name, found, limits, mismatch_warning(name, found))


def text_document(text: str, *, name: str = "-", limits: Limits = DEFAULT_LIMITS) -> Document:
    """Make a document of text that is already a `str`; the text is kept character for character.

    Raises:
        ReadError: `empty` or `too_large`.
    """
    return document_from(Extract(text), name, "text", limits)


def document_from(
    extract: Extract, name: str, source_format: str, limits: Limits, warnings: tuple[str, ...] = ()
) -> Document:
    """Check what a reader found and add what can be said about any text: warnings, visible metadata.

    Raises:
        ReadError: `empty` or `too_large`.
    """
    if len(extract.text) > limits.characters:
        raise refusal("too_large", name, f"more than {limits.characters:,} characters of text")
    if not extract.text.strip("\ufeff\u200b \t\r\n\v\f\x00\u3000\xa0"):
        raise refusal("empty", name, "no text in it")
    return Document(
        text=extract.text,
        name=name,
        source_format=source_format,
        encoding=extract.encoding,
        warnings=(*warnings, *extract.warnings, *text_warnings(extract.text, extract.encoding)),
        # What the format states fills the gaps; what stands in the text is what readers see.
        meta=MappingProxyType({**extract.meta, **visible_metadata(extract.text)}),
    )


def _read_text(data: bytes, name: str, options: Options) -> Extract:
    decoded = decode(data, name, options.encoding)
    return Extract(decoded.text, decoded.encoding)


def _reader(source_format: str) -> Reader:
    module = importlib.import_module(_READERS[source_format])
    return cast("Reader", module.extract)
