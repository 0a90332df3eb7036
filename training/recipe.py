"""One TOML recipe → one scikit-learn pipeline. Unknown keys are errors; importing does nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from sklearn.pipeline import FeatureUnion, Pipeline

from qclassify.errors import LabelError
from qclassify.features import FieldSpec, TermKind, TextSource
from qclassify.segmenter import Segmenter
from training.learners import AveragedLinear, NBWeightedLinear
from training.remembering import vectorizer
from training.stacking import StackedLinear

RECIPES = Path(__file__).parent / "recipes"
T = TypeVar("T")
LEARNER_KINDS = ("svm", "logistic")


@dataclass(frozen=True, slots=True)
class LearnerSpec:
    """One linear learner; see `NBWeightedLinear`. `share` is its factor in the sum of learners."""

    kind: str
    c: float
    nb_smoothing: float
    nb_power: float
    share: float


@dataclass(frozen=True, slots=True)
class DataSpec:
    """What to train on: written clauses or not, and the weight of a source clause against a written one."""

    written: bool
    source_weight: float


@dataclass(frozen=True, slots=True)
class StackingSpec:
    """The second linear step, see `StackedLinear`; `source_weight` is a source clause's in this step."""

    c: float
    folds: int
    min_rows: int
    source_weight: float


@dataclass(frozen=True, slots=True)
class DecisionSpec:
    """How scores become labels.

    Attributes:
        thresholds: `fitted` (per category, from out-of-fold probabilities) or `fixed`.
        fixed_threshold: the probability used with `fixed`, in (0, 1).
        review_precision: clauses are sent to review until the rest reaches this label precision.
        calibration: `platt` (out of fold), or `none` where the scores are log-odds already (stacking).
    """

    thresholds: str
    fixed_threshold: float
    review_precision: float
    calibration: str = "platt"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a model besides the labels; `text` is the file as written."""

    name: str
    seed: int
    data: DataSpec
    fields: tuple[FieldSpec, ...]
    learners: tuple[LearnerSpec, ...]
    decision: DecisionSpec
    stacking: StackingSpec | None
    text: str


def load_recipe(name_or_path: str | Path) -> Recipe:
    """Read a recipe by path, or by the name of one in `training/recipes/`.

    Raises:
        LabelError: not found, not TOML, unknown or missing keys, or a value out of range.
    """
    path = Path(name_or_path)
    if not path.suffix:
        path = RECIPES / f"{name_or_path}.toml"
    try:
        return parse_recipe(path.read_text("utf-8"), str(path))
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise LabelError(f"{path}: no such recipe", f"name a .toml file or one of: {known}") from error
    except UnicodeDecodeError as error:
        raise LabelError(f"{path}: not TOML in utf-8: {error}", "mend the recipe") from error


def parse_recipe(text: str, where: str) -> Recipe:
    """A recipe from its text; `where` names it in errors.

    Raises:
        LabelError: not TOML, unknown or missing keys, or a value out of range.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LabelError(f"{where}: not TOML in utf-8: {error}", "mend the recipe") from error
    return _recipe(data, text, where)


def _recipe(data: Mapping[str, Any], text: str, where: str) -> Recipe:
    known = {"name", "seed", "data", "field", "learner", "decision", "stacking"}
    _check_keys(data, known, where, optional=frozenset({"stacking"}))
    recipe = Recipe(
        name=str(data["name"]),
        seed=int(data["seed"]),
        data=_table(DataSpec, data["data"], f"{where}: [data]"),
        fields=tuple(_table(FieldSpec, t, f"{where}: [[field]] {n}") for n, t in enumerate(data["field"], 1)),
        learners=tuple(
            _table(LearnerSpec, t, f"{where}: [[learner]] {n}") for n, t in enumerate(data["learner"], 1)
        ),
        decision=_table(DecisionSpec, data["decision"], f"{where}: [decision]"),
        stacking=_table(StackingSpec, data["stacking"], f"{where}: [stacking]")
        if "stacking" in data
        else None,
        text=text,
    )
    _check_values(recipe, where)
    return recipe


