"""Item numbers: 第一章, 一、, (一), 1., (1), ①, —— and their look-alikes.

Patterns run on folded text (see `characters`). They say what a number looks like; whether one really opens
an item at its place is decided by `outline`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from qclassify.segmentation.characters import BLANKS, skip_blanks, squeeze

_CN: Final = "一二三四五六七八九十百零〇"
_GAP: Final = f"[{BLANKS}]?"
# 第三条规定…, 第三章的… speak about an article or chapter instead of opening one.
_REFERS: Final = r"(?!规定|所|第|的|和|至|及|或|与|中|款|项|以下|以上|以内|有关|、|[,;:。)])"
# `2.5产业`, `1.1万批次`: a decimal with its unit, not a section number.
_UNITS: Final = "万亿千百十倍个元吨米年月日分产公平级度%‰℃"
# `四、五线城市`, `一、二、三产业`: an enumeration of numbers.
_NUMBERS_FOLLOW: Final = rf"(?![{_CN}]{{1,3}}、)(?![{_CN}][线级类产期批者])"

BULLET_LEVEL: Final = 9
ARTICLE_LEVEL: Final = 3


@dataclass(frozen=True, slots=True)
class Marker:
    """One item number in the text.

    Attributes:
        start: offset of the number.
        content: offset of the first non-blank character after it.
        level: 0 编, 1 章, 2 节, 3 条, 4 一、, 5 (一), 6 1., 7 (1), 8 ①, 9 ——.
        depth: extra depth of a dotted number: 1 for `1.2`, 2 for `1.2.3`, else 0.
        number: its value, None for a bullet; the last part of a dotted number.
    """

    start: int
    content: int
    level: int
    depth: int
    number: int | None

    @property
    def rank(self) -> int:
        """Place in the order of ranks; a larger rank is deeper."""
        return 10 * self.level + self.depth


@dataclass(frozen=True, slots=True)
class _Rule:
    level: int
    pattern: re.Pattern[str]
    text_start_only: bool = False


def _rule(level: int, pattern: str, *, text_start_only: bool = False) -> _Rule:
    return _Rule(level, re.compile(pattern), text_start_only)


# Group 1 is the number. The first rule that matches wins.
_RULES: Final = (
    _rule(0, rf"第{_GAP}([{_CN}\d]{{1,7}}){_GAP}编{_REFERS}"),
    _rule(1, rf"第{_GAP}([{_CN}\d]{{1,7}}){_GAP}章{_REFERS}"),
    _rule(2, rf"第{_GAP}([{_CN}\d]{{1,7}}){_GAP}节{_REFERS}"),
    _rule(3, rf"第{_GAP}([{_CN}\d]{{1,7}}){_GAP}条(?:之[{_CN}]{{1,2}})?{_REFERS}"),
    _rule(4, rf"([{_CN}]{{1,3}}){_GAP}[、.]{_NUMBERS_FOLLOW}(?![、,;:。)])"),
    _rule(5, rf"\({_GAP}([{_CN}]{{1,3}}){_GAP}\)(?![,;:。)]|项|款)、?"),
    _rule(5, r"([㈠-㈩])(?![、,;:。)])"),
    _rule(
        6,
        rf"\d{{1,2}}(?:\.\d{{1,2}}){{0,2}}\.(\d{{1,2}})(?=[{BLANKS}]|[^\W\d_]|[《“])(?![{_UNITS}])",
        text_start_only=True,
    ),
    _rule(6, rf"(\d{{1,3}}){_GAP}(?:\.、?|、)(?![\d、,;:。)%‰.])"),
    _rule(6, r"([⒈-⒛])(?![、,;:。)])"),
    _rule(7, rf"\({_GAP}(\d{{1,3}}){_GAP}\)(?![,;:。)]|项|款)、?"),
    _rule(7, r"(\d{1,3})\)(?![,;:。)])、?"),
    _rule(7, r"([⑴-⒇])(?![、,;:。)])"),
    _rule(8, r"([①-⑳])(?![、,;:。)])"),
    _rule(BULLET_LEVEL, rf"(—{{2,4}}|[●•◆■▪◇])(?![{BLANKS}]*[、,;:。)])"),
)
# `1 总则` counts only in documents that also number `1.1`.
_BARE: Final = re.compile(rf"(\d{{1,2}})[{BLANKS}]+(?=[^\W\d_])")

_ENCLOSED_FROM: Final = {"㈠": 0x3220, "⒈": 0x2488, "⑴": 0x2474, "①": 0x2460}
MARKER_FIRST: Final = re.compile(rf"[第{_CN}(\d㈠-㈩⒈-⒛⑴-⒇①-⑳—●•◆■▪◇]")
# A number right after one of these is part of a longer number or word.
_GLUED_BEFORE: Final = re.compile(rf"[0-9A-Za-z.第{_CN}、(~—-]")

_DIGIT: Final = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0}


def chinese_number(text: str) -> int | None:
    """Return the value of a Chinese numeral below 1000, None if `text` is not one.

    >>> chinese_number("二十一"), chinese_number("一百零三"), chinese_number("一二")
    (21, 103, None)
    """
    match = re.fullmatch(
        r"(?:([一二三四五六七八九])百)?[零〇]?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?", text
    )
    if not match or not text.strip("零〇"):
        return None
    hundreds, tens, ten, ones = match.groups()
    return 100 * _DIGIT.get(hundreds, 0) + 10 * (_DIGIT[tens] if tens else bool(ten)) + _DIGIT.get(ones, 0)


def match_marker(
    text: str, offset: int, end: int, *, text_start: bool = False, bare: bool = False
) -> Marker | None:
    """Return the marker that begins at `offset`, if there is one before `end`.

    Args:
        text: folded text.
        offset: where the number has to begin.
        end: where the paragraph ends.
        text_start: whether a line or sentence begins at `offset`; `1.1` is trusted only there.
        bare: allow `1 ` as well.
    """
    if not MARKER_FIRST.match(text, offset, end):
        return None
    if not text_start and offset > 0 and _GLUED_BEFORE.match(text, offset - 1):
        return None
    for rule in _RULES:
        match = rule.pattern.match(text, offset, end)
        if not match or (rule.text_start_only and not text_start):
            continue
        number = _value(match.group(1))
        if number is None and rule.level != BULLET_LEVEL:
            continue
        depth = match.group().rstrip(".").count(".") if rule.text_start_only else 0
        return Marker(offset, skip_blanks(text, match.end(), end), rule.level, depth, number)
    match = _BARE.match(text, offset, end) if bare and text_start else None
    return Marker(offset, match.end(), 6, 0, int(match.group(1))) if match else None


def label(text: str) -> str:
    """Return a number as written, without blanks and without its trailing 、 or dot: `三`, `(一)`, `1`, `——`."""
    return squeeze(text).rstrip("、.．")


def _value(number: str) -> int | None:
    if number.isdecimal():
        return int(number)
    for first, code in _ENCLOSED_FROM.items():
        if first <= number <= chr(code + 19) and len(number) == 1:
            return ord(number) - code + 1
    return chinese_number(number)
