"""`explain` in a terminal: a clause, its categories, and the sum that made a category's score."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.records import Evidence, Prediction
from qclassify.rendering.doubts import doubt
from qclassify.rendering.examples import Example
from qclassify.rendering.model_facts import ModelFacts
from qclassify.rendering.reasons import THOUSAND, Part, Reasons, reasons
from qclassify.rendering.terminal import FEW, colour_of, printable
from qclassify.rendering.wording import heading_line, words
from qclassify.taxonomy import Category

MOST_LIKELY = 6


def print_clause(console: Console, number: str, prediction: Prediction, model: ModelFacts) -> None:
    """The clause with its headings, every category's probability, and what makes it doubtful."""
    unit = prediction.unit
    title = heading_line(unit.heading_nos, unit.heading_path)
    console.print(Text(f"条款 {printable(number)}  {printable(title)}".rstrip(), style="bold"))
    console.print(Text(printable(unit.text)))
    line = Text()
    ranked = sorted(model.taxonomy.categories, key=lambda c: -prediction.scores[c.id])
    shown = ranked if len(ranked) <= FEW else ranked[: max(len(prediction.labels), MOST_LIKELY)]
    for category in shown:
        mark = "✓" if category.id in prediction.labels else " "
        style = colour_of(category) if mark == "✓" else "dim"
        line.append(f"{mark}{category.name} {prediction.scores[category.id]:.1%}  ", style=style)
    if len(shown) < len(ranked):
        line.append(f"其余 {len(ranked) - len(shown)} 类更低", style="dim")
    console.print(line)
    if prediction.review:
        console.print(Text(f"{words('zh')['review']} · {doubt(prediction, model, 'zh')}", style="yellow"))


def print_sum(
    console: Console,
    prediction: Prediction,
    evidence: Evidence,
    category: Category,
    threshold: float | None,
    needed: float | None,
    example: Example | None,
) -> None:
    """One category's sum: base, terms of the clause, terms of the heading, score; and an example.

    Args:
        console: where to print.
        prediction: the clause.
        evidence: of this category.
        category: its names.
        threshold: the probability from which the clause gets it, None where exactly one is chosen.
        needed: the score that reaches the threshold, None when none does.
        example: a clause that has it.
    """
    found = reasons(evidence, prediction.unit)
    console.print(Text(f"\n{category.name}  {category.id}", style=colour_of(category, bold=True)))
    console.print(_table(found, needed))
    probability = prediction.scores[category.id]
    verdict = "" if threshold is None else f" {'≥' if probability >= threshold else '<'} 阈值 {threshold:.1%}"
    console.print(
        f"得分 {_signed(found.score)} → 概率 {probability:.1%}{verdict}"
        + ("，是主类别" if prediction.primary == category.id else "")
    )
    if example is not None:
        like = (
            "类别说明的例子"
            if example.likeness is None
            else f"最相近的已标条款，相似度 {example.likeness:.2f}"
        )
        console.print(Text(f"例（{like}）：{printable(example.text)}", style="dim"))


def _table(found: Reasons, needed: float | None) -> Table:
    phrases = words("zh")
    table = Table(box=box.SIMPLE, show_header=False, show_edge=False, pad_edge=False)
    table.add_column(no_wrap=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(Text(phrases["base"], style="bold"), Text(_signed(found.base), style="bold"))
    for name, part in ((phrases["from_clause"], found.clause), (phrases["from_heading"], found.heading)):
        table.add_row(Text(name, style="bold"), Text(_signed(part.total), style="bold"))
        _add_terms(table, part)
    table.add_section()
    table.add_row(Text(phrases["sum"], style="bold"), Text(_signed(found.score), style="bold"))
    if needed is not None:
        table.add_row(
            Text(phrases["needed"], style="dim"), Text(_signed(round(needed * THOUSAND)), style="dim")
        )
    return table


def _add_terms(table: Table, part: Part) -> None:
    for term in part.shown:
        style = "blue" if term.value > 0 else "yellow"
        table.add_row(
            Text(f"  {printable(term.text).strip() or '␣'}"), Text(_signed(term.value), style=style)
        )
    if part.rest_terms:
        name = words("zh")["rest"].format(n=part.rest_terms)
        table.add_row(Text(f"  {name}", style="dim"), Text(_signed(part.rest), style="dim"))


def _signed(thousandths: int) -> str:
    return f"{thousandths / THOUSAND:+.3f}"
