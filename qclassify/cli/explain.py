"""`explain`: why a clause got its categories, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    ModelOption,
    QuietOption,
    SofficeOption,
)
from qclassify.cli.sources import source
from qclassify.cli.talk import reporter
from qclassify.errors import QClassifyError

if TYPE_CHECKING:
    from qclassify.records import Prediction, TaggedDocument


def category_ids() -> list[str]:
    """The default model's categories, for shell completion."""
    from qclassify.models import default_model
    from qclassify.taxonomy import load_taxonomy

    return list(load_taxonomy(default_model() / "taxonomy.toml").ids)


def explain(
    path: Annotated[str, typer.Argument(help="A document; - reads standard input.")],
    clause: Annotated[
        int | None,
        typer.Option(min=1, help="Number of a clause, from 1, as in the table and the page; default: all."),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            help="Only this category; without --clause: the clauses that have it.",
            autocompletion=category_ids,
        ),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(
            help="Labelled clauses (jsonl with text and labels), of which the most alike one that has the "
            "category is shown; default: those of the shipped model."
        ),
    ] = None,
    model: ModelOption = None,
    encoding: EncodingOption = "auto",
    soffice: SofficeOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show the terms that add up to each score: the clause's and the heading's apart.

    Example: qclassify explain labels/documents/xining-2015.txt --clause 12 --category product
    """
    from qclassify.gold_clauses import read_gold_clauses, shipped_gold_clauses
    from qclassify.models import load_model
    from qclassify.rendering.examples import nearest_examples
    from qclassify.rendering.model_facts import model_facts
    from qclassify.rendering.sinks import text_sink
    from qclassify.rendering.terminal_reasons import print_clause, print_sum
    from qclassify.row_output import console_on
    from qclassify.scoring import explain as evidence_of
    from qclassify.tagging import tag
    from qclassify.tagging_inputs import Documents

    bundle = load_model(model)
    if category is not None and category not in bundle.taxonomy.ids:
        raise typer.BadParameter(
            f"unknown category {category!r}; the model has: {', '.join(bundle.taxonomy.ids)}",
            param_hint="--category",
        )
    documents = Documents([(path, source(path))], encoding, reporter(quiet=quiet), soffice=soffice)
    labelled = read_gold_clauses(gold, bundle.taxonomy) if gold else shipped_gold_clauses(bundle.taxonomy)
    facts = model_facts(bundle, None, None)
    with text_sink(None) as stream:
        console = console_on(stream)
        for document in documents:
            chosen = list(_chosen(tag(document, bundle), clause, category))
            texts = [prediction.unit.text for _, prediction in chosen]
            examples = nearest_examples(texts, labelled, bundle.taxonomy)
            for (number, prediction), example_of in zip(chosen, examples, strict=True):
                print_clause(console, str(number), prediction, facts)
                shown = _shown(prediction, category)
                for position, evidence in enumerate(evidence_of(prediction.unit, bundle)):
                    if evidence.category in shown:
                        print_sum(
                            console,
                            prediction,
                            evidence,
                            bundle.taxonomy[evidence.category],
                            facts.thresholds[position],
                            facts.scores_needed[position],
                            example_of.get(evidence.category),
                        )
                console.print()
    raise typer.Exit(1 if documents.failed else 0)


def _chosen(
    tagged: TaggedDocument, clause: int | None, category: str | None
) -> Iterator[tuple[int, Prediction]]:
    """The clause asked for, else those that have the category, else all; numbers count from 1."""
    if clause is not None:
        if clause > len(tagged.predictions):
            raise QClassifyError(
                f"{tagged.document.name}: has no clause {clause}, only {len(tagged.predictions)}",
                "take a number from `qclassify tag PATH --format table`",
            )
        yield clause, tagged.predictions[clause - 1]
        return
    for number, prediction in enumerate(tagged.predictions, 1):
        if category is None or category in prediction.labels:
            yield number, prediction


def _shown(prediction: Prediction, category: str | None) -> Sequence[str]:
    """The category asked for, else the clause's own, else the one it came nearest to."""
    if category is not None:
        return (category,)
    return prediction.labels or (max(prediction.scores, key=lambda name: prediction.scores[name]),)
