"""Promotion: a trained model becomes a registered version, and the champion if it passes every gate.

The registry's champion is what a team serves by `models:/qclassify@champion`; `models/CURRENT` is what
this checkout tags with and what a wheel ships. `train` moves only `CURRENT`. Promoting a *folder* moves
both; promoting a run moves only the champion. Withdrawing a champion brings its predecessor's folder
back where `CURRENT` named the withdrawn one.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qclassify.bundle import load_bundle
from qclassify.errors import ModelError
from qclassify.registry import wrapped_folder
from training import promotion, tracking
from training.gates import Gate, card_gate, data_gate, parity_gate, score_gates
from training.tracking import registry


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of a candidate.

    Attributes:
        version: its number in the registry.
        model: id of the model folder.
        is_champion: whether it is the champion now.
        gates: everything that was looked at; empty when it was the champion already.
        replaced: version number of the champion before, if there was another.
        current: whether `models/CURRENT` names it now.
    """

    version: int
    model: str
    is_champion: bool
    gates: tuple[Gate, ...] = ()
    replaced: int | None = None
    current: bool = False


def promote(run_or_folder: str, labels: Path, experiments: Path, name: str) -> Promotion:
    """Register a trained model and make it the champion, or the challenger when a gate does not hold.

    Args:
        run_or_folder: a run's id, a model's id, or a model folder that a run of this store made.
        labels: the labels that it was trained on.
        experiments: folder of the default store.
        name: of the registered model.

    Raises:
        ModelError: no run of the store made this model, or the folder is not as the run exported it.
    """
    experiment = tracking.connect(experiments)
    folder = Path(run_or_folder) if (Path(run_or_folder) / "manifest.json").is_file() else None
    wanted = run_or_folder if folder is None else load_bundle(folder).id
    run = registry.find_run(experiment, wanted)
    bundle = load_bundle(wrapped_folder(run.source))
    if folder is not None and load_bundle(folder).manifest["checksum"] != bundle.manifest["checksum"]:
        raise ModelError(
            f"{folder}: differs from what run {run.id} exported", "train again, then promote that folder"
        )
    before = registry.champion(name)
    if before is not None and before.run_id == run.id:
        return Promotion(before.number, run.model, is_champion=True, current=_make_current(folder))
    answers = registry.logged_answers(run.id)
    gates = [
        *_against(before, answers, bundle.taxonomy.ids),
        parity_gate(bundle, registry.logged_reference(run.id)),
        card_gate(bundle),
        data_gate(bundle, labels),
    ]
    number = registry.register(run, name)
    failed = [f"{gate.name}: {gate.detail}" for gate in gates if not gate.passed]
    if failed:
        registry.challenge(name, number, failed)
        return Promotion(number, run.model, is_champion=False, gates=tuple(gates))
    registry.crown(name, number)
    return Promotion(
        number,
        run.model,
        is_champion=True,
        gates=tuple(gates),
        replaced=None if before is None else before.number,
        current=_make_current(folder),
    )


def _against(before: registry.Version | None, answers: pd.DataFrame, ids: tuple[str, ...]) -> list[Gate]:
    if before is None:
        return [Gate("scores", passed=True, detail="there is no champion to compare with")]
    try:
        theirs = registry.logged_answers(before.run_id)
    except ModelError as error:
        return [Gate("scores", passed=False, detail=f"champion {before.number}: {error.message}")]
    return score_gates(answers, theirs, ids)


def _make_current(folder: Path | None) -> bool:
    if folder is None:
        return False
    promotion.make_current(folder.resolve())
    return True


def roll_back(experiments: Path, models: Path, name: str) -> tuple[registry.Version, registry.Version, bool]:
    """Withdraw the champion in favour of the one before.

    Returns:
        the withdrawn version, the champion now, and whether `models/CURRENT` followed (it does when it
        named the withdrawn model).

    Raises:
        ModelError: there is no champion, or none before it.
    """
    tracking.connect(experiments)
    withdrawn, now = registry.withdraw_champion(name)
    pointer = models / "CURRENT"
    if not pointer.is_file() or pointer.read_text("utf-8").strip() != withdrawn.model:
        return withdrawn, now, False
    target = models / now.model
    if not target.is_dir():
        shutil.copytree(wrapped_folder(now.source), target)
    load_bundle(target)
    promotion.make_current(target)
    return withdrawn, now, True
