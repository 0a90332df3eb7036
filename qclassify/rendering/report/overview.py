"""What stands above a document's text: figures, charts, shares; and the comparison of several documents."""

from __future__ import annotations

from collections.abc import Sequence

from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.report.body import Heading, ReportDocument
from qclassify.rendering.report.charts import probability_histograms, share_bars
from qclassify.rendering.report.heat import ALL_COLUMNS, MOST_COLUMNS, HeatRow, section_heat
from qclassify.rendering.report.markup import Child, Markup, element, joined
from qclassify.rendering.wording import (
    Language,
    category_name,
    estimate_text,
    heading_line,
    percent,
    short_name,
    words,
)
from qclassify.summarising import Section, Summary, opened_sections, summarise
from qclassify.taxonomy import Category, Taxonomy

_MUCH = 3  # a section with more than a third of the clauses is opened


def overview(
    document: ReportDocument,
    headings: Sequence[Heading],
    model: ModelFacts,
    language: Language,
) -> Markup:
    """Figures, charts and the table of shares of one document."""
    phrases, taxonomy, rates = words(language), model.taxonomy, model.rates
    predictions = document.tagged.predictions
    summary = summarise(predictions, taxonomy.ids, rates)
    return element(
        "section",
        figures(document, summary, language),
        element(
            "div",
            _figure(
                phrases["by_section"],
                section_heat(_heat_rows(document, headings, phrases["no_section"]), taxonomy, language),
                _heat_note(taxonomy, language),
                "heat",
            ),
            _figure(
                phrases["by_category"],
                share_bars(summary, taxonomy, language),
                phrases["by_category_note" if rates else "by_category_note_plain"],
            ),
            _figure(
                phrases["score_distribution"],
                probability_histograms(predictions, model.thresholds, taxonomy, language),
                phrases["score_distribution_note" + ("_exclusive" if taxonomy.exclusive else "")],
            ),
            class_="charts",
        ),
        element(
            "details",
            element("summary", phrases["shares"]),
            share_table(document, summary, taxonomy, language),
            element("p", phrases["shares_note" if rates else "no_correction"], class_="note"),
            open=True,
        ),
        class_="overview",
        aria_label=f"{phrases['overview']} {document.title}",
    )


def _heat_note(taxonomy: Taxonomy, language: Language) -> str:
    phrases = words(language)
    if len(taxonomy.categories) <= ALL_COLUMNS:
        return phrases["heat_note"]
    return phrases["heat_note"] + phrases["heat_most"].format(n=MOST_COLUMNS)


def figures(document: ReportDocument, summary: Summary, language: Language) -> Markup:
    """The four numbers one looks at first; those of clauses to look at lead to them."""
    phrases = words(language)
    review = _jump(document, f"{summary.review:,}", summary.review, language, data_review="review")
    none = _jump(document, f"{summary.untagged:,}", summary.untagged, language, data_category="none")
    shown: tuple[tuple[str, Child], ...] = (
        ("clauses", f"{summary.clauses:,}"),
        ("characters", f"{summary.characters:,}"),
        ("review", review),
        ("none", none),
    )
    return element(
        "dl",
        *(
            element("div", element("dt", phrases[key]), element("dd", number), class_=f"figure {key}")
            for key, number in shown
        ),
        class_="figures",
    )


def _jump(document: ReportDocument, shown: Child, clauses: int, language: Language, **filters: str) -> Child:
    """A number that filters the clauses it counts and leads to the first of them; of none it is no link."""
    if not clauses:
        return shown
    return element(
        "a",
        shown,
        href=f"#{document.anchor}",
        class_="jump",
        title=words(language)["see_these"],
        data_from=document.first,
        data_to=document.first + len(document.tagged.predictions),
        **filters,
    )


