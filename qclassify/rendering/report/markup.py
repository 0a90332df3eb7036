"""HTML that is escaped unless it was built here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


Child = str | None
_EMPTY = frozenset({"meta", "input", "br", "hr"})


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """One element; children and attribute values that are no `Markup` are escaped.

    Args:
        name: of the element.
        children: text or `Markup`; None is left out.
        attributes: an underscore at the end of a name is dropped and others become hyphens;
            True gives the bare name, None and False leave the attribute out.

    >>> element("p", "a < b", element("b", "c"), class_="x", data_n=3, hidden=True)
    '<p class="x" data-n="3" hidden>a &lt; b<b>c</b></p>'
    """
    head = f"<{name}{_attributes(attributes)}>"
    return Markup(head if name in _EMPTY else f"{head}{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    """Children one after the other."""
    return Markup("".join(child if isinstance(child, Markup) else text(child or "") for child in children))


def text(value: str) -> Markup:
    """Text escaped, one character for one: what HTML forbids or rewrites becomes a stand-in."""
    return Markup(escape(value.translate(_STAND_INS), quote=True))


# An HTML parser turns CR into LF and drops NUL; either would move every offset behind it. Lone surrogates
# cannot be written as utf-8.
_STAND_INS = {
    **dict.fromkeys([*range(9), 0xB, *range(0xE, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF], "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    0xC: " ",
    0xD: " ",
}


def _attributes(attributes: Mapping[str, str | float | bool | None]) -> str:
    parts = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        name = key.removesuffix("_").replace("_", "-")
        parts.append(f" {name}" if value is True else f' {name}="{text(str(value))}"')
    return "".join(parts)
