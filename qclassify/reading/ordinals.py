"""Numbers as Word and web pages write them in front of paragraphs, such as 一, 壹, ①, 甲, iv and c."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_TOP = 9_999


def chinese(number: int, digits: str = "零一二三四五六七八九", units: str = "十百千") -> str:
    """Write a number below ten thousand in Chinese.

    >>> [chinese(n) for n in (1, 10, 11, 20, 101, 110, 1010, 2024)]
    ['一', '十', '十一', '二十', '一百零一', '一百一十', '一千零一十', '二千零二十四']
    """
    if not 0 < number <= _TOP:
        return str(number)
    written = ""
    for power, digit in enumerate(reversed(str(number))):
        value = int(digit)
        if value:
            written = digits[value] + (units[power - 1] if power else "") + written
        elif written and not written.startswith(digits[0]):
            written = digits[0] + written
    # 十一, not 一十一; legal numerals keep the 壹.
    one_ten = digits[1] + units[0]
    return written[1:] if written.startswith(one_ten) and units[0] == "十" else written


def roman(number: int) -> str:
    """Write a number in Roman numerals, lower case.

    >>> [roman(n) for n in (1, 4, 9, 14, 1994)]
    ['i', 'iv', 'ix', 'xiv', 'mcmxciv']
    """
    if not 0 < number <= _TOP:
        return str(number)
    written = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        written += letters * (number // value)
        number %= value
    return written


def letters(number: int) -> str:
    """Write a number as Word does in letters: a … z, aa, bb …, never longer than 100 letters."""
    if number < 1:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 100)


def _cyclic(characters: str) -> Callable[[int], str]:
    return lambda number: characters[(number - 1) % len(characters)] if number > 0 else str(number)


def _enclosed(*ranges: tuple[int, int]) -> Callable[[int], str]:
    """Take each range as (code point of its first character, how many there are)."""
    characters = [chr(start + offset) for start, count in ranges for offset in range(count)]
    return lambda number: characters[number - 1] if 0 < number <= len(characters) else str(number)


def _digitwise(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] if digit.isdigit() else digit for digit in str(number))


_CIRCLED = _enclosed((0x2460, 20), (0x3251, 15), (0x32B1, 15))
_FULL_WIDTH = _digitwise("０１２３４５６７８９")

_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "decimalZero": lambda number: f"{number:02}",
    "upperRoman": lambda number: roman(number).upper(),
    "lowerRoman": roman,
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": _digitwise(_DIGITS),
    "japaneseDigitalTenThousand": _digitwise(_DIGITS),
    "taiwaneseDigital": _digitwise(_DIGITS),
    "chineseLegalSimplified": lambda number: chinese(number, _LEGAL, "拾佰仟"),
    "ideographLegalTraditional": lambda number: chinese(number, _LEGAL_TRADITIONAL, "拾佰仟"),
    "ideographTraditional": _cyclic(_STEMS),
    "ideographZodiac": _cyclic(_BRANCHES),
    "ideographEnclosedCircle": _enclosed((0x3280, 10)),
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _enclosed((0x2474, 20)),
    "decimalEnclosedFullstop": _enclosed((0x2488, 20)),
    "decimalFullWidth": _FULL_WIDTH,
    "decimalFullWidth2": _FULL_WIDTH,
}


def ordinal(number: int, number_format: str) -> str:
    """Write `number` in one of WordprocessingML's number formats; an unknown one gives decimal digits."""
    return _FORMATS.get(number_format, str)(number)
