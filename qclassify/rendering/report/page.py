"""The page around everything: one file, no network, a policy that allows exactly its own script and style."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from importlib import resources
from typing import TextIO

from qclassify.records import Evidence, TaggedDocument, Unit
from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.reasons import THOUSAND
from qclassify.rendering.report.body import Heading, ReportDocument, body, outline, tree
from qclassify.rendering.report.controls import filter_bar
from qclassify.rendering.report.facts import facts, reason_line
from qclassify.rendering.report.markup import Markup, element, joined
from qclassify.rendering.report.overview import comparison_table, overview
from qclassify.rendering.wording import Language, words
from qclassify.taxonomy import Taxonomy

# From so many clauses on, the browser lays out only what is on the screen.
LARGE = 1500
Explain = Callable[[Unit], Sequence[Evidence]]
Track = Callable[[Iterable[Unit], int], Iterable[Unit]]


def write_report(
    stream: TextIO,
    tagged: Sequence[tuple[TaggedDocument, tuple[str, ...]]],
    model: ModelFacts,
    explain: Explain,
    language: Language = "zh",
    track: Track = lambda units, _: units,
) -> None:
    """Write the whole page.

    Args:
        stream: utf-8 text.
        tagged: documents, each with its clauses' own ids (empty: they are counted).
        model: what the page says of the model.
        explain: the evidence of one clause; called once a clause, so that only one is held at a time.
        language: of the page.
        track: wraps the clauses while they are explained, to show progress.
    """
    documents = list(_numbered(tagged))
    outlines = [outline(document) for document in documents]
    phrases = words(language)
    clauses = sum(len(document.tagged.predictions) for document in documents)
    title = documents[0].title if len(documents) == 1 else phrases["report"]
    script = _asset("report.js")
    stream.write(head(title, model.taxonomy, language, script))
    stream.write(
        joined(
            Markup(f'<body class="{"large" if clauses > LARGE else ""}">'),
            element("a", phrases["skip"], href="#text", class_="skip"),
            filter_bar(model, language),
            Markup('<div class="columns">'),
            _sidebar(documents, outlines, language),
            Markup('<main id="text" tabindex="-1">'),
            element("p", phrases["nothing"], id="nothing", hidden=True),
        )
    )
    if len(documents) > 1:
        stream.write(
            element(
                "section",
                element("h2", phrases["comparison"]),
                comparison_table(documents, model, language),
                id="index",
            )
        )
    for document, headings in zip(documents, outlines, strict=True):
        _write_document(stream, document, headings, model, language)
    stream.write(joined(Markup("</main>"), _panel(language), Markup("</div>"), foot(model, language)))
    predictions = [p for document in documents for p in document.tagged.predictions]
    known = facts(
        predictions,
        model.taxonomy,
        model.thresholds,
        language,
        [None if score is None else round(score * THOUSAND) for score in model.scores_needed],
    )
    stream.write(element("script", known, type="application/json", id="facts"))
    stream.write('<script type="text/plain" id="reasons">')
    units = track((prediction.unit for prediction in predictions), len(predictions))
    stream.writelines(
        reason_line(unit, prediction, explain(unit))
        for unit, prediction in zip(units, predictions, strict=True)
    )
    stream.write("</script>")
    stream.write(joined(element("script", Markup(script)), Markup("</body></html>\n")))


def head(title: str, taxonomy: Taxonomy, language: Language, script: str) -> Markup:
    """Everything before the body; the policy names script and style by their hashes."""
    style = _asset("report.css") + "".join(
        f".c-{category.id}{{--c:{category.colour}}}\n" for category in taxonomy.categories
    )
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return joined(
        Markup(f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}"><head>'),
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style)),
        Markup("</head>"),
    )


def _asset(name: str) -> str:
    return (resources.files("qclassify.rendering.report") / name).read_text("utf-8")


def _hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode("utf-8")).digest()).decode("ascii")


def _numbered(tagged: Sequence[tuple[TaggedDocument, tuple[str, ...]]]) -> Iterable[ReportDocument]:
    first = 0
    for number, (document, ids) in enumerate(tagged):
        yield ReportDocument(document, number, first, ids)
        first += len(document.predictions)


def _write_document(
    stream: TextIO,
    document: ReportDocument,
    headings: Sequence[Heading],
    model: ModelFacts,
    language: Language,
) -> None:
    meta = document.tagged.document.meta
    facts_line = " · ".join(meta[key] for key in ("issuer", "number", "date") if meta.get(key))
    stream.write(Markup(f'<section class="document" id="{document.anchor}">'))
    stream.write(element("h2", document.title))
    stream.write(element("p", facts_line or document.tagged.document.name, class_="byline"))
    stream.write(overview(document, headings, model, language))
    stream.write(Markup('<div class="body">'))
    stream.writelines(body(document, headings, model, language))
    stream.write(Markup("</div></section>"))


def _sidebar(
    documents: Sequence[ReportDocument], outlines: Sequence[Sequence[Heading]], language: Language
) -> Markup:
    contents = words(language)["contents"]
    return element(
        "nav",
        element(
            "details",
            element("summary", contents),
            tree(list(zip(documents, outlines, strict=True))),
            open=True,
        ),
        id="contents",
        aria_label=contents,
    )


def _panel(language: Language) -> Markup:
    phrases = words(language)
    return element(
        "aside",
        element("p", phrases["pick"], class_="hint"),
        element("div", id="reasons-of"),
        id="panel",
        aria_label=phrases["reasons"],
        tabindex="-1",
    )


def foot(model: ModelFacts, language: Language) -> Markup:
    """Who made the page, with which model."""
    made = words(language)["made_by"].format(
        version=model.version, model=model.id, taxonomy=model.taxonomy.version
    )
    return element("footer", made)
