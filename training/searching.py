"""The run of a search: trials one after the other, each kept at once, until the time is over."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qclassify.errors import LabelError
from qclassify.model_files import canonical_json
from training.dataset import Dataset
from training.folds import in_folds
from training.remembering import remembering
from training.search_space import SearchSpace
from training.tuning import Trial, Tuned, trial_from_record, try_candidate, tuned

_UNITS = {"s": 1, "m": 60, "h": 3600}
_HINT = "begin anew with --restart, or under another --name"


@dataclass(frozen=True, slots=True)
class Search:
    """A search and where it is kept.

    `folder` gets `search.json` (what is searched, on which labels) and `trials.jsonl` (a line a trial,
    written when it ends), so that a search that was stopped goes on where it was.
    """

    space: SearchSpace
    dataset: Dataset
    seed: int
    folder: Path

    def open(self, *, restart: bool = False) -> list[Trial]:
        """Make or find the folder; the trials that it holds already.

        Raises:
            LabelError: it holds another search, or something that is none.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        about, trials = self.folder / "search.json", self.folder / "trials.jsonl"
        if restart:
            trials.unlink(missing_ok=True)
            about.unlink(missing_ok=True)
        fingerprint = canonical_json(self._fingerprint())
        if about.exists() and about.read_text("utf-8") != fingerprint:
            raise LabelError(
                f"{self.folder}: holds a search of other recipes or on other labels, or with another seed",
                _HINT,
            )
        about.write_text(fingerprint, "utf-8")
        return _read_trials(trials)

    def _fingerprint(self) -> dict[str, object]:
        return {"space": self.space.digest, "seed": self.seed, "data": dict(self.dataset.digests)}

    def keep(self, trial: Trial) -> None:
        """Write a finished trial down."""
        with (self.folder / "trials.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(trial.record(), ensure_ascii=False) + "\n")

    def summary(self, trials: Sequence[Trial]) -> Tuned:
        """What the trials amount to."""
        return tuned(trials, in_folds(self.dataset).gold, self.dataset.taxonomy)


def run_trials(
    search: Search,
    done: list[Trial],
    *,
    seconds: float,
    most: int,
    on_trial: Callable[[Trial], None],
    clock: Callable[[], float] = time.monotonic,
) -> list[Trial]:
    """Try candidates until the time is over; all trials, those of before included.

    A trial is begun only if it would end in time, judged by the slowest one of this run; the first of a
    run is always made. An interrupt (Ctrl-C) ends the search like the end of the time: finished trials stay.

    Args:
        search: what is searched.
        done: trials of before.
        seconds: for this run.
        most: trials in all.
        on_trial: called after each, when it is written down already.
        clock: gives seconds.
    """
    trials = list(done)
    try:
        with remembering(search.dataset):
            for trial in _fresh_trials(search, trials, clock() + seconds, most, clock):
                search.keep(trial)
                trials.append(trial)
                on_trial(trial)
    except KeyboardInterrupt:
        if not trials:
            raise
    return trials


def _fresh_trials(
    search: Search, trials: Sequence[Trial], end: float, most: int, clock: Callable[[], float]
) -> Iterator[Trial]:
    """Trials of candidates that were not tried yet; `trials` grows while they are made."""
    seen = {trial.recipe for trial in trials}
    number = max((trial.number for trial in trials), default=-1) + 1
    slowest, first = 0.0, len(trials)
    unlucky = 0  # candidates in a row that were tried already: a small space is used up
    while len(trials) < most and unlucky < most:
        if len(trials) > first and clock() + slowest > end:
            return
        recipe, values = search.space.candidate(number, search.seed)
        if recipe.text in seen:
            unlucky += 1
        else:
            seen.add(recipe.text)
            unlucky = 0
            trial = try_candidate(number, recipe, values, search.dataset, clock)
            slowest = max(slowest, trial.seconds)
            yield trial
        number += 1


def _read_trials(path: Path) -> list[Trial]:
    """Finished trials; half a last line, left by a killed process, is cut off."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) != len(data):
        path.write_bytes(whole)
    try:
        records = [json.loads(line) for line in whole.decode("utf-8").splitlines()]
    except ValueError as error:
        raise LabelError(f"{path}: not trials: {error}", _HINT) from error
    return [trial_from_record(record) for record in records]


def parse_seconds(text: str) -> float:
    """`90s`, `10m`, `1.5h`, or plain seconds.

    Raises:
        ValueError: it is none of these, or nothing at all.

    >>> parse_seconds("10m"), parse_seconds("1.5h"), parse_seconds("30")
    (600.0, 5400.0, 30.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found or not float(found[1]):
        raise ValueError(f"{text!r} is no time like 90s, 10m or 1h")
    return float(found[1]) * _UNITS[found[2] or "s"]
