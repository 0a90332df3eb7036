"""`python -m training check | agreement | train | evaluate | errors`: parse, call, print."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qclassify.errors import LabelError, QClassifyError

if TYPE_CHECKING:
    from training.dataset import Dataset

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    help="Check labels, train, evaluate and export models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
LabelsOption = Annotated[Path, typer.Option("--labels", help="The labels folder.")]
RecipeOption = Annotated[
    str, typer.Option("--recipe", help="A recipe file, or the name of one in training/recipes.")
]
ExperimentsOption = Annotated[
    Path, typer.Option("--experiments", help="Where runs are tracked and drafts written.")
]


def main() -> None:
    """Run the command line; errors of the family become two lines on stderr and exit code 1."""
    try:
        app()
    except QClassifyError as error:
        say(f"error: {error.message}")
        if error.hint:
            say(f"  → {error.hint}")
        sys.exit(1)


def say(line: str) -> None:
    """Talk goes to stderr; stdout is data."""
    typer.echo(line, err=True)


@app.command()
def check(
    labels: LabelsOption = ROOT / "labels",
    against: Annotated[
        Path | None, typer.Option(help="A table whose clauses no written clause may resemble.")
    ] = None,
) -> None:
    """Validate the labels folder; list every fault by file and line.

    Example: python -m training check
    """
    from training.checking import check_labels

    faults = check_labels(labels, against=against)
    for fault in faults:
        typer.echo(f"{fault.file}:{fault.line}: {fault.message}")
    say(f"{len(faults)} faults in {labels}")
    if faults:
        raise typer.Exit(1)


@app.command()
def agreement(
    labels: LabelsOption = ROOT / "labels",
    write: Annotated[
        bool, typer.Option("--write", help="Refresh the block in the folder's README.md.")
    ] = False,
) -> None:
    """Agreement of the annotators: F1, κ, α, by category.

    Example: python -m training agreement
    """
    from training.agreement import agreement_block, write_agreement_block
    from training.dataset import load_dataset

    dataset = load_dataset(labels)
    typer.echo(agreement_block(dataset))
    if write:
        write_agreement_block(dataset, labels / "README.md")


@app.command()
def train(
    recipe: RecipeOption = "default",
    labels: LabelsOption = ROOT / "labels",
    models: Annotated[Path, typer.Option(help="Where the model folder goes.")] = ROOT / "models",
    experiments: ExperimentsOption = ROOT / "experiments",
    keep_current: Annotated[
        bool, typer.Option("--keep-current", help="Never change models/CURRENT.")
    ] = False,
) -> None:
    """Evaluate a recipe, fit it, export the model and record the run.

    The new model becomes the current one only when its held-out figures are better.

    Example: python -m training train --recipe default
    """
    from training import promotion, run
    from training.recipe import load_recipe

    loaded = load_recipe(recipe)
    dataset = checked_dataset(labels)
    before = promotion.current_figures(models)
    trained = run.train(loaded, dataset, models, experiments)
    say(headline_line(trained.figures))
    if not keep_current and promotion.is_better(trained.figures, before):
        promotion.make_current(trained.folder)
        say(f"{trained.folder.name} is now the current model")
    else:
        say(f"{trained.folder.name} is not the current model")
    say(f"MLflow run {trained.run_id}")
    typer.echo(str(trained.folder))


@app.command()
def figures(
    models: Annotated[Path, typer.Option(help="The folder whose CURRENT names the model.")] = ROOT / "models",
    write: Annotated[bool, typer.Option("--write", help="Refresh the block in README.md.")] = False,
) -> None:
    """The current model's figures as the table that README.md shows.

    Example: python -m training figures
    """
    from training.card import readme_block
    from training.promotion import current_figures

    current = current_figures(models)
    if current is None:
        raise LabelError(f"{models}: there is no current model", "run `python -m training train` first")
    block = readme_block(current)
    typer.echo(block)
    if write:
        readme = ROOT / "README.md"
        text = readme.read_text("utf-8")
        begin, end = text.index("<!-- figures: begin -->"), text.index("<!-- figures: end -->")
        readme.write_text(text[:begin] + block.removesuffix("<!-- figures: end -->") + text[end:], "utf-8")


@app.command()
def evaluate(
    recipe: RecipeOption = "default",
    labels: LabelsOption = ROOT / "labels",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures here (- for stdout).")
    ] = None,
    neighbours: Annotated[
        Path | None, typer.Option(help="A table of labelled clauses of other documents, scored as well.")
    ] = None,
) -> None:
    """All official figures of a recipe: nested leave-one-document-out, with intervals.

    Example: python -m training evaluate --json figures.json
    """
    from training import run
    from training.dataset import load_labelled_table
    from training.recipe import load_recipe
    from training.report import neighbour_figures

    loaded = load_recipe(recipe)
    dataset = checked_dataset(labels)
    evaluated = run.evaluate(loaded, dataset)
    figures = dict(evaluated.figures)
    if neighbours is not None:
        pipeline, decision = run.fit_final(loaded, dataset, evaluated.result)
        clauses = load_labelled_table(neighbours, dataset.taxonomy)
        figures["neighbours"] = neighbour_figures(loaded, pipeline, decision, clauses, dataset.taxonomy)
    say(headline_line(figures))
    text = json.dumps(figures, ensure_ascii=False, indent=2, sort_keys=True)
    if json_file is not None and str(json_file) != "-":
        json_file.write_text(text + "\n", "utf-8")
    else:
        typer.echo(text)


@app.command()
def errors(
    recipe: RecipeOption = "default",
    labels: LabelsOption = ROOT / "labels",
    html: Annotated[Path | None, typer.Option(help="Also write a page to read them on.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Clauses printed for each confusion.")] = 5,
) -> None:
    """Held-out errors grouped by confusion, with the terms that led there.

    Example: python -m training errors --html errors.html
    """
    from training import run
    from training.error_pages import error_page, error_text, explained_errors
    from training.recipe import load_recipe

    loaded = load_recipe(recipe)
    dataset = checked_dataset(labels)
    explained = explained_errors(loaded, dataset, run.evaluate(loaded, dataset))
    typer.echo(error_text(explained, dataset.taxonomy, limit))
    if html is not None:
        html.write_text(error_page(explained, dataset.taxonomy), "utf-8")
        say(f"wrote {html}")


def checked_dataset(labels: Path) -> Dataset:
    """Load the labels folder.

    Raises:
        LabelError: `check` finds faults in it.
    """
    from training.checking import check_labels
    from training.dataset import load_dataset

    faults = check_labels(labels)
    if faults:
        first = faults[0]
        raise LabelError(
            f"{first.file}:{first.line}: {first.message} ({len(faults)} faults in all)",
            "run `python -m training check` and mend them first",
        )
    return load_dataset(labels)


def headline_line(figures: Mapping[str, Any]) -> str:
    """One line for people."""
    lodo = figures["lodo"]
    return ", ".join(
        f"{name} {lodo[name]:.3f}"
        for name in (
            "micro_f1",
            "macro_f1",
            "primary_accuracy",
            "subset_accuracy",
            "ece",
            "coverage_at_95_precision",
        )
    )
