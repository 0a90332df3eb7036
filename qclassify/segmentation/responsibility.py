"""Responsibility notes: who has to carry out the paragraph before them."""

from __future__ import annotations

import re
from typing import Final

from qclassify.segmentation.characters import squeeze

# 责任单位:…, 牵头:…
_NAMED: Final = re.compile(
    "(?:责任|负责|牵头|主责|主办|承办|配合|协办|参与|参加|落实|实施|完成)(?:单位|部门|领导|处室|科室|人|时限)?[:]"
)
# …按职责分工落实, …牵头, …负责
_ASSIGNED: Final = re.compile(
    r"按(?:照)?(?:各自)?职责分工(?:分别|共同)?(?:负责|落实)*$|(?:牵头|负责|负责落实|分工负责|配合|参与|参加)$"
)
_UNBRACKETED: Final = re.compile(r"(?:责任|牵头|配合|主办|协办)(?:单位|部门)[:]")

_OFFICE: Final = re.compile(
    r"(?:局|委|办|部|厅|署|院|会|政府|中心|海关|支行|银行|公司|集团|大队|支队|总队|处|馆|所|站|联社|妇联|团委|"
    r"机关|单位|部门|街道|镇|乡|区|县|市|州|盟|省)$"
)
_CLEAR_OFFICE: Final = re.compile(r"(?:局|委|厅|署|部|办|政府|委员会|办公室|海关)$")
_SEPARATORS: Final = re.compile(r"[、,;]|和|及")
_INNER: Final = re.compile(r"[(〔\[【][^()〔〕\[\]【】]*[)〕\]】]")
_SHORTEST_OFFICE: Final = 3
_OFFICE_SHARE: Final = 0.7

OPENERS: Final = frozenset("(〔[【")


def names_responsible(content: str, *, after_stop: bool, ends_open: bool = False) -> bool:
    """Tell whether a bracket's content says who is responsible.

    Args:
        content: folded text between the brackets.
        after_stop: whether the bracket follows a full stop; then a bare list of offices is enough.
        ends_open: whether the bracket ends a paragraph that has no full stop after it.
    """
    content = _INNER.sub("", squeeze(content))
    if "。" in content.rstrip("。"):
        return False
    content = content.rstrip("。")
    if _NAMED.match(content):
        return True
    names = [name.removesuffix("等") for name in _SEPARATORS.split(content) if name]
    if _ASSIGNED.search(content):
        return (
            after_stop
            or "按职责分工" in content
            or any(_is_office(_ASSIGNED.sub("", name), _CLEAR_OFFICE) for name in names)
        )
    is_list = len(names) > 1
    if after_stop or (ends_open and is_list):
        return sum(_is_office(name, _OFFICE) for name in names) >= max(1, _OFFICE_SHARE * len(names))
    return is_list and all(_is_office(name, _CLEAR_OFFICE) for name in names)


def is_unbracketed_note(sentence: str) -> bool:
    """Tell whether a folded sentence is `责任单位:…` without brackets around it."""
    return _UNBRACKETED.match(squeeze(sentence)) is not None


def _is_office(name: str, pattern: re.Pattern[str]) -> bool:
    return len(name) >= _SHORTEST_OFFICE and pattern.search(name) is not None
