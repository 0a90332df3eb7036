"""Commands on recipes: tune, league."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.options import ROOT, ExperimentsOption, LabelsOption, checked_dataset, say

if TYPE_CHECKING:
    from training.searching import Search
    from training.tuning import Trial, Tuned


def tune(
    space: Annotated[
        str, typer.Option("--space", help="A search space, or the name of one in training/spaces.")
    ] = "default",
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="Start from this recipe, not the one that the space names.")
    ] = None,
    time_budget: Annotated[str, typer.Option(help="For this run: 90s, 10m, 1h.")] = "10m",
    max_trials: Annotated[int, typer.Option(min=1, help="In all, those of earlier runs included.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the candidates.")] = 20190101,
    labels: LabelsOption = ROOT / "labels",
    experiments: ExperimentsOption = ROOT / "experiments",
    name: Annotated[
        str, typer.Option(help="Of the search: kept in EXPERIMENTS/out/tune-NAME, gone on with next time.")
    ] = "default",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The best recipe; default: best.toml in that folder."),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget earlier trials of this search.")] = False,
    result: Annotated[
        Path | None,
        typer.Option(help="Also record figures in this experiment's folder, for the league table."),
    ] = None,
) -> None:
    """Search better recipes for a while; nested folds keep the estimate honest.

    The documents that a recipe is judged on never choose it. Ctrl-C stops and loses nothing; the same command
    goes on with the search.

    Example: python -m training tune --time-budget 30m --output training/recipes/tuned.toml
    """
    from training.league import tuning_runs, write_result
    from training.search_space import load_space
    from training.searching import Search, parse_seconds, run_trials

    try:
        seconds = parse_seconds(time_budget)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--time-budget") from error
    search = Search(
        load_space(space, recipe), checked_dataset(labels), seed, experiments / "out" / f"tune-{name}"
    )
    done = search.open(restart=restart)
    if done:
        say(f"going on after {len(done)} trials in {search.folder}")
    best = output or search.folder / "best.toml"
    say(
        f"searching for {time_budget}; Ctrl-C ends it and keeps finished trials. Number, score, time, what differs:"
    )

    def work(on_trial: Callable[[Trial], None]) -> tuple[list[Trial], Tuned]:
        trials = run_trials(search, done, seconds=seconds, most=max_trials, on_trial=on_trial)
        found = search.summary(trials)
        best.parent.mkdir(parents=True, exist_ok=True)
        best.write_text(_best_recipe(found), "utf-8")
        return trials, found

    found = _tracked(search, name, experiments, time_budget, best, work)
    if result is not None:
        write_result(result, tuning_runs(found))
    for line in _report(found):
        typer.echo(line)
    typer.echo(str(best))


def _tracked(
    search: Search,
    name: str,
    experiments: Path,
    time_budget: str,
    best: Path,
    work: Callable[[Callable[[Trial], None]], tuple[list[Trial], Tuned]],
) -> Tuned:
    """Do the work inside an MLflow run, each trial nested in it."""
    from training import run, tracking

    parameters = {"space": search.space.where, "seed": search.seed, "time_budget": time_budget}
    tags = {**run.source_state(), **{f"data.{key}": digest for key, digest in search.dataset.digests.items()}}
    experiment = tracking.connect(experiments)
    with tracking.search_run(experiment, name=f"tune {name}", parameters=parameters, tags=tags) as record:

        def log(trial: Trial) -> None:
            changed = ", ".join(f"{key} {value}" for key, value in trial.values.items()) or "the start recipe"
            say(f"{trial.number:4}  {trial.score:.4f}  {trial.seconds:5.1f} s  {changed}")
            metrics = {"score": trial.score, "micro_f1": trial.micro_f1, "macro_f1": trial.macro_f1}
            metrics |= {f"inner.without.{document}": value for document, value in trial.inner.items()}
            tracking.log_trial(
                record, name=f"trial {trial.number}", parameters=dict(trial.values), metrics=metrics
            )

        _, found = work(log)
        tracking.log_search_result(
            record,
            metrics={f"nested.{key}": value for key, value in found.nested.items()}
            | {"best.score": found.best.score, "trials": float(found.trials)},
            files=[best],
            best_trial=str(found.best.number),
        )
    return found


def _report(found: Tuned) -> list[str]:
    """What was found; the honest figure first."""
    lines = [
        f"{found.trials} trials",
        "nested estimate of the tuned procedure (the search never saw the document it is judged on):",
    ]
    for key in ("micro_f1", "macro_f1"):
        low, high = found.bounds[key]
        gain = found.gain[key]
        lines.append(
            f"  {key} {found.nested[key]:.3f} [{low:.3f}, {high:.3f}]; start recipe {found.start[key]:.3f}, "
            f"difference {gain.change:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        )
    if found.gain["micro_f1"].low <= 0 and found.gain["macro_f1"].low <= 0:
        lines.append("  no gain over the start recipe is shown: the difference may be chance")
    picks = ", ".join(f"{document}: trial {number}" for document, number in found.chosen.items())
    lines.append(f"  chosen without {picks}")
    best = found.best
    lines.append(
        f"best recipe (trial {best.number}) on the documents that chose it, so too high: "
        f"micro_f1 {best.micro_f1:.3f}, macro_f1 {best.macro_f1:.3f}"
    )
    return lines


def _best_recipe(found: Tuned) -> str:
    """The best recipe's text, with what is known of it above."""
    nested, best = found.nested, found.best
    return (
        f"# Trial {best.number} of {found.trials}. Nested estimate of the search: micro-F1 {nested['micro_f1']:.3f}, "
        f"macro-F1 {nested['macro_f1']:.3f};\n"
        f"# on the documents that chose it (too high): {best.micro_f1:.3f}, {best.macro_f1:.3f}.\n"
        + best.recipe
    )


def league(
    experiments: ExperimentsOption = ROOT / "experiments",
    write: Annotated[
        bool, typer.Option("--write", help="Refresh the table in the folder's README.md.")
    ] = False,
) -> None:
    """The table of experiments from what each has recorded in its result.json.

    Example: python -m training league --write
    """
    from training.league import league_block, read_experiments, write_league_block

    found = read_experiments(experiments)
    typer.echo(league_block(found))
    if write:
        write_league_block(found, experiments / "README.md")
