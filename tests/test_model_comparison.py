"""Two models side by side, and a model built again."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from own_categories import write_own_labels
from own_models import short_dictionary, train_characters, write_characters_recipe
from typer.testing import CliRunner

from qclassify.errors import LabelError
from training.cli import app
from training.comparison_page import comparison_page
from training.dataset import load_dataset
from training.evaluation import judge_out_of_fold, out_of_fold
from training.held_out import held_out_answers, judged_from_answers
from training.held_out_models import held_out_model
from training.metrics import micro_f1
from training.model_comparison import Change, compare_models, paired_differences
from training.recipe import load_recipe


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """(labels, the models of a weak and of a stronger recipe)."""
    folder = tmp_path_factory.mktemp("compare")
    labels = write_own_labels(folder / "labels")
    weak = write_characters_recipe(folder / "weak.toml", high=1, c=0.1)
    strong = write_characters_recipe(folder / "strong.toml", high=3, c=2.0)
    return labels, *(train_characters(labels, folder / "models", recipe)[0] for recipe in (weak, strong))


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_stored_answers_are_those_of_the_evaluation(models):
    labels, weak, _ = models
    dataset = load_dataset(labels)
    stored, made = (held_out_model(weak, dataset, recompute=again) for again in (False, True))
    assert (stored.source, made.source) == ("stored", "recomputed")
    assert dict(stored.answers) == dict(made.answers)


def test_answers_survive_being_stored(models):
    labels, weak, _ = models
    dataset = load_dataset(labels)
    result = out_of_fold(load_recipe(weak / "recipe.toml"), dataset)
    judged = judge_out_of_fold(result, dataset.taxonomy)
    answers = json.loads(json.dumps(held_out_answers(result, judged, dataset.taxonomy)))
    again = judged_from_answers(answers, dataset.gold, dataset.taxonomy)
    for name in ("truth", "chosen", "true_primary", "chosen_primary"):
        assert np.array_equal(getattr(again, name), getattr(judged, name)), name
    assert np.abs(again.probability - judged.probability).max() <= 0.5e-4 + 1e-9
    with pytest.raises(LabelError, match="held-out answer for plan-0:"):
        judged_from_answers(dict.fromkeys(answers, "tram - 3"), dataset.gold, dataset.taxonomy)


def test_changed_clauses_are_exactly_those_with_other_answers(models):
    labels, weak, strong = models
    dataset = load_dataset(labels)
    first, second = (held_out_model(model, dataset) for model in (weak, strong))
    comparison = compare_models(first, second, dataset.gold)
    before, after = first.judged(dataset.gold), second.judged(dataset.gold)
    differing = (before.chosen != after.chosen).any(axis=1) | (before.chosen_primary != after.chosen_primary)
    assert {c.id for c in comparison.changes} == {dataset.gold[row].id for row in np.flatnonzero(differing)}
    assert sum(len(c.gained) for c in comparison.changes) == (after.chosen & ~before.chosen).sum()
    assert sum(len(c.lost) for c in comparison.changes) == (before.chosen & ~after.chosen).sum()
    difference = comparison.figures["micro_f1"]
    assert difference.change == pytest.approx(
        micro_f1(after.truth, after.chosen) - micro_f1(before.truth, before.chosen)
    )
    assert difference.low <= difference.change <= difference.high
    assert comparison.changes  # else nothing was tested


def test_a_model_does_not_differ_from_itself(models):
    labels, weak, _ = models
    dataset = load_dataset(labels)
    same = held_out_model(weak, dataset)
    comparison = compare_models(same, same, dataset.gold)
    assert comparison.changes == ()
    assert {(d.change, d.low, d.high, d.wins) for d in comparison.figures.values()} == {(0, 0, 0, 0.5)}


def test_a_paired_interval_is_narrower_than_two_separate_ones(models):
    labels, weak, _ = models
    dataset = load_dataset(labels)
    judged = held_out_model(weak, dataset).judged(dataset.gold)
    chosen = judged.chosen.copy()
    chosen[0] = ~chosen[0]  # one clause decided otherwise
    groups = [str(row) for row in range(len(chosen))]
    figures, _ = paired_differences(judged, replace(judged, chosen=chosen), groups, dataset.taxonomy.ids)
    alone, _ = paired_differences(judged, replace(judged, chosen=~judged.truth), groups, dataset.taxonomy.ids)
    assert figures["micro_f1"].high <= 0
    assert figures["micro_f1"].high - figures["micro_f1"].low < alone["micro_f1"].high - alone["micro_f1"].low


@pytest.mark.parametrize(
    ("gained", "lost", "truth", "verdict"),
    [
        (("a",), (), ("a",), "better"),
        (("b",), (), ("a",), "worse"),
        ((), ("b",), ("a",), "better"),
        (("a",), ("a2",), ("a", "a2"), "even"),
        ((), (), ("a",), "even"),
        (("a",), (), None, "unknown"),
    ],
)
def test_a_change_is_judged_by_the_labels(gained, lost, truth, verdict):
    assert Change("d", "1", (), "…", gained, lost, None, None, truth).verdict == verdict


def test_the_commands_table_lists_figures_categories_and_clauses(models):
    labels, weak, strong = models
    done = run("compare", weak, strong, "--labels", labels)
    assert done.exit_code == 0, done.output
    assert "69 held-out clauses" in done.stdout
    assert "Bus und Bahn" in done.stdout
    assert re.search(r"\d+ clauses change: \d+ better", done.stdout)


def test_jsonl_has_a_record_a_figure_a_category_and_a_clause(models):
    labels, weak, strong = models
    done = run("compare", weak, strong, "--labels", labels, "--format", "jsonl")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["name"] for r in records if r["kind"] == "category"] == [
        "transit",
        "roads",
        "parking",
        "safety",
    ]
    assert {r["verdict"] for r in records if r["kind"] == "clause"} <= {"better", "worse", "even"}


def test_an_archive_without_labels_is_tagged_by_both(models):
    labels, weak, strong = models
    path = labels / "documents/plan-0.txt"
    done = run("compare", weak, strong, "--labels", labels, "--archive", path, "-f", "jsonl")
    clauses = [r for r in map(json.loads, done.stdout.splitlines()) if r["kind"] == "clause"]
    assert all(r["document"] == str(path) and r["truth"] is None for r in clauses)


def test_the_page_is_escaped_and_loads_nothing(models):
    labels, weak, strong = models
    dataset = load_dataset(labels)
    comparison = compare_models(held_out_model(weak, dataset), held_out_model(strong, dataset), dataset.gold)
    hostile = replace(comparison.changes[0], text="<script>alert(1)</script>", document='"><img src=x>')
    page = comparison_page(replace(comparison, changes=(hostile, *comparison.changes)), dataset.taxonomy)
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<article") == len(comparison.changes) + 1


def test_models_of_other_categories_are_compared_on_the_common_ones(models, tmp_path):
    labels, weak, _ = models
    other = write_own_labels(tmp_path / "labels", keep=lambda row: "safety" not in row["labels"])
    text = (other / "taxonomy.toml").read_text("utf-8")
    (other / "taxonomy.toml").write_text(text.replace('"safety"', '"water"'), "utf-8")
    model, _ = train_characters(other, tmp_path / "models", write_characters_recipe(tmp_path / "r.toml"))
    dataset = load_dataset(labels)
    comparison = compare_models(held_out_model(weak, dataset), held_out_model(model, dataset), dataset.gold)
    assert comparison.categories == ("transit", "roads", "parking")
    assert comparison.left_out == ("safety", "water")
    with pytest.raises(LabelError, match="categories are not those of the labels"):
        held_out_model(model, dataset, recompute=True)


def test_a_model_is_built_again_byte_for_byte(models):
    labels, weak, _ = models
    with short_dictionary():
        done = run("reproduce", weak, "--labels", labels)
    assert done.exit_code == 0, done.output
    assert f"{weak.name}: identical" in done.stdout


def test_what_has_changed_since_a_model_was_made_is_named(models, tmp_path):
    _, weak, _ = models
    changed = write_own_labels(tmp_path / "labels", keep=lambda row: row["start"] > 20)
    with short_dictionary():
        done = run("reproduce", weak, "--labels", changed)
    assert done.exit_code == 1
    assert "differs  rows.i16" in done.stdout
    assert re.search(r"data +clauses: made from [0-9a-f]{16}, here is [0-9a-f]{16}", done.stdout)
    assert "data     taxonomy" not in done.stdout
    assert "not identical" in done.stdout
