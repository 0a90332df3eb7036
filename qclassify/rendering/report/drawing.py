"""What charts are drawn with: inline SVG that needs no style or script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import east_asian_width

from qclassify.rendering.report.markup import Markup, element, joined

WIDTH: Final = 420
_WIDE, _NARROW = 13.0, 7.3  # user units of a character at the usual size
INK, SOFT, PALE = "#1f2328", "#57606a", "#d8dee4"


def chart(title: str, height: float, parts: Sequence[Markup], role: str = "img") -> Markup:
    """A chart of `WIDTH` user units by `height`, as wide as the page gives it."""
    return element(
        "svg",
        joined(*parts),
        viewBox=f"0 0 {WIDTH} {number(height)}",
        role=role,
        aria_label=title,
        class_="chart",
    )


def bar(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> Markup:
    """A filled rectangle."""
    return element(
        "rect",
        x=number(x),
        y=number(y),
        width=number(width),
        height=number(height),
        rx=1,
        fill=colour,
        fill_opacity=None if opacity == 1 else number(opacity),
    )


def room_of(text: str) -> float:
    """About how many user units a text takes at the usual size."""
    return sum(_WIDE if east_asian_width(character) in "WF" else _NARROW for character in text)


def fitted(text: str, room: float) -> str:
    """The text, cut to the room there is."""
    if room_of(text) <= room:
        return text
    while text and room_of(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def label(
    x: float,
    y: float,
    what: str,
    *,
    anchor: str | None = None,
    fill: str = INK,
    size: int = 13,
    weight: str | None = None,
) -> Markup:
    """Words at a point of their baseline."""
    return element(
        "text",
        what,
        x=number(x),
        y=number(y),
        text_anchor=anchor,
        fill=fill,
        font_size=size,
        font_weight=weight,
    )


def number(value: float) -> str:
    """A coordinate with as few digits as are seen."""
    return f"{value:.1f}".removesuffix(".0")
