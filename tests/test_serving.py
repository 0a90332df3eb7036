"""The champion as a service: by `mlflow.pyfunc`, by `mlflow models serve`, and from a tracking server."""

import ast
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_training import write_recipe, write_small_labels
from tracked_trainings import train_small
from typer.testing import CliRunner

import qclassify
from training.cli import app
from training.tracking.logged_model import EXAMPLE, SERVED

# mlflow and its dependencies warn about each other.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]
ROOT = Path(__file__).parent.parent
CLAUSE = {"text": "稳定东城蔬菜价格。", "heading_path": ["一、目标"]}
DOCUMENT = {"text": "保供方案\n一、目标\n稳定蔬菜价格。增加粮食供给。\n", "kind": "document"}
VAGUE = {"text": "蔬菜"}
SECONDS = 90


@contextmanager
def server(arguments, ready, environment, log):
    """An mlflow server on a free port of the loopback, as (address); stopped with all that it started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # mlflow starts uvicorn by name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "mlflow", *arguments, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, env=settings, stdout=stream, stderr=stream, start_new_session=True, cwd=log.parent
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}{ready}", process, log)
        yield address
    finally:
        stop(process)


def wait_for(address, process, log):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - the loopback
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"no answer from {address}: {log.read_text()}")


def stop(process):
    """End the server's own process group: it has started workers."""
    os.killpg(process.pid, 15)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait(20)


