"""Trainings tracked in a store of their own: a good model, one as good, and one that has learnt nothing."""

import os
import shutil
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from unittest import mock

import pytest
from small_training import write_recipe, write_small_labels

from training.metrics import bootstrap_rows

WORDS = 2000


@dataclass(frozen=True)
class Workplace:
    """A folder with labels, models and experiments, and the three trainings made there."""

    root: Path
    good: object
    equal: object
    poor: object

    @property
    def labels(self):
        return self.root / "labels"

    @property
    def models(self):
        return self.root / "models"

    @property
    def experiments(self):
        return self.root / "experiments"


@contextmanager
def few_words():
    """Compile two thousand words of the dictionary, make one segmenter: the recipes here use no words."""
    from training import dictionary, recipe

    text = "\n".join(dictionary.dictionary_text().split("\n", WORDS)[:WORDS])
    with (
        mock.patch.object(dictionary, "dictionary_text", return_value=text),
        mock.patch.object(recipe, "Segmenter", cache(recipe.Segmenter)),
    ):
        yield


def train_small(root, recipe):
    """One training of the labels below `root`."""
    from training import run
    from training.dataset import load_dataset
    from training.recipe import load_recipe

    with few_words():
        return run.train(
            load_recipe(recipe), load_dataset(root / "labels"), root / "models", root / "experiments"
        )


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """The three trainings; never written to by a test."""
    root = tmp_path_factory.mktemp("workplace")
    write_small_labels(root / "labels")
    recipes = (
        write_recipe(root / "good.toml"),
        write_recipe(root / "equal.toml", c=0.4),
        write_recipe(root / "poor.toml", source="heading"),
    )
    # mlflow's own imports warn about each other.
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        return Workplace(root, *(train_small(root, recipe) for recipe in recipes))


def linked_or_copied(source, target):
    """Models and artefacts are large and never changed in place; all else is copied."""
    large = {"models", "artifacts"} & set(Path(source).parts)
    return os.link(source, target) if large else shutil.copy2(source, target)


@pytest.fixture
def workplace(trained_once, tmp_path, monkeypatch):
    """A copy of the trained workplace to do anything with, and a cache of its own."""
    from training.relocation import relocate_store

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "copy"
    shutil.copytree(trained_once.root, root, copy_function=linked_or_copied)
    old = trained_once.experiments
    monkeypatch.setattr("training.model_comparison.bootstrap_rows", partial(bootstrap_rows, resamples=100))
    relocate_store(root / "experiments/mlflow.db", str(old), root / "experiments", dry_run=False)
    return Workplace(root, trained_once.good, trained_once.equal, trained_once.poor)
