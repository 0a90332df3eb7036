"""Everything works for categories that nobody here has thought of: other domains, languages, numbers, poor labels."""

import io
import json
import re
import shlex
import warnings
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from own_categories import LINES, PLACES, plan, write_own_labels
from own_models import short_dictionary, train_characters, write_characters_recipe
from random_labels import marker, write_random_labels
from rich.console import Console
from typer.testing import CliRunner

import qclassify
from qclassify.bundle import load_bundle
from qclassify.cli.app import app as qclassify_app
from qclassify.deciding import chosen_labels, confidence, decide
from qclassify.errors import LabelError, TaxonomyError
from qclassify.palette import PALETTE, contrast_with_white
from qclassify.rendering.model_facts import model_facts
from qclassify.rendering.report import write_report
from qclassify.scoring import explain
from qclassify.taxonomy import load_taxonomy
from training import run
from training.checking import check_labels
from training.cli import app as training_app
from training.dataset import load_dataset
from training.folds import in_folds
from training.metrics import bootstrap_rows
from training.new_labels import write_new_labels
from training.recipe import load_recipe
from training.scarcity import label_warnings

GUIDE = Path(__file__).parent.parent / "training/README.md"


@contextmanager
def few_resamples():
    """Intervals of 20 draws: these tests look at everything else."""
    with mock.patch("training.metrics.bootstrap_rows", partial(bootstrap_rows, resamples=20)):
        yield


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    return write_characters_recipe(tmp_path_factory.mktemp("recipe") / "own.toml")


# ---- from zero to tagged clauses -----------------------------------------------------------------------


def five_commands():
    """The block of the guide, a list of arguments a command."""
    block = re.search(r"<!-- own-categories -->\n```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[1]
    lines = block.replace("$(cat models/CURRENT)", "CURRENT").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip() and line[0] != "#"]


def fill_in(path):
    """What people do between two of the commands: say yes where it is so, choose the primary."""
    truth = {c["text"]: c for number, place in enumerate(PLACES) for c in plan(number, place)[1]}
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    name_of = {head.split()[-1]: " ".join(head.split()[:-1]) for head in heads if head.split()[-1] in LINES}
    for line in sheet.iter_rows(min_row=2):
        cells = dict(zip(heads, line, strict=True))
        clause = truth[cells["正文 text"].value]
        for label in clause["labels"]:
            cells[f"{name_of[label]} {label}"].value = "是"
        cells["主类别 primary"].value = name_of[clause["primary"]]
        cells["标注人 annotator"].value = "li"
    book.save(path)


def test_five_commands_lead_from_documents_to_a_tagging_model(tmp_path, monkeypatch, recipe):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    Path("plans").mkdir()
    for number, place in enumerate(PLACES):
        Path(f"plans/plan-{number}.txt").write_text(plan(number, place)[0], "utf-8")
    Path("new.txt").write_text("一、道路建设\n新建北湖跨河桥梁一座。\n", "utf-8")
    commands = five_commands()
    assert len(commands) == 5
    for command in commands:
        if command[0] == "qclassify":
            name = Path("models/CURRENT").read_text("utf-8").strip()
            arguments = [part.replace("CURRENT", name) for part in command]
            done = CliRunner().invoke(qclassify_app, arguments[1:])
        else:
            arguments = command[3:] + (["--recipe", str(recipe)] if command[3] == "train" else [])
            with short_dictionary(), few_resamples(), warnings.catch_warnings(action="ignore"):
                done = CliRunner().invoke(training_app, arguments)
        assert done.exit_code == 0, (command, done.output)
        if "export-tasks" in command:
            fill_in("todo.xlsx")
    [row] = map(json.loads, done.stdout.splitlines())
    assert row["labels"] == ["roads"]
    assert set(row["scores"]) == set(LINES)
    assert check_labels(Path("labels")) == []
    assert len(load_dataset(Path("labels")).gold) == 69


