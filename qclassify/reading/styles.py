"""What the docx reader needs of styles: inheritance, list places and hidden text."""

from __future__ import annotations

from dataclasses import dataclass

from qclassify.reading.markup import Element, attribute, child, children

OFF = ("0", "false", "off")
_CHAIN = 64


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A paragraph's list (`w:numId`) and level (`w:ilvl`, from 0), None where not stated."""

    list_id: str | None = None
    level: int | None = None

    @classmethod
    def of(cls, element: Element | None) -> ListPlace:
        """Read a `w:numPr`."""
        list_id = child(element, "numId")
        level = child(element, "ilvl")
        return cls(
            None if list_id is None else attribute(list_id, "val"),
            None if level is None else _level(attribute(level, "val")),
        )


class Styles:
    """Styles by id.

    Args:
        part: root of `styles.xml`, None when the file has none.
    """

    def __init__(self, part: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self._default: str | None = None
        for style in children(part, "style"):
            own_id = attribute(style, "styleId") or ""
            self._styles[own_id] = style
            is_default = attribute(style, "default") not in (None, *OFF)
            if is_default and attribute(style, "type") == "paragraph":
                self._default = own_id

    def paragraph_style(self, properties: Element | None) -> str | None:
        """Return the id of the style that a paragraph has, its own or the default one."""
        style = child(properties, "pStyle")
        return self._default if style is None else attribute(style, "val")

    def chain(self, style: str | None) -> list[str]:
        """Return a style and those it is based on, nearest first; rings in a damaged file are cut."""
        found: list[str] = []
        while style in self._styles and style not in found and len(found) < _CHAIN:
            found.append(style)
            based_on = child(self._styles[style], "basedOn")
            style = None if based_on is None else attribute(based_on, "val")
        return found

    def list_place(self, style: str | None) -> ListPlace:
        """Return the list place that a style gives, through what it is based on."""
        place = ListPlace()
        for name in self.chain(style):
            own = ListPlace.of(child(self._styles[name], "pPr", "numPr"))
            place = ListPlace(
                place.list_id if place.list_id is not None else own.list_id,
                place.level if place.level is not None else own.level,
            )
        return place

    def is_hidden(self, run_properties: Element | None, paragraph_style: str | None) -> bool:
        """Say whether a run is hidden text, by itself or by its character or paragraph style."""
        own = child(run_properties, "vanish")
        if own is not None:
            return is_on(own)
        run_style = child(run_properties, "rStyle")
        styles = self.chain(None if run_style is None else attribute(run_style, "val"))
        for name in [*styles, *self.chain(paragraph_style)]:
            vanish = child(self._styles[name], "rPr", "vanish")
            if vanish is not None:
                return is_on(vanish)
        return False


def is_on(toggle: Element) -> bool:
    """Read a toggle such as `w:vanish`: on unless it says otherwise."""
    return attribute(toggle, "val") not in OFF


def _level(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() and len(value) < _CHAIN else None
