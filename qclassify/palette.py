"""Fifty colours for categories that name none: dark enough to be read on white, as far apart as fifty can be.

Each was chosen as the one farthest (in OKLab, B. Ottosson 2020, seen with normal sight, protanopia and
deuteranopia) from all before it, among those with at least 4.5 : 1 of contrast against white. So the
first few are plainly different; of fifty, neighbours are not, and names have to tell them apart.
"""

from __future__ import annotations

from typing import Final

PALETTE: Final = tuple(
    f"#{colour}"
    for colour in [
        "0f1ea5",
        "e11e00",
        "5a0000",
        "a52dff",
        "5a7887",
        "1e4b4b",
        "3c005a",
        "5a4bc3",
        "961e00",
        "872d78",
        "00873c",
        "e10f78",
        "0000f0",
        "965ab4",
        "0f2d2d",
        "695a4b",
        "5a1e78",
        "4b0fc3",
        "692d2d",
        "3c2d4b",
        "2d4b96",
        "6969d2",
        "1e6996",
        "876969",
        "d21ea5",
        "1e0078",
        "0f4be1",
        "69690f",
        "4b4b00",
        "3c4b69",
        "5a002d",
        "871e4b",
        "b45a3c",
        "a50fb4",
        "5a2d00",
        "a53c5a",
        "871e96",
        "2d5a2d",
        "3c0087",
        "690f5a",
        "7800ff",
        "1e6969",
        "0069e1",
        "3c1e1e",
        "787800",
        "00692d",
        "2d1e69",
        "2d1e4b",
        "1e2d00",
        "b43cd2",
    ]
)
LEAST_CONTRAST: Final = 4.5
BLACK_ON_WHITE: Final = 21.0
_STEPS: Final = 256


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2 contrast ratio of a colour like `#1f77b4` against white, from 1 to 21.

    >>> round(contrast_with_white("#000000")), round(contrast_with_white("#ffffff"))
    (21, 1)
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]  # noqa: PLR2004 - sRGB
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


def on_white(colour: str, opacity: float) -> str:
    """What a colour looks like over white when it lets some of it through.

    >>> on_white("#000000", 0.5), on_white("#1f77b4", 1)
    ('#808080', '#1f77b4')
    """
    mixed = (round((1 - opacity + opacity * channel) * 255) for channel in _channels(colour))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def ink_on(ground: str) -> str:
    """Black or white, whichever stands out more on a ground; at least 4.5 : 1 on any.

    >>> ink_on("#0918a4"), ink_on("#e0c48a")
    ('#ffffff', '#000000')
    """
    white = contrast_with_white(ground)
    return "#ffffff" if white >= BLACK_ON_WHITE / white else "#000000"


def on_any_ground(colour: str) -> str:
    """A dark colour made as light as white grounds allow, for terminals, whose ground may as well be black.

    >>> contrast_with_white(on_any_ground("#003b02")) < BLACK_ON_WHITE / LEAST_CONTRAST
    True
    """
    return next(
        (
            lighter
            for lighter in (on_white(colour, step / _STEPS) for step in range(1, _STEPS))
            if contrast_with_white(lighter) >= LEAST_CONTRAST
        ),
        colour,
    )


def _channels(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
