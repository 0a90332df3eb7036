"""A part of a web page → the lines that a browser would show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qclassify.reading.ordinals import ordinal

if TYPE_CHECKING:
    from qclassify.reading.markup import Element

_BLOCKS = frozenset(
    (
        "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "ol",
        "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    )
)  # fmt: skip
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BROKEN_HAN = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*[\r\n]\s*(?=[\u2e80-\u9fff\uff00-\uffef])")
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
_LIST_TYPES = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_LIST_STYLES = {
    "decimal": "decimal",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "cjk-ideographic": "chineseCounting",
    "simp-chinese-informal": "chineseCounting",
    "simp-chinese-formal": "chineseLegalSimplified",
    "cjk-heavenly-stem": "ideographTraditional",
    "none": "none",
}
# Control characters never reach this place in a page's text, so they can stand for structure.
_LINE_END = "\0"
_CELL_END = "\x01"
_CELL = 400  # characters; a longer cell is layout, not data


def lines_of(article: Element) -> list[str]:
    """Return the lines of an element: one a block or `<br>`, one a row of a data table, cells between tabs.

    White space inside a line is collapsed as browsers do; no-break and ideographic spaces stay.
    """
    flow = _Flow()
    flow.walk(article)
    return flow.lines()


class _Flow:
    """Gathers text and line ends; iterative, because pages may be nested deeply."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def walk(self, top: Element) -> None:
        """Visit `top` and everything in it, without what follows it."""
        pending: list[tuple[Element, bool]] = [(top, False)]
        while pending:
            element, leaving = pending.pop()
            if leaving:
                self._leave(element, is_top=element is top)
                continue
            if not isinstance(element.tag, str):
                self._text(element.tail)
                continue
            pending.append((element, True))
            if element.tag == "table" and _is_data(element):
                self._table(element)
            else:
                self._enter(element)
                pending.extend((child, False) for child in reversed(element))

    def lines(self) -> list[str]:
        """Return the lines, white space collapsed, empty ones left out."""
        lines = "".join(self._pieces).split(_LINE_END)
        return [line for raw in lines if (line := _collapse(raw)).strip()]

    def _enter(self, element: Element) -> None:
        if element.tag in _BLOCKS:
            self._break()
        if element.tag == "br":
            self._break()
        elif element.tag == "li":
            self._pieces.append(_list_label(element))
        if element.tag == "pre":
            self._pieces.append(_LINE_END.join((element.text or "").split("\n")))
        else:
            self._text(element.text)

    def _leave(self, element: Element, *, is_top: bool) -> None:
        if element.tag in _BLOCKS:
            self._break()
        if not is_top:
            self._text(element.tail)

    def _table(self, table: Element) -> None:
        for row in table.iter("tr"):
            self._break()
            cells = (_collapse(" ".join(cell.itertext())) for cell in row if cell.tag in ("td", "th"))
            self._pieces.append(_CELL_END.join(cells))
        self._break()

    def _text(self, text: str | None) -> None:
        if text:
            self._pieces.append(text.replace(_LINE_END, "").replace(_CELL_END, ""))

    def _break(self) -> None:
        self._pieces.append(_LINE_END)


def _collapse(raw: str) -> str:
    # A line break in the source is a space to browsers, but between Chinese characters it is nothing.
    cells = (_SPACES.sub(" ", _BROKEN_HAN.sub("", cell)).strip(" ") for cell in raw.split(_CELL_END))
    return "\t".join(cells)


def _is_data(table: Element) -> bool:
    """Old pages lay out everything with tables: those have nested tables, long cells or one column."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    widths = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        widths.append(len(cells))
        if any(sum(map(len, cell.itertext())) > _CELL for cell in cells):
            return False
    return len(widths) > 1 and max(widths) > 1


def _list_label(item: Element) -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return ""
    style = _LIST_STYLE.search(f"{parent.get('style') or ''};{item.get('style') or ''}")
    number_format = _LIST_TYPES.get(parent.get("type") or "1", "decimal")
    if style:
        number_format = _LIST_STYLES.get(style[1].lower(), number_format)
    number = ordinal(_position(item, parent), number_format)
    if not number:
        return ""
    text = "".join(item.itertext()).lstrip()
    separator = "、" if not number.isascii() else ". " if text[:1].isdigit() else "."
    return number + separator


def _position(item: Element, parent: Element) -> int:
    number = _integer(parent.get("start"), 1) - 1
    for other in parent:
        if other.tag == "li":
            number = _integer(other.get("value"), number + 1)
        if other is item:
            break
    return number


def _integer(value: str | None, default: int) -> int:
    text = (value or "").strip()
    return (
        int(text)
        if text.lstrip("-").isdecimal() and text.isascii() and len(text) < len("1000000")
        else default
    )
