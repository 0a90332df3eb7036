"""Promotion to champion or challenger, withdrawal, addresses of registered models, moved stores."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tracked_trainings import Workplace
from typer.testing import CliRunner

from qclassify.bundle import load_bundle
from qclassify.errors import LabelError, ModelError
from qclassify.models import load_model
from qclassify.registry import cache_folder
from training import gates
from training.cli import app
from training.relocation import relocate_store

# mlflow and its dependencies warn about each other.
pytestmark = pytest.mark.filterwarnings("ignore")
ROOT = Path(__file__).parent.parent


def ask(workplace, command, *arguments):
    """Run a command of `python -m training` on the workplace."""
    options = ["--experiments", workplace.experiments]
    options += ["--labels", workplace.labels] if command == "promote" else []
    options += ["--models", workplace.models] if command == "rollback" else []
    return CliRunner().invoke(app, [command, *map(str, (*arguments, *options))])


def listed(workplace):
    return [json.loads(line) for line in ask(workplace, "list", "--json").stdout.splitlines()]


def aliases(workplace):
    return {row["version"]: row["aliases"] for row in listed(workplace)}


def test_the_first_model_that_passes_the_gates_is_champion(workplace):
    done = ask(workplace, "promote", workplace.good.run_id)
    assert done.exit_code == 0, done.output
    assert done.stdout == "models:/qclassify/1\n"
    assert aliases(workplace) == {1: ["champion"]}
    (row,) = listed(workplace)
    assert row["model"] == workplace.good.folder.name
    assert row["micro_f1"] == pytest.approx(workplace.good.figures["lodo"]["micro_f1"])


def test_a_model_as_good_takes_over_and_a_poor_one_does_not(workplace):
    ask(workplace, "promote", workplace.good.run_id)
    assert ask(workplace, "promote", workplace.equal.run_id).exit_code == 0
    assert aliases(workplace) == {1: [], 2: ["champion"]}
    done = ask(workplace, "promote", workplace.poor.run_id)
    assert done.exit_code == 5
    assert done.stdout == "models:/qclassify/3\n"
    assert re.search(r"FAILED  micro_f1: -0\.\d+ \[-0\.\d+, -0\.\d+\]", done.stderr)
    assert "challenger of qclassify; the champion stays" in done.stderr
    assert aliases(workplace) == {1: [], 2: ["champion"], 3: ["challenger"]}
    assert "micro_f1" in listed(workplace)[0]["not_champion_because"]


def test_promoting_the_champion_again_changes_nothing(workplace):
    for _ in range(2):
        done = ask(workplace, "promote", workplace.good.run_id)
        assert done.exit_code == 0
    assert "already" in done.stderr
    assert aliases(workplace) == {1: ["champion"]}


def test_a_folder_that_is_promoted_becomes_the_current_model_and_a_rollback_brings_back_the_one_before(
    workplace,
):
    for trained in (workplace.good, workplace.equal):
        assert ask(workplace, "promote", workplace.models / trained.folder.name).exit_code == 0
    assert (workplace.models / "CURRENT").read_text().strip() == workplace.equal.folder.name
    assert not (workplace.models / workplace.good.folder.name).exists()
    done = ask(workplace, "rollback")
    assert done.exit_code == 0, done.output
    assert aliases(workplace) == {1: ["champion"], 2: []}
    assert (workplace.models / "CURRENT").read_text().strip() == workplace.good.folder.name
    assert load_bundle(workplace.models / workplace.good.folder.name).id == workplace.good.folder.name
    assert "withdrawn" in listed(workplace)[0]["not_champion_because"]


def test_a_run_that_is_promoted_leaves_the_current_model_alone(workplace):
    ask(workplace, "promote", workplace.models / workplace.good.folder.name)
    ask(workplace, "promote", workplace.equal.run_id)
    assert (workplace.models / "CURRENT").read_text().strip() == workplace.good.folder.name
    ask(workplace, "rollback")
    assert (workplace.models / "CURRENT").read_text().strip() == workplace.good.folder.name
    assert aliases(workplace) == {1: ["champion"], 2: []}


def test_the_first_champion_cannot_be_withdrawn(workplace):
    ask(workplace, "promote", workplace.good.run_id)
    done = ask(workplace, "rollback")
    assert isinstance(done.exception, ModelError)
    assert "first champion" in done.exception.message
    assert aliases(workplace) == {1: ["champion"]}


def test_a_withdrawn_champion_is_not_come_back_to(workplace):
    ask(workplace, "promote", workplace.good.run_id)
    ask(workplace, "promote", workplace.equal.run_id)
    ask(workplace, "rollback")
    assert ask(workplace, "promote", workplace.equal.run_id).exit_code == 0
    ask(workplace, "rollback")
    assert aliases(workplace) == {1: ["champion"], 2: []}
    assert ask(workplace, "rollback").exit_code != 0


def test_an_alias_that_was_moved_by_hand_counts_as_a_champion_before(workplace):
    import mlflow

    ask(workplace, "promote", workplace.good.run_id)
    ask(workplace, "promote", workplace.poor.run_id)
    mlflow.MlflowClient().set_registered_model_alias("qclassify", "champion", "2")
    ask(workplace, "promote", workplace.equal.run_id)
    ask(workplace, "rollback")
    assert "champion" in aliases(workplace)[2]


def test_what_no_run_made_cannot_be_promoted(workplace):
    for name in ("0" * 32, "small-nosuchid", "x' or '1'='1"):
        done = ask(workplace, "promote", name)
        assert isinstance(done.exception, ModelError), name
    assert aliases(workplace) == {}


def test_a_folder_of_another_training_under_the_same_name_is_refused(workplace):
    folder = workplace.models / workplace.good.folder.name
    foreign = workplace.models / workplace.poor.folder.name
    shutil.rmtree(folder)
    shutil.copytree(foreign, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    from qclassify.model_files import canonical_json, checksum

    manifest["id"] = workplace.good.folder.name
    manifest["checksum"] = checksum(manifest)
    (folder / "manifest.json").write_text(canonical_json(manifest))
    done = ask(workplace, "promote", folder)
    assert "differs from what run" in str(done.exception)


def test_changed_or_faulty_labels_make_a_challenger(workplace):
    file = workplace.labels / "written/a.jsonl"
    file.write_text(file.read_text().replace("大米指导价", "小麦指导价"))
    done = ask(workplace, "promote", workplace.good.run_id)
    assert done.exit_code == 5
    assert re.search(r"FAILED  data check: .* written differ; train again", done.stderr)
    file.write_text('{"broken"\n')
    done = ask(workplace, "promote", workplace.good.run_id)
    assert re.search(r"FAILED  data check: 1 faults, first .*a\.jsonl:1", done.stderr)


def test_a_champion_whose_answers_are_gone_cannot_be_compared_with(workplace):
    ask(workplace, "promote", workplace.good.run_id)
    next(workplace.experiments.rglob(f"{workplace.good.run_id}/artifacts/tables/answers.json")).unlink()
    done = ask(workplace, "promote", workplace.equal.run_id)
    assert done.exit_code == 5
    assert "answers.json is not there any more" in done.stderr


# -- gates -----------------------------------------------------------------------------------------------


def answers(right, *, categories=("price", "supply"), clauses=60, prefix="c"):
    """A table of answers of which the first `right` are right."""
    first, second = categories
    rows = [
        {
            "id": f"{prefix}{n}",
            "document": "d",
            "group": f"g{n // 3}",
            "text": f"text {n}",
            "true_labels": first,
            "labels": first if n < right else second,
            "true_primary": first,
            "primary": first if n < right else second,
            "confidence": 0.9,
            f"p.{first}": 0.9 if n < right else 0.1,
            f"p.{second}": 0.1 if n < right else 0.9,
        }
        for n in range(clauses)
    ]
    return pd.DataFrame(rows)


def failed(candidate, champion):
    return {g.name for g in gates.score_gates(candidate, champion, ("price", "supply")) if not g.passed}


def test_the_same_answers_differ_by_nothing():
    found = gates.paired_differences(answers(40), answers(40), ("price", "supply"))
    assert {(d.value, d.low, d.high) for d in found} == {(0.0, 0.0, 0.0)}


def test_clearly_worse_answers_fail_and_clearly_better_ones_pass():
    assert failed(answers(20), answers(50)) >= {"micro_f1", "primary_accuracy", "subset_accuracy", "ece"}
    assert failed(answers(50), answers(20)) == set()


def test_a_difference_within_chance_passes():
    assert failed(answers(58), answers(60)) == set()


def test_the_order_of_the_tables_does_not_matter():
    shuffled = answers(50).sample(frac=1, random_state=3)
    assert failed(answers(50), shuffled) == set()
    assert failed(answers(20), shuffled) == failed(answers(20), answers(50))


def test_a_champion_of_other_categories_or_other_clauses_is_not_comparable():
    (gate,) = gates.score_gates(answers(60), answers(60, categories=("a", "b")), ("price", "supply"))
    assert not gate.passed
    assert "--name" in gate.detail
    (gate,) = gates.score_gates(answers(60), answers(60, prefix="other"), ("price", "supply"))
    assert "only 0 of the champion's 60 test clauses" in gate.detail


def test_clauses_that_only_one_of_the_two_has_seen_are_left_out():
    found = gates.paired_differences(answers(60), answers(60, clauses=70), ("price", "supply"))
    assert all(d.value == 0 for d in found)


def test_a_runtime_that_disagrees_with_scikit_learn_fails(trained_once):
    bundle = load_bundle(trained_once.good.folder)
    file = next(trained_once.experiments.rglob(f"{trained_once.good.run_id}/artifacts/reference_scores.json"))
    reference = json.loads(file.read_text())
    assert gates.parity_gate(bundle, reference).passed
    reference["scores"][0][0] += 2e-6
    assert not gates.parity_gate(bundle, reference).passed
    reference["scores"][0][0] = np.nan
    assert not gates.parity_gate(bundle, reference).passed
    reference["scores"] = [row[:-1] for row in reference["scores"]]
    assert "scikit-learn gave" in gates.parity_gate(bundle, reference).detail


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ("# Model card: good", "# Model card: other", "title"),
        ("## Where it errs", "## Elsewhere", "no section 'Where it errs'"),
        ("| supply ", "| demand ", "category 'supply'"),
        ("| micro-F1 | 1.000", "| micro-F1 | 0.999", ""),
        ("Composed for tests.", "The labels folder does not say (ORIGIN.md).", "ORIGIN.md"),
    ],
)
def test_a_card_that_leaves_something_out_fails(trained_once, old, new, gap):
    bundle = load_bundle(trained_once.good.folder)
    card = (bundle.path / "CARD.md").read_text("utf-8")
    assert old in card
    found = gates._card_gaps(card.replace(old, new), bundle)
    assert gates._card_gaps(card, bundle) == []
    if gap:
        assert gap in "; ".join(found)


# -- addresses -------------------------------------------------------------------------------------------


@pytest.fixture
def registered(workplace, monkeypatch):
    """The workplace with a champion, its store named as a user names it."""
    assert ask(workplace, "promote", workplace.good.run_id).exit_code == 0
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{workplace.experiments / 'mlflow.db'}")
    return workplace


def test_a_registered_model_loads_by_address(registered):
    for address in ("models:/qclassify@champion", "models:/qclassify/1"):
        for spelling in (address, Path(address)):
            model = load_model(spelling)
            assert model.id == registered.good.folder.name
            assert cache_folder() in model.path.parents


def test_a_model_in_the_cache_is_not_fetched_again(registered, monkeypatch):
    first = load_model("models:/qclassify@champion")
    monkeypatch.setattr("qclassify.registry._fetch", None)
    assert load_model("models:/qclassify/1").path == first.path


def test_an_altered_model_in_the_cache_is_refused(registered):
    model = load_model("models:/qclassify@champion")
    (model.path / "decision.json").write_text("{}")
    with pytest.raises(ModelError, match="altered"):
        load_model("models:/qclassify@champion")


def test_an_address_that_names_nothing_is_a_model_error(registered):
    for address, message in (
        ("models:/qclassify@nobody", "nobody"),
        ("models:/qclassify/99", "99"),
        ("models:/other@champion", "other"),
        ("models:/qclassify", "not the address"),
        ("models:/qclassify/Production", "not the address"),
        ("models:/m-" + "0" * 32, "m-000"),
    ):
        with pytest.raises(ModelError) as caught:
            load_model(address)
        assert message in caught.value.message
        assert caught.value.hint


TAG = [sys.executable, "-m", "qclassify", "tag", "labels/documents/xining-2015.txt", "--format", "jsonl"]


def test_the_command_line_tags_with_a_registered_model(registered):
    done = subprocess.run(
        [*TAG, "--model", "models:/qclassify@champion"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows
    assert {row["model"] for row in rows} == {registered.good.folder.name}


WITHOUT_MLFLOW = """
import sys
sys.modules["mlflow"] = None
import qclassify
from qclassify.errors import ModelError
model = qclassify.load_model(sys.argv[1])
try:
    qclassify.load_model("models:/qclassify@champion")
