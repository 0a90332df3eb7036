"""One document as its reader knows it: titles, headings, clauses in order, each with its categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from qclassify.records import Prediction, TaggedDocument, Unit
from qclassify.rendering.doubts import doubt
from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.report.markup import Markup, element
from qclassify.rendering.titles import document_title
from qclassify.rendering.wording import Language, category_name, percent, short_name, words
from qclassify.taxonomy import Taxonomy

_DEEPEST: Final = 6
_STRETCH: Final = 30
_LISTED: Final = 3  # deeper headings make no table of contents


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A document on the page.

    Attributes:
        tagged: without evidence; reasons are computed while the page is written.
        number: position on the page, from 0.
        first: the page-wide number of its first clause.
        ids: the rows' own ids when the clauses come from a table.
    """

    tagged: TaggedDocument
    number: int
    first: int
    ids: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The document's own title, else the name of its file."""
        return document_title(self.tagged)

    @property
    def anchor(self) -> str:
        """The id of its element on the page."""
        return f"d{self.number}"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with the clauses below it, down to the next heading of its depth or above.

    Attributes:
        anchor: the id of its element.
        depth: from 0.
        number, title: as the document has them, either may be empty.
        start, stop: the document's clauses `start … stop - 1` stand below it.
    """

    anchor: str
    depth: int
    number: str
    title: str
    start: int
    stop: int


def outline(document: ReportDocument) -> list[Heading]:
    """All headings of a document in order."""
    found: list[tuple[int, Unit, int]] = []  # depth, unit, clauses before it
    seen = 0
    for unit in document.tagged.units:
        if unit.kind == "clause":
            seen += 1
        elif unit.kind == "heading":
            found.append((len(unit.heading_path), unit, seen))
    return [
        Heading(
            anchor=f"{document.anchor}h{position}",
            depth=depth,
            number=unit.item_no or "",
            title=unit.title if unit.title is not None else unit.text,
            start=start,
            stop=next((later for d, _, later in found[position + 1 :] if d <= depth), seen),
        )
        for position, (depth, unit, start) in enumerate(found)
    ]


def body(
    document: ReportDocument, headings: Sequence[Heading], model: ModelFacts, language: Language
) -> Iterator[Markup]:
    """The document's units in order, in stretches that a browser can leave out while they are off the screen."""
    upcoming = iter(headings)
    seen = 0
    for units in batches(document.tagged.units):
        parts, before = [], seen
        for unit in units:
            if unit.kind == "heading":
                parts.append(_heading(unit, next(upcoming), document.first))
            elif unit.kind == "clause":
                parts.append(clause(document, seen, document.tagged.predictions[seen], model, language))
                seen += 1
            else:
                parts.append(element("p", unit.text, class_=f"other {unit.kind}"))
        yield element(
            "div",
            *parts,
            class_="stretch",
            data_start=document.first + before,
            data_stop=document.first + seen,
        )


def batches(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Runs of units of about the height of two screens."""
    for start in range(0, len(units), _STRETCH):
        yield units[start : start + _STRETCH]


def _heading(unit: Unit, heading: Heading, first: int) -> Markup:
    return element(
        f"h{min(heading.depth + 3, _DEEPEST)}",
        unit.text,
        id=heading.anchor,
        class_=f"heading depth{min(heading.depth, 3)}",
        data_start=first + heading.start,
        data_stop=first + heading.stop,
    )


def clause(
    document: ReportDocument, position: int, prediction: Prediction, model: ModelFacts, language: Language
) -> Markup:
    """A clause with its number, text and chips."""
    phrases = words(language)
    number = document.ids[position] if document.ids else str(position + 1)
    classes = ["clause", f"c-{prediction.primary}" if prediction.primary else "c-none"]
    return element(
        "div",
        element(
            "button",
            number,
            type="button",
            class_="no",
            tabindex="-1",
            aria_label=f"{phrases['clause']} {number}: {phrases['show_reasons']}",
        ),
        element("p", prediction.unit.text, class_="text"),
        chips(prediction, model, language),
        class_=" ".join([*classes, "review"] if prediction.review else classes),
        id=f"c{document.first + position}",
    )


def chips(prediction: Prediction, model: ModelFacts, language: Language) -> Markup:
    """The clause's categories, the primary one first, and whether it wants a look, and why."""
    phrases, taxonomy = words(language), model.taxonomy
    first = prediction.primary
    items = [
        _chip(label, prediction.scores[label], taxonomy, language, primary=label == first)
        for label in sorted(prediction.labels, key=lambda label: label != first)
    ]
    if not prediction.labels:
        nearest = max(prediction.scores, key=lambda category: prediction.scores[category])
        title = f"{category_name(taxonomy[nearest], language)} {percent(prediction.scores[nearest])}"
        items.append(element("li", phrases["none"], class_="chip c-none", title=title))
    if prediction.review:
        items.append(
            element("li", "? " + phrases["review"], class_="flag", title=doubt(prediction, model, language))
        )
    return element("ul", *items, class_="chips", aria_label=phrases["categories"])


def _chip(label: str, probability: float, taxonomy: Taxonomy, language: Language, *, primary: bool) -> Markup:
    phrases = words(language)
    category = taxonomy[label]
    said = f" {phrases['primary']}" if primary else ""
    return element(
        "li",
        short_name(category, language),
        element("span", f" {percent(probability)}", class_="p", aria_hidden="true"),
        element("span", f"{said} {phrases['probability']} {percent(probability)}", class_="vh"),
        class_=f"chip c-{label}" + (" primary" if primary else ""),
        title=f"{category_name(category, language)}{' ·' if primary else ''}{said} · "
        f"{phrases['probability']} {percent(probability, 1)}",
    )


def tree(documents: Sequence[tuple[ReportDocument, Sequence[Heading]]]) -> Markup:
    """The sidebar: documents and their headings, each with the number of its clauses."""
    lists = []
    for document, headings in documents:
        total = len(document.tagged.predictions)
        entries = [
            element("li", _entry(h, document.first), class_=f"depth{h.depth}")
            for h in headings
            if h.depth <= _LISTED
        ]
        whole = element(
            "a",
            element("span", document.title, class_="name"),
            element("span", str(total), class_="n"),
            href=f"#{document.anchor}",
            class_="whole",
            data_start=document.first,
            data_stop=document.first + total,
        )
        lists.append(element("li", whole, element("ul", *entries) if entries else None))
    return element("ul", *lists, class_="tree")


def _entry(heading: Heading, first: int) -> Markup:
    name = f"{heading.number} {heading.title}".strip()
    return element(
        "a",
        element("span", name, class_="name"),
        element("span", str(heading.stop - heading.start), class_="n"),
        href=f"#{heading.anchor}",
        data_start=first + heading.start,
        data_stop=first + heading.stop,
    )
