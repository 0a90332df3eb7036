"""The other commands, help texts and the documentation."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from test_cli_tag import DOCUMENT, ROOT, rows, run

from qclassify.cli.app import app
from qclassify.cli.drift import DRIFTED
from training import promotion
from training.card import readme_block
from training.cli import app as training_app


def commands(group, words=()):
    """Every command of a typer app, as the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))
TRAINING_COMMANDS = dict(commands(typer.main.get_command(training_app)))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example_that_runs(command, tmp_path):
    done = run(*command, "--help", COLUMNS="200", TERM="dumb")
    assert done.returncode == 0
    example = re.search(r"Example: qclassify (.+?)\s*(?:│|$)", done.out, re.MULTILINE)
    assert example
    assert tuple(example[1].split()[: len(command)]) == command
    (tmp_path / "labels").symlink_to(ROOT / "labels")
    ran = run(*example[1].split(), cwd=tmp_path)
    if "no profile of what it was measured on" in ran.err:
        pytest.skip("the shipped model was trained before models held such a profile")
    assert ran.returncode in ((0, DRIFTED) if command == ("drift",) else (0,)), ran.err


@pytest.mark.parametrize("words", TRAINING_COMMANDS, ids=" ".join)
def test_every_training_command_ends_its_help_with_an_example_of_its_own_options(words):
    """Running them would train models; that the options exist and their values fit is quickly seen."""
    command = TRAINING_COMMANDS[words]
    example = re.search(r"Example: python -m training (.+)$", command.help.strip())
    assert example
    called = shlex.split(re.sub(r"\$\([^)]*\)", "NAME", example[1]))  # what the shell would put there
    assert tuple(called[: len(words)]) == words
    command.make_context("example", called[len(words) :])


def test_bare_calls_print_help_and_count_as_wrong_usage():
    for command in ([], ["model"]):
        done = run(*command)
        assert done.returncode == 2
        assert "Usage" in done.out + done.err


def test_segments_are_units_with_offsets():
    text = DOCUMENT.read_text("utf-8")
    found = rows(run("segment", DOCUMENT, "--format", "jsonl"))
    assert len(found) == 380
    assert all(text[row["start"] : row["end"]] == row["text"] for row in found)
    assert {"title", "heading", "clause", "responsibility"} <= {row["kind"] for row in found}


def test_reading_shows_how_a_file_was_understood():
    done = run("read", DOCUMENT)
    assert done.out.rstrip("\n") == DOCUMENT.read_text("utf-8").rstrip("\n")
    assert "encoding" in done.err
    assert "utf-8" in done.err


def test_categories_come_in_their_order():
    found = rows(run("categories", "--format", "jsonl"))
    assert [row["id"] for row in found][:2] == ["product", "engineering"]
    assert all(row["definition"] and row["includes"] and row["excludes"] for row in found)


def test_model_show_names_the_model_and_prints_the_card():
    done = run("model", "show")
    assert done.out.startswith("id          default-")
    assert "# Model card: default-" in done.out


def test_model_verify_finds_the_shipped_model_whole():
    assert "as they were written" in run("model", "verify").out


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such model folder"),
        (lambda path: path.mkdir(), "no manifest.json"),
        (lambda path: (path.mkdir(), (path / "manifest.json").write_text("{")), "not valid JSON"),
        (lambda path: (path.mkdir(), (path / "manifest.json").write_text("[]")), "not a qclassify manifest"),
        (lambda path: (path.mkdir(), (path / "manifest.json").write_text('{"format": 99}')), "format 99"),
    ],
)
def test_a_foreign_model_folder_is_one_clear_line(tmp_path, make, message):
    folder = tmp_path / "model"
    make(folder)
    done = run("tag", DOCUMENT, "--model", folder)
    assert done.returncode == 1
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_readme_names_every_command():
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"qclassify {' '.join(command)}" in readme


def test_readme_quotes_the_figures_of_the_shipped_model():
    metrics = promotion.current_figures(ROOT / "models")
    assert readme_block(metrics) in (ROOT / "README.md").read_text("utf-8")


def test_readme_python_example_runs(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    [example] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    exec(example, {})  # noqa: S102 - our own README
    assert capsys.readouterr().out.count("\n") > 100


def test_shipped_model_is_the_one_current_names():
    current = (ROOT / "models" / "CURRENT").read_text("utf-8").strip()
    manifest = json.loads((ROOT / "models" / current / "manifest.json").read_text("utf-8"))
    assert manifest["id"] == current
    assert [p.name for p in Path(ROOT / "models").iterdir() if p.is_dir() and not p.name.startswith(".")] == [
        current
    ]
