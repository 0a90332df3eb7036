"""First pass: paragraphs, cut into chunks at the numbers that open items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from qclassify.records import UnitKind
from qclassify.segmentation.brackets import Groups
from qclassify.segmentation.characters import count_letters, skip_blanks, squeeze
from qclassify.segmentation.headings import ARTICLE_TITLE, named_heading
from qclassify.segmentation.lines import Paragraph, paragraphs
from qclassify.segmentation.markers import ARTICLE_LEVEL, BULLET_LEVEL, MARKER_FIRST, Marker, match_marker
from qclassify.segmentation.numbering import Item, Numbering
from qclassify.segmentation.paragraph_kinds import numbered_line_kind, paragraph_kinds
from qclassify.segmentation.sentences import Sentence, split_sentences

# A heading is at most this long when the number of its first sub-item directly follows it.
_GLUED_WINDOW: Final = 45
_SHORTEST_HEADING: Final = 2
_INNER_MARK: Final = re.compile(f"[:;]|{MARKER_FIRST.pattern}")
# Inside a sentence 第三条 and 四、 are too often references and enumerations.
_LOOSE_LEVEL: Final = 4
_ATTACHED_TEXT: Final = re.compile(r"附[件表图录][一二三四五六七八九十\d-]{0,4}[:]?")
# After one of these a title begins another document.
_CLOSING: Final = frozenset({"date", "imprint", "cc"})


@dataclass(slots=True, eq=False)
class Chunk:
    """A paragraph, or the part of one that an item number opens.

    Attributes:
        start, end: its span.
        groups: bracket groups of its paragraph.
        item: the item it belongs to: the one it opens, or for an un-numbered line the one around it.
        opens: whether it begins with that item's number.
        kind: what it is when its text alone (or the header) decides; None for prose.
        sentences: its sentences, without an item's number being cut off.
        restarts: whether another document (an attachment) begins here.
    """

    start: int
    end: int
    groups: Groups
    item: Item | None = None
    opens: bool = False
    kind: UnitKind | None = None
    sentences: list[Sentence] = field(default_factory=list)
    restarts: bool = False

    @property
    def content(self) -> int:
        """Offset of the text after the item's number."""
        return self.item.marker.content if self.opens and self.item else self.start


