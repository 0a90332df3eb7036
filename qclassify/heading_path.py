"""Headings as people write them (`（二）打造优质工程`, `第十一条`, `—— 品牌建设`) → titles and numbers.

A document's own headings come out of segmentation with title and number apart. Tables of clauses and
written clauses carry each level as one string; this is the one place that takes them apart, so that a
model sees the same titles in training, in tables and in documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

LEVEL_SEPARATOR: Final = " > "

_CN: Final = "一二三四五六七八九十百零〇"
_BLANKS: Final = r"\s\ufeff\u00ad\u200b-\u200f\u2060"
_STOPS: Final = "。．.:：；;，,"
# Full-width ASCII counts as half-width; the length stays, so a match cuts the string as written.
_FOLD: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {ord("―"): "—", ord("─"): "—"}
# A Chinese numeral below 1000 with its powers in order: 二十一, but neither 五一 (a holiday) nor 十四五.
_ORDINAL: Final = (
    "(?:[一二三四五六七八九]百)?[零〇]?(?:[二三四五六七八九一]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    "|[一二三四五六七八九]百"
)
# `一、二、三产业` and `四、五线城市` enumerate; `1.5万吨` is a decimal with its unit.
_NO_ENUMERATION: Final = rf"(?![{_CN}]{{1,3}}、)(?![{_CN}][线级类产期批者])"
_UNITS: Final = "万亿千百十倍个元吨米年月日分产公平级度%‰℃"
_NUMBER: Final = re.compile(
    "|".join(
        (
            rf"第[{_BLANKS}]?(?:{_ORDINAL}|\d{{1,4}})[{_BLANKS}]?(?:部分|阶段|编|篇|章|节|条(?:之[{_CN}]{{1,2}})?)",
            rf"(?:专栏|附件|附表|附录|序号)[{_BLANKS}]?(?:{_ORDINAL}|\d{{1,3}})(?=[{_BLANKS}:、.]|$)",
            rf"(?:{_ORDINAL})[{_BLANKS}]?[、.]{_NO_ENUMERATION}",
            rf"(?:{_ORDINAL})(?=[{_BLANKS}]|$)",
            rf"\([{_BLANKS}]?(?:{_ORDINAL}|\d{{1,3}})[{_BLANKS}]?\)[、.]?",
            r"[㈠-㈩①-⑳⒈-⒛⑴-⒇][、.]?",
            r"\d{1,3}\)[、.]?",
            rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?![\d{_UNITS}])[、.]?",
            rf"\d{{1,3}}[{_BLANKS}]?[.、](?!\d)、?",
            rf"\d{{1,3}}(?=$|[{_BLANKS}]+(?![年月日]))",
            r"—{1,4}|-{1,4}|[●•◆■▪◇]",
        )
    )
)
_BLANK_RUN: Final = re.compile(f"[{_BLANKS}]+")
_ARTICLE_TITLE: Final = re.compile(r"【([^【】]+)】|\(([^()]+)\)")


def parse_heading_path(levels: Sequence[str] | str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the levels of a heading path apart into titles and numbers.

    Args:
        levels: outermost first, each `number title`, `number` or `title`; or one string with the
            levels joined by ` > `. Blank levels are left out.

    Returns:
        `(titles, numbers)`, equally long. Numbers are as written, without blanks and without a
        trailing 、 or dot. A level without a title, or without a number, has `""` there.

    >>> parse_heading_path("三、重点任务 > (二) 打造优质工程 > 12")
    (('重点任务', '打造优质工程', ''), ('三', '(二)', '12'))
    """
    if isinstance(levels, str):
        levels = levels.split(LEVEL_SEPARATOR)
    pairs = [_parse_level(level) for level in levels if _BLANK_RUN.sub("", level)]
    return tuple(title for title, _ in pairs), tuple(number for _, number in pairs)


def _parse_level(level: str) -> tuple[str, str]:
    level = _trim(level)
    match = _NUMBER.match(level.translate(_FOLD))
    if match is None:
        return _trim(level, stops=True), ""
    number = _BLANK_RUN.sub("", level[: match.end()]).rstrip("、.．")
    title = _trim(level[match.end() :].lstrip("、.．:："), stops=True)
    if number.endswith("条") and (bracketed := _ARTICLE_TITLE.fullmatch(title.translate(_FOLD))):
        title = title[slice(*bracketed.span(1 if bracketed[1] else 2))]
    return title, number


def _trim(text: str, *, stops: bool = False) -> str:
    """Blanks off both ends; with `stops` also the full stop or colon that closes a heading."""
    start, end = 0, len(text)
    while start < end and _BLANK_RUN.match(text, start, start + 1):
        start += 1
    while end > start and (_BLANK_RUN.match(text, end - 1, end) or (stops and text[end - 1] in _STOPS)):
        end -= 1
    return text[start:end]