def test_a_new_labels_folder_is_faultless_and_never_overwrites(tmp_path):
    write_new_labels(tmp_path / "labels", [("a", 'Über "x"'), ("b", "乙")], exclusive=True)
    taxonomy = load_taxonomy(tmp_path / "labels/taxonomy.toml")
    assert (taxonomy.ids, taxonomy.exclusive, taxonomy["a"].name) == (("a", "b"), True, 'Über "x"')
    assert check_labels(tmp_path / "labels") == []
    with pytest.raises(LabelError, match="exists and is not empty"):
        write_new_labels(tmp_path / "labels", [("a", "a"), ("b", "b")])
    with pytest.raises(LabelError, match="1 categories; a taxonomy has 2 to 50"):
        write_new_labels(tmp_path / "one", [("a", "a")])
    with pytest.raises(TaxonomyError, match="stands twice"):
        write_new_labels(tmp_path / "twice", [("a", "a"), ("a", "b")])
    assert not (tmp_path / "twice").exists()


def test_a_folder_without_labels_is_refused_with_what_to_do(tmp_path, recipe):
    write_new_labels(tmp_path / "labels", [("a", "a"), ("b", "b")])
    with pytest.raises(LabelError, match=r"clauses\.jsonl: 0 labelled clauses") as caught:
        run.evaluate(load_recipe(recipe), load_dataset(tmp_path / "labels"))
    assert "label some hundred clauses" in caught.value.hint


# ---- poor labels ----------------------------------------------------------------------------------------

POOR = {
    "one document": ({"places": PLACES[:1]}, "only one document: figures come from holding out parts"),
    "two documents": ({"places": PLACES[:2]}, "only two documents"),
    "three examples": (
        {"keep": lambda row: row["labels"] != ["safety"] or "酒" in row["text"] or "校车" in row["text"]},
        r"fewer than 10 clauses .*: safety \(5\)",
    ),
    "no example": ({"keep": lambda row: "safety" not in row["labels"]}, "will never give it: safety"),
    "one document has them all": (
        {
            "places": [*PLACES, "北湖", "江口", "石桥"],
            "keep": lambda row: row["labels"] != ["transit"],
            "rename": ("plan-0", "roads", "transit"),
        },
        "category 'transit': all 18 clauses stand in plan-0",
    ),
}


def poor_labels(folder, *, rename=None, **how):
    write_own_labels(folder, **how)
    if rename:
        document, old, new = rename
        rows = [json.loads(line) for line in (folder / "clauses.jsonl").read_text("utf-8").splitlines()]
        for row in rows:
            if row["doc"] == document:
                row["labels"], row["primary"] = ["transit"], "transit"
            elif new in row["labels"]:
                row["labels"], row["primary"] = [old], old
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / "clauses.jsonl").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(("how", "warning"), POOR.values(), ids=POOR)
def test_poor_labels_are_trained_on_and_the_poverty_is_named(tmp_path, recipe, how, warning):
    labels = poor_labels(tmp_path / "labels", **how)
    dataset = load_dataset(labels)
    assert any(re.search(warning, line) for line in label_warnings(dataset)), label_warnings(dataset)
    with few_resamples():
        folder, evaluated = train_characters(labels, tmp_path / "models", recipe)
    assert np.isfinite(evaluated.judged.probability).all()
    card = (folder / "CARD.md").read_text("utf-8")
    assert re.search(warning, card)
    assert "nan" not in card.lower().split()
    assert set(evaluated.figures["data"]["warnings"]) >= set(label_warnings(dataset))


def test_a_category_without_clauses_has_no_figures_and_lowers_no_mean(tmp_path, recipe):
    dataset = load_dataset(write_own_labels(tmp_path, keep=lambda row: "safety" not in row["labels"]))
    with few_resamples():
        figures = run.evaluate(load_recipe(recipe), dataset).figures["lodo"]
    assert figures["per_category"]["safety"] is None
    assert figures["per_category_detail"]["safety"] == {
        "f1": None,
        "precision": None,
        "recall": None,
        "support": 0.0,
    }
    known = [figures["per_category"][category] for category in ("transit", "roads", "parking")]
    assert figures["macro_f1"] == pytest.approx(np.mean(known), abs=1e-5)