class Outline:
    """The chunks of a document and its items, in order.

    Args:
        text: folded text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.chunks: list[Chunk] = []
        self._numbering = Numbering()
        self._after_close = False
        self._interrupted = False
        lines = paragraphs(text)
        self._bare_numbers = any(
            (marker := match_marker(text, paragraph.start, paragraph.end, text_start=True))
            and marker.depth == 1
            for paragraph in lines
        )
        for paragraph, kind in zip(lines, paragraph_kinds(text, lines), strict=True):
            self._add(paragraph, kind)

    @property
    def items(self) -> list[Item]:
        """All items in order."""
        return self._numbering.items

    def _add(self, paragraph: Paragraph, kind: UnitKind | None) -> None:
        groups = Groups(self.text, paragraph.start, paragraph.end)
        if kind:
            self._add_known(Chunk(paragraph.start, paragraph.end, groups, kind=kind))
        else:
            self._add_text(paragraph.start, paragraph.end, groups)

    def _add_known(self, chunk: Chunk) -> None:
        """Add a line whose kind is known; some kinds close the items before them, or the whole document."""
        names_attached = _ATTACHED_TEXT.fullmatch(squeeze(self.text[chunk.start : chunk.end]))
        chunk.restarts = bool(names_attached) or (chunk.kind == "title" and self._after_close)
        if chunk.restarts:
            self._numbering.reset()
            self._after_close = False
        chunk.item = self._numbering.current
        if chunk.kind == "table_row":
            if chunk.item:
                chunk.item.blocks.append(len(self.chunks))
        else:
            self._interrupted = True
        if chunk.kind in _CLOSING and chunk.item:
            self._after_close = True
        self.chunks.append(chunk)

    def _add_text(self, start: int, end: int, groups: Groups) -> None:
        """Add a paragraph of text, one chunk for each item that opens in it."""
        self._numbering.leave_bullet()
        first = len(self.chunks)
        owner = None if self._after_close else self._numbering.current
        for cut, item in self._cut(start, end, groups):
            if cut > start and len(self.chunks) == first:
                self.chunks.append(Chunk(start, end, groups, owner))
            self.chunks.append(Chunk(cut, end, groups, item, opens=True))
        if len(self.chunks) == first:
            self.chunks.append(Chunk(start, end, groups, owner))
        if owner and not self.chunks[first].opens and not self._interrupted:
            owner.blocks.append(first)
        if self.chunks[-1].opens:
            self._after_close = self._interrupted = False
        for index in range(first, len(self.chunks)):
            chunk = self.chunks[index]
            chunk.end = self.chunks[index + 1].start if index + 1 < len(self.chunks) else end
            chunk.sentences = list(
                split_sentences(self.text, chunk.content, chunk.end, groups, after_number=chunk.opens)
            )

    def _cut(self, start: int, end: int, groups: Groups) -> Iterator[tuple[int, Item]]:
        """Yield the offsets at which items open in a paragraph."""
        number, position = 0, start
        while position < end:
            for sentence in split_sentences(self.text, position, end, groups):
                position = sentence.end
                if sentence.is_responsibility:
                    continue
                item = None
                marker = self._at_sentence_start(sentence, end, line_start=sentence.start == start)
                if marker:
                    item = self._open(marker, number, after_text=sentence.start > start)
                    number += 1
                    yield marker.start, item
                    named = named_heading(self.text, item, end, groups)
                    if named:
                        # Its body begins a sentence of its own.
                        position = named.end
                        break
                for inner in self._inside_sentence(sentence, item, groups):
                    item = self._open(inner, number, after_text=True)
                    number += 1
                    yield inner.start, item

    def _open(self, marker: Marker, number: int, *, after_text: bool) -> Item:
        # The paragraph's first chunk holds the text before its first number, if there is any.
        shift = 1 if after_text and number == 0 else 0
        return self._numbering.open(marker, len(self.chunks) + shift)

    def _at_sentence_start(self, sentence: Sentence, end: int, *, line_start: bool) -> Marker | None:
        bare = line_start and self._bare_numbers
        marker = match_marker(self.text, sentence.start, end, text_start=True, bare=bare)
        if marker is None or numbered_line_kind(self.text, marker, sentence.end):
            return None
        if marker.depth and marker.number != 1 and not self._numbering.is_next_sibling(marker):
            # `3.2在…` may be a decimal; `3.2 …` is not.
            return marker if self.text[marker.content - 1].isspace() else None
        follows = marker.number == 1 or self._numbering.is_next(marker)
        if bare and self.text[marker.start : marker.content].strip().isdecimal():
            # `80 项` begins like `8 总则`, but in no order.
            return marker if follows else None
        if line_start or marker.level > ARTICLE_LEVEL:
            return marker
        # Inside a paragraph 第三条 is as often a reference as an article.
        spaced = self.text[marker.content - 1].isspace() or ARTICLE_TITLE.match(
            self.text, marker.content, end
        )
        return marker if spaced or follows else None

    def _inside_sentence(self, sentence: Sentence, item: Item | None, groups: Groups) -> Iterator[Marker]:
        """Find numbers after a colon or `;` and numbers glued to the heading before them."""
        text, end = self.text, sentence.end
        content = item.marker.content if item else sentence.start
        glued = item is not None
        before = ""
        for match in _INNER_MARK.finditer(text, content, end):
            offset = match.start()
            if match.group() in ":;":
                if not groups.covers(offset):
                    before, glued, content = match.group(), False, skip_blanks(text, offset + 1, end)
                continue
            if offset == sentence.start or (groups.covers(offset) and not groups.starts_at(offset)):
                continue
            marker = None
            if before and offset == content:
                marker = self._after_punctuation(offset, before, sentence, end)
            elif glued and item and offset - content <= _GLUED_WINDOW:
                marker = self._glued_to_heading(offset, item, end)
            if marker and marker.content < end and not numbered_line_kind(self.text, marker, end):
                yield marker
                item, content, glued, before = self._numbering.current, marker.content, True, ""

    def _after_punctuation(self, offset: int, before: str, sentence: Sentence, end: int) -> Marker | None:
        marker = match_marker(self.text, offset, end)
        if marker is None or marker.level == BULLET_LEVEL:
            return None
        if before == ";":
            continues = marker.level > _LOOSE_LEVEL and self._numbering.is_next_sibling(marker)
            return marker if continues else None
        colon = self.text.rindex(":", sentence.start, offset)
        is_ratio = colon > sentence.start and self.text[colon - 1].isdecimal()
        return marker if marker.number == 1 and not is_ratio else None

    def _glued_to_heading(self, offset: int, item: Item, end: int) -> Marker | None:
        marker = match_marker(self.text, offset, end)
        if marker is None or marker.level == BULLET_LEVEL or item.marker.level == ARTICLE_LEVEL:
            return None
        if count_letters(self.text[item.marker.content : offset]) < _SHORTEST_HEADING:
            return None
        if marker.rank > item.marker.rank:
            first = marker.number == 1 and item.in_order
            return marker if first or self._numbering.is_next(marker) else None
        return marker if marker.rank == item.marker.rank and self._numbering.is_next_sibling(marker) else None