def posted(address, body):
    """(status, JSON) of a request to the model server."""
    request = urllib.request.Request(  # noqa: S310 - the loopback
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


# -- in this process -------------------------------------------------------------------------------------


@pytest.fixture
def champion(workplace):
    """The loaded python function of the champion."""
    import mlflow

    options = ["--labels", str(workplace.labels), "--experiments", str(workplace.experiments)]
    promoted = CliRunner().invoke(app, ["promote", workplace.good.run_id, *options])
    assert promoted.exit_code == 0, promoted.output
    return mlflow.pyfunc.load_model("models:/qclassify@champion")


def test_a_clause_and_a_document_are_answered_as_the_library_answers_them(champion, workplace):
    clause, document = champion.predict([CLAUSE, DOCUMENT])
    model = qclassify.load_model(workplace.good.folder)
    assert clause.model == document.model == model.id
    unit = qclassify.Unit(0, 9, CLAUSE["text"], heading_path=("目标",), heading_nos=("一",))
    (expected,) = qclassify.tag_units([unit], model)
    (found,) = clause.clauses
    assert (found.labels, found.primary, found.review) == (
        list(expected.labels),
        expected.primary,
        expected.review,
    )
    assert found.scores == dict(expected.scores)
    tagged = qclassify.tag(qclassify.Document(DOCUMENT["text"]), model).predictions
    assert len(tagged) == 2
    for entry, prediction in zip(document.clauses, tagged, strict=True):
        assert DOCUMENT["text"][entry.start : entry.end] == entry.text == prediction.unit.text
        assert (entry.labels, entry.scores) == (list(prediction.labels), dict(prediction.scores))


def test_offsets_count_in_the_text_as_sent(champion):
    (answer,) = champion.predict([{"text": " \n稳定价格。\t"}])
    assert (answer.clauses[0].start, answer.clauses[0].end) == (2, 7)


def test_a_threshold_can_be_asked_for(champion):
    (own,) = champion.predict([VAGUE])
    assert own.clauses[0].labels == ["price", "supply"]
    (strict,) = champion.predict([VAGUE], params={"min_score": 0.9})
    assert strict.clauses[0].labels == []
    assert strict.clauses[0].scores == own.clauses[0].scores


def test_what_cannot_be_tagged_is_refused_with_its_place(champion):
    from mlflow.exceptions import MlflowException

    for items, params, message in (
        ([{"text": "  "}], None, "item 0: its text is empty"),
        ([CLAUSE, {"text": "a", "kind": "page"}], None, "item 1: kind 'page'"),
        ([{"text": "稳" * 2_000_001}], None, "2000001 characters"),
        ([{"clause": "a"}], None, "text"),
        (["稳定价格。"], None, "dictionary"),
        ([CLAUSE], {"min_score": 1.0}, "min_score"),
        ([CLAUSE], {"min_score": float("nan")}, "min_score"),
    ):
        with pytest.raises(MlflowException, match=message):
            champion.predict(items, params=params)


def test_the_model_has_a_typed_signature_and_a_chinese_example(champion):
    signature = champion.metadata.signature
    (item,) = signature.inputs.to_dict()
    assert set(item["properties"]) == {"text", "kind", "heading_path"}
    (answer,) = signature.outputs.to_dict()
    assert set(answer["properties"]) == {"model", "clauses"}
    assert [param.name for param in signature.params.params] == ["min_score"]
    first, second = champion.predict(EXAMPLE[0], params=EXAMPLE[1])
    assert len(first.clauses) == 1
    assert len(second.clauses) == 2


def test_nothing_that_is_logged_for_serving_is_a_pickle(trained_once):
    (folder,) = {
        path.parent
        for path in (trained_once.experiments / "mlruns/models").rglob("MLmodel")
        if trained_once.good.folder.name in {entry.name for entry in (path.parent / "artifacts").iterdir()}
    }
    for path in folder.rglob("*"):
        assert path.suffix not in {".pkl", ".pickle", ".joblib", ".cloudpickle"}
        assert not path.is_file() or not path.read_bytes().startswith(b"\x80"), path
    assert (folder / "served_model.py").read_bytes() == SERVED.read_bytes()
    requirements = (folder / "requirements.txt").read_text().split()
    assert f"qclassify=={qclassify.__version__}" in requirements
    assert {line.partition("==")[0] for line in requirements} == {"qclassify", "mlflow"}


def test_the_served_code_needs_qclassify_and_mlflow_only():
    names = set()
    for node in ast.walk(ast.parse(SERVED.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    assert names == {"__future__", "typing", "mlflow", "pydantic", "qclassify"}


# -- over the network ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tracked_by_server(tmp_path_factory):
    """(address of a tracking server that proxies artefacts, its folder, a training that it has recorded)."""
    root = tmp_path_factory.mktemp("server")
    write_small_labels(root / "labels")
    arguments = ["server", "--backend-store-uri", f"sqlite:///{root / 'server.db'}"]
    arguments += ["--artifacts-destination", str(root / "artefacts"), "--workers", "1"]
    environment = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment |= {"MLFLOW_MODEL_CATALOG_URI": ""}
    with (
        server(arguments, "/health", environment, root / "server.log") as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("MLFLOW_TRACKING_URI", address)
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        trained = train_small(root, write_recipe(root / "good.toml"))
        promoted = CliRunner().invoke(
            app,
            ["promote", trained.run_id, "--labels", str(root / "labels"), "--experiments", str(root / "x")],
        )
        assert promoted.exit_code == 0, promoted.output
        yield address, root, trained


def test_a_tracking_server_holds_the_run_and_no_path_of_ours(tracked_by_server):
    _, root, trained = tracked_by_server
    with sqlite3.connect(root / "server.db") as database:
        (uri,) = database.execute(
            "select artifact_uri from runs where run_uuid = ?", (trained.run_id,)
        ).fetchone()
        (location,) = database.execute("select artifact_location from logged_models").fetchone()
    database.close()
    assert uri.startswith("mlflow-artifacts:/")
    assert location.startswith("mlflow-artifacts:/")
    assert not (root / "x" / "mlflow.db").exists()
    assert {path.name for path in (root / "artefacts").rglob("*")} >= {"figures.json", "MLmodel", "CARD.md"}


def test_the_command_line_tags_with_the_champion_of_a_server(tracked_by_server, tmp_path):
    address, _, trained = tracked_by_server
    done = subprocess.run(
        [sys.executable, "-m", "qclassify", "tag", "labels/documents/xining-2015.txt", "--format", "jsonl"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={
            **os.environ,
            "MLFLOW_TRACKING_URI": address,
            "XDG_CACHE_HOME": str(tmp_path),
            "QCLASSIFY_MODEL": "models:/qclassify@champion",
        },
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert {json.loads(line)["model"] for line in done.stdout.splitlines()} == {trained.folder.name}


@pytest.fixture(scope="module")
def served(tracked_by_server):
    """Address of `mlflow models serve` with the champion of the tracking server."""
    address, root, _ = tracked_by_server
    arguments = ["models", "serve", "-m", "models:/qclassify@champion", "--env-manager", "local"]
    environment = {"MLFLOW_TRACKING_URI": address, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with server(arguments, "/ping", environment, root / "serve.log") as serving:
        yield serving


def test_a_model_server_answers_clauses_and_documents(served, tracked_by_server):
    status, answer = posted(served, {"inputs": [CLAUSE, DOCUMENT]})
    assert status == 200, answer
    clause, document = answer["predictions"]
    assert clause["model"] == tracked_by_server[2].folder.name
    assert clause["clauses"][0]["labels"] == ["price"]
    assert [entry["text"] for entry in document["clauses"]] == ["稳定蔬菜价格。", "增加粮食供给。"]
    assert [entry["primary"] for entry in document["clauses"]] == ["price", "supply"]
    status, answer = posted(served, {"inputs": [VAGUE], "params": {"min_score": 0.9}})
    assert (status, answer["predictions"][0]["clauses"][0]["labels"]) == (200, [])


@pytest.mark.parametrize(
    "body",
    [{"inputs": [{"text": ""}]}, {"inputs": ["text"]}, {"nothing": 1}, {"inputs": [{"kind": "clause"}]}],
)
def test_a_model_server_refuses_what_cannot_be_tagged(served, body):
    status, answer = posted(served, body)
    assert status == 400
    assert answer
