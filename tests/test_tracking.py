"""What a training leaves in the store, what it must not leave there, and what happens when it fails."""

import getpass
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tracked_trainings import train_small

from qclassify.errors import LabelError
from training import tracking
from training.dataset import load_dataset
from training.relocation import COLUMNS

# mlflow and its dependencies warn about each other.
pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).parent.parent
HEADLINES = (
    "micro_f1",
    "macro_f1",
    "primary_accuracy",
    "subset_accuracy",
    "ece",
    "coverage_at_95_precision",
)


@pytest.fixture
def store(workplace):
    """(client, experiment id) of the workplace's store."""
    experiment = tracking.connect(workplace.experiments)
    import mlflow

    return mlflow.MlflowClient(), experiment


@pytest.fixture
def run(store, workplace):
    return store[0].get_run(workplace.good.run_id)


def artefact(workplace, name):
    return next(workplace.experiments.rglob(f"{workplace.good.run_id}/artifacts/{name}"))


def test_every_official_figure_is_a_metric_with_its_interval(run, workplace):
    metrics = run.data.metrics
    for part in ("lodo", "lodo_headless"):
        for name in HEADLINES:
            assert metrics[f"{part}.{name}"] == pytest.approx(workplace.good.figures[part][name])
            low, high = workplace.good.figures[part]["intervals"][name]
            assert metrics[f"{part}.{name}.low"] == pytest.approx(low)
            assert metrics[f"{part}.{name}.high"] == pytest.approx(high)
        for category in ("price", "supply"):
            assert f"{part}.per_category.{category}" in metrics
    assert 0 <= metrics["parity.max_difference"] <= 1e-6


def test_the_recipe_is_there_as_a_file_and_as_parameters(run, workplace):
    assert artefact(workplace, "recipe.toml").read_text() == (workplace.root / "good.toml").read_text()
    assert run.data.params["recipe"] == "good"
    written = tomllib.loads((workplace.root / "good.toml").read_text())
    for key, value in written["field"][0].items():
        assert run.data.params[f"field.chars.{key}"] == str(value)
    for table in ("data", "decision"):
        for key, value in written[table].items():
            assert run.data.params[f"{table}.{key}"] == str(value)
    assert run.data.params["learner.0.c"] == "0.5"


def test_the_data_are_logged_as_inputs_with_their_digests(run, workplace):
    digests = load_dataset(workplace.labels).digests
    inputs = {entry.dataset.name: entry for entry in run.inputs.dataset_inputs}
    assert set(inputs) == {"source clauses", "written clauses"}
    for name, part in (("source clauses", "clauses"), ("written clauses", "written")):
        assert inputs[name].dataset.digest == digests[part][:36]
        assert run.data.tags[f"data.{part}"] == digests[part]
        assert json.loads(inputs[name].dataset.profile)["num_rows"] > 0
    contexts = {name: entry.tags[0].value for name, entry in inputs.items()}
    assert contexts == {"source clauses": "training+evaluation", "written clauses": "training"}


def test_commit_state_and_versions_are_tags(run):
    assert run.data.tags["dirty"] in ("true", "false")
    assert run.data.tags["mlflow.source.git.commit"] == run.data.tags["commit"]
    assert {"python", "qclassify", "scikit-learn", "numpy", "created"} <= set(run.data.tags)


def test_tables_figures_card_and_scores_are_artefacts(workplace):
    for name in ("figures/confusion.png", "figures/reliability.png", "figures/coverage.png"):
        assert artefact(workplace, name).read_bytes().startswith(b"\x89PNG")
    assert workplace.good.folder.name in artefact(workplace, "CARD.md").read_text("utf-8")
    categories = json.loads(artefact(workplace, "tables/categories.json").read_text("utf-8"))
    assert [row[0] for row in categories["data"]] == ["price", "supply"]
    answers = json.loads(artefact(workplace, "tables/answers.json").read_text("utf-8"))
    assert len(answers["data"]) == len(load_dataset(workplace.labels).gold)


def test_logged_answers_give_the_figures_again(run, workplace):
    from training.metrics import headline
    from training.recording import judged_answers
    from training.tracking.registry import logged_answers

    found = headline(judged_answers(logged_answers(workplace.good.run_id), ("price", "supply")))
    for name in HEADLINES:
        assert found[name] == pytest.approx(run.data.metrics[f"lodo.{name}"], abs=1e-6)


def test_every_fold_is_a_nested_run_of_the_same_experiment(store, workplace):
    client, experiment = store
    condition = f"tags.`mlflow.parentRunId` = '{workplace.good.run_id}'"
    folds = client.search_runs([experiment], condition)
    assert {fold.data.tags["held_out"] for fold in folds} == {"plan-0", "plan-1", "plan-2"}
    assert all(set(fold.data.metrics) >= {*HEADLINES, "n_clauses"} for fold in folds)


