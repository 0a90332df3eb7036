"""Whole trainings on small labels in a second: recipes of characters only, so that the dictionary, whose
compiling takes seconds, may be one word long without changing any score."""

from contextlib import contextmanager
from unittest import mock

from threadpoolctl import threadpool_limits

from training import run
from training.dataset import load_dataset
from training.dictionary import WordFrequencies
from training.export import export_bundle
from training.held_out import held_out_answers
from training.recipe import load_recipe

RECIPE = """name = "{name}"
seed = 7
[data]
written = {written}
source_weight = 1.0
[[field]]
name = "chars"
source = "clause"
terms = "chars"
low = 1
high = {high}
weight = 1.0
min_count = 1
[[learner]]
kind = "svm"
c = {c}
nb_smoothing = 0.1
nb_power = 0.5
share = 1.0
[decision]
thresholds = "fixed"
fixed_threshold = 0.5
review_precision = 0.95
"""


@contextmanager
def short_dictionary():
    """Models exported inside this block know one word, which no recipe of characters looks at."""
    with mock.patch("training.compiling.word_frequencies", return_value=WordFrequencies({"质量": 10}, 20)):
        yield


def write_characters_recipe(path, *, high=2, c=0.5, written=False):
    path.write_text(RECIPE.format(name=path.stem, high=high, c=c, written=str(written).lower()), "utf-8")
    return path


def train_characters(labels, models, recipe):
    """Evaluate and export as `training.run.train` does, without a run; returns (folder, evaluated)."""
    dataset, loaded = load_dataset(labels), load_recipe(recipe)
    with threadpool_limits(1):  # thousands of tiny fits: threads would only wait for each other
        evaluated = run.evaluate(loaded, dataset)
        pipeline, decision = run.fit_final(loaded, dataset, evaluated.result)
    answers = held_out_answers(evaluated.result, evaluated.judged, dataset.taxonomy)
    made = {**run.source_state(), "held_out": answers}
    with short_dictionary():
        folder = export_bundle(pipeline, decision, dataset, loaded, evaluated.figures, made, models)
    return folder, evaluated
