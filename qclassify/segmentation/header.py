"""The header of a document: titles, addressee, notice, signature, preamble.

A header zone is what stands before the first number of a document (or of an attachment). Only what is
recognised becomes a header unit; everything else stays text.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from qclassify.records import UnitKind
from qclassify.segmentation.characters import BLANKS, HAN, skip_blanks, squeeze, trim
from qclassify.segmentation.linekinds import (
    DATE,
    SIGNER,
    ends_like_title,
    is_clear_title,
    is_organisation,
    recognise,
)
from qclassify.segmentation.markers import match_marker
from qclassify.segmentation.outline import Chunk
from qclassify.segmentation.prologue import Piece, is_prose, name_labels, name_prose

_MAX_TITLE_LINES: Final = 5
_MAX_SIGNERS: Final = 8
_MAX_KNOWN_TITLES: Final = 20

_NOTE: Final = r"\([^()]{0,12}公开[^()]{0,8}\)"
_GLUED: Final = re.compile(rf"({SIGNER})[{BLANKS}]*(?:({DATE})[{BLANKS}]*({_NOTE})?|({_NOTE}))")
_TITLE_BEFORE_ADDRESSEE: Final = re.compile("(?:通知|意见|办法|方案|细则|函)(?=各)")
_ADDRESSEE: Final = re.compile(rf"[{HAN}A-Za-z0-9()、,;《》“”{BLANKS}]{{1,160}}:")
_ADDRESSED: Final = re.compile("各|政府|单位|部门|委员会|管委会|办公室|企业|局|厅|委|代表|同志|同胞")
_NO_ADDRESSEE: Final = re.compile(
    "要|应|如下|以下|下列|包括|其中|内容|标准|条件|目标|任务|是指|坚持|做好|加强|原则|根据|按照|为"
)
_NAMED: Final = re.compile("《([^《》]+)》")
_ISSUED: Final = re.compile(r"(?:印发|转发|发布)(.{4,80}?)的(?:通知|函|公告)")
_ANY_TITLE_END: Final = re.compile(
    r"(?:方案|意见|办法|通知|规划|计划|纲要|措施|细则|规定|要点|条例)(?:\((?:试行|暂行)\))?(?=为|根据|按照|近年来)"
)
_TITLE_TAIL: Final = re.compile(r"\((?:试行|暂行|草案|[^()]{0,12}稿|[^()]{0,8}修订|[^()]{0,8}版)\)")


def mark_signers(text: str, chunks: list[Chunk]) -> None:
    """Make the offices on the lines before a date its issuers."""
    for index, chunk in enumerate(chunks):
        if chunk.kind != "date":
            continue
        for before in range(index - 1, max(-1, index - 1 - _MAX_SIGNERS), -1):
            signer = chunks[before]
            if signer.kind or signer.opens or not is_organisation(text[signer.start : signer.end]):
                break
            signer.kind = "issuer"


class Header:
    """Reads one header zone.

    Args:
        text: folded text.
        chunks: all chunks of the document.
        start, end: the zone, as indices into `chunks`.
        numbered: whether a numbered item follows the zone.

    Attributes:
        pieces: the zone's text in order, each stretch with its kind.
    """

    def __init__(self, text: str, chunks: list[Chunk], start: int, end: int, *, numbered: bool) -> None:
        self.text = text
        self.chunks = chunks
        self.numbered = numbered
        self.pieces: list[Piece] = []
        self._seen: set[UnitKind | None] = set()
        self._known_titles: deque[str] = deque(maxlen=_MAX_KNOWN_TITLES)
        index = start
        if chunks[start : start + 1] and chunks[start].kind == "attachment":
            index = self._take_attachment_title(start, end)
        while index < end:
            taken = self._take_title(index, end)
            if not taken:
                self._take_line(index, in_company=numbered or end - start > 1)
            index += taken or 1
        name_labels(text, self.pieces)
        name_prose(text, self.pieces, numbered=numbered, attached=end < len(chunks) and not numbered)

    def _line(self, index: int) -> str:
        return self.text[self.chunks[index].start : self.chunks[index].end]

    def _add(self, start: int, end: int, kind: UnitKind | None, chunk: int) -> None:
        self.pieces.append(Piece(start, end, kind, chunk))
        if kind or is_prose(self.text[start:end]):
            self._seen.add(kind)

    def _take_attachment_title(self, index: int, end: int) -> int:
        """Take `附件2` and the short line after it, which names what is attached; return the next line."""
        self._add(self.chunks[index].start, self.chunks[index].end, "attachment", index)
        following = self.chunks[index + 1] if index + 2 < end or (self.numbered and index + 1 < end) else None
        named = (
            following
            and not following.kind
            and not is_prose(self._line(index + 1))
            and len(following.sentences) == 1
            and not recognise(self.text, following.start, following.end)
        )
        if not following or not named:
            return index + 1
        self._add(following.start, following.end, "title", index + 1)
        return index + 2

    def _take_title(self, index: int, end: int) -> int:
        """Join up to five lines into a title; return how many lines it took."""
        if None in self._seen and "date" not in self._seen:
            return 0
        joined = ""
        for count in range(1, min(_MAX_TITLE_LINES, end - index) + 1):
            chunk = self.chunks[index + count - 1]
            if (
                chunk.kind not in {None, "title", "issuer"}
                or chunk.opens
                or (chunk.kind == "issuer" and count > 1)
            ):
                return 0
            joined += squeeze(self._line(index + count - 1))
            following = squeeze(self._line(index + count)) if index + count < end else ""
            if following.startswith("的") and not is_prose(following):
                continue
            if self._completes_title(joined, lines=count, followed=bool(following) or self.numbered):
                if _TITLE_TAIL.fullmatch(following):
                    count += 1  # noqa: PLW2901 - (试行) on a line of its own belongs to the title
                self._known_titles.append(joined)
                stop = self.chunks[index + count - 1].end
                self._add(self.chunks[index].start, stop, "title", index)
                return count
        return 0

    def _completes_title(self, joined: str, *, lines: int, followed: bool) -> bool:
        if lines == 1 and is_clear_title(joined):
            return True
        # Without a number after it, a zone may be a plain list of tasks: only 关于…的 is a title there.
        certain = self.numbered or "关于" in joined or "印发" in joined
        return (followed or lines > 1) and certain and ends_like_title(joined)

    def _take_line(self, index: int, *, in_company: bool) -> None:
        chunk = self.chunks[index]
        start, end = chunk.start, chunk.end
        if chunk.kind:
            self._add(start, end, chunk.kind, index)
            return
        known = recognise(self.text, start, end)
        if known:
            for left, right, kind in known:
                self._add(left, right, kind, index)
            return
        start = self._take_addressee(index, in_company=in_company)
        if self.numbered:
            start = self._take_glued(index, start)
        if start < end:
            self._add(start, end, None, index)

    def _take_addressee(self, index: int, *, in_company: bool) -> int:
        """Take `各…:` before any prose; return where the rest of the line begins."""
        start, end = self.chunks[index].start, self.chunks[index].end
        match = _ADDRESSEE.match(self.text, start, end)
        if not match or not in_company or not self._seen.isdisjoint({None, "addressee"}):
            return start
        name = squeeze(match.group())
        whole = match.end() == end
        alone = self.numbered or (whole and ";" not in name)
        unfit = self.chunks[index].sentences[0].is_responsibility or self._numbered_at(match.end(), end)
        if not _ADDRESSED.search(name) or _NO_ADDRESSEE.search(name) or unfit or not alone:
            return start
        title = _TITLE_BEFORE_ADDRESSEE.search(self.text, start, match.end())
        if title:
            self._known_titles.append(self.text[start : title.end()])
            self._add(start, title.end(), "title", index)
            start = skip_blanks(self.text, title.end(), end)
        self._add(start, match.end(), "addressee", index)
        return skip_blanks(self.text, match.end(), end)

    def _numbered_at(self, offset: int, end: int) -> bool:
        """Tell whether a number follows: then the text before it is no header that was glued to a text."""
        return match_marker(self.text, skip_blanks(self.text, offset, end), end, text_start=True) is not None

    def _take_glued(self, index: int, start: int) -> int:
        """Find office, date and title glued between the sentences of one line; return where the rest begins."""
        end = self.chunks[index].end
        for sentence in self.chunks[index].sentences:
            match = _GLUED.match(self.text, sentence.start, end) if sentence.start >= start else None
            if not match or self._numbered_at(match.end(), end):
                continue
            if start < sentence.start:
                self._add(*trim(self.text, start, sentence.start), None, index)
            self._known_titles += _NAMED.findall(self.text[start : sentence.start])
            kinds: tuple[UnitKind, ...] = ("issuer", "date", "note", "note")
            for group, kind in enumerate(kinds, 1):
                if match.group(group):
                    self._add(*match.span(group), kind, index)
            return self._take_glued_title(index, skip_blanks(self.text, match.end(), end), end)
        return start

    def _take_glued_title(self, index: int, start: int, end: int) -> int:
        names = {
            name
            for title in self._known_titles
            for name in (title, *_ISSUED.findall(title), *_NAMED.findall(title))
        }
        ends = [
            start + len(name)
            for name in sorted(names, key=len, reverse=True)
            if self.text.startswith(name, start, end)
        ]
        match = _ANY_TITLE_END.search(self.text, start, min(end, start + 100))
        if match and ends_like_title(self.text[start : match.end()]):
            ends.append(match.end())
        if not ends or self._numbered_at(ends[0], end):
            return start
        self._add(start, ends[0], "title", index)
        return skip_blanks(self.text, ends[0], end)
