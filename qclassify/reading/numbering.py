"""Automatic numbers of a docx: what Word would print in front of each paragraph.

The file says only "list 3, level 1"; the text 一、（一）1. 第三条 ① is computed by counting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qclassify.reading.markup import Element, attribute, child, children, local
from qclassify.reading.ordinals import ordinal
from qclassify.reading.styles import OFF, ListPlace, Styles

_PLACEHOLDER = re.compile(r"%([1-9])")
_PRIVATE_USE = re.compile(r"[\ue000-\uf8ff]")
_CLOSING = "、.．。)）〕】]:：，,"
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    number_format: str = "decimal"
    pattern: str = ""
    suffix: str = "tab"
    legal: bool = False
    style: str | None = None
    restart: int | None = None  # restart after this level (1-based); 0 never; None after any higher one


@dataclass(slots=True)
class _List:
    """One `w:num`: the definition it uses and what it overrides."""

    definition: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    is_begun: bool = False


class Numbering:
    """Counts numbered paragraphs in document order.

    Args:
        part: root of `numbering.xml`, None when the file has none.
        styles: the file's styles, for numbers that come with a style.
    """

    def __init__(self, part: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._definitions: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for definition in children(part, "abstractNum"):
            own_id = attribute(definition, "abstractNumId") or ""
            self._definitions[own_id] = _levels(definition)
            link = child(definition, "numStyleLink")
            if link is not None:
                self._links[own_id] = attribute(link, "val") or ""
        for number in children(part, "num"):
            self._lists[attribute(number, "numId") or ""] = self._list(number)

    def next_label(self, properties: Element | None, text: str) -> str:
        """Count one paragraph and return its number with what stands between it and the text.

        Args:
            properties: the paragraph's `w:pPr`.
            text: the paragraph's text; decides whether a space is needed after the number.
        """
        place = self._place(properties)
        used = self._lists.get(place.list_id or "0")
        if used is None or not place.list_id or place.list_id == "0":
            return ""
        depth = min(max(place.level or 0, 0), _LEVELS - 1)
        levels = {**self._levels_of(used.definition), **used.levels}
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._count(used, levels, depth)
        label = _label(level, levels, counts)
        return label + _gap(level.suffix, label, text) if label else ""

    def _place(self, properties: Element | None) -> ListPlace:
        """A paragraph's own list wins over its style's; each may give only the list or only the level."""
        own = ListPlace.of(child(properties, "numPr"))
        style = self._styles.paragraph_style(properties)
        inherited = self._styles.list_place(style)
        list_id = own.list_id or inherited.list_id
        level = own.level if own.level is not None else inherited.level
        if own.level is None and own.list_id is None and list_id in self._lists:
            # A level names the style that uses it: this is how headings get their level.
            levels = self._levels_of(self._lists[list_id].definition)
            depths = {entry.style: depth for depth, entry in levels.items() if entry.style}
            linked = (depths[name] for name in self._styles.chain(style) if name in depths)
            level = next(linked, level)
        return ListPlace(list_id, level)

    def _levels_of(self, definition: str) -> dict[int, _Level]:
        for _ in range(_LEVELS):  # links may form a ring in a damaged file
            link = self._links.get(definition)
            target = self._styles.list_place(link).list_id if link else None
            if target not in self._lists:
                break
            definition = self._lists[target].definition
        return self._definitions.get(definition, {})

    def _count(self, used: _List, levels: dict[int, _Level], depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(used.definition, {})
        if not used.is_begun:
            used.is_begun = True
            for overridden in used.starts:
                counts.pop(overridden, None)
        for above in range(depth):
            if above in levels:
                counts.setdefault(above, used.starts.get(above, levels[above].start))
        start = used.starts.get(depth, levels[depth].start)
        counts[depth] = counts[depth] + 1 if depth in counts else start
        for below in [other for other in counts if other > depth]:
            restart = levels[below].restart if below in levels else None
            if restart is None or (restart and depth < restart):
                del counts[below]
        return counts

    def _list(self, number: Element) -> _List:
        reference = child(number, "abstractNumId")
        found = _List(attribute(reference, "val") or "" if reference is not None else "")
        for override in children(number, "lvlOverride"):
            depth = _number(attribute(override, "ilvl"), 0)
            start = child(override, "startOverride")
            if start is not None:
                found.starts[depth] = _number(attribute(start, "val"), 1)
            level = child(override, "lvl")
            if level is not None:
                found.levels[depth] = _level(level)
        return found


def _levels(definition: Element) -> dict[int, _Level]:
    return {_number(attribute(level, "ilvl"), 0): _level(level) for level in children(definition, "lvl")}


def _level(element: Element) -> _Level:
    values = {local(entry): attribute(entry, "val") or "" for entry in element}
    # Word 2010 and later put formats unknown to Word 2007 (e.g. 001) into an AlternateContent.
    older = child(element, "AlternateContent", "Fallback", "numFmt")
    fallback = "decimal" if older is None else attribute(older, "val") or "decimal"
    return _Level(
        start=_number(values.get("start"), 1),
        number_format=values.get("numFmt") or fallback,
        pattern=values.get("lvlText", ""),
        suffix=values.get("suff") or "tab",
        legal=values.get("isLgl", "off") not in OFF,
        style=values.get("pStyle"),
        restart=_number(values["lvlRestart"], 0) if "lvlRestart" in values else None,
    )


def _label(level: _Level, levels: dict[int, _Level], counts: dict[int, int]) -> str:
    if level.number_format == "bullet":
        # Bullets are mostly glyphs of symbol fonts, meaningless as characters.
        return _PRIVATE_USE.sub("•", level.pattern)

    def write(match: re.Match[str]) -> str:
        depth = int(match[1]) - 1
        if depth not in levels:
            return ""
        number_format = "decimal" if level.legal else levels[depth].number_format
        return ordinal(counts.get(depth, levels[depth].start), number_format)

    return _PLACEHOLDER.sub(write, level.pattern)


def _gap(suffix: str, label: str, text: str) -> str:
    """A tab is layout; it becomes a space only where number and text would run together."""
    if suffix == "space":
        return " "
    if suffix == "nothing" or not text:
        return ""
    needs_space = label[-1] not in _CLOSING or (text[0].isascii() and text[0].isalnum())
    return " " if needs_space and not text[0].isspace() else ""


def _number(value: str | None, default: int) -> int:
    try:
        return max(-99_999, min(int(value or default), 99_999))
    except ValueError:
        return default
