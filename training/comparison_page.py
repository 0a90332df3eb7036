"""A comparison of two models as one self-contained page, without scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qclassify.rendering.report.markup import Markup, element, joined
from qclassify.taxonomy import Taxonomy
from training.comparison_rows import (
    FIGURE_NAMES,
    change_text,
    gains_and_losses,
    number_text,
    summary_line,
)
from training.model_comparison import Change, Difference, ModelComparison

_STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin:2rem 0 .5rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #d8dee4;white-space:nowrap}
th:first-child{text-align:left;font-weight:400}thead th{font-weight:600;border-bottom:2px solid #8c959f}
.note{color:#57606a;font-size:.88rem}
details{margin:.6rem 0}summary{cursor:pointer;font-weight:600}
article{margin:.5rem 0;padding:.4rem .8rem;border-left:4px solid #8c959f;background:#f6f8fa;break-inside:avoid}
article.better{border-color:#0969da}article.worse{border-color:#bc4c00}
.path{color:#57606a;font-size:.85rem}.gained{color:#0550ae;font-weight:600}.lost{color:#953800;font-weight:600;text-decoration:line-through}
.what span{margin-right:.8em}.gained,.lost{white-space:nowrap}
.certain{font-weight:700}
"""
_NOTE = (
    "Both models are judged by the present labels, on clauses of documents that they had not seen. Brackets: 95 % "
    "interval of the difference, paired bootstrap over groups of clauses under one heading; bold where it does not "
    "hold 0. “B wins”: share of the draws in which B is ahead. The calibration error is better when it is smaller."
)


def comparison_page(comparison: ModelComparison, taxonomy: Taxonomy) -> str:
    """The whole page.

    Args:
        comparison: of two models.
        taxonomy: names of the categories.
    """
    first, second = comparison.names
    sources = dict(zip(("A", "B"), comparison.sources, strict=True))
    left_out = (
        f" Known to one model only, left out: {', '.join(comparison.left_out)}."
        if comparison.left_out
        else ""
    )
    parts = [
        element("h1", f"A {first} → B {second}"),
        element(
            "p",
            f"Held-out answers: A {sources['A']}, B {sources['B']}; {comparison.clauses} clauses.{left_out}",
            class_="note",
        ),
    ]
    if comparison.figures:
        parts += [_figures(comparison, taxonomy), element("p", _NOTE, class_="note")]
    parts.append(element("h2", summary_line(comparison)))
    by_document: dict[str, list[Change]] = {}
    for change in comparison.changes:
        by_document.setdefault(change.document, []).append(change)
    parts += [_document(name, changes, taxonomy) for name, changes in by_document.items()]
    return joined(
        Markup('<!doctype html><html lang="en">'),
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element(
                "meta",
                http_equiv="Content-Security-Policy",
                content="default-src 'none'; style-src 'unsafe-inline'",
            ),
            element("title", f"{first} → {second}"),
            element("style", Markup(_STYLE)),
        ),
        element("body", element("main", *parts)),
        Markup("</html>\n"),
    )


def _figures(comparison: ModelComparison, taxonomy: Taxonomy) -> Markup:
    gained, lost = gains_and_losses(comparison.changes)
    heads = ("figure", "A", "B", "B − A [95 %]", "B wins", "clauses gained", "clauses lost")
    rows = [
        _row(FIGURE_NAMES.get(name, name), difference, "", "")
        for name, difference in comparison.figures.items()
    ]
    rows += [
        _row(
            f"F1 {taxonomy[category].name} ({category})",
            difference,
            str(gained[category] or ""),
            str(lost[category] or ""),
        )
        for category, difference in comparison.per_category.items()
    ]
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
    )
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label="figures")


def _row(name: str, difference: Difference, gained: str, lost: str) -> Markup:
    certain = difference.low > 0 or difference.high < 0
    wins = "–" if math.isnan(difference.wins) else f"{difference.wins:.0%}"
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", number_text(difference.first)),
        element("td", number_text(difference.second)),
        element("td", change_text(difference), class_="certain" if certain else None),
        *(element("td", cell) for cell in (wins, gained, lost)),
    )


def _document(name: str, changes: Sequence[Change], taxonomy: Taxonomy) -> Markup:
    return element(
        "details",
        element("summary", f"{name}: {len(changes)}"),
        *(_article(change, taxonomy) for change in changes),
        open=True,
    )


def _article(change: Change, taxonomy: Taxonomy) -> Markup:
    what = [element("span", f"+{taxonomy[c].name}", class_="gained") for c in change.gained]
    what += [element("span", f"−{taxonomy[c].name}", class_="lost") for c in change.lost]
    if change.first_primary != change.second_primary:
        names = [taxonomy[c].name if c else "none" for c in (change.first_primary, change.second_primary)]
        what.append(element("span", f"primary {names[0]} → {names[1]}"))
    if change.truth is not None:
        labels = ", ".join(taxonomy[c].name for c in change.truth) or "none"
        what.append(element("span", f"labels: {labels} ({change.verdict})"))
    return element(
        "article",
        element("div", " · ".join([change.id, " › ".join(change.heading)]).rstrip(" ·"), class_="path"),
        element("div", change.text),
        element("div", *what, class_="what"),
        class_=change.verdict,
    )
