"""Profiles, the measures between them, and the command that watches."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_categories import write_own_labels
from own_models import train_characters, write_characters_recipe
from scipy.stats import chi2
from typer.testing import CliRunner

from qclassify.bundle import load_bundle
from qclassify.cli.app import app
from qclassify.drifting import Limits, _chance, compare_profiles, jensen_shannon, stability_index
from qclassify.errors import ModelError, QClassifyError
from qclassify.features import ClauseText
from qclassify.profile_sources import model_profile, profile_file, saved_profile
from qclassify.profiles import Profile, add_up, profile_from_record, profile_of, profile_record
from qclassify.scoring import known_terms
from training.dataset import load_dataset
from training.evaluation import clause_text, fit_pipeline
from training.recipe import load_recipe
from training.vocabulary import count_terms

COUNTS = st.lists(st.integers(0, 200), min_size=2, max_size=12).filter(any)
OTHER = "第一条 为了保护野生动物,维护生物多样性和生态平衡,制定本法。\n第二条 野生动物资源属于国家所有。\n"


@st.composite
def profiles(draw):
    n, k = draw(st.integers(1, 30)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    probability = rng.random((n, k))
    chosen = probability >= 0.5
    primary = np.where(chosen.any(axis=1), probability.argmax(axis=1), -1)
    terms = rng.integers(0, 9, (n, 2)).cumsum(axis=1)
    return profile_of(probability, chosen, primary, rng.random(n) < 0.2, terms)


@given(COUNTS, st.data())
def test_divergences_are_zero_for_equal_counts_bounded_and_symmetric(counts, data):
    others = data.draw(st.lists(st.integers(0, 200), min_size=len(counts), max_size=len(counts)).filter(any))
    assert jensen_shannon(counts, counts) == pytest.approx(0, abs=1e-9)
    assert 0 <= jensen_shannon(counts, others) <= 1 + 1e-9
    assert jensen_shannon(counts, others) == pytest.approx(jensen_shannon(others, counts), abs=1e-9)
    assert stability_index(counts, counts) == pytest.approx(0, abs=1e-12)
    assert stability_index(counts, others) >= -1e-12
    assert stability_index(counts, others) == pytest.approx(stability_index(others, counts))


def test_divergences_equal_those_computed_by_hand():
    assert jensen_shannon([1, 0], [0, 1]) == pytest.approx(1.0)
    # entropy of the mean (3/4 and 1/4), less the mean of the entropies (1 bit and 0)
    assert jensen_shannon([1, 1], [2, 0]) == pytest.approx(0.8112781 - 0.5)
    p, q = np.array([10.5, 30.5]) / 41, np.array([20.5, 20.5]) / 41
    assert stability_index([10, 30], [20, 20]) == pytest.approx(((p - q) * np.log(p / q)).sum())


@pytest.mark.parametrize("bins", [2, 3, 10, 40])
def test_chance_is_the_quantile_of_chi_squared(bins):
    assert _chance([5] * bins, [7] * bins, 0.01) == pytest.approx(chi2.ppf(0.95, bins - 1) * 0.01, rel=0.03)
    assert _chance([9, 0, 0], [4, 0, 0], 0.01) == 0


def test_chance_holds_for_samples_of_one_population():
    rng = np.random.default_rng(3)
    shares = np.array([0.5, 0.2, 0.1, 0.1, 0.1])
    inverse, above = 1 / 400 + 1 / 150, 0
    for _ in range(400):
        one, other = rng.multinomial(400, shares), rng.multinomial(150, shares)
        above += stability_index(one, other) > _chance(one, other, inverse)
        assert jensen_shannon(one, other) < 0.1
    assert above / 400 < 0.08


@given(st.lists(profiles().filter(lambda p: len(p.labels) == 2), min_size=1, max_size=3))
def test_profiles_add_up_and_survive_json(found):
    together = add_up(found, 2)
    assert together.clauses == sum(p.clauses for p in found) == sum(together.primaries)
    assert all(sum(counts) == together.clauses for counts in together.histograms)
    assert profile_from_record(json.loads(json.dumps(profile_record(together))), 2) == together
    assert 0 <= together.expected_f1 <= 1


def test_expected_f1_is_the_f1_when_probabilities_are_right():
    rng = np.random.default_rng(1)
    probability = rng.beta(0.3, 0.6, (20000, 3))
    truth, chosen = rng.random(probability.shape) < probability, probability >= 0.45
    actual = 2 * (truth & chosen).sum() / (truth.sum() + chosen.sum())
    none = np.zeros(20000, dtype=int)
    profile = profile_of(probability, chosen, none - 1, none > 0, np.stack([none, none], axis=1))
    assert profile.expected_f1 == pytest.approx(actual, abs=0.01)


def test_a_change_counts_only_beyond_its_limit_and_beyond_chance():
    def profile(clauses, labelled):
        rest = clauses - labelled
        return Profile(
            clauses,
            clauses,
            0,
            0,
            (labelled,),
            (labelled, rest),
            ((rest, *[0] * 8, labelled),),
            ((labelled, 0, 0),),
        )

    def share(reference, new, limit):
        signals = compare_profiles(reference, new, Limits(share=limit))
        return next(signal.exceeded for signal in signals if signal.kind == "share")

    assert share(profile(1000, 500), profile(1000, 700), 0.15)
    assert not share(profile(1000, 500), profile(1000, 700), 0.25)
    assert not share(profile(10, 5), profile(10, 7), 0.15)  # so few clauses prove nothing
    with pytest.raises(QClassifyError, match="new documents have no clause"):
        compare_profiles(profile(10, 5), profile(0, 0), Limits())


@pytest.mark.parametrize(
    "record", [{}, {"clauses": 1}, [], profile_record(add_up([], 3))], ids=["empty", "cut", "list", "wider"]
)
def test_what_is_no_profile_of_this_model_is_refused(record):
    with pytest.raises(QClassifyError, match="not a profile of this model"):
        profile_from_record(record, 2)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drift")
    labels = write_own_labels(folder / "labels")
    recipe = write_characters_recipe(folder / "own.toml")
    model, evaluated = train_characters(labels, folder / "models", recipe)
    (folder / "law.txt").write_text(OTHER * 20, "utf-8")
    (folder / "plans").mkdir()
    for path in (labels / "documents").glob("*.txt"):
        (folder / "plans" / path.name).write_bytes(path.read_bytes())
    return folder, model, evaluated


def run(*arguments, model):
    return CliRunner().invoke(app, ["drift", *map(str, arguments), "--model", str(model)])


def test_training_and_runtime_count_the_same_terms(trained):
    folder, model, _ = trained
    dataset, recipe = load_dataset(folder / "labels"), load_recipe(folder / "own.toml")
    clauses = [*map(clause_text, dataset.gold), ClauseText("ISO 9001 认证𠮷 "), ClauseText("a")]
    counted = count_terms(recipe, fit_pipeline(recipe, dataset), clauses)
    assert (
        known_terms(clauses, load_bundle(model)).tolist()
        == np.stack([counted.known, counted.all], 1).tolist()
    )
    assert 0 < counted.known.sum() < counted.all.sum()


def test_the_models_own_profile_is_that_of_held_out_clauses(trained):
    _, model, evaluated = trained
    profile = model_profile(load_bundle(model))
    assert profile.clauses == len(evaluated.result.clauses)
    assert profile.labels == tuple(evaluated.judged.chosen.sum(axis=0))
    assert profile.unseen == (evaluated.result.terms.all - evaluated.result.terms.known).sum() > 0


def test_documents_do_not_drift_from_themselves(trained):
    folder, model, _ = trained
    done = run(folder / "plans", folder / "plans", model=model)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["drift"] is False
    assert {signal["change"] for signal in record["signals"]} == {0.0}
    assert [s["category"] for s in record["signals"] if s["signal"] == "share"] == [
        "transit",
        "roads",
        "parking",
        "safety",
    ]


@pytest.mark.parametrize(("reference", "expected"), [("model", {"f1"}), ("plans", {"f1", "unseen"})])
def test_documents_of_another_kind_drift_and_the_exit_code_says_it(trained, reference, expected):
    folder, model, _ = trained
    done = run(reference if reference == "model" else folder / reference, folder / "law.txt", model=model)
    assert done.exit_code == 5
    exceeded = {s["signal"] for s in json.loads(done.stdout)["signals"] if s["exceeded"]}
    assert expected <= exceeded
    limits = [
        "--max-unseen=1",
        "--max-review=1",
        "--max-share=1",
        "--max-psi=99",
        "--max-mix=1",
        "--max-f1-drop=1",
    ]
    assert run("model", folder / "law.txt", *limits, model=model).exit_code == 0


@pytest.mark.parametrize(("language", "words"), [("zh", "未见词占比"), ("en", "Unseen terms")])
def test_the_table_speaks_both_languages(trained, language, words):
    folder, model, _ = trained
    done = run("model", folder / "law.txt", "--format", "table", "--lang", language, model=model)
    assert words in done.stdout
    assert ("Bus und Bahn" if language == "zh" else "Transit") in done.stdout


def test_a_saved_profile_is_a_reference_for_its_own_model_only(trained, tmp_path):
    folder, model, _ = trained
    saved = tmp_path / "plans.json"
    run("model", folder / "plans", "--save-profile", saved, model=model)
    done = run(saved, folder / "plans", model=model)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["clauses"]["reference"] == 69
    saved.write_text(json.dumps({**json.loads(saved.read_text("utf-8")), "model": "other-1"}), "utf-8")
    assert "profile of model 'other-1'" in str(run(saved, folder / "plans", model=model).exception)
    saved.write_text("[1]", "utf-8")
    assert "no profile" in str(run(saved, folder / "plans", model=model).exception)


def test_clauses_of_a_table_are_watched_like_those_of_documents(trained, tmp_path):
    _, model, evaluated = trained
    rows = [
        {"id": c.id, "text": c.text, "heading_path": list(c.heading_path)} for c in evaluated.result.clauses
    ]
    table = tmp_path / "clauses.jsonl"
    table.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    bundle = load_bundle(model)
    assert json.loads(run(table, table, "--clauses", model=model).stdout)["clauses"] == {
        "reference": 69,
        "new": 69,
    }
    text = profile_file(model_profile(bundle), bundle)
    (tmp_path / "own.json").write_text(text, "utf-8")
    assert saved_profile(tmp_path / "own.json", bundle) == model_profile(bundle)


def test_a_model_without_a_profile_says_so(trained):
    _, model, _ = trained
    bundle = load_bundle(model)
    stripped = type("Stripped", (), {"manifest": {"metrics": {}}, "id": "old-1", "taxonomy": bundle.taxonomy})
    with pytest.raises(ModelError, match="keeps no profile"):
        model_profile(stripped)
    assert math.isclose(model_profile(bundle).expected_f1, 0.87, abs_tol=0.12)


WATCH_AND_LIST = """
import sys
from qclassify.cli.app import app
try:
    app(["drift", *sys.argv[1:]])
except SystemExit as stop:
    assert stop.code in (0, 5), stop.code
print("\\n".join(sys.modules), file=sys.stderr)
"""


def test_watching_loads_nothing_heavy(trained):
    folder, model, _ = trained
    arguments = ["model", folder / "plans", "--model", model, "--format", "table"]
    done = subprocess.run(
        [sys.executable, "-c", WATCH_AND_LIST, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert loaded.isdisjoint({"sklearn", "scipy", "pandas", "mlflow", "joblib", "matplotlib"})
    assert "qclassify" in loaded
