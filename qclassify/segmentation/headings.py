"""Which part of a numbered item is its heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from qclassify.segmentation.brackets import Groups
from qclassify.segmentation.characters import BLANKS, HAN, count_letters, skip_blanks
from qclassify.segmentation.markers import ARTICLE_LEVEL
from qclassify.segmentation.numbering import Item
from qclassify.segmentation.sentences import STOPS, Sentence

MAX_STANDALONE: Final = 60
MAX_RUN_IN: Final = 36
_MAX_COLON: Final = 15
_MAX_COMMAS: Final = 2
_MIN_BODY: Final = 10
_BODY_WINDOW: Final = 40

# Headings known by name: the only ones that can be told from body text glued to them.
_STOCK: Final = (
    "指导思想|总体要求|总体思路|总体目标|总体原则|基本原则|基本思路|工作思路|工作目标|主要目标|发展目标|目标任务|"
    "目标要求|重点任务|主要任务|工作任务|重点工作|工作重点|主要内容|主要措施|工作措施|政策措施|保障措施|组织保障|组织领导|"
    "实施步骤|工作步骤|工作安排|进度安排|工作要求|有关要求|工作原则|适用范围|适用对象|总则|附则"
)
_OPENERS: Final = (
    "以|坚持|到20|到“|加强|全面|深入|围绕|按照|根据|贯彻|认真|通过|为|各|建立|完善|力争|牢固|高举|紧紧|从|进一步|"
    "成立|把|在|20\\d\\d年|本"
)
_GLUED: Final = re.compile(
    rf"({'|'.join(sorted(_STOCK.split('|'), key=len, reverse=True))})(?:[{BLANKS}]*(?={_OPENERS})|[{BLANKS}]+(?=[{HAN}]))"
)
# 第五条【定义】, 第五条(目的), but not 第五条(二)
ARTICLE_TITLE: Final = re.compile(r"【[^【】]{1,40}】|\((?![一二三四五六七八九十百\d]+\))[^()]{2,40}\)")
# A sentence with one of these lays something down; it does not name what follows.
LAYS_DOWN: Final = re.compile(
    "应当|不得|必须|可以|本办法|本条例|本规定|本细则|本法|给予|予以|处以|万元|有下列|如下|之一|符合|申请人|以下简称|享受|包括|应按|应由|应在|^应"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading candidate.

    Attributes:
        end: offset after it, its stop included.
        title: span of the title proper.
        whole_line: whether it is all the text its paragraph has (apart from responsibility notes).
        ends_with_stop: whether a full stop closes it.
        glued: whether nothing but its wording separates it from the body.
    """

    end: int
    title: tuple[int, int]
    whole_line: bool
    ends_with_stop: bool = False
    glued: bool = False


def find_heading(
    text: str, item: Item, sentences: list[Sentence], end: int, groups: Groups
) -> Heading | None:
    """Return the heading that an item's paragraph `text[item.marker.start:end]` may begin with.

    Whether it is one also depends on what follows, see `heads_something`.
    """
    content = item.marker.content
    named = named_heading(text, item, end, groups)
    if named or not sentences or sentences[0].is_responsibility:
        return named
    stop = sentences[0].end
    whole_line = all(sentence.is_responsibility for sentence in sentences[1:])
    title_end = stop
    while title_end > content and text[title_end - 1] in STOPS:
        title_end -= 1
    title, letters = text[content:title_end], title_end - content
    if text[stop - 1] == ":":
        names = (
            count_letters(title) <= _MAX_COLON and "," not in title and not title.endswith(("的:", "以下:"))
        )
        fits = whole_line and names and not LAYS_DOWN.search(title)
        return Heading(stop, (content, stop - 1), whole_line) if fits else None
    if ";" in title:
        return None
    if title_end == stop:
        return (
            Heading(stop, (content, stop), whole_line) if whole_line and letters <= MAX_STANDALONE else None
        )
    runs_in = letters <= MAX_RUN_IN and title.count(",") <= _MAX_COMMAS and not LAYS_DOWN.search(title)
    if not runs_in or item.is_in(ARTICLE_LEVEL):
        return None
    return Heading(stop, (content, title_end), whole_line, ends_with_stop=True)


def heads_something(item: Item, heading: Heading, *, has_lines: bool) -> bool:
    """Tell whether body text follows, so that the candidate is a heading and not a clause of its own.

    Args:
        item: the item.
        heading: its candidate.
        has_lines: whether un-numbered text lines follow directly in the item.
    """
    if not heading.whole_line or item.has_children:
        return True
    # The text after a list's last item belongs to what is around the list, not to that item.
    in_list = item.marker.level > ARTICLE_LEVEL + 1
    closes_list = in_list and item.previous is not None and item.previous.is_leaf
    return has_lines and not closes_list


def named_heading(text: str, item: Item, end: int, groups: Groups) -> Heading | None:
    """Find 第五条【…】 and a stock heading glued to its body (一、指导思想以…); the body begins where it ends."""
    content, level = item.marker.content, item.marker.level
    if level == ARTICLE_LEVEL:
        title = ARTICLE_TITLE.match(text, content, end)
        if not title or groups.close_of(content) != title.end() - 1:
            return None
        stop, span = title.end(), (content + 1, title.end() - 1)
    else:
        title = _GLUED.match(text, content, end)
        # 第五章 out of its order may be a reference to that chapter.
        if not title or (level < ARTICLE_LEVEL and not item.in_order):
            return None
        stop, span = title.end(1), title.span(1)
    while stop < end and text[stop] in STOPS:
        stop += 1
    body = skip_blanks(text, stop, end)
    if level != ARTICLE_LEVEL and count_letters(text[body : min(end, body + _BODY_WINDOW)]) < _MIN_BODY:
        return None
    glued = level != ARTICLE_LEVEL and body == stop and text[stop - 1] not in STOPS
    return Heading(stop, span, whole_line=body == end, glued=glued)
