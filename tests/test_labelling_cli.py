"""The commands of labels in and out, end to end on a small folder: files, talk, exit codes."""

import json
from unittest import mock

import openpyxl
import pytest
from labelling_tasks import SUGGESTION
from labels_folder import GOLD, json_lines, write_labels
from small_model import export
from small_training import write_recipe, write_small_labels
from typer.testing import CliRunner

from qclassify.errors import QClassifyError
from training import dictionary
from training.checking import check_labels
from training.cli import app
from training.dataset import load_dataset
from training.decisions import fit_decision
from training.evaluation import clause_text, fit_pipeline, label_matrix, pipeline_scores
from training.recipe import load_recipe

PLAN = "市场保供方案\n一、目标\n完善平价商店网点布局。对生猪出栏实行动态监测。\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that counts characters only, so a few words of the dictionary suffice; all take seconds."""
    folder = tmp_path_factory.mktemp("model")
    dataset = load_dataset(write_small_labels(folder / "labels"))
    recipe = load_recipe(write_recipe(folder / "small.toml"))
    pipeline = fit_pipeline(recipe, dataset)
    scores = pipeline_scores(pipeline, [clause_text(clause) for clause in dataset.gold])
    decision = fit_decision(scores, label_matrix(dataset.gold, dataset.taxonomy), recipe.decision)
    few = "\n".join(dictionary.dictionary_text().split("\n", 2000)[:2000])
    with mock.patch.object(dictionary, "dictionary_text", return_value=few):
        return export(folder / "models", pipeline, decision, dataset, recipe)


@pytest.fixture
def folder(tmp_path):
    return write_labels(tmp_path / "labels")


