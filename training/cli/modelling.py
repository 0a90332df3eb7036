"""Commands on models: train, figures, evaluate, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qclassify.errors import LabelError
from training.cli.options import (
    ROOT,
    ExperimentsOption,
    LabelsOption,
    ModelsOption,
    RecipeOption,
    checked_dataset,
    headline_line,
    say,
)


def train(
    recipe: RecipeOption = "default",
    labels: LabelsOption = ROOT / "labels",
    models: ModelsOption = ROOT / "models",
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
    say(f"MLflow run {trained.run_id}; `python -m training promote {trained.run_id}` puts it in charge")
    typer.echo(str(trained.folder))


def figures(
    models: ModelsOption = ROOT / "models",
    write: Annotated[bool, typer.Option("--write", help="Refresh the block in README.md.")] = False,
) -> None:
    """The current model's figures as the table that README.md shows.

    Example: python -m training figures
    """
    from training.card import readme_block
    from training.marked_blocks import write_marked_block
    from training.promotion import current_figures

    current = current_figures(models)
    if current is None:
        raise LabelError(f"{models}: there is no current model", "run `python -m training train` first")
    block = readme_block(current)
    typer.echo(block)
    if write:
        write_marked_block(ROOT / "README.md", block, "the figures")


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
