"""Second pass: chunks become units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final

from qclassify.records import Document, Unit, UnitKind
from qclassify.segmentation.characters import fold, has_letter, skip_blanks, squeeze, trim
from qclassify.segmentation.header import Header, mark_signers
from qclassify.segmentation.headings import LAYS_DOWN, Heading, find_heading, heads_something
from qclassify.segmentation.linekinds import is_validity, recognise
from qclassify.segmentation.markers import ARTICLE_LEVEL, label, match_marker
from qclassify.segmentation.numbering import Item
from qclassify.segmentation.outline import Chunk, Outline
from qclassify.segmentation.prologue import Piece
from qclassify.segmentation.sentences import Sentence, split_parts, split_sentences

_PROSE: Final = frozenset({"clause", "preamble", "notice", "validity"})
_PLACED: Final = frozenset({"heading", "clause", "responsibility", "validity", "table_row"})
_MAX_LEAD: Final = 20


def segment(document: Document) -> tuple[Unit, ...]:
    """Cut a document into units.

    Every non-blank character of the text is in exactly one unit; units come in document order. Any text
    is accepted, and the time taken grows linearly with its length.

    Args:
        document: the document; its text may use half-width or full-width punctuation.

    Returns:
        The units; only those of kind `clause` are meant to be classified.
    """
    return tuple(_Assembler(document.text).units())


class _Assembler:
    def __init__(self, original: str) -> None:
        self.original = original
        self.text = fold(original)
        outline = Outline(self.text)
        self.chunks = outline.chunks
        self.items = outline.items
        self._headings: dict[Item, Heading] = {}
        self._sentence = -1
        mark_signers(self.text, self.chunks)
        self._detach_closing_lines()
        self._header = self._read_headers()
        for item in self.items:
            self._decide(item)
        self._uncertain = self._uncertain_chunks()

    def units(self) -> Iterator[Unit]:
        """Yield the units in order."""
        for index, chunk in enumerate(self.chunks):
            if index in self._header:
                for piece in self._header[index]:
                    yield from self._prose(piece.start, piece.end, piece.kind or "clause", index)
            elif chunk.kind:
                yield self._unit(chunk.start, chunk.end, chunk.kind, index)
            elif chunk.opens and chunk.item:
                yield from self._item(chunk.item, index)
            else:
                yield from self._sentences(chunk.sentences, "clause", index)

    def _detach_closing_lines(self) -> None:
        """Give the lines after the last responsibility note, if no item follows, to the document."""
        last = self.items[-1].chunk if self.items else len(self.chunks)
        after_note = False
        for index in range(last, len(self.chunks)):
            chunk = self.chunks[index]
            if after_note and not chunk.kind:
                for detached in self.chunks[index:]:
                    detached.item = None
                for item in self.items:
                    while item.blocks and item.blocks[-1] >= index:
                        item.blocks.pop()
                return
            if chunk.sentences:
                after_note = chunk.sentences[-1].is_responsibility

    def _read_headers(self) -> dict[int, list[Piece]]:
        """Return the header pieces of every chunk that lies in a header zone."""
        starts = [0, *(i for i, chunk in enumerate(self.chunks) if chunk.restarts and i)]
        pieces: dict[int, list[Piece]] = {}
        for start, end in pairwise([*starts, len(self.chunks)]):
            first = next((i for i in range(start, end) if self.chunks[i].opens), end)
            pieces |= {i: [] for i in range(start, first)}
            for piece in Header(self.text, self.chunks, start, first, numbered=first < end).pieces:
                pieces[piece.chunk].append(piece)
        return pieces

    def _decide(self, item: Item) -> None:
        """Decide whether an item has a heading, and note its path."""
        chunk = self.chunks[item.chunk]
        heading = find_heading(self.text, item, chunk.sentences, chunk.end, chunk.groups)
        has_lines = any(self._is_text(index) for index in item.blocks if not self.chunks[index].opens)
        item.is_leaf = not has_lines and not item.has_children and len(chunk.sentences) == 1
        if heading and heads_something(item, heading, has_lines=has_lines):
            start, end = trim(self.text, *heading.title)
            item.title = "".join(self.original[start:end].splitlines())
            self._headings[item] = heading
        item.label = label(self.original[item.marker.start : item.marker.content])
        item.path = (*(item.parent.path if item.parent else ()), item.title or "")
        item.numbers = (*(item.parent.numbers if item.parent else ()), item.label)

    def _is_text(self, index: int) -> bool:
        chunk = self.chunks[index]
        if chunk.kind:
            return chunk.kind == "table_row"
        return any(not sentence.is_responsibility for sentence in chunk.sentences)

    def _uncertain_chunks(self) -> list[bool]:
        """Mark the chunks between the ends of a gap in the numbers: a lost heading may stand before them."""
        steps = [0] * (len(self.chunks) + 1)
        for item in self.items:
            before = item.previous
            if not item.missing or not (before or item.parent):
                continue
            if before:
                # What directly follows the item before the gap certainly is in it.
                certain = 1 if before in self._headings and self._headings[before].whole_line else 0
                start = before.blocks[certain] if len(before.blocks) > certain else item.chunk
            else:
                start = item.parent.chunk + 1 if item.parent else item.chunk
            steps[start] += 1
            steps[item.chunk] -= 1
        return [depth > 0 for depth in accumulate(steps)]

    def _item(self, item: Item, index: int) -> Iterator[Unit]:
        chunk, heading = self.chunks[index], self._headings.get(item)
        gap = frozenset() if item.in_order else frozenset({"numbering_gap"})
        if not heading:
            yield from self._sentences(chunk.sentences, "clause", index, first=item.marker.start, flags=gap)
            return
        follows = index + 1 < len(self.chunks) and self.chunks[index + 1].groups is chunk.groups
        glued = heading.glued or (follows and heading.whole_line and not heading.ends_with_stop)
        flags = gap | {"glued"} if glued else gap
        start, end = trim(self.text, item.marker.start, heading.end)
        yield self._unit(start, end, "heading", index, flags=flags, title=item.title, level=item.marker.level)
        rest = skip_blanks(self.text, heading.end, chunk.end)
        sentences = list(split_sentences(self.text, rest, chunk.end, chunk.groups))
        yield from self._sentences(sentences, "clause", index)

    def _prose(self, start: int, end: int, kind: UnitKind, index: int) -> Iterator[Unit]:
        if kind in _PROSE:
            sentences = list(split_sentences(self.text, start, end, self.chunks[index].groups))
            yield from self._sentences(sentences, kind, index)
        else:
            yield self._unit(*trim(self.text, start, end), kind, index)

    def _sentences(
        self,
        sentences: list[Sentence],
        kind: UnitKind,
        index: int,
        *,
        first: int | None = None,
        flags: frozenset[str] = frozenset(),
    ) -> Iterator[Unit]:
        """Yield the units of consecutive sentences; the first one begins with the item number at `first`."""
        chunk = self.chunks[index]
        if first is not None and (not sentences or sentences[0].is_responsibility):
            sentences = [Sentence(first, chunk.content), *sentences]
        for number, sentence in enumerate(sentences):
            begin = first if number == 0 and first is not None else sentence.start
            own = flags if number == 0 else frozenset()
            if sentence.is_responsibility:
                yield self._unit(sentence.start, sentence.end, "responsibility", index)
                continue
            if number == 0 and first is None and self._leads(chunk, sentences):
                own |= {"lead"}
            yield from self._sentence_units(begin, sentence, kind, index, own)

    def _sentence_units(
        self, begin: int, sentence: Sentence, kind: UnitKind, index: int, flags: frozenset[str]
    ) -> Iterator[Unit]:
        begin, end = trim(self.text, begin, sentence.end)
        marker = match_marker(self.text, begin, end, text_start=True)
        text = self.text[marker.content if marker else begin : end]
        if not has_letter(text):
            kind = "other"
        elif kind == "clause" and is_validity(text):
            kind = "validity"
        elif kind == "clause" and begin == sentence.start:
            known = recognise(self.text, begin, end)
            if known:
                yield from (self._unit(left, right, known_kind, index) for left, right, known_kind in known)
                return
        if kind not in _PROSE:
            yield self._unit(begin, end, kind, index, flags=flags)
            return
        self._sentence += 1
        parts = split_parts(self.text, begin, end, self.chunks[index].groups)
        for part, (left, right, forced) in enumerate(parts):
            own = flags if part == 0 else frozenset()
            yield self._unit(left, right, kind, index, flags=own | {"forced"} if forced else own, part=part)

    def _leads(self, chunk: Chunk, sentences: list[Sentence]) -> bool:
        """Tell whether the first sentence names the topic of the un-numbered line it opens."""
        goes_on = any(not sentence.is_responsibility for sentence in sentences[1:])
        if chunk.opens or not chunk.item or chunk.item.is_in(ARTICLE_LEVEL) or not goes_on:
            return False
        text = squeeze(self.text[sentences[0].start : sentences[0].end])
        return (
            len(text) <= _MAX_LEAD
            and text.endswith("。")
            and not re.search("[,:;]", text)
            and not LAYS_DOWN.search(text)
        )

    def _unit(
        self,
        start: int,
        end: int,
        kind: UnitKind,
        index: int,
        *,
        flags: frozenset[str] = frozenset(),
        title: str | None = None,
        level: int | None = None,
        part: int | None = None,
    ) -> Unit:
        item = self.chunks[index].item if kind in _PLACED else None
        around = item.parent if item and kind == "heading" else item
        if item and self._uncertain[index]:
            flags |= {"path_uncertain"}
        return Unit(
            start=start,
            end=end,
            text=self.original[start:end],
            kind=kind,
            heading_path=around.path if around else (),
            heading_nos=around.numbers if around else (),
            item_no=item.label if item else None,
            title=title,
            level=level,
            sent=None if part is None else self._sentence,
            part=part,
            flags=flags,
        )
