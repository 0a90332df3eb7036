"""Charts as inline SVG: no script, no style of their own, readable by screen readers, sharp in print."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

from qclassify.records import Prediction
from qclassify.rendering.report.markup import Markup, element, joined
from qclassify.rendering.wording import Language, percent, short_name, words
from qclassify.summarising import Section, Summary
from qclassify.taxonomy import Taxonomy

WIDTH: Final = 420
BINS: Final = 20
_LABEL: Final = {"zh": 44, "en": 88}
_LINE: Final = 34
_DARK: Final = 0.4  # from this share on white digits have the better contrast
_INK, _SOFT, _PALE = "#1f2328", "#57606a", "#d8dee4"


def share_bars(summary: Summary, taxonomy: Taxonomy, language: Language) -> Markup:
    """Share of clauses (full bar), of characters (pale bar) and the corrected share (point, whisker)."""
    phrases = words(language)
    left, right = _LABEL[language], WIDTH - 118
    largest = max(
        [
            0.1,
            *(max(c.share, c.share_of_characters) for c in summary.categories.values()),
            *(c.corrected.high for c in summary.categories.values() if c.corrected),
        ]
    )
    parts: list[Markup] = []
    for row, category in enumerate(taxonomy.categories):
        numbers, top = summary.categories[category.id], row * _LINE
        scale = (right - left) / largest
        parts += [
            _words(left - 8, top + 20, short_name(category, language), anchor="end", fill=category.colour),
            _bar(left, top + 5, numbers.share * scale, 12, category.colour),
            _bar(left, top + 18, numbers.share_of_characters * scale, 7, category.colour, 0.35),
            _words(
                WIDTH, top + 15, f"{numbers.clauses} · {percent(numbers.share)}", anchor="end", weight="600"
            ),
            _words(
                WIDTH,
                top + 28,
                f"{numbers.characters:,} · {percent(numbers.share_of_characters)}",
                anchor="end",
                fill=_SOFT,
                size=11,
            ),
        ]
        if (estimate := numbers.corrected) is not None:
            low, middle, high = (
                left + value * scale for value in (estimate.low, estimate.share, estimate.high)
            )
            whisker: dict[str, str | float] = {"x1": _n(low), "x2": _n(high), "y1": top + 11, "y2": top + 11}
            parts += [
                element("line", stroke="#fff", stroke_width=4, **whisker),
                element("line", stroke=_INK, stroke_width=1.5, **whisker),
                element("circle", cx=_n(middle), cy=top + 11, r=3, fill="#fff", stroke=_INK),
            ]
    return _chart(phrases["by_category"], len(taxonomy.categories) * _LINE + 2, parts)


def section_heat(
    sections: Sequence[tuple[str, str, Section]], taxonomy: Taxonomy, language: Language
) -> Markup:
    """How many clauses of each section carry each category; the shade is their share of the section.

    Args:
        sections: (link target, title, section) of each row.
        taxonomy: the columns.
        language: of the words.
    """
    phrases = words(language)
    left, line, head = 152, 28, 26 if language == "zh" else 74
    step = (WIDTH - left - 34) / len(taxonomy.categories)
    parts = [
        _words(WIDTH, head - 8, phrases["total"], anchor="end", fill=_SOFT, size=11),
        *(
            _column_head(left + (n + 0.5) * step, head - 8, short_name(c, language), c.colour, language)
            for n, c in enumerate(taxonomy.categories)
        ),
    ]
    for row, (target, title, section) in enumerate(sections):
        top, total = head + row * line, len(section.predictions)
        label = _words(0, top + 18, _shortened(title, 11 if language == "zh" else 20), fill=_INK)
        parts.append(element("a", element("title", title), label, href=f"#{target}"))
        parts.append(_words(WIDTH, top + 18, str(total), anchor="end", fill=_SOFT))
        for column, category in enumerate(taxonomy.categories):
            count = sum(category.id in prediction.labels for prediction in section.predictions)
            cell = [
                element("title", f"{title} · {short_name(category, language)}: {count} / {total}"),
                element(
                    "rect",
                    x=_n(left + column * step + 1),
                    y=top + 1,
                    width=_n(step - 2),
                    height=line - 2,
                    rx=3,
                    fill=category.colour if count else "#f6f8fa",
                    fill_opacity=_n(0.12 + 0.88 * count / total) if count else None,
                ),
            ]
            if not count:
                parts.append(element("g", *cell))
                continue
            dark = count / total > _DARK
            cell.append(
                _words(
                    left + (column + 0.5) * step,
                    top + 19,
                    str(count),
                    anchor="middle",
                    fill="#fff" if dark else _INK,
                )
            )
            parts.append(
                element(
                    "a",
                    *cell,
                    href=f"#{target}",
                    class_="cell",
                    data_category=category.id,
                    aria_label=f"{title} · {short_name(category, language)}: {count} / {total}",
                )
            )
    return _chart(phrases["by_section"], head + len(sections) * line + 2, parts, role="group")


def probability_histograms(
    predictions: Sequence[Prediction], thresholds: Sequence[float], taxonomy: Taxonomy, language: Language
) -> Markup:
    """One row a category: how its probabilities are spread from 0 to 1, and where the threshold stands."""
    left, line = _LABEL[language], 38
    right = WIDTH - 44
    step = (right - left) / BINS
    parts: list[Markup] = []
    for row, (category, threshold) in enumerate(zip(taxonomy.categories, thresholds, strict=True)):
        bottom = row * line + 32
        counts = [0] * BINS
        for prediction in predictions:
            counts[min(int(prediction.scores[category.id] * BINS), BINS - 1)] += 1
        tallest = sqrt(max([1, *counts]))
        parts += [
            element("line", x1=left, x2=right, y1=bottom, y2=bottom, stroke=_PALE),
            _words(left - 8, bottom - 4, short_name(category, language), anchor="end", fill=category.colour),
            *(
                _bar(
                    left + n * step + 0.5,
                    bottom - sqrt(count) / tallest * 28,
                    step - 1,
                    sqrt(count) / tallest * 28,
                    category.colour,
                    1.0 if (n + 0.5) / BINS >= threshold else 0.35,
                )
                for n, count in enumerate(counts)
                if count
            ),
        ]
        at = left + threshold * (right - left)
        above = sum(prediction.scores[category.id] >= threshold for prediction in predictions)
        parts += [
            element(
                "line",
                x1=_n(at),
                x2=_n(at),
                y1=bottom - 30,
                y2=bottom,
                stroke=_INK,
                stroke_dasharray="3 2",
            ),
            _words(WIDTH, bottom - 4, str(above), anchor="end", weight="600"),
        ]
    height = len(taxonomy.categories) * line + 14
    ticks = ((0, "0"), (0.5, "0.5"), (1, "1"))
    parts += [
        _words(left + at * (right - left), height - 2, name, anchor="middle", fill=_SOFT, size=11)
        for at, name in ticks
    ]
    return _chart(words(language)["score_distribution"], height, parts)


def _chart(title: str, height: float, parts: Sequence[Markup], role: str = "img") -> Markup:
    return element(
        "svg",
        joined(*parts),
        viewBox=f"0 0 {WIDTH} {_n(height)}",
        role=role,
        aria_label=title,
        class_="chart",
    )


def _bar(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> Markup:
    return element(
        "rect",
        x=_n(x),
        y=_n(y),
        width=_n(width),
        height=_n(height),
        rx=1,
        fill=colour,
        fill_opacity=None if opacity == 1 else _n(opacity),
    )


def _words(
    x: float,
    y: float,
    what: str,
    *,
    anchor: str | None = None,
    fill: str = _INK,
    size: int = 13,
    weight: str | None = None,
) -> Markup:
    return element(
        "text",
        what,
        x=_n(x),
        y=_n(y),
        text_anchor=anchor,
        fill=fill,
        font_size=size,
        font_weight=weight,
    )


def _column_head(x: float, y: float, name: str, colour: str, language: Language) -> Markup:
    if language == "zh":
        return _words(x, y, name, anchor="middle", fill=colour)
    return element(
        "text", name, transform=f"translate({_n(x + 4)} {_n(y)}) rotate(-60)", fill=colour, font_size=12
    )


def _shortened(title: str, most: int) -> str:
    return title if len(title) <= most else title[: most - 1] + "…"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
