"""One docx paragraph → its text, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qclassify.reading.markup import Element, attribute, child, local
from qclassify.reading.styles import Styles, is_on

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTERED = frozenset(
    ("hyperlink", "ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo")
)
_MATHS = frozenset(("oMath", "oMathPara"))
_PICTURES = frozenset(("drawing", "pict"))
_CHARACTERS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_PRIVATE_USE = range(0xE000, 0xF900)
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


@dataclass(slots=True)
class Paragraph:
    """A paragraph as read.

    Attributes:
        text: LF at soft line breaks, otherwise the characters as they are.
        boxes: contents of the text boxes anchored in it.
        runs_on: its mark was deleted with tracking, so the next paragraph continues it.
    """

    text: str = ""
    boxes: list[Element] = field(default_factory=list)
    runs_on: bool = False


class ParagraphReader:
    """Reads paragraphs in order; fields may begin in one and end in another.

    Args:
        styles: for hidden text.
    """

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[bool] = []  # one entry per open field: are we in its code (not its result)?

    def read(self, element: Element) -> Paragraph:
        """Read one `w:p`."""
        properties = child(element, "pPr")
        paragraph = Paragraph()
        style = self._styles.paragraph_style(properties)
        paragraph.text = "".join(self._inline(element, style, paragraph))
        paragraph.runs_on = child(properties, "rPr", "del") is not None
        # A damaged field without its end must not swallow the rest of the document.
        self._fields = [False] * len(self._fields)
        return paragraph

    def _inline(self, container: Element, style: str | None, paragraph: Paragraph) -> Iterator[str]:
        for element in container:
            kind = local(element)
            if kind == "r":
                if not self._styles.is_hidden(child(element, "rPr"), style):
                    yield from self._run(element, paragraph)
            elif kind in _ENTERED:
                placeholder = child(element, "sdtPr", "showingPlcHdr")
                if placeholder is None or not is_on(placeholder):
                    yield from self._inline(element, style, paragraph)
            elif kind in _MATHS:
                yield "".join(inner.text or "" for inner in element.iter() if local(inner) == "t")
            elif kind == "AlternateContent":
                self._collect_boxes(element, paragraph)

    def _run(self, run: Element, paragraph: Paragraph) -> Iterator[str]:
        for element in run:
            kind = local(element)
            if kind == "fldChar":
                self._field(attribute(element, "fldCharType"))
            elif kind in _PICTURES or kind in ("AlternateContent", "object"):
                self._collect_boxes(element, paragraph)
            elif any(self._fields):
                continue
            elif kind == "t":
                yield _text(element)
            elif kind == "br":
                yield "\n" if attribute(element, "type") in (None, "textWrapping") else ""
            elif kind == "sym":
                yield _symbol(attribute(element, "char"))
            elif kind == "ruby":
                yield from self._ruby(element, paragraph)
            else:
                yield _CHARACTERS.get(kind, "")

    def _ruby(self, ruby: Element, paragraph: Paragraph) -> Iterator[str]:
        for element in child(ruby, "rubyBase") or ():
            if local(element) == "r":
                yield from self._run(element, paragraph)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _collect_boxes(self, element: Element, paragraph: Paragraph) -> None:
        """A text box stands twice in the file, as drawing (Choice) and as VML (Fallback): take one."""
        if local(element) == "AlternateContent":
            for alternative in element:
                before = len(paragraph.boxes)
                self._collect_boxes(alternative, paragraph)
                if len(paragraph.boxes) > before:
                    return
        elif local(element) == "txbxContent":
            paragraph.boxes.append(element)
        else:
            for inner in element:
                self._collect_boxes(inner, paragraph)


def _text(element: Element) -> str:
    text = str(element.text or "")
    if attribute(element, "space") != "preserve":
        text = text.strip(" \t\r\n")
    return text.replace("\n", " ").replace("\r", " ")


def _symbol(code: str | None) -> str:
    try:
        point = int(code or "", 16)
    except ValueError:
        return ""
    # Private use: a glyph of a symbol font, whose meaning the character does not tell.
    valid = 0 < point <= _HIGHEST and point not in _PRIVATE_USE and point not in _SURROGATES
    return chr(point) if valid else ""
