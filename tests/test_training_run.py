"""A whole training with the baseline recipe: figures, model folder, MLflow run; twice the same bytes."""

import json
import sqlite3
import warnings
from pathlib import Path

import numpy as np
import pytest

from qclassify.features import ClauseText
from training import evaluation, promotion, run, tracking
from training.dataset import load_dataset
from training.error_pages import error_page, error_text, explained_errors
from training.recipe import load_recipe

ROOT = Path(__file__).parent.parent
HEADLINES = {
    "micro_f1",
    "macro_f1",
    "primary_accuracy",
    "subset_accuracy",
    "ece",
    "coverage_at_95_precision",
}


@pytest.fixture(scope="module")
def dataset():
    return load_dataset(ROOT / "labels")


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("baseline")


@pytest.fixture(scope="module")
def evaluated(recipe, dataset):
    return run.evaluate(recipe, dataset)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, recipe, dataset):
    # mlflow's own imports warn about each other; our code is held to errors everywhere else.
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
        return [run.train(recipe, dataset, folder / "models", folder / "experiments") for folder in folders]


def test_all_official_figures_are_there_with_intervals(evaluated, dataset):
    figures = json.loads(json.dumps(evaluated.figures))
    for part in ("lodo", "lodo_headless"):
        assert set(figures[part]) >= HEADLINES | {"per_category", "intervals"}
        assert list(figures[part]["per_category"]) == list(dataset.taxonomy.ids)
        for name in HEADLINES:
            low, high = figures[part]["intervals"][name]
            assert 0 <= low <= high <= 1
    assert sum(entry["n_clauses"] for entry in figures["by_document"].values()) == 701
    assert figures["agreement"]["micro_f1"] == pytest.approx(0.975, abs=0.001)


def test_the_baseline_is_a_baseline(evaluated):
    assert 0.60 < evaluated.figures["lodo"]["micro_f1"] < 0.80


def test_no_model_is_fitted_on_a_document_that_it_scores(monkeypatch, recipe, dataset):
    fitted, scored = [], []
    original_fit, original_scores = evaluation.fit_pipeline, evaluation.pipeline_scores

    def fit(used_recipe, used_dataset, without=()):
        held_out = frozenset(without)
        pipeline = original_fit(used_recipe, used_dataset, held_out)
        fitted.append((pipeline, held_out))
        return pipeline

    def scores(pipeline, clauses):
        scored.append((pipeline, list(clauses)))
        return original_scores(pipeline, clauses)

    monkeypatch.setattr(evaluation, "fit_pipeline", fit)
    monkeypatch.setattr(evaluation, "pipeline_scores", scores)
    result = evaluation.out_of_fold(recipe, dataset)
    assert len(fitted) == 5 + 10
    document_of = {clause.text: clause.doc for clause in dataset.gold}
    for pipeline, clauses in scored:
        held_out = next(names for known, names in fitted if known is pipeline)
        assert {document_of[clause.text] for clause in clauses} <= held_out | {"tianfu-2024", "quanzhou-2019"}
    assert set(result.decisions) == {clause.doc for clause in dataset.gold}


def test_headings_withheld_means_that_the_model_sees_none(dataset):
    clause = dataset.gold[0]
    assert evaluation.clause_text(clause, headings=False) == ClauseText(clause.text, ())


def test_the_runtime_gives_the_scores_of_scikit_learn(trained, recipe, dataset):
    from qclassify.bundle import load_bundle
    from qclassify.scoring import score

    clauses = [evaluation.clause_text(clause) for clause in dataset.written[::40]]
    expected = evaluation.pipeline_scores(evaluation.fit_pipeline(recipe, dataset), clauses)
    assert np.abs(score(clauses, load_bundle(trained[0].folder)) - expected).max() <= 1e-6


def test_training_twice_gives_the_same_files(trained):
    first, second = (entry.folder for entry in trained)
    assert first.name == second.name
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    for name in set(names) - {"provenance.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_card_quotes_the_figures(trained):
    card = (trained[0].folder / "CARD.md").read_text("utf-8")
    assert f"{trained[0].figures['lodo']['micro_f1']:.3f}" in card
    assert trained[0].folder.name in card


def test_the_run_is_tracked_with_metrics_files_and_folds(trained):
    store = trained[0].folder.parent.parent / "experiments"
    with sqlite3.connect(store / "mlflow.db") as database:
        metrics = dict(
            database.execute("select key, value from latest_metrics where run_uuid = ?", (trained[0].run_id,))
        )
        folds = database.execute("select count(*) from tags where key = 'held_out'").fetchone()[0]
    database.close()
    assert metrics["lodo.micro_f1"] == pytest.approx(trained[0].figures["lodo"]["micro_f1"])
    assert "lodo.per_category.brand" in metrics
    assert folds == 5
    logged = {path.name for path in (store / "mlruns").rglob("*") if path.is_file()}
    assert {
        "figures.json",
        "confusion.png",
        "reliability.png",
        "coverage.png",
        "pipeline.joblib",
        "manifest.json",
        "recipe.toml",
        "CARD.md",
    } <= logged


def test_metrics_are_flattened_without_lists_and_texts():
    record = {"a": {"b": 1, "c": "x", "intervals": {"b": [0, 1]}}, "d": True}
    assert tracking.flat_metrics(record) == {"a.b": 1.0}


def test_errors_are_listed_by_confusion_and_explained(recipe, dataset, evaluated):
    explained = explained_errors(recipe, dataset, evaluated)
    assert len(explained) == evaluated.figures["errors"]["clauses_with_errors"]
    assert all(wrong.terms for error in explained for wrong in error.wrong)
    text = error_text(explained, dataset.taxonomy, 1)
    assert "missed governance" in text
    page = error_page(explained, dataset.taxonomy)
    assert page.count("<article>") == len(explained)
    assert "<script" not in page


def figures(micro, macro):
    return {"lodo": {"micro_f1": micro, "macro_f1": macro}}


@pytest.mark.parametrize(
    ("new", "old", "better"),
    [((0.9, 0.9), (0.89, 0.9), True), ((0.9, 0.88), (0.89, 0.9), False), ((0.9, 0.9), (0.9, 0.9), False)],
)
def test_only_a_better_model_is_better(new, old, better):
    assert promotion.is_better(figures(*new), figures(*old)) is better
    assert promotion.is_better(figures(*new), None)


def test_a_new_current_model_replaces_the_old_one(tmp_path):
    for name in ("old-1", "new-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(json.dumps({"metrics": figures(0.5, 0.5)}))
    assert promotion.current_figures(tmp_path) is None
    promotion.make_current(tmp_path / "old-1")
    promotion.make_current(tmp_path / "new-2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "new-2"]
    assert promotion.current_figures(tmp_path) == figures(0.5, 0.5)