@pytest.mark.parametrize(
    ("keep", "message"), [(1, "1 labelled clauses"), (2, "nothing to learn from|too few|alone")]
)
def test_one_or_two_clauses_are_too_few(tmp_path, recipe, keep, message):
    dataset = load_dataset(write_own_labels(tmp_path, places=PLACES[:1]))
    with pytest.raises(LabelError, match=message):
        run.evaluate(load_recipe(recipe), replace(dataset, gold=dataset.gold[:keep]))


def test_clauses_of_no_document_are_held_out_in_parts(tmp_path, recipe):
    dataset = load_dataset(write_own_labels(tmp_path, places=PLACES[:1]))
    loose = replace(dataset, gold=tuple(replace(c, doc=None, start=None, end=None) for c in dataset.gold))
    assert sorted({c.doc for c in in_folds(loose).gold}) == [f"no document, part {n}" for n in range(1, 6)]
    with few_resamples():
        figures = run.evaluate(load_recipe(recipe), loose).figures
    assert len(figures["by_document"]) == 5
    assert figures["data"]["in_parts"] is True


def test_a_list_that_repeats_itself_is_not_dealt_out_in_step(tmp_path, recipe):
    """Five phrases in turns and five parts: each part must not become one phrase."""
    dataset = load_dataset(write_own_labels(tmp_path, places=PLACES[:1]))
    first = dataset.gold[0]
    phrases = ["{}坏了。", "打不开{}。", "多谢{}。", "希望有{}。", "{}很好。"]
    clauses = [
        replace(first, id=f"f:{n}", text=phrases[n % 5].format(thing), labels=(name,), primary=name)
        for n, (thing, name) in enumerate(
            (thing, name)
            for thing in "日月山河"
            for name in ("transit", "transit", "roads", "roads", "roads")
        )
    ]
    with few_resamples():
        figures = run.evaluate(load_recipe(recipe), replace(dataset, gold=tuple(clauses))).figures
    assert {values["n_clauses"] for values in figures["by_document"].values()} == {4}
    assert figures["lodo"]["micro_f1"] > 0.8


def test_labels_that_the_taxonomy_does_not_know_are_faults(tmp_path):
    labels = write_own_labels(tmp_path)
    taxonomy = labels / "taxonomy.toml"
    taxonomy.write_text(taxonomy.read_text("utf-8").replace('"safety"', '"sea"'), "utf-8")
    faults = check_labels(labels)
    assert faults
    assert all(
        "unknown category 'safety'; the taxonomy has transit, roads, parking, sea" in f.message
        for f in faults
    )
    done = CliRunner().invoke(training_app, ["evaluate", "--labels", str(labels)])
    assert done.exit_code == 1
    assert isinstance(done.exception, LabelError)


def test_headings_that_tell_everything_are_warned_about(tmp_path):
    dataset = load_dataset(write_own_labels(tmp_path))
    with few_resamples():
        found = run.evaluate(load_recipe("default"), dataset).figures["data"]["warnings"]
    assert any(line.startswith("the model leans on headings") for line in found)


def test_colours_that_cannot_be_read_and_names_used_twice_are_warned_about(tmp_path):
    labels = write_own_labels(tmp_path)
    text = (labels / "taxonomy.toml").read_text("utf-8")
    text = text.replace("#005f73", "#ffff00").replace('"Straßen"', '"Parken"')
    (labels / "taxonomy.toml").write_text(text, "utf-8")
    found = label_warnings(load_dataset(labels))
    assert any("colour #ffff00 has 1.1 : 1 of contrast" in line for line in found)
    assert any("2 categories are called 'Parken'" in line for line in found)


