"""Charts as inline SVG: no script, no style of their own, readable by screen readers, sharp in print."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

from qclassify.records import Prediction
from qclassify.rendering.report.drawing import (
    INK,
    PALE,
    SOFT,
    WIDTH,
    bar,
    chart,
    fitted,
    label,
    number,
    room_of,
)
from qclassify.rendering.report.markup import Markup, element
from qclassify.rendering.wording import Language, percent, short_name, words
from qclassify.summarising import Summary
from qclassify.taxonomy import Category, Taxonomy

BINS: Final = 20
_LABEL: Final = {"zh": 44, "en": 88}
_WIDEST: Final = 150
_LINE: Final = 34


def share_bars(summary: Summary, taxonomy: Taxonomy, language: Language) -> Markup:
    """Share of clauses (full bar), of characters (pale bar) and the corrected share (point, whisker)."""
    phrases = words(language)
    left, right = _label_width(taxonomy, language), WIDTH - 118
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
            _name(left - 8, top + 20, category, language),
            bar(left, top + 5, numbers.share * scale, 12, category.colour),
            bar(left, top + 18, numbers.share_of_characters * scale, 7, category.colour, 0.35),
            label(
                WIDTH, top + 15, f"{numbers.clauses} · {percent(numbers.share)}", anchor="end", weight="600"
            ),
            label(
                WIDTH,
                top + 28,
                f"{numbers.characters:,} · {percent(numbers.share_of_characters)}",
                anchor="end",
                fill=SOFT,
                size=11,
            ),
        ]
        if (estimate := numbers.corrected) is not None:
            low, middle, high = (
                left + value * scale for value in (estimate.low, estimate.share, estimate.high)
            )
            whisker: dict[str, str | float] = {
                "x1": number(low),
                "x2": number(high),
                "y1": top + 11,
                "y2": top + 11,
            }
            parts += [
                element("line", stroke="#fff", stroke_width=4, **whisker),
                element("line", stroke=INK, stroke_width=1.5, **whisker),
                element("circle", cx=number(middle), cy=top + 11, r=3, fill="#fff", stroke=INK),
            ]
    return chart(phrases["by_category"], len(taxonomy.categories) * _LINE + 2, parts)


def probability_histograms(
    predictions: Sequence[Prediction],
    thresholds: Sequence[float | None],
    taxonomy: Taxonomy,
    language: Language,
) -> Markup:
    """One row a category: how its probabilities are spread from 0 to 1, where the threshold stands if there is one."""
    left, line = _label_width(taxonomy, language), 38
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
            element("line", x1=left, x2=right, y1=bottom, y2=bottom, stroke=PALE),
            _name(left - 8, bottom - 4, category, language),
            *(
                bar(
                    left + n * step + 0.5,
                    bottom - sqrt(count) / tallest * 28,
                    step - 1,
                    sqrt(count) / tallest * 28,
                    category.colour,
                    1.0 if threshold is None or (n + 0.5) / BINS >= threshold else 0.35,
                )
                for n, count in enumerate(counts)
                if count
            ),
        ]
        having = sum(category.id in prediction.labels for prediction in predictions)
        parts.append(label(WIDTH, bottom - 4, str(having), anchor="end", weight="600"))
        if threshold is not None:
            at = number(left + threshold * (right - left))
            ends: dict[str, str | float] = {"x1": at, "x2": at, "y1": bottom - 30, "y2": bottom}
            parts.append(element("line", stroke=INK, stroke_dasharray="3 2", **ends))
    height = len(taxonomy.categories) * line + 14
    ticks = ((0, "0"), (0.5, "0.5"), (1, "1"))
    parts += [
        label(left + at * (right - left), height - 2, name, anchor="middle", fill=SOFT, size=11)
        for at, name in ticks
    ]
    return chart(words(language)["score_distribution"], height, parts)


def _label_width(taxonomy: Taxonomy, language: Language) -> float:
    """Room for the categories' names at the left, whatever their language and length."""
    widest = max(room_of(short_name(category, language)) for category in taxonomy.categories)
    return max(_LABEL[language], min(widest, _WIDEST) + 12)


def _name(x: float, y: float, category: Category, language: Language) -> Markup:
    """A category's name that ends at x; the whole of it on hover where it had to be cut."""
    name = short_name(category, language)
    shown = label(x, y, fitted(name, _WIDEST), anchor="end", fill=category.colour)
    return shown if room_of(name) <= _WIDEST else element("g", element("title", name), shown)