def test_the_model_folder_knows_its_run(workplace):
    record = json.loads((workplace.models / workplace.good.folder.name / "provenance.json").read_text())
    assert record["run"] == workplace.good.run_id


def test_nothing_that_is_logged_names_this_machine(trained_once):
    private = {str(trained_once.root), str(ROOT), str(Path.home())}
    places = {f"{table}.{column}" for table, column in COLUMNS}
    with sqlite3.connect(trained_once.experiments / "mlflow.db") as database:
        for table, column, value in cells(database):
            if f"{table}.{column}" not in places:
                assert not [name for name in private if name in value], f"{table}.{column}"
                assert value not in (getpass.getuser(), socket.gethostname()), f"{table}.{column}"
    database.close()
    logged = [path for path in (trained_once.experiments / "mlruns").rglob("*") if path.is_file()]
    assert len(logged) > 50
    for path in logged:
        content = path.read_bytes()
        assert not [name for name in private if name.encode() in content], path.name


def cells(database):
    """(table, column, value) of every text in the database."""
    for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
        columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
        for row in database.execute(f"select * from {table}"):  # noqa: S608 - names come from the database
            for column, value in zip(columns, row, strict=True):
                if isinstance(value, str):
                    yield table, column, value


def test_a_training_that_fails_leaves_a_failed_run(store, workplace, monkeypatch):
    def no_export(*_):
        raise LabelError("refused", "")

    monkeypatch.setattr("training.run.export_bundle", no_export)
    with pytest.raises(LabelError, match="refused"):
        train_small(workplace.root, workplace.root / "good.toml")
    client, experiment = store
    (failed,) = client.search_runs([experiment], "attributes.status = 'FAILED'")
    assert failed.data.tags["mlflow.runName"] == "good"


def test_a_model_that_would_be_too_large_is_refused_before_it_is_evaluated(workplace, monkeypatch):
    def never(*_):
        raise AssertionError("evaluated all the same")

    monkeypatch.setattr("training.run.evaluate", never)
    monkeypatch.setattr("training.export.MAX_BUNDLE_BYTES", 1000)
    with pytest.raises(LabelError, match=r"good: .* a model may have 1000"):
        train_small(workplace.root, workplace.root / "good.toml")


def test_a_store_that_goes_away_during_a_training_is_an_error_of_the_family(workplace, monkeypatch):
    from mlflow.exceptions import MlflowException

    def gone(*_):
        raise MlflowException("connection refused")

    monkeypatch.setattr("training.tracking.log_training", gone)
    with pytest.raises(LabelError, match="connection refused"):
        train_small(workplace.root, workplace.root / "good.toml")


def test_the_trials_of_a_search_are_nested_under_it(store):
    client, experiment = store
    with tracking.search_run(experiment, name="tune", parameters={"budget": 2}, tags={}) as search:
        ids = [
            tracking.log_trial(search, name=str(n), parameters={"c": n}, metrics={"micro_f1": n / 2})
            for n in range(2)
        ]
        tracking.log_search_result(search, metrics={"micro_f1": 0.5}, best_trial=ids[1])
    trials = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{search.run_id}'")
    assert {trial.info.run_id for trial in trials} == set(ids)
    parent = client.get_run(search.run_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["micro_f1"] == 0.5
    assert parent.data.tags["best_trial"] == ids[1]


def test_a_server_that_does_not_answer_is_an_error_with_a_hint(monkeypatch, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(LabelError, match="MLflow store does not answer") as caught:
        tracking.connect(tmp_path)
    assert "MLFLOW_TRACKING_URI" in caught.value.hint


TELEMETRY = """
import sys
import training.tracking
from mlflow.telemetry.client import get_telemetry_client
print(get_telemetry_client() is None)
"""


def test_telemetry_is_off_and_writes_nothing(tmp_path):
    hidden = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI", "PYTEST_CURRENT_TEST")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = subprocess.run(
        [sys.executable, "-c", TELEMETRY],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.stdout == "True\n"
    assert not list(tmp_path.rglob("*telemetry*"))


def test_only_the_tracking_package_imports_mlflow():
    import ast

    found = {
        path.relative_to(ROOT).parts[:2]
        for path in [*(ROOT / "training").rglob("*.py"), *(ROOT / "qclassify").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if name.split(".")[0] == "mlflow"
    }
    assert found == {("training", "tracking"), ("qclassify", "registry.py")}


def test_a_recipe_that_differs_gives_another_run_and_model(trained_once):
    names = {entry.folder.name for entry in (trained_once.good, trained_once.equal, trained_once.poor)}
    runs = {entry.run_id for entry in (trained_once.good, trained_once.equal, trained_once.poor)}
    assert len(names) == len(runs) == 3