def _check_keys(
    table: Mapping[str, Any], expected: set[str], where: str, optional: frozenset[str] = frozenset()
) -> None:
    unknown, missing = sorted(set(table) - expected), sorted(expected - optional - set(table))
    if unknown or missing:
        raise LabelError(
            f"{where}: unknown keys {unknown}, missing keys {missing}",
            "compare with training/recipes/default.toml",
        )


def _table(record: type[T], table: Any, where: str) -> T:  # noqa: ANN401 - raw TOML, checked here
    if not isinstance(table, Mapping):
        raise LabelError(f"{where}: is not a table", "compare with training/recipes/default.toml")
    known = fields(record)  # type: ignore[arg-type]
    optional = frozenset(field.name for field in known if field.default is not MISSING)
    _check_keys(table, {field.name for field in known}, where, optional)
    return record(**table)


def _check_values(recipe: Recipe, where: str) -> None:
    names = [field.name for field in recipe.fields]
    problems = [
        *(f"field {n!r} stands twice" for n in sorted({n for n in names if names.count(n) > 1})),
        *(
            f"field {f.name}: unknown source {f.source!r}"
            for f in recipe.fields
            if f.source not in get_args(TextSource)
        ),
        *(
            f"field {f.name}: unknown terms {f.terms!r}"
            for f in recipe.fields
            if f.terms not in get_args(TermKind)
        ),
        *(f"field {f.name}: needs 1 <= low <= high" for f in recipe.fields if not 1 <= f.low <= f.high),
        *(
            f"field {f.name}: norm_power must lie between 0 and 1"
            for f in recipe.fields
            if not 0 <= f.norm_power <= 1
        ),
        *(
            f"field {f.name}: weight and min_count must be positive"
            for f in recipe.fields
            if f.weight <= 0 or f.min_count < 1
        ),
        *(
            f"learner: unknown kind {spec.kind!r}"
            for spec in recipe.learners
            if spec.kind not in LEARNER_KINDS
        ),
        *(
            "learner: c, nb_smoothing and share must be positive, nb_power not negative"
            for spec in recipe.learners
            if min(spec.c, spec.nb_smoothing, spec.share) <= 0 or spec.nb_power < 0
        ),
    ]
    if recipe.decision.thresholds not in ("fitted", "fixed"):
        problems.append(f"decision: unknown thresholds {recipe.decision.thresholds!r}")
    if recipe.decision.calibration not in ("platt", "none"):
        problems.append(f"decision: unknown calibration {recipe.decision.calibration!r}")
    if recipe.decision.calibration == "none" and recipe.stacking is None:
        problems.append("decision: calibration none needs [stacking], whose scores are log-odds")
    if recipe.stacking is not None and (
        min(recipe.stacking.c, recipe.stacking.source_weight) <= 0 or recipe.stacking.folds < 2  # noqa: PLR2004
    ):
        problems.append("stacking: c and source_weight must be positive and folds at least 2")
    if not recipe.fields or not recipe.learners:
        problems.append("needs at least one [[field]] and one [[learner]]")
    if problems:
        raise LabelError(f"{where}: {'; '.join(problems)}", "compare with training/recipes/default.toml")


@lru_cache(maxsize=2)
def _segmenter(lexicon: tuple[tuple[str, int], ...]) -> Segmenter:
    """Filling a dictionary takes a while and evaluations build many pipelines; a segmenter never changes."""
    return Segmenter(lexicon)


def build_pipeline(recipe: Recipe, lexicon: Sequence[tuple[str, int]]) -> Pipeline:
    """The unfitted pipeline: `ClauseText`s → TF-IDF fields side by side → linear one-vs-rest scores."""
    segmenter = _segmenter(tuple(lexicon))
    union = FeatureUnion(
        [(spec.name, vectorizer(spec, segmenter)) for spec in recipe.fields],
        transformer_weights={spec.name: spec.weight for spec in recipe.fields},
    )
    learners = [
        NBWeightedLinear(spec.kind, spec.c, spec.nb_smoothing, spec.nb_power, recipe.seed)
        for spec in recipe.learners
    ]
    linear: AveragedLinear | StackedLinear = AveragedLinear(learners, [s.share for s in recipe.learners])
    if recipe.stacking is not None:
        linear = StackedLinear(linear, recipe.stacking.c, recipe.stacking.folds, recipe.stacking.min_rows)
    return Pipeline([("features", union), ("linear", linear)])