def test_every_colour_given_by_default_can_be_read_and_is_its_own():
    assert len(set(PALETTE)) == len(PALETTE) == 50
    assert min(map(contrast_with_white, PALETTE)) >= 4.5


# ---- exactly one category a clause ----------------------------------------------------------------------


def test_an_exclusive_taxonomy_refuses_clauses_with_none_or_two(tmp_path):
    labels = write_own_labels(tmp_path, exclusive=True)
    assert check_labels(labels) == []
    rows = [json.loads(line) for line in (labels / "clauses.jsonl").read_text("utf-8").splitlines()]
    rows[0] |= {"labels": [], "primary": None}
    rows[1] |= {"labels": ["transit", "roads"], "primary": "roads"}
    (labels / "clauses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert [fault.line for fault in check_labels(labels)] == [1, 2]
    assert all("exactly one category a clause" in fault.message for fault in check_labels(labels))


@given(st.integers(2, 50), st.integers(0, 999))
def test_an_exclusive_decision_is_one_label_the_most_probable(k, seed):
    rng = np.random.default_rng(seed)
    probability = rng.random((20, k)).round(1)  # ties happen
    chosen = chosen_labels(probability, np.full(k, 0.5), exclusive=True)
    assert (chosen.sum(axis=1) == 1).all()
    assert (probability[chosen] == probability.max(axis=1)).all()
    lead = confidence(probability, np.full(k, 0.5), exclusive=True)
    assert ((lead >= 0) & (lead <= 1)).all()
    assert (lead == 0).sum() == ((probability == probability.max(axis=1)[:, None]).sum(axis=1) > 1).sum()


def test_an_exclusive_model_gives_every_clause_one_category(tmp_path, recipe):
    labels = write_own_labels(tmp_path / "labels", exclusive=True)
    with few_resamples():
        folder, evaluated = train_characters(labels, tmp_path / "models", recipe)
    assert (evaluated.judged.chosen.sum(axis=1) == 1).all()
    assert (evaluated.judged.chosen_primary >= 0).all()
    bundle = load_bundle(folder)
    assert bundle.decision.exclusive
    document = qclassify.Document("一、其他\n野生动物资源属于国家所有。\n新建跨河桥梁一座。\n")
    for min_score in (None, 0.99):
        tagged = qclassify.tag(document, bundle, min_score=min_score)
        assert [len(p.labels) for p in tagged.predictions] == [1, 1]
        assert all(p.labels == (max(p.scores, key=p.scores.get),) for p in tagged.predictions)
    scores = np.zeros((1, 8))
    assert decide(scores, bundle.decision, 0.999)[0].review
    card = (folder / "CARD.md").read_text("utf-8")
    assert "Tags clauses with exactly one of 4 categories" in card


# ---- any taxonomy ----------------------------------------------------------------------------------------


def write_outputs(model, document):
    """Everything that can be made of a tagged document, made."""
    for arguments in (
        ["tag", document, "--format", "table"],
        ["tag", document, "--format", "table", "--level", "item"],
        ["tag", document, "--format", "table", "--level", "document"],
        ["tag", document, "--format", "csv", "--explain"],
        ["tag", document, "--format", "md", "--lang", "en"],
        ["tag", document, "--output", f"{document}.xlsx"],
        ["tag", document, "--output", f"{document}.html", "--lang", "en"],
        ["explain", document, "--clause", "1"],
        ["compare", document, document, "--format", "html"],
        ["categories", "--format", "table"],
        ["model", "show"],
    ):
        done = CliRunner().invoke(qclassify_app, [*map(str, arguments), "--model", str(model)])
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        assert done.stdout or "--output" in arguments


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking trainings would take minutes
)
@given(
    n=st.integers(2, 50),
    documents=st.integers(1, 3),
    exclusive=st.booleans(),
    optional=st.booleans(),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_any_taxonomy_is_checked_trained_exported_tagged_and_shown(
    tmp_path_factory, n, documents, exclusive, optional, seed, data
):
    folder = tmp_path_factory.mktemp("any")
    empty = data.draw(st.integers(0, n - 1 if n > 2 else 0))
    rng = np.random.default_rng(seed)
    labels = write_random_labels(
        folder / "labels", n, rng, documents=documents, exclusive=exclusive, optional=optional, empty=empty
    )
    assert check_labels(labels) == []
    with few_resamples():
        model, evaluated = train_characters(
            labels, folder / "models", write_characters_recipe(folder / "own.toml")
        )
    for name in ("micro_f1", "macro_f1", "subset_accuracy", "primary_accuracy"):
        low, high = evaluated.figures["lodo"]["intervals"][name]
        assert 0 <= low <= evaluated.figures["lodo"][name] + 0.5
        assert high <= 1
    bundle = load_bundle(model)
    assert len(bundle.taxonomy.ids) == n
    tagged = qclassify.tag(qclassify.read(labels / "documents/doc-0.txt"), bundle)
    assert len(tagged.predictions) == 12
    unknown = {f"c{number}" for number in range(n - empty, n)}
    assert not any(unknown & set(p.labels) for p in tagged.predictions)
    if exclusive:
        assert all(len(p.labels) == 1 for p in tagged.predictions)
    document = folder / "doc.txt"
    document.write_bytes((labels / "documents/doc-0.txt").read_bytes())
    write_outputs(model, document)
    card = (model / "CARD.md").read_text("utf-8")
    assert len(re.findall(r"\n\| c\d+ ", card)) == n
    page = Path(f"{document}.html").read_text("utf-8")
    assert "<b>x</b>" not in page
    assert "<緑地>" not in page


@pytest.fixture(scope="module")
def fifty(tmp_path_factory):
    """A bundle of fifty categories and a document that shows all of them."""
    folder = tmp_path_factory.mktemp("fifty")
    labels = write_random_labels(folder / "labels", 50, np.random.default_rng(5), documents=2, clauses=60)
    with few_resamples():
        model, _ = train_characters(labels, folder / "models", write_characters_recipe(folder / "own.toml"))
    text = "一、总体要求\n" + "".join(f"第{n}项要做好{marker(n)}有关工作。" for n in range(50))
    return load_bundle(model), qclassify.Document(text)


def test_fifty_categories_can_be_filtered_on_the_page(fifty, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    from test_browser import BROWSER, FLAGS

    if BROWSER is None:
        pytest.skip("no Chromium on PATH")
    bundle, document = fifty
    tagged = qclassify.tag(document, bundle)
    path = tmp_path / "page.html"
    with path.open("w", encoding="utf-8") as stream:
        write_report(
            stream, [(tagged, ())], model_facts(bundle, None, None), lambda unit: explain(unit, bundle)
        )
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = browser.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path.as_uri())
        for category in ("c3", "c35", "c49"):
            page.locator(f".toggle.c-{category}").click()
            shown = page.locator(".clause:visible").count()
            assert shown == sum(category in p.labels for p in tagged.predictions), category
            page.locator("#reset").click()
        browser.close()
    assert faults == []


def test_a_table_of_fifty_categories_shows_those_that_are_there(fifty):
    from qclassify.rendering.terminal_rollups import print_items
    from qclassify.summarising import sections, summarise

    bundle, document = fifty
    tagged = qclassify.tag(document, bundle)
    stream = io.StringIO()
    ids = bundle.taxonomy.ids
    rollups = [("doc", s, summarise(s.predictions, ids)) for s in sections(tagged.predictions)]
    print_items(Console(file=stream, width=2000), rollups, bundle.taxonomy)
    for category in bundle.taxonomy.categories:
        there = sum(category.id in p.labels for p in tagged.predictions)
        assert (f"  {category.name} {there}  " in stream.getvalue()) is bool(there)
