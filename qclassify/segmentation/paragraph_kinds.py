"""Paragraphs that are no text: table rows, tables of contents, attachment lists and lines known by their wording."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from qclassify.records import UnitKind
from qclassify.segmentation.characters import squeeze
from qclassify.segmentation.linekinds import has_leader, line_kind
from qclassify.segmentation.lines import Paragraph
from qclassify.segmentation.markers import BULLET_LEVEL, Marker, match_marker

_LONGEST_LINE: Final = 400
_LONGEST_ENTRY: Final = 80
_CONTENTS: Final = "目录"
_LEADER: Final = re.compile(r"[.…·\-—]*\d{0,3}$")
_ATTACHMENTS: Final = re.compile(r"附[件表图录]?\d{0,2}[:]")
_ATTACHMENT_ENTRY: Final = re.compile(r"\d{1,2}[.、][^。;]{1,100}")


def paragraph_kinds(text: str, paragraphs: list[Paragraph]) -> list[UnitKind | None]:
    """Return the kind of every paragraph that is no text, None for text.

    Args:
        text: folded text.
        paragraphs: its paragraphs in order.
    """
    kinds = [_kind(text, paragraph) for paragraph in paragraphs]
    _mark_contents(text, paragraphs, kinds)
    _mark_attachment_lists(text, paragraphs, kinds)
    return kinds


def numbered_line_kind(text: str, marker: Marker, end: int) -> UnitKind | None:
    """Recognise `text[marker.start:end]` where its number opens no item.

    Numbers in a table of contents open none, nor does the dash of `——2024年1月5日在…会议上`.
    """
    begin = text[marker.start : min(end, marker.start + _LONGEST_LINE)]
    if marker.level != BULLET_LEVEL and not has_leader(begin):
        return None
    kind = line_kind(text[marker.start : end])
    return kind if kind in {"other", "meta"} else None


def _kind(text: str, paragraph: Paragraph) -> UnitKind | None:
    marker = match_marker(text, paragraph.start, paragraph.end, text_start=True)
    if "\t" in text[marker.content if marker else paragraph.start : paragraph.end]:
        return "table_row"
    if marker:
        return numbered_line_kind(text, marker, paragraph.end)
    return line_kind(text[paragraph.start : paragraph.end])


def _mark_contents(text: str, paragraphs: list[Paragraph], kinds: list[UnitKind | None]) -> None:
    """Set a table of contents apart: the lines after 目录 that come again later."""
    entries = [_entry(text, paragraph) for paragraph in paragraphs]
    left = Counter(entries)
    in_contents = False
    for index, entry in enumerate(entries):
        left[entry] -= 1
        if entry == _CONTENTS:
            in_contents = True
        elif in_contents and entry and left[entry]:
            kinds[index] = "other"
        else:
            in_contents = False


def _entry(text: str, paragraph: Paragraph) -> str:
    """Return a line as the text repeats what the contents list; "" when it is too long for a heading."""
    if paragraph.end - paragraph.start > _LONGEST_ENTRY:
        return ""
    return _LEADER.sub("", squeeze(text[paragraph.start : paragraph.end]))


def _mark_attachment_lists(text: str, paragraphs: list[Paragraph], kinds: list[UnitKind | None]) -> None:
    """Let `附件:` take in the numbered names on the lines after it."""
    in_list = False
    for index, paragraph in enumerate(paragraphs):
        line = squeeze(text[paragraph.start : paragraph.end])
        in_list = in_list and _ATTACHMENT_ENTRY.fullmatch(line) is not None
        if in_list:
            kinds[index] = "attachment"
        elif kinds[index] == "attachment":
            in_list = _ATTACHMENTS.match(line) is not None
