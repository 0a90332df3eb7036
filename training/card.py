"""The model card, generated from the manifest so that every figure in it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qclassify.deciding import Decision
from qclassify.rendering.markdown import escaped
from qclassify.taxonomy import Taxonomy
from training.recipe import Recipe

_HEADLINES = (
    ("micro_f1", "micro-F1"),
    ("macro_f1", "macro-F1"),
    ("primary_accuracy", "primary accuracy"),
    ("subset_accuracy", "subset accuracy (whole label set right)"),
    ("ece", "expected calibration error"),
    ("coverage_at_95_precision", "share of clauses decided at 95 % label precision"),
)
_UNKNOWN_ORIGIN = (
    "## Where the labels come from\n\n"
    "The labels folder does not say (ORIGIN.md), nor what the model is not for. A clause marked `review` needs a "
    "reader."
)


def model_card(
    manifest: Mapping[str, Any], taxonomy: Taxonomy, decision: Decision, recipe: Recipe, origin: str = ""
) -> str:
    """Markdown: what the model is, its figures with intervals, its limits.

    Args:
        manifest: of the model folder.
        taxonomy: its categories.
        decision: calibration and thresholds.
        recipe: how it was trained.
        origin: what the labels folder says of where its labels come from and what they are not for.
    """
    metrics = manifest["metrics"]
    return (
        "\n\n".join(
            [
                f"# Model card: {manifest['id']}",
                _purpose(taxonomy, metrics),
                "## Figures",
                _protocol(metrics),
                _headline_table(metrics),
                "## By category",
                _category_table(metrics, taxonomy, decision),
                "## Where it errs",
                _weaknesses(metrics),
                "## How it was made",
                _method(manifest, recipe),
                origin.strip() or _UNKNOWN_ORIGIN,
            ]
        )
        + "\n"
    )


def _purpose(taxonomy: Taxonomy, metrics: Mapping[str, Any]) -> str:
    names = ", ".join(f"{c.id} {escaped(c.name)}" for c in taxonomy.categories)
    data = metrics["data"]
    how_many = "exactly one" if taxonomy.exclusive else "none, one or several"
    source = f"{data['source_clauses']} clauses of source documents"
    written = f" and {data['written_clauses']} written clauses" if data["written_clauses"] else ""
    return f"Tags clauses with {how_many} of {len(taxonomy.ids)} categories: {names}. Trained on {source}{written}."


def _protocol(metrics: Mapping[str, Any]) -> str:
    data = metrics["data"]
    documents = ", ".join(data["documents"])
    annotators = (
        "The annotators’ column is their agreement with each other on the same clauses."
        if metrics["agreement"]
        else "No clause has the answers of two annotators, so how far people agree is not known."
    )
    held_out = (
        f"There is only one document; parts of it are held out in turn ({documents}), so the figures are optimistic "
        "for other documents: each part"
        if data.get("in_parts")
        else f"Leave one document out over {documents}: each"
    )
    protocol = (
        f"{held_out} is tagged by a model, a calibration and thresholds that "
        "have not seen it. Brackets hold 95 % bootstrap intervals over groups of clauses under one heading. "
        f"“Headings withheld” removes the headings at test time only. {annotators}"
    )
    lines = [protocol]
    if warnings := data.get("warnings"):
        lines += ["", "What the labels are too poor for:", "", *(f"- {warning}" for warning in warnings)]
    return "\n".join(lines)


def _headline_table(metrics: Mapping[str, Any]) -> str:
    beside = _annotators_figures(metrics["agreement"])
    rows = ["| figure | held-out documents | headings withheld | annotators |", "| --- | --- | --- | --- |"]
    for key, name in _HEADLINES:
        human = f"{beside[key]:.3f}" if key in beside else "–"
        rows.append(
            f"| {name} | {_figure(metrics['lodo'], key)} | {metrics['lodo_headless'][key]:.3f} | {human} |"
        )
    by_document = ", ".join(
        f"{name} {values['micro_f1']:.3f} ({values['n_clauses']})"
        for name, values in metrics["by_document"].items()
    )
    return "\n".join(rows) + f"\n\nMicro-F1 by document (clauses): {by_document}."


def _annotators_figures(agreement: Mapping[str, Any]) -> dict[str, float]:
    """The annotators' figures beside the model's; none where no clause has the answers of two."""
    if not agreement:
        return {}
    return {
        "micro_f1": agreement["micro_f1"],
        "macro_f1": agreement["macro_f1"],
        "primary_accuracy": agreement["primary_agreement"],
        "subset_accuracy": agreement["subset_agreement"],
    }


def readme_block(metrics: Mapping[str, Any]) -> str:
    """The table of figures that stands in README.md between its markers."""
    return f"<!-- figures: begin -->\n{_headline_table(metrics)}\n<!-- figures: end -->"


def _figure(record: Mapping[str, Any], key: str) -> str:
    low, high = record["intervals"][key]
    return f"{record[key]:.3f} [{low:.3f}, {high:.3f}]"


def _category_table(metrics: Mapping[str, Any], taxonomy: Taxonomy, decision: Decision) -> str:
    rows = [
        "| category | F1 | precision | recall | clauses | annotators’ F1 | threshold |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    agreement = metrics["agreement"]
    for k, category in enumerate(taxonomy.categories):
        detail = metrics["lodo"]["per_category_detail"][category.id]
        human = f"{agreement['per_category'][category.id]['f1']:.3f}" if agreement else "–"
        threshold = "–" if taxonomy.exclusive else f"{decision.thresholds[k]:.2f}"
        cells = [f"{category.id} {escaped(category.name)}"]
        cells += [_number(detail[key]) for key in ("f1", "precision", "recall")]
        cells += [f"{detail['support']:.0f}", human, threshold]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _number(figure: float | None) -> str:
    """A figure, or a dash where there is none to tell."""
    return "–" if figure is None else f"{figure:.3f}"


def _weaknesses(metrics: Mapping[str, Any]) -> str:
    errors = metrics["errors"]
    if not errors["clauses_with_errors"]:
        return f"None of {metrics['lodo']['n_clauses']} held-out clauses has a wrong category."
    counts = (
        f"Of {metrics['lodo']['n_clauses']} held-out clauses {errors['clauses_with_errors']} have at least one wrong "
        f"category: {errors['missed']} labels are missed and {errors['extra']} given wrongly. The most frequent "
        "confusions, each with one held-out clause:"
    )
    lines = [counts, ""]
    lines += [
        f"- {entry['count']} × {entry['confusion']}: “{escaped(entry['example'])}”"
        for entry in errors["confusions"]
    ]
    return "\n".join(lines)


def _method(manifest: Mapping[str, Any], recipe: Recipe) -> str:
    fields = "; ".join(
        f"{f.name}: {f.terms} {f.low}–{f.high} of the {f.source}, weight {f.weight:g}" for f in recipe.fields
    )
    learners = "; ".join(
        f"{spec.kind}, C {spec.c:g}, Naive Bayes weights to the power {spec.nb_power:g}, share {spec.share:g}"
        for spec in recipe.learners
    )
    return (
        f"TF-IDF (sublinear counts, one L2-normalised block a field): {fields}. Words are jieba’s with HMM off plus "
        f"the labels folder’s lexicon. Linear, one against the rest: {learners}; a second set of weights, trained on the "
        f"primaries, chooses the primary among the labels. {_last_step(recipe)} Recipe {manifest['recipe']['name']}, taxonomy version {manifest['taxonomy']['version']}; "
        "`python -m training train` builds the same files from the same data."
    )


def _last_step(recipe: Recipe) -> str:
    if recipe.stacking is None:
        return "Calibration is Platt scaling on held-out scores of source clauses."
    return (
        "On held-out scores of the training clauses a logistic regression for each category then hears the scores of "
        "all categories, which also calibrates them; it is folded into the same coefficients."
    )
