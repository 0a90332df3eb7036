"""Which part of a web page is the article: known containers first, else the densest part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qclassify.reading.markup import Element

# Class and id names of article containers in the content management systems of Chinese portals,
# the more telling ones first.
_CONTAINERS = (
    "trs_editor", "trs_ueditor", "trs_content", "ucap-content", "vsb_content", "v_news_content", "custom_unionstyle",
    "view", "zoom", "zoomcon", "pages_content", "artibody", "js_content", "articlecontent", "article-content",
    "article_content", "articlebody", "article-body", "contentbody", "maintext", "main-text", "xxgk_content",
    "zwgk_content", "zfxxgk_content", "govcontent", "con_text", "content_text", "news_content", "newscontent",
    "news-content", "detail-content", "detail_content", "wzcon", "wzy_content", "bt_content", "bt-content", "nr",
    "wenzhang", "textcontent", "text-content", "content-text", "rich_media_content", "article", "content", "main",
)  # fmt: skip
_TELLING = 10  # so many names at the beginning of the list are of that sort
_TAGS = ("article", "main")
_FURNITURE_TAGS = (
    "script", "style", "noscript", "template", "nav", "footer", "aside", "iframe", "object", "embed", "svg", "button",
    "select", "option", "input", "textarea", "head", "canvas", "audio", "video", "map",
)  # fmt: skip
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|crumbs?|position|location|dqwz|footer|foot|copyright|"
    r"sidebar|side|share|bdshare|toolbar|tools?|related|recommend|xgyd|xgwz|pagination|pager|qrcode|ewm|print|"
    r"fontsize|comment|login|search|top-?bar|header|banner)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS_OF_TEXT = ("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr")
_SHARE = 0.4  # of the page's text: an article is the page's main matter
_DENSE = 0.7
_ENOUGH = 100  # characters in a container that only one content management system has


def drop_page_furniture(root: Element) -> None:
    """Remove from the tree what is never part of an article: scripts, navigation, hidden parts, share bars.

    A part that holds most of the page's text is kept whatever it is called.
    """
    lengths = _lengths(root)
    large = _SHARE * lengths[root]
    doomed = [
        element for element in lengths if element is not root and _is_furniture(element, lengths, large)
    ]
    for element in doomed:
        if element.getparent() is not None:
            element.drop_tree()


def article_of(root: Element) -> tuple[Element, bool]:
    """Return the element that holds the article, and whether a known container says so."""
    lengths = _lengths(root)
    whole = lengths[root]
    best: tuple[int, int, Element] | None = None
    for order, element in enumerate(root.iter()):
        rank = _rank(element)
        if rank is None:
            continue
        needed = min(_SHARE * whole, _ENOUGH if rank < _TELLING else whole)
        if lengths[element] >= needed:
            # Equal names nest (content inside content): the inner one is the tighter fit.
            candidate = (rank, -order, element)
            if best is None or candidate[:2] < best[:2]:
                best = candidate
    if best is not None:
        return best[2], True
    return _densest(root, lengths), False


def _rank(element: Element) -> int | None:
    if not isinstance(element.tag, str):
        return None
    names = {*(element.get("class") or "").lower().split(), (element.get("id") or "").lower()}
    ranks = [rank for rank, container in enumerate(_CONTAINERS) if container in names]
    if element.tag in _TAGS:
        ranks.append(len(_CONTAINERS))
    return min(ranks, default=None)


def _densest(root: Element, lengths: dict[Element, int]) -> Element:
    """Go down while one child holds most of the text; stop where the text is in paragraphs or loose."""
    body = root.find("body")
    current = root if body is None else body
    while True:
        inner = [child for child in current if isinstance(child.tag, str)]
        heaviest = max(inner, key=lengths.__getitem__, default=None)
        if (
            heaviest is None
            or heaviest.tag in _BLOCKS_OF_TEXT
            or sum(child.tag in _BLOCKS_OF_TEXT for child in inner) > 1
            or lengths[heaviest] < _DENSE * lengths[current]
        ):
            return current
        current = heaviest


def _is_furniture(element: Element, lengths: dict[Element, int], large: float) -> bool:
    if not isinstance(element.tag, str):
        return False
    if element.tag in _FURNITURE_TAGS or element.get("hidden") is not None:
        return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(_FURNITURE_NAMES.search(names)) and element.tag != "body" and lengths[element] < large


def _lengths(root: Element) -> dict[Element, int]:
    """Count the characters in every element that are not white space, once for all, from the leaves up."""
    elements = list(root.iter())
    lengths: dict[Element, int] = {}
    for element in reversed(elements):
        own = _visible(element.text) if isinstance(element.tag, str) else 0
        lengths[element] = own + sum(lengths[child] + _visible(child.tail) for child in element)
    return lengths


def _visible(text: str | None) -> int:
    return len("".join(text.split())) if text else 0
