"""Title, issuer, number and date of a document, where its first lines show them.

This is a reading aid for headers and reports. It gives nothing rather than a guess: a value must
stand on a line of its own or behind a label; prose that cites other documents is not looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD_LINES = 40
_HEAD_CHARACTERS = 6_000
_TITLE_LINES = 5
_ISSUER_LENGTH = 40
_TITLE_LENGTH = range(6, 121)

_LABELS = {
    "number": r"(?:政策文号|发文字号|发文文号|文件编号|文件字号|文号)",
    "issuer": r"(?:发布部门|发布机构|发文机关|发文机构|发文单位|制定机关|印发机关)",
    "date": r"(?:成文日期|成文时间|发文日期|印发日期|发布日期|发布时间)",
    "title": r"(?:文件标题|文件名称|标题|名称)",
}
_LABELLED = {key: re.compile(rf"^{label}\s*[:：]\s*(\S.*?)\s*$") for key, label in _LABELS.items()}
_ANY_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}\s*[:：]")

_NUMBER = r"[\u4e00-\u9fff]{1,12}\s*[〔\[［(（]\s*\d{4}\s*[〕\]］)）]\s*第?\s*\d{1,5}\s*号"
_NUMBER_LINE = re.compile(rf"^[(（]?\s*({_NUMBER})\s*[)）]?$")
_NUMBER_AFTER_TITLE = re.compile(rf"\s*[(（]\s*({_NUMBER})\s*[)）]$")
_DIGITS = "〇零○O一二三四五六七八九"
_DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_CHINESE_DATE = re.compile(
    rf"([{_DIGITS}]{{4}})年([一二三四五六七八九十]{{1,2}})月([一二三四五六七八九十]{{1,3}})日"
)
_OFFICE = re.compile(r"(?:政府|办公室|办公厅|委员会|管委会|党工委|市委|省委|县委|区委|委|局|厅|部|院|署|会)$")
_DOCUMENT_TYPE = re.compile(
    r"(?:方案|意见|通知|办法|规划|计划|纲要|决定|规定|条例|细则|措施|公告|通告|批复|要点|报告|决议|制度|标准)"
    r"(?:\s*[(（][^()（）]{2,12}[)）])?$"
)
_MARKER = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.、]|第[一二三四五六七八九十百]+[章条])"
)
_PAIRS = {"《": "》", "〈": "〉", "“": "”", "(": ")", "（": "）"}


def visible_metadata(text: str) -> dict[str, str]:
    """Return what the head of `text` shows of `title`, `issuer`, `number` and `date` (ISO), in that order."""
    lines = [
        line
        for raw in text[:_HEAD_CHARACTERS].splitlines()[:_HEAD_LINES]
        if (line := raw.strip("\ufeff \t\u3000\xa0"))
    ]
    found = {key: value for key, pattern in _LABELLED.items() if (value := _first_match(pattern, lines))}
    if "date" in found:
        found["date"] = iso_date(found["date"]) or found["date"]
    title, number = _title(lines)
    found.setdefault("title", title)
    found.setdefault("number", number or _first_match(_NUMBER_LINE, lines))
    signature = next((index for index, line in enumerate(lines) if _is_date(line)), None)
    if signature is not None:
        found["date"] = iso_date(lines[signature])
        found.setdefault("issuer", _issuer_above(lines, signature))
    return {key: found[key] for key in ("title", "issuer", "number", "date") if found.get(key)}


def iso_date(text: str) -> str:
    """Return the first date in `text` as YYYY-MM-DD, `""` without one.

    >>> iso_date("二〇一九年十二月三十一日"), iso_date("发布时间：2022-11-21 09:30"), iso_date("今天")
    ('2019-12-31', '2022-11-21', '')
    """
    if match := _DATE.search(text):
        year, month, day = (int(group) for group in match.groups())
    elif match := _CHINESE_DATE.search(text):
        year = int("".join(str(max(0, _DIGITS.index(digit) - 3)) for digit in match[1]))
        month, day = _small_number(match[2]), _small_number(match[3])
    else:
        return ""
    return f"{year:04}-{month:02}-{day:02}" if month in range(1, 13) and day in range(1, 32) else ""


def _small_number(chinese: str) -> int:
    tens, ten, ones = chinese.rpartition("十")
    value = {"": 0} | {digit: index for index, digit in enumerate("一二三四五六七八九", start=1)}
    return value.get(ones, 0) + ((value.get(tens, 0) or 1) * 10 if ten else 0)


def _first_match(pattern: re.Pattern[str], lines: list[str]) -> str:
    return next((match[1] for line in lines if (match := pattern.match(line))), "")


def _is_date(line: str) -> bool:
    return bool(_DATE.fullmatch(line) or _CHINESE_DATE.fullmatch(line))


def _issuer_above(lines: list[str], signature: int) -> str:
    offices: list[str] = []
    for line in reversed(lines[max(0, signature - 4) : signature]):
        if len(line) > _ISSUER_LENGTH or not _OFFICE.search(line) or "。" in line:
            break
        offices.insert(0, line)
    return " ".join(offices)


def _title(lines: list[str]) -> tuple[str, str]:
    for start in range(len(lines)):
        for title, following in _joined(lines, start):
            number = _NUMBER_AFTER_TITLE.search(title)
            bare = title[: number.start()] if number else title
            complete = _DOCUMENT_TYPE.search(bare) and _is_balanced(bare) and not following.startswith("的")
            if complete and len(bare) in _TITLE_LENGTH:
                return bare, number[1] if number else ""
    return "", ""


def _joined(lines: list[str], start: int) -> Iterator[tuple[str, str]]:
    """Titles are often broken over lines: yield ever longer candidates and the line after each."""
    title = ""
    for index in range(start, min(start + _TITLE_LINES, len(lines))):
        line = lines[index]
        if _is_no_title(line):
            return
        title += line
        yield title, lines[index + 1] if index + 1 < len(lines) else ""


def _is_no_title(line: str) -> bool:
    return bool(
        line.endswith((":", "：", "。", ";", "；"))
        or "|" in line
        or "。" in line
        or _ANY_LABEL.match(line)
        or _MARKER.match(line)
        or _DATE.search(line)
        or (line[0] in "(（" and line[-1] in ")）")
        or _NUMBER_LINE.match(line)
    )


def _is_balanced(text: str) -> bool:
    return all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS.items())
