"""Searches: what they may look at, what they keep, and the table of what was tried."""

import json
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_categories import write_own_labels
from own_models import write_characters_recipe
from typer.testing import CliRunner

from qclassify.errors import LabelError
from training import evaluation, league, searching, tuning
from training.cli import app
from training.dataset import load_dataset
from training.folds import in_folds
from training.league import read_experiments, write_league_block, write_result
from training.recipe import load_recipe, parse_recipe
from training.remembering import remembering
from training.search_space import load_space, recipe_toml
from training.searching import Search, parse_seconds, run_trials

SPACE = """[space]
"learner.0.c" = {low = 0.05, high = 3.0, log = true}
"field.chars.high" = {low = 1, high = 3}
"data.source_weight" = [1.0, 2.0]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("tune")
    write_own_labels(made / "labels")
    write_characters_recipe(made / "start.toml", high=1, c=0.1)
    (made / "space.toml").write_text(SPACE, "utf-8")
    return made


@pytest.fixture(scope="module")
def dataset(folder):
    return load_dataset(folder / "labels")


@pytest.fixture(scope="module")
def space(folder):
    return load_space(folder / "space.toml", folder / "start.toml")


@pytest.fixture(scope="module")
def search(folder, dataset, space):
    return Search(space, dataset, 5, folder / "search")


@pytest.fixture(scope="module")
def trials(search):
    return run_trials(search, search.open(), seconds=999, most=3, on_trial=lambda _: None)


@given(st.integers(0, 2000))
def test_a_candidate_depends_on_seed_and_number_alone_and_stays_in_the_space(number):
    shared = test_a_candidate_depends_on_seed_and_number_alone_and_stays_in_the_space.space
    recipe, values = shared.candidate(number, 5)
    assert shared.candidate(number, 5) == (recipe, values)
    if number:
        assert 0.05 <= recipe.learners[0].c <= 3.0
        assert recipe.fields[0].high in (1, 2, 3)
        assert recipe.data.source_weight in (1.0, 2.0)
        assert values["learner.0.c"] == recipe.learners[0].c


@pytest.fixture(autouse=True, scope="module")
def _space_for_properties(space):
    # Hypothesis wants no function fixtures; a space does not change.
    test_a_candidate_depends_on_seed_and_number_alone_and_stays_in_the_space.space = space


def test_a_recipe_survives_being_written():
    for name in ("default", "baseline"):
        recipe = load_recipe(name)
        again = parse_recipe(recipe_toml(tomllib.loads(recipe.text)), "again")
        assert (again.fields, again.learners, again.data, again.decision) == (
            recipe.fields,
            recipe.learners,
            recipe.data,
            recipe.decision,
        )


def test_the_shipped_space_fits_the_shipped_recipe():
    recipe, values = load_space("default").candidate(7, 1)
    assert len(values) > 5
    assert recipe.text != load_recipe("default").text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recipe = 3", "more or less than"),
        ('[space]\n"learner.1.c" = [1.0]', "the recipe has no 'learner.1.c'"),
        ('[space]\n"field.words.weight" = [1.0]', "the recipe has no 'field.words.weight'"),
        ('[space]\n"learner.0.c" = ["much"]', "neither a list of values nor"),
        ('[space]\n"learner.0.c" = {low = 0, high = 1, log = true}', "neither a list of values nor"),
        ('[space]\n"field.chars.high" = {low = 1.5, high = 2.5}', "neither a list of values nor"),
        ('[space]\n"data.written" = [1]', "neither a list of values nor"),
        ("[space", "no search space"),
    ],
)
def test_a_space_that_the_recipe_does_not_have_is_refused(folder, tmp_path, text, message):
    (tmp_path / "space.toml").write_text(text, "utf-8")
    with pytest.raises(LabelError, match=message):
        load_space(tmp_path / "space.toml", folder / "start.toml")


def test_inner_scores_without_a_document_do_not_depend_on_its_labels(dataset, space):
    """The heart of nesting: relabelling a held-out document cannot change what is chosen for it."""
    from dataclasses import replace

    recipe, values = space.candidate(2, 5)
    spoilt = replace(
        dataset,
        gold=tuple(
            replace(c, labels=("safety",), primary="safety") if c.doc == "plan-1" else c for c in dataset.gold
        ),
    )
    honest, other = (tuning.try_candidate(2, recipe, values, data, float) for data in (dataset, spoilt))
    assert honest.inner["plan-1"] == other.inner["plan-1"]
    assert honest.inner["plan-0"] != other.inner["plan-0"]
    assert honest.score != other.score


def test_each_document_is_answered_by_the_trial_that_the_others_chose(search, trials, dataset):
    found = search.summary(trials)
    for document, number in found.chosen.items():
        assert all(trials[number].inner[document] >= trial.inner[document] for trial in trials)
    assert found.best.score == max(trial.score for trial in trials)
    assert found.trials == 3
    assert found.start["micro_f1"] == pytest.approx(trials[0].micro_f1)
    correct = 0
    truth = {clause.id: set(clause.labels) for clause in dataset.gold}
    for clause in in_folds(dataset).gold:
        labels = trials[found.chosen[clause.doc]].answers[clause.id].split(" ")[0]
        correct += truth[clause.id] == set(labels.split(",")) - {"-"}
    assert found.nested["subset_accuracy"] == pytest.approx(correct / len(dataset.gold))


def test_a_search_goes_on_where_it_was(search, trials, monkeypatch):
    tried = []

    def count(number, recipe, values, dataset, clock):
        tried.append(number)
        return original(number, recipe, values, dataset, clock)

    original = searching.try_candidate
    monkeypatch.setattr(searching, "try_candidate", count)
    assert [trial.record() for trial in search.open()] == [trial.record() for trial in trials]
    more = run_trials(search, search.open(), seconds=999, most=4, on_trial=lambda _: None)
    assert [trial.number for trial in more] == [0, 1, 2, 3]
    assert tried == [3]


def test_half_a_line_of_a_killed_process_is_cut_off(search, trials):
    path = search.folder / "trials.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 9, "val')
    assert len(search.open()) == len(whole.splitlines())
    assert path.read_bytes() == whole


def test_another_search_in_the_same_folder_is_refused(search, trials, dataset, space):
    with pytest.raises(LabelError, match="holds a search of other recipes"):
        Search(space, dataset, 6, search.folder).open()


def fake_trials(monkeypatch, seconds, interrupt_at=None):
    """Trials that take a fixed time on a clock of their own; returns the clock."""
    now = [0.0]

    def fake(number, recipe, values, dataset, clock):
        if number == interrupt_at:
            raise KeyboardInterrupt
        now[0] += seconds
        return tuning.Trial(number, values, recipe.text, {}, 0.5, 0.5, 0.5, {}, seconds)

    monkeypatch.setattr(searching, "try_candidate", fake)
    return lambda: now[0]


@pytest.mark.parametrize(("budget", "made"), [(1.0, 1), (25.0, 2), (30.0, 3), (99.0, 9)])
def test_no_trial_is_begun_that_would_not_end_in_time(monkeypatch, space, dataset, tmp_path, budget, made):
    clock = fake_trials(monkeypatch, 10.0)
    search = Search(space, dataset, 5, tmp_path)
    trials = run_trials(search, search.open(), seconds=budget, most=50, on_trial=lambda _: None, clock=clock)
    assert len(trials) == made


def test_every_run_makes_a_trial_however_slow_earlier_ones_were(monkeypatch, space, dataset, tmp_path):
    search = Search(space, dataset, 5, tmp_path)
    for made in (1, 2):
        clock = fake_trials(monkeypatch, 100.0)
        run_trials(search, search.open(), seconds=5, most=50, on_trial=lambda _: None, clock=clock)
        assert len(search.open()) == made


def test_an_interrupt_keeps_what_was_finished(monkeypatch, space, dataset, tmp_path):
    clock = fake_trials(monkeypatch, 10.0, interrupt_at=2)
    search = Search(space, dataset, 5, tmp_path)
    trials = run_trials(search, search.open(), seconds=999, most=50, on_trial=lambda _: None, clock=clock)
    assert [trial.number for trial in trials] == [0, 1]
    assert len(search.open()) == 2


def test_a_small_space_is_used_up_and_the_search_ends(monkeypatch, folder, dataset, tmp_path):
    (tmp_path / "space.toml").write_text('[space]\n"data.source_weight" = [1.0, 2.0]', "utf-8")
    clock = fake_trials(monkeypatch, 0.0)
    search = Search(load_space(tmp_path / "space.toml", folder / "start.toml"), dataset, 5, tmp_path / "s")
    trials = run_trials(search, search.open(), seconds=9, most=40, on_trial=lambda _: None, clock=clock)
    assert len(trials) == 3  # the start recipe as it is written, and as the search writes it with 1 and 2


@pytest.mark.parametrize("text", ["", "ten", "0", "5 d", "-3s"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="no time"):
        parse_seconds(text)


def test_the_command_writes_the_best_recipe_and_nested_runs(folder, tmp_path, monkeypatch):
    import sqlite3

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    arguments = [
        "tune",
        "--space",
        folder / "space.toml",
        "--recipe",
        folder / "start.toml",
        "--max-trials",
        2,
    ]
    arguments += [
        "--labels",
        folder / "labels",
        "--experiments",
        tmp_path,
        "--result",
        tmp_path / "005-search",
    ]
    with warnings.catch_warnings(action="ignore"):  # mlflow's own imports warn about each other
        done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    assert "nested estimate of the tuned procedure" in done.stdout
    assert "so too high" in done.stdout
    best = load_recipe(tmp_path / "out/tune-default/best.toml")
    assert best.name == "start"
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        nested = database.execute("select count(*) from tags where key = 'mlflow.parentRunId'").fetchone()[0]
    database.close()
    assert nested == 2
    runs = json.loads((tmp_path / "005-search/result.json").read_text("utf-8"))["runs"]
    assert [run["name"] for run in runs][:2] == ["start recipe", "search of 2 trials"]


def test_the_table_lists_every_experiment_recorded_or_not(tmp_path):
    write_result(tmp_path / "001-a", [league.RecordedRun("with", 0.8, 0.7, "held out")])
    record = json.loads((tmp_path / "001-a/result.json").read_text("utf-8"))
    (tmp_path / "001-a/result.json").write_text(json.dumps({**record, "question": "a | b?"}), "utf-8")
    write_result(tmp_path / "001-a", [league.RecordedRun("with", 0.9, 0.7, "held out")])  # the question stays
    for name in ("002-bare", "003-told", "bench", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "003-told/README.md").write_text("# 003 · Does it help?\n", "utf-8")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{league.BEGIN}\nof last week\n{league.END}\nafter\n", "utf-8")
    write_league_block(read_experiments(tmp_path), readme)
    text = readme.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| [001](001-a/) | a \\| b? | – | – |" in text
    assert "| [002](002-bare/) | – | – | – |" in text
    assert "| [003](003-told/) | Does it help? | – | – |" in text
    assert "| 001 with | 0.900 | 0.700 | held out |" in text
    assert "of last week" not in text
    write_league_block(read_experiments(tmp_path), readme)
    assert readme.read_text("utf-8") == text


def test_the_shipped_table_is_made_from_what_is_recorded():
    folder = Path(__file__).parent.parent / "experiments"
    text = (folder / "README.md").read_text("utf-8")
    assert league.league_block(read_experiments(folder)) in text, "run `python -m training league --write`"


@pytest.mark.parametrize("content", ["[1]", "{", '{"runs": [{"name": "x", "micro_f1": 2, "macro_f1": 0.5}]}'])
def test_a_malformed_result_is_named(tmp_path, content):
    (tmp_path / "001-a").mkdir()
    (tmp_path / "001-a/result.json").write_text(content, "utf-8")
    with pytest.raises(LabelError, match=r"001-a/result\.json: not a recorded result"):
        read_experiments(tmp_path)
    (tmp_path / "README.md").write_text("nothing", "utf-8")
    with pytest.raises(LabelError, match="markers of the table are missing"):
        write_league_block((), tmp_path / "README.md")


def test_a_search_fits_only_what_an_evaluation_fits(monkeypatch, dataset, space):
    held_out = []
    original = evaluation.fit_pipeline

    def fit(recipe, data, without=()):
        held_out.append(frozenset(without))
        return original(recipe, data, without)

    monkeypatch.setattr(evaluation, "fit_pipeline", fit)
    tuning.try_candidate(0, space.start, {}, dataset, float)
    assert len(held_out) == 3 + 3  # one a document, one a pair
    assert all(held_out)
    assert np.unique([len(names) for names in held_out]).tolist() == [1, 2]


@pytest.mark.parametrize("name", ["default", "baseline"])
def test_shared_counts_change_scores_by_rounding_only(dataset, name):
    recipe = load_recipe(name)
    with remembering(dataset):
        shared = evaluation.out_of_fold(recipe, dataset)
        pipeline = evaluation.fit_pipeline(recipe, dataset)
    alone = evaluation.out_of_fold(recipe, dataset)
    assert np.abs(shared.scores - alone.scores).max() < 1e-3
    assert np.abs(shared.headless - alone.headless).max() < 1e-3
    taxonomy = dataset.taxonomy
    answers = [evaluation.judge_out_of_fold(result, taxonomy) for result in (shared, alone)]
    assert np.array_equal(answers[0].chosen, answers[1].chosen)
    assert np.abs(answers[0].probability - answers[1].probability).max() < 1e-3
    assert np.array_equal(shared.terms.known, alone.terms.known)
    for own, other in zip(
        pipeline["features"].transformer_list,
        evaluation.fit_pipeline(recipe, dataset)["features"].transformer_list,
        strict=True,
    ):
        assert list(own[1].get_feature_names_out()) == list(other[1].get_feature_names_out())
        assert np.array_equal(own[1].term_weights(), other[1].term_weights())
        assert own[1].vocabulary_ == other[1].vocabulary_
