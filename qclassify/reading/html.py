"""A web page saved from a portal → the lines of its article, without the page around it."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from qclassify.reading.article import article_of, drop_page_furniture
from qclassify.reading.decoding import Decoded, decode, known_encoding
from qclassify.reading.extract import Extract, LineCollector, Options
from qclassify.reading.flow import lines_of
from qclassify.reading.limits import MIB, refusal
from qclassify.reading.metadata import iso_date

if TYPE_CHECKING:
    from qclassify.reading.markup import Element

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)")
_XML_PROLOG = re.compile(r"^\s*<\?xml[^>]*>")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = 4096
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Names of the meta elements that portals of state organs carry by their own standard.
_META_NAMES = {"articletitle": "title", "contentsource": "issuer", "pubdate": "date"}
_TITLE_TAIL = re.compile(r"\s*[-_|—–].*$")
_TITLE_LINES = 6


def extract(data: bytes, name: str, options: Options) -> Extract:
    """Read an html page.

    Raises:
        ReadError: `undecodable`, `binary`, `empty`, `corrupt`, or `too_large` for pages beyond the
            cap on one member or nested too deeply.
    """
    if len(data) > options.limits.member_bytes:
        raise refusal("too_large", name, f"a page of more than {options.limits.member_bytes / MIB:g} MiB")
    decoded, warnings = _decode_page(data, name, options.encoding)
    root = _parse(decoded.text, name)
    meta = _stated_metadata(root)
    heading = _page_heading(root)
    drop_page_furniture(root)
    article, certain = article_of(root)
    if not certain:
        warnings = (*warnings, "no known article container in the page: the densest part is taken")
    collector = LineCollector(name, options.limits)
    lines = lines_of(article)
    if heading and not _is_among_first(heading, lines):
        # The title often stands above the container that holds the text.
        collector.add(heading)
    for line in lines:
        collector.add(line)
    if heading:
        meta.setdefault("title", heading)
    return Extract(collector.text, decoded.encoding, warnings, MappingProxyType(meta))


def _decode_page(data: bytes, name: str, encoding: str) -> tuple[Decoded, tuple[str, ...]]:
    """Strict UTF-8 that works is UTF-8, whatever the page declares; else the declaration; else a guess."""
    head = data[:_HEAD]
    match = _DECLARED.search(head) or _XML_DECLARED.search(head)
    declared = match[1].decode("ascii", "replace") if match else None
    label = known_encoding(declared) if declared else None
    if encoding != "auto" or label is None or label.startswith("utf"):
        return decode(data, name, encoding), ()
    if data.startswith(_MARKS) or (_is_utf8(data) and not data.isascii()):
        found = decode(data, name)
        return found, (f"the page declares {declared} but is {found.encoding}: read as {found.encoding}",)
    return decode(data, name, label), ()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(text: str, name: str) -> Element:
    # libxml2 takes no control characters, and a str with an XML prolog confuses it.
    clean = _NOT_XML.sub("", _XML_PROLOG.sub("", text)).encode("utf-8", "replace")
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = lxml_html.document_fromstring(clean, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise refusal("empty", name, f"a page without content: {error}") from error
    # Beyond its limits (256 levels, 10 MB in one text) libxml2 drops what follows; that must not pass.
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" or "depth" in entry.message for entry in parser.error_log):
        raise refusal("too_large", name, "nested too deeply, or too much text in one element")
    return root


def _stated_metadata(root: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        key = _META_NAMES.get((element.get("name") or "").strip().lower())
        content = " ".join((element.get("content") or "").split())
        if key and content:
            found.setdefault(key, iso_date(content) or content if key == "date" else content)
    if "title" not in found:
        title = root.find(".//title")
        text = " ".join(title.text_content().split()) if title is not None else ""
        if text:
            # Behind a dash stands the portal's name.
            found["title"] = _TITLE_TAIL.sub("", text) or text
    return found


def _page_heading(root: Element) -> str:
    headings = [" ".join(element.text_content().split()) for element in root.iter("h1")]
    headings = [heading for heading in headings if heading]
    return headings[0] if len(headings) == 1 else ""


def _is_among_first(heading: str, lines: list[str]) -> bool:
    beginning = "".join("".join(lines[: _TITLE_LINES * 2]).split())
    return "".join(heading.split()) in beginning
