"""What charts are drawn with: inline SVG that needs no style or script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qclassify.rendering.report.markup import Markup, element, joined

WIDTH: Final = 420
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
