"""XML from strangers: no DOCTYPE, no entities, no network, no bottomless nesting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from qclassify.reading.limits import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

# lxml ships no types: an element is whatever lxml says it is.
Element = Any

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def parse_xml(data: bytes, name: str, member: str) -> Element:
    """Parse one XML member of a package.

    Args:
        data: the member, unpacked.
        name: the file's name, for messages.
        member: the member's name, for messages.

    Returns:
        the root element.

    Raises:
        ReadError: `corrupt`; a DOCTYPE, which none of these formats ever needs, counts as such.
            `too_large` beyond libxml2's limits: 256 levels, 10 MB in one text.
    """
    plain = data.replace(b"\0", b"") if data[:2] in _UTF16_MARKS else data
    if b"<!DOCTYPE" in plain:
        raise _doctype(name, member)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        if "XML_PARSE_HUGE" in str(error) or "depth" in str(error):
            what = f"{member} is nested too deeply, or has too much text in one element"
            raise refusal("too_large", name, what) from error
        raise refusal("corrupt", name, f"{member} is not well-formed: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise _doctype(name, member)
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace, `""` for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, wanted: str) -> str | None:
    """Return the attribute of that local name, whichever the namespace: there are two of WordprocessingML."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == wanted:
            return str(value)
    return None


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first descendant along a path of local names, None where the path breaks off."""
    for step in path:
        if element is None:
            return None
        element = next((inner for inner in element if local(inner) == step), None)
    return element


def children(element: Element | None, wanted: str) -> Iterator[Element]:
    """Yield the direct children of that local name."""
    if element is not None:
        yield from (inner for inner in element if local(inner) == wanted)


def _doctype(name: str, member: str) -> Exception:
    return refusal(
        "corrupt", name, f"{member} declares a DOCTYPE, which is never needed and may be an attack"
    )
