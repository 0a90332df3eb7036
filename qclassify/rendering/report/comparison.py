"""Two documents side by side as a page: shares, sections, clauses without a counterpart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from qclassify.comparing import Comparison, Counterpart
from qclassify.correcting import ErrorRates
from qclassify.records import TaggedDocument
from qclassify.rendering.comparison_table import main_categories
from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.report.body import chips
from qclassify.rendering.report.markup import Markup, element, joined
from qclassify.rendering.report.overview import table
from qclassify.rendering.report.page import foot, head
from qclassify.rendering.titles import document_title
from qclassify.rendering.wording import (
    Language,
    category_name,
    estimate_text,
    percent,
    short_name,
    words,
)
from qclassify.summarising import summarise
from qclassify.taxonomy import Taxonomy


def write_comparison(
    stream: TextIO, comparison: Comparison, least: float, model: ModelFacts, language: Language = "zh"
) -> None:
    """Write the page; it has no script.

    Args:
        stream: utf-8 text.
        comparison: the documents and their counterparts.
        least: the likeness from which a clause counts as a counterpart.
        model: what the page says of the model.
        language: of the page.
    """
    phrases = words(language)
    letters = (phrases["first"], phrases["second"])
    documents = (comparison.first, comparison.second)
    titles = [
        element("li", element("b", letter), f" {document_title(document)}")
        for letter, document in zip(letters, documents, strict=True)
    ]
    sides = (
        _side(letters, documents, comparison.of_first, model, language),
        _side(letters[::-1], documents[::-1], comparison.of_second, model, language),
    )
    stream.write(head(phrases["two_documents"], model.taxonomy, language, ""))
    stream.write(
        joined(
            Markup("<body>"),
            Markup('<main id="text" class="comparison">'),
            element("h1", phrases["two_documents"]),
            element("ul", *titles, class_="pair"),
            element("h2", phrases["shares_compared"]),
            _shares(comparison, model, letters, language),
            element("p", phrases["shares_note" if model.rates else "no_correction"], class_="note"),
            element("h2", phrases["sections_compared"]),
            element(
                "div",
                *(
                    _sections(letter, document, model.taxonomy, language)
                    for letter, document in zip(letters, documents, strict=True)
                ),
                class_="beside",
            ),
            element("p", phrases["compare_note"].format(least=least), class_="note"),
            *sides,
            Markup("</main>"),
            foot(model, language),
            Markup("</body></html>\n"),
        )
    )


def _shares(comparison: Comparison, model: ModelFacts, letters: Sequence[str], language: Language) -> Markup:
    phrases = words(language)
    rates: dict[str, ErrorRates] | None = dict(model.rates) if model.rates else None
    first, second = (
        summarise(document.predictions, model.taxonomy.ids, rates)
        for document in (comparison.first, comparison.second)
    )
    rows = []
    for category in model.taxonomy.categories:
        left, right = first.categories[category.id], second.categories[category.id]
        bars = element(
            "svg",
            element("rect", width=f"{left.share * 100:.1f}", height=9, fill=category.colour),
            element(
                "rect",
                y=11,
                width=f"{right.share * 100:.1f}",
                height=9,
                fill=category.colour,
                fill_opacity=0.4,
            ),
            viewBox="0 0 100 20",
            preserveAspectRatio="none",
            class_="pairbar",
            aria_hidden="true",
        )
        rows.append(
            element(
                "tr",
                element("th", category_name(category, language), scope="row", class_=f"c-{category.id}"),
                element("td", bars),
                element("td", f"{left.clauses} · {percent(left.share)}"),
                element("td", f"{right.clauses} · {percent(right.share)}"),
                element("td", f"{(left.share - right.share) * 100:+.1f}".replace("-", "−")),
                element("td", estimate_text(left.corrected)),
                element("td", estimate_text(right.corrected)),
            )
        )
    estimate = phrases["corrected"]
    heads = [
        phrases["category"],
        f"{letters[0]} ▬ / {letters[1]} ▭",
        f"{letters[0]} ({first.clauses})",
        f"{letters[1]} ({second.clauses})",
        phrases["difference"],
        f"{letters[0]} {estimate}",
        f"{letters[1]} {estimate}",
    ]
    return table(heads, rows, phrases["shares_compared"])


def _sections(letter: str, document: TaggedDocument, taxonomy: Taxonomy, language: Language) -> Markup:
    phrases = words(language)
    rows = [
        element(
            "tr",
            element("th", title or phrases["no_section"], scope="row"),
            element("td", str(clauses)),
            element(
                "td",
                *(
                    element("span", f"{short_name(taxonomy[c], language)} {percent(share)} ", class_=f"c-{c}")
                    for c, share in most
                ),
                class_="most",
            ),
        )
        for title, clauses, most in main_categories(document, taxonomy)
    ]
    heads = [f"{letter} {phrases['section']}", phrases["clauses"], phrases["main_categories"]]
    return table(heads, rows, f"{letter} {phrases['sections_compared']}")


def _side(
    letters: Sequence[str],
    documents: Sequence[TaggedDocument],
    counterparts: Sequence[Counterpart],
    model: ModelFacts,
    language: Language,
) -> Markup:
    """The clauses of one document without a counterpart, then, folded up, those with one."""
    phrases = words(language)
    missing = [c for c in counterparts if not c.found]
    present = sorted((c for c in counterparts if c.found), key=lambda c: -c.likeness)
    heading = phrases["without_counterpart"].format(name=letters[0], n=len(missing), total=len(counterparts))
    return element(
        "section",
        element("h2", heading),
        _pairs(letters, documents, missing, model, language),
        element(
            "details",
            element("summary", phrases["with_counterpart"].format(n=len(present))),
            _pairs(letters, documents, present, model, language),
        )
        if present
        else None,
    )


def _pairs(
    letters: Sequence[str],
    documents: Sequence[TaggedDocument],
    counterparts: Sequence[Counterpart],
    model: ModelFacts,
    language: Language,
) -> Markup:
    phrases = words(language)
    rows = [
        element(
            "tr",
            element("td", str(found.index + 1), class_="n"),
            element(
                "td",
                documents[0].predictions[found.index].unit.text,
                chips(documents[0].predictions[found.index], model, language),
                class_="clause-cell",
            ),
            _nearest(found, documents[1], model, language),
            element("td", f"{found.likeness:.2f}"),
        )
        for found in counterparts
    ]
    heads = [
        "#",
        f"{letters[0]} {phrases['clause']}",
        f"{letters[1]} {phrases['counterpart']}",
        phrases["likeness"],
    ]
    return element("div", table(heads, rows, f"{letters[0]} {phrases['clause']}"), class_="pairs")


def _nearest(found: Counterpart, other: TaggedDocument, model: ModelFacts, language: Language) -> Markup:
    if found.nearest is None or not found.likeness:
        return element("td", "–")
    prediction = other.predictions[found.nearest]
    return element(
        "td",
        element("span", f"{found.nearest + 1} ", class_="n"),
        prediction.unit.text,
        chips(prediction, model, language),
        class_="clause-cell" if found.found else "clause-cell far",
    )
