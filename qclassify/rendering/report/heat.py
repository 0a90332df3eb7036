"""Categories by section as a heat map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from qclassify.palette import ink_on, on_white
from qclassify.rendering.report.drawing import INK, SOFT, WIDTH, chart, fitted, label, number, room_of
from qclassify.rendering.report.markup import Markup, element
from qclassify.rendering.wording import Language, short_name, words
from qclassify.summarising import Section
from qclassify.taxonomy import Category, Taxonomy

_LEFT, _RIGHT, _LINE = 190, 34, 28
_HEAD: Final = {"zh": 26, "en": 74}
_LONGEST_HEAD: Final = 100  # units of a turned name
ALL_COLUMNS: Final = 14  # so many categories fit side by side
MOST_COLUMNS: Final = 10  # of more, so many can be told apart
_INDENT: Final = 12
_EMPTY, _PALEST = "#f6f8fa", 0.12


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A section on the heat map.

    Attributes:
        target: the id of the element it leads to.
        title: number and title of its own heading.
        path: the same with the headings above.
        depth: how many headings stand above it, for the indent.
        section: its clauses.
    """

    target: str
    title: str
    path: str
    depth: int
    section: Section


def section_heat(rows: Sequence[HeatRow], taxonomy: Taxonomy, language: Language) -> Markup:
    """How many clauses of each section carry each category; the shade is their share of the section.

    Where the categories are more than `ALL_COLUMNS`, the `MOST_COLUMNS` most frequent ones are shown.
    """
    phrases = words(language)
    columns = _columns(rows, taxonomy)
    step = (WIDTH - _LEFT - _RIGHT) / len(columns)
    names = [short_name(category, language) for category in columns]
    level = language == "zh" and all(room_of(name) <= step for name in names)
    head = _HEAD["zh"] if level else max(_HEAD["en"], _turned_height(names))
    parts = [
        label(WIDTH, head - 8, phrases["total"], anchor="end", fill=SOFT, size=11),
        *(
            _column_head(_LEFT + (n + 0.5) * step, head - 8, category, language, level=level)
            for n, category in enumerate(columns)
        ),
    ]
    for position, row in enumerate(rows):
        top = head + position * _LINE
        parts += [_row_head(row, top), _row_total(row, top)]
        parts += [
            _cell(row, _LEFT + column * step, top, step, category, language)
            for column, category in enumerate(columns)
        ]
    return chart(phrases["by_section"], head + len(rows) * _LINE + 2, parts, role="group")


def _row_head(row: HeatRow, top: float) -> Markup:
    indent = row.depth * _INDENT
    shown = fitted(row.title, _LEFT - indent - 6)
    title = label(indent, top + 18, shown, fill=SOFT if row.depth else INK)
    return element("a", element("title", row.path), title, href=f"#{row.target}")


def _row_total(row: HeatRow, top: float) -> Markup:
    return label(WIDTH, top + 18, str(len(row.section.predictions)), anchor="end", fill=SOFT)


def _cell(
    row: HeatRow, left: float, top: float, step: float, category: Category, language: Language
) -> Markup:
    total = len(row.section.predictions)
    count = sum(category.id in prediction.labels for prediction in row.section.predictions)
    name = f"{row.path} · {short_name(category, language)}: {count} / {total}"
    ground = on_white(category.colour, _PALEST + (1 - _PALEST) * count / total) if count else _EMPTY
    drawn = [
        element("title", name),
        element(
            "rect", x=number(left + 1), y=top + 1, width=number(step - 2), height=_LINE - 2, rx=3, fill=ground
        ),
    ]
    if not count:
        return element("g", *drawn)
    digits = label(left + step / 2, top + 19, str(count), anchor="middle", fill=ink_on(ground))
    return element(
        "a",
        *drawn,
        digits,
        href=f"#{row.target}",
        class_="cell",
        data_category=category.id,
        aria_label=name,
    )


def _columns(rows: Sequence[HeatRow], taxonomy: Taxonomy) -> Sequence[Category]:
    """All categories, or the most frequent ones in the taxonomy's order."""
    if len(taxonomy.categories) <= ALL_COLUMNS:
        return taxonomy.categories
    counts = Counter(label for row in rows for p in row.section.predictions for label in p.labels)
    most = sorted(taxonomy.ids, key=lambda category: -counts[category])[:MOST_COLUMNS]
    return [category for category in taxonomy.categories if category.id in most]


def _turned_height(names: Sequence[str]) -> int:
    """How high the longest name stands when it is turned by 60 degrees."""
    return round(min(max(map(room_of, names)), _LONGEST_HEAD) * 0.87 + 12)


def _column_head(x: float, y: float, category: Category, language: Language, *, level: bool) -> Markup:
    name = fitted(short_name(category, language), _LONGEST_HEAD)
    if level:
        return label(x, y, name, anchor="middle", fill=category.colour, size=12)
    turned = f"translate({number(x + 4)} {number(y)}) rotate(-60)"
    return element("text", name, transform=turned, fill=category.colour, font_size=12)
