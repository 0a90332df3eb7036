"""What a search varies: a start recipe and, for some of its values, what else they may be.

    recipe = "default"                                    # a name in training/recipes, or a path

    [space]
    "learner.0.c" = [0.2, 0.4, 0.8]                       # one of these
    "field.words.weight" = {low = 0.2, high = 0.6}        # any number between
    "learner.0.nb_smoothing" = {low = 0.01, high = 1, log = true}   # … evenly over magnitudes
    "field.chars.high" = {low = 2, high = 4}              # whole numbers where the recipe has one
    "data.source_weight" = [1.0, 2.0, 4.0]

Candidates are drawn at random, which finds good values of the few parameters that matter sooner than a grid
(J. Bergstra and Y. Bengio, Random Search for Hyper-Parameter Optimization, JMLR 13, 2012). Candidate 0 is
the start recipe itself; candidate n depends on the seed and on n alone, so a search can go on later.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qclassify.errors import LabelError
from training.recipe import Recipe, load_recipe, parse_recipe

SPACES = Path(__file__).parent / "spaces"
_HINT = "see training/spaces/default.toml"
Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; evenly over their logarithms if `log`."""

    low: float
    high: float
    log: bool

    def draw(self, rng: np.random.Generator, *, whole: bool) -> float | int:
        """One number, rounded to four significant digits."""
        if whole:
            return int(rng.integers(int(self.low), int(self.high), endpoint=True))
        if self.log:
            value = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = rng.uniform(self.low, self.high)
        return float(f"{value:.4g}")


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """A start recipe and what may vary; `where` names the file."""

    start: Recipe
    choices: Mapping[str, tuple[Value, ...] | Range]
    where: str

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides the candidates besides the seed."""
        choices = {key: repr(choice) for key, choice in sorted(self.choices.items())}
        return hashlib.sha256(json.dumps([self.start.text, choices]).encode("utf-8")).hexdigest()

    def candidate(self, number: int, seed: int) -> tuple[Recipe, dict[str, Value]]:
        """Recipe and values of one candidate."""
        if number == 0:
            return self.start, {}
        rng = np.random.default_rng([seed, number])
        table = tomllib.loads(self.start.text)
        values: dict[str, Value] = {}
        for path, choice in sorted(self.choices.items()):
            holder, key = _place(table, path, self.where)
            if isinstance(choice, Range):
                values[path] = choice.draw(rng, whole=type(holder[key]) is int)
            else:
                values[path] = choice[int(rng.integers(len(choice)))]
            holder[key] = values[path]
        return parse_recipe(recipe_toml(table), f"{self.where}: candidate {number}"), values


def load_space(name_or_path: str | Path, recipe: str | Path | None = None) -> SearchSpace:
    """Read a search space by path, or by the name of one in `training/spaces/`.

    Args:
        name_or_path: of the space.
        recipe: starts from this recipe instead of the one that the space names.

    Raises:
        LabelError: not found, not TOML, or something in it that the recipe does not have.
    """
    path = Path(name_or_path)
    if not path.suffix:
        path = SPACES / f"{name_or_path}.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelError(f"{path}: no search space: {error}", _HINT) from error
    space = data.get("space")
    if set(data) - {"recipe", "space"} or not isinstance(space, dict) or not space:
        raise LabelError(f"{path}: has more or less than `recipe` and a [space] with values", _HINT)
    start = load_recipe(recipe or str(data.get("recipe", "default")))
    table = tomllib.loads(start.text)
    choices = {}
    for key, choice in space.items():
        holder, last = _place(table, key, str(path))
        choices[key] = _choice(choice, holder[last], f"{path}: {key}")
    return SearchSpace(start, choices, str(path))


def _choice(choice: Any, present: Value, where: str) -> tuple[Value, ...] | Range:  # noqa: ANN401 - raw TOML
    if isinstance(choice, list) and choice and all(_fits(value, present) for value in choice):
        return tuple(choice)
    if isinstance(choice, dict) and set(choice) <= {"low", "high", "log"} and {"low", "high"} <= set(choice):
        low, high, log = choice["low"], choice["high"], choice.get("log", False)
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (low, high))
        if numbers and isinstance(log, bool) and low < high and (low > 0 or not log) and _fits(low, present):
            return Range(low, high, log)
    raise LabelError(f"{where}: neither a list of values nor {{low, high, log}} of the recipe's kind", _HINT)


def _fits(value: object, present: Value) -> bool:
    if isinstance(present, bool) or isinstance(value, bool):
        return isinstance(present, bool) and isinstance(value, bool)
    if isinstance(present, float):
        return isinstance(value, int | float)
    return isinstance(value, type(present))


def _place(table: dict[str, Any], path: str, where: str) -> tuple[dict[str, Any], str]:
    """The table that holds what `field.words.weight`, `learner.0.c` or `data.written` names, and its key."""
    kind, _, rest = path.partition(".")
    name, _, key = rest.rpartition(".")
    holder: Any = None
    if kind in ("data", "decision", "stacking") and not name and kind in table:
        holder = table[kind]
    elif kind == "field":
        holder = next((field for field in table["field"] if field["name"] == name), None)
    elif kind == "learner" and name.isdecimal() and int(name) < len(table["learner"]):
        holder = table["learner"][int(name)]
    if holder is None or key not in holder:
        raise LabelError(
            f"{where}: the recipe has no {path!r}", "name it like field.words.weight or learner.0.c"
        )
    return holder, key


def recipe_toml(table: Mapping[str, Any]) -> str:
    """A recipe's table as TOML text."""
    lines = [f"{key} = {_toml(value)}" for key, value in table.items() if not isinstance(value, dict | list)]
    for key, value in table.items():
        for entry in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
            lines += ["", f"[[{key}]]" if isinstance(value, list) else f"[{key}]"]
            lines += [f"{name} = {_toml(cell)}" for name, cell in entry.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Value) -> str:
    # JSON's spelling of texts, numbers and truth is TOML's as well, for what a recipe may hold.
    return json.dumps(value, ensure_ascii=False)
