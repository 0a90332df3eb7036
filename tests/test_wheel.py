"""The built wheel works in an empty environment outside the checkout, with the model that it carries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A path to the checkout would make pip and Python find the package there.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(wheel, check=True, capture_output=True, env=ENVIRONMENT)
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    [built] = folder.glob("qclassify-*.whl")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", built], check=True, capture_output=True, env=ENVIRONMENT
    )
    return python


def outside(python, tmp_path, *arguments, stdin=b""):
    command = [python, "-I", "-m", "qclassify", *arguments]
    done = subprocess.run(
        command, input=stdin, capture_output=True, cwd=tmp_path, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


@pytest.mark.slow
def test_the_wheel_carries_its_model(installed, tmp_path):
    current = (ROOT / "models" / "CURRENT").read_text("utf-8").strip()
    assert current in outside(installed, tmp_path, "model", "verify")


@pytest.mark.slow
def test_the_wheel_tags_without_the_checkout(installed, tmp_path):
    text = "推行首席质量官制度,健全产品质量追溯机制。"
    [row] = map(json.loads, outside(installed, tmp_path, "tag", "-", stdin=text.encode()).splitlines())
    assert row["labels"] == ["product", "governance"]


@pytest.mark.slow
def test_the_wheel_carries_examples_for_its_explanations(installed, tmp_path):
    text = "推行首席质量官制度,健全产品质量追溯机制。"
    assert "最相近的已标条款" in outside(installed, tmp_path, "explain", "-", stdin=text.encode())


@pytest.mark.slow
def test_the_wheel_brings_no_training_packages(installed):
    listed = subprocess.run(
        [installed, "-m", "pip", "list"], check=True, capture_output=True, text=True, env=ENVIRONMENT
    )
    names = {line.split()[0].lower() for line in listed.stdout.splitlines()[2:]}
    assert names.isdisjoint({"scikit-learn", "scipy", "pandas", "mlflow", "joblib", "matplotlib"})
