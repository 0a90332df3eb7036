"""The bar at the top of the page."""

from __future__ import annotations

from collections.abc import Mapping

from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.report.markup import Markup, element
from qclassify.rendering.wording import Language, category_name, short_name, words


def filter_bar(model: ModelFacts, language: Language) -> Markup:
    """What clauses may be filtered by, how many are shown, and what a printed page says of that."""
    phrases = words(language)
    categories = model.taxonomy.categories
    toggles = [
        _toggle(c.id, short_name(c, language), category_name(c, language), bit)
        for bit, c in enumerate(categories)
    ]
    toggles.append(_toggle("none", phrases["none"], None, len(categories)))
    return element(
        "header",
        element("h1", phrases["report"]),
        element(
            "div",
            element("div", *toggles, class_="toggles", role="group", aria_label=phrases["categories"]),
            element("label", element("input", type="checkbox", id="primary"), phrases["primary_only"]),
            _review_choice(phrases),
            element(
                "input",
                type="search",
                id="find",
                placeholder=phrases["search"],
                aria_label=phrases["search"],
                autocomplete="off",
            ),
            element("label", element("input", type="checkbox", id="percent"), phrases["show_probabilities"]),
            element("button", phrases["reset"], type="button", id="reset"),
            element("button", phrases["print"], type="button", id="print"),
            element("output", id="count", aria_live="polite"),
            element(
                "button",
                "↓",
                type="button",
                id="first",
                title=phrases["to_first"],
                aria_label=phrases["to_first"],
            ),
            class_="filters",
            role="search",
            aria_label=phrases["filter"],
        ),
        element("p", id="filtered"),
    )


def _toggle(category: str, name: str, title: str | None, bit: int) -> Markup:
    return element(
        "button",
        name,
        type="button",
        class_=f"toggle c-{category}",
        title=title,
        aria_pressed="false",
        data_bit=bit,
        data_category=category,
    )


def _review_choice(phrases: Mapping[str, str]) -> Markup:
    states = (("all", "any_review"), ("review", "review"), ("settled", "settled"))
    options = (element("option", phrases[name], value=value) for value, name in states)
    return element("select", *options, id="review", aria_label=phrases["review"])