def share_table(document: ReportDocument, summary: Summary, taxonomy: Taxonomy, language: Language) -> Markup:
    """Counts, shares and estimates, a row a category."""
    phrases = words(language)
    columns = ("category", "count", "primary", "share", "characters", "share_of_characters", "corrected")
    body = []
    for category in taxonomy.categories:
        numbers = summary.categories[category.id]
        body.append(
            element(
                "tr",
                element("th", category_name(category, language), scope="row", class_=f"c-{category.id}"),
                element("td", str(numbers.clauses)),
                element("td", str(numbers.primary)),
                element("td", percent(numbers.share, 1)),
                element("td", f"{numbers.characters:,}"),
                element("td", percent(numbers.share_of_characters, 1)),
                element("td", estimate_text(numbers.corrected)),
            )
        )
    return table([phrases[column] for column in columns], body, f"{phrases['shares']} {document.title}")


def comparison_table(
    documents: Sequence[ReportDocument],
    model: ModelFacts,
    language: Language,
) -> Markup:
    """One row a document: size, review and the share of clauses of every category."""
    phrases, taxonomy = words(language), model.taxonomy
    heads: list[Child] = [phrases[key] for key in ("document", "clauses", "characters", "review")]
    heads += [
        element("span", short_name(c, language), class_=f"c-{c.id}", title=category_name(c, language))
        for c in taxonomy.categories
    ]
    body = []
    for document in documents:
        summary = summarise(document.tagged.predictions, taxonomy.ids, model.rates)
        body.append(
            element(
                "tr",
                element("th", element("a", document.title, href=f"#{document.anchor}"), scope="row"),
                element("td", f"{summary.clauses:,}"),
                element("td", f"{summary.characters:,}"),
                element(
                    "td",
                    _jump(document, str(summary.review), summary.review, language, data_review="review"),
                ),
                *(_share_cell(document, summary, category, language) for category in taxonomy.categories),
            )
        )
    return table(heads, body, phrases["comparison"])


def _share_cell(document: ReportDocument, summary: Summary, category: Category, language: Language) -> Markup:
    """The share in digits over a bar of its length; on hover the estimate."""
    phrases = words(language)
    numbers = summary.categories[category.id]
    title = f"{numbers.clauses} / {summary.clauses}"
    if numbers.corrected is not None:
        title += f" · {phrases['corrected']} {estimate_text(numbers.corrected)}"
    bar = element("rect", width=f"{numbers.share * 100:.1f}", height=4, fill=category.colour)
    return element(
        "td",
        _jump(document, percent(numbers.share), numbers.clauses, language, data_category=category.id),
        element(
            "svg", bar, viewBox="0 0 100 4", preserveAspectRatio="none", aria_hidden="true", class_="bar"
        ),
        title=title,
    )


def table(heads: Sequence[Child], rows: Sequence[Markup], caption: str) -> Markup:
    """A table that scrolls by itself on a narrow screen."""
    head = element("tr", *(element("th", head, scope="col") for head in heads))
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="vh"),
            element("thead", head),
            element("tbody", *rows),
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _figure(title: str, chart: Markup, note: str | None = None, class_: str | None = None) -> Markup:
    caption = element("figcaption", title)
    below = element("p", note, class_="note") if note else None
    return element("figure", joined(caption, chart, below), class_=class_)


def _heat_rows(document: ReportDocument, headings: Sequence[Heading], untitled: str) -> list[HeatRow]:
    """The outermost sections; one that holds much of the document shows what is inside it."""
    predictions = document.tagged.predictions
    return [
        HeatRow(
            _target(section, depth, document, headings),
            heading_line(section.heading_nos[-1:], section.heading_path[-1:]) or untitled,
            heading_line(section.heading_nos, section.heading_path) or untitled,
            depth,
            section,
        )
        for depth, section in opened_sections(predictions, len(predictions) // _MUCH)
    ]


def _target(section: Section, depth: int, document: ReportDocument, headings: Sequence[Heading]) -> str:
    """The heading a section stands under, else its first clause."""
    for heading in headings:
        if heading.depth == depth and heading.start <= section.first < heading.stop:
            return heading.anchor
    return f"c{document.first + section.first}"
