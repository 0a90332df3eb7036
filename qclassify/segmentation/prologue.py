"""The text of a header: what is the issuing notice, what the preamble, and what is neither.

Everything here errs on the side of text: a clause taken for a preamble would never be classified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from qclassify.records import UnitKind
from qclassify.segmentation.characters import squeeze
from qclassify.segmentation.linekinds import is_organisation

_MAX_PARAGRAPHS: Final = 3
_MAX_CHARACTERS: Final = 1500
_MAX_LABEL: Final = 40

_HEADER_LINES: Final = frozenset({"title", "doc_number", "addressee", "meta"})
# Offices and dates both close the notice: some signatures have no date.
_SIGNED: Final = frozenset({"date", "issuer"})
_ISSUES: Final = re.compile(
    r"(?:印发|转发|公布|发布|下发|通知|发)(?:给)?(?:你|各|如下)|请.{0,30}(?:执行|落实|实施|办理|遵照)|"
    r"现.{0,12}(?:印发|公布|发布)|通知如下"
)
_INTRODUCES: Final = re.compile(
    r"^(?:为|根据|按照|依据|现就|现将)|请予审议|(?:如下|以下)[^。]{0,16}[。:]?$|"
    r"(?:制定|制订|出台|提出)[^。,]{0,24}[。:]?$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a header: its span, its kind and the chunk it begins in.

    Kind None is text that may still turn out to be a label, the notice or the preamble.
    """

    start: int
    end: int
    kind: UnitKind | None
    chunk: int


def is_prose(text: str) -> bool:
    """Tell whether folded text is a sentence and not a mere label."""
    return len(text) > _MAX_LABEL or any(mark in text for mark in "。!?;,:")


def name_labels(text: str, pieces: list[Piece]) -> None:
    """Name the short lines before the last recognised header line: they are no text."""
    last = max((i for i, piece in enumerate(pieces) if piece.kind in _HEADER_LINES), default=0)
    for i, piece in enumerate(pieces[:last]):
        line = text[piece.start : piece.end]
        if piece.kind is None and not is_prose(line):
            pieces[i] = replace(piece, kind="issuer" if is_organisation(line) else "other")


def name_prose(text: str, pieces: list[Piece], *, numbered: bool, attached: bool) -> None:
    """Name the prose before the signature the notice, and the prose after it (or without one) the preamble.

    Args:
        text: folded text.
        pieces: the header's pieces; changed in place.
        numbered: whether a numbered item follows; without one there is no telling a preamble from a body.
        attached: whether an attachment follows.
    """
    prose = [
        i for i, piece in enumerate(pieces) if piece.kind is None and is_prose(text[piece.start : piece.end])
    ]
    signature = max((i for i, piece in enumerate(pieces) if piece.kind in _SIGNED), default=-1)
    titled = any(piece.kind == "title" for piece in pieces[signature + 1 :])
    if signature >= 0 and (numbered or titled or attached):
        _name(text, pieces, [i for i in prose if i < signature], "notice", _ISSUES)
    if numbered:
        _name(text, pieces, [i for i in prose if i > signature], "preamble", _INTRODUCES)


def _name(text: str, pieces: list[Piece], prose: list[int], kind: UnitKind, proof: re.Pattern[str]) -> None:
    """Name the prose up to the paragraph that proves what it is; the rest (or all, if it is long) stays text."""
    texts = [squeeze(text[pieces[i].start : pieces[i].end]) for i in prose[:_MAX_PARAGRAPHS]]
    proven = next((n for n, paragraph in enumerate(texts, 1) if proof.search(paragraph)), 0)
    if sum(map(len, texts[:proven])) <= _MAX_CHARACTERS:
        for i in prose[:proven]:
            pieces[i] = replace(pieces[i], kind=kind)