def run(*arguments):
    """(exit code, stdout, talk); errors of the family come out as they are."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(done.exception, QClassifyError):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def fill(path, answers):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row, cells in enumerate(answers, 2):
        for title, value in cells.items():
            sheet.cell(row, columns[title]).value = value
    book.save(path)


def test_a_document_is_labelled_in_a_workbook_and_comes_into_the_folder(folder, tmp_path, model):
    (tmp_path / "market.txt").write_text(PLAN, "utf-8")
    sheet = tmp_path / "market.xlsx"
    code, out, talk = run(
        "export-tasks",
        tmp_path / "market.txt",
        "-f",
        "xlsx",
        "-o",
        sheet,
        "--labels",
        folder,
        "--model",
        model,
    )
    assert (code, out.strip(), "2 tasks" in talk) == (0, str(sheet), True)
    row = next(openpyxl.load_workbook(sheet).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert row[0] == "market:12"
    assert row[10] is not None  # the model's confidence
    fill(sheet, [{"供给 supply": "是"}, {"价格 price": "是", "供给 supply": "是", "主类别 primary": "价格"}])
    code, _, talk = run("import-tasks", sheet, "-f", "xlsx", "--into", folder, "--annotator", "li")
    assert (code, "market.xlsx:2: unknown id 'market:12'" in talk) == (1, True)
    code, _, talk = run(
        "import-tasks",
        sheet,
        "-f",
        "xlsx",
        "--into",
        folder,
        "--annotator",
        "li",
        "--add",
        "--documents",
        tmp_path / "market.txt",
    )
    assert code == 0, talk
    assert "2 new clauses; new documents: market" in talk
    assert check_labels(folder) == []
    last = json.loads((folder / "clauses.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["labels"], last["primary"]) == (["price", "supply"], "price")
    assert len(last["annotations"]["li"]["batch"]) == len("2026-11-25")


def test_faults_are_listed_all_and_nothing_is_imported(folder, tmp_path):
    before = (folder / "clauses.jsonl").read_bytes()
    path = tmp_path / "tasks.jsonl"
    run("export-tasks", folder, "-f", "doccano", "-o", path, "--no-suggestions")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[0]["label"], rows[1]["label"], rows[1]["text"] = ["quality"], ["price"], "别的"
    rows[1] |= {"start": 19, "end": 21}
    path.write_text(json_lines(rows), "utf-8")
    code, out, talk = run("import-tasks", path, "-f", "doccano", "--into", folder, "--annotator", "li")
    assert (code, out) == (1, "")
    assert [line.split(": ")[0] for line in talk.splitlines()[:2]] == [f"{path}:1", f"{path}:2"]
    assert "2 faults, nothing was imported" in talk
    assert (folder / "clauses.jsonl").read_bytes() == before


@pytest.mark.parametrize("format_", ["doccano", "label-studio", "prodigy", "fasttext", "xlsx"])
def test_gold_goes_out_and_comes_back_as_another_annotators_answer(folder, tmp_path, format_):
    path = tmp_path / "tasks.out.xlsx" if format_ == "xlsx" else tmp_path / "tasks.out"
    code, _, _ = run(
        "export-tasks",
        folder,
        "-f",
        format_,
        "-o",
        path,
        "--prefill",
        "gold",
        "--part",
        "all",
        "--no-suggestions",
    )
    assert code == 0
    code, out, talk = run(
        "import-tasks", path, "-f", format_, "--into", folder, "--annotator", "li", "--batch", "b1"
    )
    assert (code, "4 answers recorded" in talk) == (0, True), talk
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["plan:12"]  # B differs still
    assert check_labels(folder) == []
    code, _, talk = run(
        "export-tasks",
        folder,
        "-f",
        format_,
        "-o",
        path,
        "--not-by",
        "li",
        "--no-suggestions",
        "--part",
        "all",
    )
    assert "0 tasks" in talk


def test_conflicts_are_written_decided_and_gone(folder, tmp_path):
    code, out, talk = run("conflicts", "--labels", folder)
    assert (code, json.loads(out)["id"], "1 open conflicts" in talk) == (0, "plan:12", True)
    path = tmp_path / "conflicts.xlsx"
    run("conflicts", "--labels", folder, "-o", path)
    fill(path, [{"决定 decision": "maybe"}])
    code, _, talk = run("adjudicate", path, "--labels", folder, "--by", "wang", "--reason", "codebook")
    assert (code, "neither keep nor change" in talk) == (1, True)
    fill(path, [{"决定 decision": "keep"}])
    code, _, talk = run("adjudicate", path, "--labels", folder, "--by", "wang", "--reason", "codebook")
    assert (code, "1 labels kept, 0 changed" in talk) == (0, True)
    assert "0 open conflicts" in run("conflicts", "--labels", folder)[2]


def test_one_label_is_accepted_or_dismissed_by_id(folder):
    run("dismiss", "plan:12", "--labels", folder, "--by", "wang", "--reason", "codebook")
    code, _, talk = run(
        "accept",
        "plan:19",
        "--labels",
        folder,
        "--by",
        "wang",
        "--reason",
        "codebook",
        "--new-labels",
        "价格",
        "--new-primary",
        "price",
    )
    assert (code, talk) == (0, "plan:19: label changed\n")
    code, _, talk = run(
        "accept", "plan:99", "--labels", folder, "--by", "w", "--reason", "r", "--new-labels", "price"
    )
    assert (code, "unknown id 'plan:99'" in talk) == (1, True)
    with pytest.raises(QClassifyError, match="which label shall it have"):
        run("accept", "plan:19", "--labels", folder, "--by", "wang", "--reason", "r")
    with pytest.raises(QClassifyError, match="unknown label 'quality'"):
        run(
            "accept",
            "plan:19",
            "--labels",
            folder,
            "--by",
            "wang",
            "--reason",
            "r",
            "--new-labels",
            "quality",
        )
    kept, changed = map(json.loads, (folder / "decisions.jsonl").read_text("utf-8").splitlines())
    assert (kept["decision"], changed["decision"], changed["labels"]) == ("keep", "change", ["price"])
    assert check_labels(folder) == []


def test_agreement_of_folders_with_and_without_two_annotators(folder):
    code, out, _ = run("agreement", "--labels", folder, "--pairs")
    assert (code, "| A – B | 1 |" in out) == (0, True)
    assert json.loads(run("agreement", "--labels", folder, "--json")[1])["pairs"][0]["annotators"] == [
        "A",
        "B",
    ]
    (folder / "clauses.jsonl").write_text(json_lines(GOLD[1:]), "utf-8")
    code, out, talk = run("agreement", "--labels", folder, "--pairs")
    assert (code, out) == (0, "")
    assert "no clause has the answers of two annotators" in talk
    assert json.loads(run("agreement", "--labels", folder, "--json")[1]) == {"pairs": []}


def test_annotators_are_compared_by_batch(folder):
    code, out, talk = run("annotators", "--labels", folder)
    assert (code, out.count("\n"), "no batch stands out" in talk) == (0, 4, True)
    assert [
        json.loads(line)["annotator"]
        for line in run("annotators", "--labels", folder, "--json")[1].splitlines()
    ] == ["A", "B"]
    assert run("annotators", "--labels", folder, "--by", "week")[0] == 2
    (folder / "clauses.jsonl").write_text(json_lines(GOLD[1:]), "utf-8")
    assert "no clause has an annotator's answer" in run("annotators", "--labels", folder)[2]


def test_a_queue_leaves_the_test_documents_out_and_feeds_export(folder, tmp_path, model):
    (tmp_path / "market.txt").write_text(PLAN, "utf-8")
    out = tmp_path / "queue.jsonl"
    code, _, talk = run(
        "queue",
        tmp_path / "market.txt",
        folder / "documents/plan.txt",
        "--labels",
        folder,
        "--model",
        model,
        "-o",
        out,
    )
    assert (code, "2 of 4 clauses chosen; left out: 2 of documents that models are tested on" in talk) == (
        0,
        True,
    ), talk
    code, _, talk = run(
        "export-tasks", out, "-f", "doccano", "-o", tmp_path / "t.jsonl", "--labels", folder, "--model", model
    )
    assert (code, "2 tasks" in talk) == (0, True)
    assert run("queue", tmp_path / "market.txt", "--labels", folder, "--model", model)[1].count("\n") == 2
    with pytest.raises(QClassifyError, match="no queue is written as"):
        run("queue", tmp_path / "market.txt", "--labels", folder, "--model", model, "-o", tmp_path / "q.txt")


def test_a_model_of_other_categories_makes_no_suggestions(folder, tmp_path, model):
    taxonomy = folder / "taxonomy.toml"
    taxonomy.write_text(taxonomy.read_text("utf-8").replace('id = "supply"', 'id = "stock"'), "utf-8")
    (folder / "clauses.jsonl").write_text(json_lines([{**GOLD[0], "annotations": {}}]), "utf-8")
    for room in ("a", "b"):
        (folder / f"written/{room}.jsonl").write_text("", "utf-8")
    with pytest.raises(QClassifyError, match="knows other categories"):
        run("export-tasks", folder, "-f", "xlsx", "-o", tmp_path / "t.xlsx", "--model", model)
    assert run("export-tasks", folder, "-f", "xlsx", "-o", tmp_path / "t.xlsx", "--no-suggestions")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--prefill", "suggestion", "--no-suggestions"),
        ("--format", "spacy"),
        ("--limit", "0"),
    ],
)
def test_wrong_usage_ends_with_two(folder, tmp_path, arguments):
    assert run("export-tasks", folder, "-f", "xlsx", "-o", tmp_path / "t.xlsx", *arguments)[0] == 2


def test_answers_of_a_table_or_document_cannot_be_prefilled(folder, tmp_path):
    (tmp_path / "market.txt").write_text(PLAN, "utf-8")
    assert (
        run(
            "export-tasks",
            tmp_path / "market.txt",
            "-f",
            "xlsx",
            "-o",
            tmp_path / "t.xlsx",
            "--labels",
            folder,
            "--prefill",
            "gold",
        )[0]
        == 2
    )


def test_a_table_of_clauses_is_a_source(folder, tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text("id,text,heading_path\n1,完善网点。,二 措施\n2,动态监测。,\n", "utf-8")
    out = tmp_path / "t.jsonl"
    assert (
        run("export-tasks", table, "-f", "prodigy", "-o", out, "--labels", folder, "--no-suggestions")[0] == 0
    )
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [(row["clause_id"], row["heading_path"], row["heading_nos"]) for row in rows] == [
        ("1", ["措施"], ["二"]),
        ("2", [], []),
    ]
    table.write_text("id,text\n1,完善网点。\n1,动态监测。\n", "utf-8")
    with pytest.raises(QClassifyError, match=r"clauses\.csv:3: id '1' was used at line 2"):
        run(
            "export-tasks",
            table,
            "--clauses",
            "-f",
            "prodigy",
            "-o",
            out,
            "--labels",
            folder,
            "--no-suggestions",
        )


def test_a_suggestion_is_prefilled_on_request(folder, tmp_path, model):
    out = tmp_path / "t.jsonl"
    run("export-tasks", folder, "-f", "doccano", "-o", out, "--model", model, "--prefill", "suggestion")
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert all(row["label"] and row["model"] == model.name for row in rows)
    assert set(rows[0]["scores"]) == set(SUGGESTION.scores)
