"""Commands on the model registry: promote, rollback, list, relocate."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.cli.options import ROOT, ExperimentsOption, LabelsOption, ModelsOption, say

if TYPE_CHECKING:
    from training.champions import Promotion
    from training.tracking.registry import Version

NameOption = Annotated[str, typer.Option("--name", help="The registered model.")]
HEADLINES = ("micro_f1", "macro_f1", "primary_accuracy", "subset_accuracy")
GATE_FAILED = 5


def promote(
    run_or_folder: Annotated[
        str, typer.Argument(metavar="RUN|FOLDER", help="A run's id, a model's id, or a model folder.")
    ],
    labels: LabelsOption = ROOT / "labels",
    experiments: ExperimentsOption = ROOT / "experiments",
    name: NameOption = "qclassify",
) -> None:
    """Register a trained model; it becomes the champion if it passes every gate, else the challenger.

    Gates: no headline figure worse than the champion's beyond the interval of their paired difference;
    the runtime gives scikit-learn's scores; a complete model card; faultless labels, the same that it
    was trained on. Exit code 5: a gate does not hold. A folder becomes models/CURRENT as well.

    Example: python -m training promote models/$(cat models/CURRENT)
    """
    from training import champions, tracking

    with tracking.answering_store():
        done = champions.promote(run_or_folder, labels, experiments, name)
    for gate in done.gates:
        say(f"{'passed' if gate.passed else 'FAILED'}  {gate.name}: {gate.detail}")
    for line in _outcome(done, name):
        say(line)
    typer.echo(f"models:/{name}/{done.version}")
    if not done.is_champion:
        raise typer.Exit(GATE_FAILED)


def _outcome(done: Promotion, name: str) -> Iterable[str]:
    if not done.is_champion:
        yield f"{done.model} is version {done.version}, challenger of {name}; the champion stays"
        return
    after = "" if done.replaced is None else f", in place of version {done.replaced}"
    already = "" if done.gates else " already"
    yield f"{done.model} is version {done.version}, champion of {name}{already}{after}"
    if done.current:
        yield f"models/CURRENT names {done.model}"


def rollback(
    experiments: ExperimentsOption = ROOT / "experiments",
    models: ModelsOption = ROOT / "models",
    name: NameOption = "qclassify",
) -> None:
    """Withdraw the champion: the one before is champion again.

    Where models/CURRENT names the withdrawn model, the folder of the one before is brought back.

    Example: python -m training rollback
    """
    from training import champions, tracking

    with tracking.answering_store():
        withdrawn, now, current = champions.roll_back(experiments, models, name)
    say(f"version {withdrawn.number} ({withdrawn.model}) is withdrawn")
    say(f"version {now.number} ({now.model}) is the champion of {name}")
    if current:
        say(f"models/CURRENT names {now.model}")
    typer.echo(f"models:/{name}/{now.number}")


def list_(
    experiments: ExperimentsOption = ROOT / "experiments",
    name: NameOption = "qclassify",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a version.")] = False,
) -> None:
    """List registered versions, the newest first, with aliases and headline figures.

    Example: python -m training list
    """
    from training import tracking
    from training.tracking import registry

    tracking.connect(experiments)
    with tracking.answering_store():
        rows = [(version, registry.run_metrics(version.run_id)) for version in registry.versions(name)]
    if as_json:
        for version, metrics in rows:
            typer.echo(json.dumps(_record(version, metrics), ensure_ascii=False))
        return
    columns = ["version", "alias", "model", "made", *HEADLINES, "note"]
    table = [_cells(version, metrics) for version, metrics in rows]
    for line in _aligned([columns, *table]):
        typer.echo(line)
    say(f"{len(rows)} versions of {name}")


def _record(version: Version, metrics: dict[str, float]) -> dict[str, Any]:
    return {
        "version": version.number,
        "aliases": list(version.aliases),
        "model": version.model,
        "run": version.run_id,
        "created": version.created,
        **{name: metrics.get(f"lodo.{name}") for name in HEADLINES},
        "not_champion_because": version.reasons,
    }


def _cells(version: Version, metrics: dict[str, float]) -> list[str]:
    figures = [metrics.get(f"lodo.{name}") for name in HEADLINES]
    return [
        str(version.number),
        ",".join(version.aliases) or "-",
        version.model,
        version.created,
        *("-" if value is None else f"{value:.3f}" for value in figures),
        version.reasons,
    ]


def _aligned(table: list[list[str]]) -> Iterable[str]:
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def relocate(
    old: Annotated[str, typer.Argument(help="The folder as the store remembers it.")],
    new: Annotated[Path, typer.Argument(help="Where it is now.")],
    store: Annotated[
        Path | None, typer.Option("--store", help="The SQLite file; default: NEW/mlflow.db.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
) -> None:
    """Tell a moved SQLite store where its artefacts are now: rewrite paths that begin with OLD.

    Example: python -m training relocate /home/ann/qclassify/experiments experiments --dry-run
    """
    from training.relocation import relocate_store

    database = store or new / "mlflow.db"
    changes = relocate_store(database, old, new, dry_run=dry_run)
    for column, count in changes.items():
        typer.echo(f"{column}  {count}")
    say(f"{sum(changes.values())} paths {'would be' if dry_run else 'are'} rewritten in {database}")