except ModelError as error:
    print(error.message, error.hint)
"""


def test_without_mlflow_a_folder_loads_and_an_address_says_what_to_install(trained_once):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MLFLOW, str(trained_once.good.folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "need mlflow" in done.stdout
    assert "qclassify[train]" in done.stdout


def test_a_folder_named_on_the_command_line_loads_no_mlflow(trained_once):
    code = (
        "import sys\nfrom qclassify.models import load_model\nload_model(sys.argv[1])\n"
        "print('mlflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(trained_once.good.folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "False\n"


# -- moved stores ----------------------------------------------------------------------------------------


@pytest.fixture
def moved(registered):
    """(the old folder, the new workplace): the champion's store after a real move."""
    home = registered.root.parent / "new home, 新"
    registered.root.rename(home)
    return registered.experiments, Workplace(home, registered.good, registered.equal, registered.poor)


def dump(database):
    connection = sqlite3.connect(database)
    text = "\n".join(connection.iterdump())
    connection.close()
    return text


def test_a_moved_store_finds_its_champion_once_it_is_relocated(moved, monkeypatch):
    old, workplace = moved
    database = workplace.experiments / "mlflow.db"
    monkeypatch.setenv("XDG_CACHE_HOME", str(workplace.root / "empty cache"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    with pytest.raises(ModelError):
        load_model("models:/qclassify@champion")
    before = dump(database)
    tell = CliRunner().invoke(app, ["relocate", str(old), str(workplace.experiments), "--dry-run"])
    assert tell.exit_code == 0, tell.output
    assert dump(database) == before
    done = CliRunner().invoke(app, ["relocate", str(old), str(workplace.experiments)])
    assert done.stdout == tell.stdout
    assert "logged_models.artifact_location  3" in done.stdout
    assert str(old) not in dump(database)
    assert load_model("models:/qclassify@champion").id == workplace.good.folder.name
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert ask(workplace, "promote", workplace.equal.run_id).exit_code == 0


def test_relocating_back_restores_the_store(workplace, tmp_path):
    database = workplace.experiments / "mlflow.db"
    before = dump(database)
    relocate_store(database, str(workplace.experiments), tmp_path / "elsewhere", dry_run=False)
    assert dump(database) != before
    relocate_store(database, str(tmp_path / "elsewhere"), workplace.experiments, dry_run=False)
    assert dump(database) == before


def test_a_folder_whose_name_merely_begins_the_same_is_left_alone(workplace):
    database = workplace.experiments / "mlflow.db"
    before = dump(database)
    with pytest.raises(LabelError, match="no path begins with"):
        relocate_store(database, str(workplace.experiments)[:-1], Path("/x"), dry_run=False)
    assert dump(database) == before


@pytest.mark.parametrize("content", [None, b"no database", b""])
def test_what_is_no_store_is_refused(tmp_path, content):
    database = tmp_path / "mlflow.db"
    if content is not None:
        database.write_bytes(content)
    with pytest.raises(LabelError):
        relocate_store(database, "/old", tmp_path, dry_run=False)
    assert not database.exists() or database.read_bytes() == content


def test_a_relative_old_folder_is_refused(workplace):
    with pytest.raises(LabelError, match="not an absolute path"):
        relocate_store(workplace.experiments / "mlflow.db", "experiments", Path("/x"), dry_run=False)
