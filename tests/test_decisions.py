"""Conflicts wait until somebody decides; decisions change labels, are recorded, and stay valid as long as they fit."""

import json

import openpyxl
import pytest
from labels_folder import GOLD, WRITTEN, json_lines, write_labels

from qclassify.errors import LabelError
from training.checking import check_labels
from training.dataset import load_dataset
from training.labelling.adjudication import decide, plan_decisions
from training.labelling.conflicts import open_conflicts
from training.labelling.decisions import Decision, is_settled, read_decisions
from training.labelling.questions import Question, write_questions
from training.labelling.verdicts import read_verdicts

FORMS = pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx"])
ANSWERS = {
    "A": {"labels": ["price"], "primary": "price"},
    "B": {"labels": ["price", "supply"], "primary": "price", "note": "=供给?"},
}
REPEATED = {
    "id": "=x_x0041_",
    "heading_nos": [],
    "heading_path": [],
    "text": "稳定 蔬菜价格。",
    "labels": ["price"],
    "primary": "price",
    "annotations": {"A": {"labels": ["supply"], "primary": "supply", "sure": False}},
}


@pytest.fixture
def folder(tmp_path):
    labels = write_labels(tmp_path / "labels")
    rows = [{**GOLD[0], "annotations": ANSWERS}, GOLD[1], REPEATED]
    (labels / "clauses.jsonl").write_text(json_lines(rows), "utf-8")
    return labels


def conflicts(folder):
    dataset = load_dataset(folder)
    return open_conflicts(dataset, read_decisions(folder, dataset.taxonomy).checked())


def table(folder, form, questions=None):
    path = folder.parent / f"questions.{form}"
    write_questions(
        conflicts(folder) if questions is None else questions, path, load_dataset(folder).taxonomy
    )
    return path


def fill(path, answers):
    """Fill in decisions, reasons and labels by id, as a person would."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[1]}
        names = {"decision": "决定 decision", "reason": "理由 reason", "new_primary": "主类别 primary"}
        for row in range(2, sheet.max_row + 1):
            for key, value in answers.get(sheet.cell(row, 1).value, {}).items():
                if key == "new_labels":
                    for label in value.split():
                        sheet.cell(
                            row, columns[{"price": "价格 price", "supply": "供给 supply"}[label]]
                        ).value = "是"
                else:
                    sheet.cell(row, columns[names[key]]).value = value
        book.save(path)
    elif path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        path.write_text(json_lines([row | answers.get(row["id"], {}) for row in rows]), "utf-8")
    else:
        import csv

        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(row | answers.get(row["id"].lstrip("'"), {}) for row in rows)
    return path


def decided(folder, path, **options):
    dataset = load_dataset(folder)
    verdicts = read_verdicts(path, dataset.taxonomy)
    assert verdicts.faults == ()
    given = {"by": "wang", "date": "2026-11-25", "reason": "codebook 3.1"} | options
    return decide(folder, dataset, path, verdicts.items, **given)


def faults(folder, path, reason="codebook 3.1"):
    dataset = load_dataset(folder)
    verdicts = read_verdicts(path, dataset.taxonomy)
    _, more = plan_decisions(dataset, path, verdicts.items, by="wang", date="2026-11-25", reason=reason)
    return [(fault.line, fault.message) for fault in (*verdicts.faults, *more)]


def labels_of(folder, own_id):
    return next((c.labels, c.primary) for c in load_dataset(folder).gold if c.id == own_id)


def test_conflicts_are_answers_that_differ_from_each_other_or_from_the_label(folder):
    assert [(q.clause.id, q.why) for q in conflicts(folder)] == [
        ("plan:12", "annotators differ"),
        ("=x_x0041_", "A against the label"),
    ]


@FORMS
def test_a_table_without_decisions_decides_nothing(folder, form):
    assert read_verdicts(table(folder, form), load_dataset(folder).taxonomy).items == ()


@FORMS
def test_what_is_kept_is_settled_and_what_is_changed_is_changed(folder, form):
    path = fill(
        table(folder, form),
        {"plan:12": {"new_labels": "price supply", "new_primary": "supply", "reason": "名称 =both"}},
    )
    done = decided(folder, path)
    assert (done.kept, done.changed, done.alike) == ((), ("plan:12",), ("=x_x0041_",))
    assert labels_of(folder, "plan:12") == labels_of(folder, "=x_x0041_") == (("price", "supply"), "supply")
    assert conflicts(folder) == []
    assert check_labels(folder) == []
    first, second = read_decisions(folder, load_dataset(folder).taxonomy).checked()
    assert (first.by, first.date, first.decision, first.reason) == (
        "wang",
        "2026-11-25",
        "change",
        "名称 =both",
    )
    assert (first.before, first.after) == ((("price",), "price"), (("price", "supply"), "supply"))
    assert set(first.answers) == {"A", "B"}
    assert second.reason == "worded like plan:12: 名称 =both"


@FORMS
def test_keeping_every_label_settles_every_conflict_and_touches_no_clause(folder, form):
    before = (folder / "clauses.jsonl").read_bytes()
    path = fill(table(folder, form), {own_id: {"decision": "keep"} for own_id in ("plan:12", "=x_x0041_")})
    assert len(decided(folder, path).kept) == 2
    assert conflicts(folder) == []
    assert (folder / "clauses.jsonl").read_bytes() == before
    assert check_labels(folder) == []


def test_a_later_answer_opens_a_settled_conflict_again(folder):
    decided(folder, fill(table(folder, "jsonl"), {"plan:12": {"decision": "keep"}}))
    assert [q.clause.id for q in conflicts(folder)] == ["=x_x0041_"]
    rows = [json.loads(line) for line in (folder / "clauses.jsonl").read_text("utf-8").splitlines()]
    rows[0]["annotations"]["C"] = {"labels": ["supply"], "primary": "supply"}
    (folder / "clauses.jsonl").write_text(json_lines(rows), "utf-8")
    assert [q.clause.id for q in conflicts(folder)] == ["plan:12", "=x_x0041_"]


def decision(**change):
    label = (("price",), "price")
    facts = {
        "date": "2026-11-25",
        "by": "wang",
        "about": "suspect",
        "id": "plan:12",
        "text": "稳定蔬菜价格。",
    }
    return Decision(**facts | {"decision": "keep", "before": label, "after": label, "reason": "x"} | change)


@pytest.mark.parametrize(
    ("decisions", "settled"),
    [
        ([], False),
        ([decision()], True),
        ([decision(about="conflict")], False),
        ([decision(id="plan:19")], False),
        ([decision(text="稳定水果价格。")], False),
        ([decision(after=((), None))], False),
        ([decision(), decision(after=((), None))], False),
        ([decision(after=((), None)), decision()], True),
    ],
    ids=[
        "none",
        "kept",
        "another question",
        "another clause",
        "another text",
        "another label",
        "overruled",
        "overruling",
    ],
)
def test_only_the_last_decision_counts_and_only_for_the_clause_as_it_is(folder, decisions, settled):
    clause = load_dataset(folder).gold[0]
    assert is_settled(clause, decisions, "suspect") is settled


@FORMS
def test_a_change_without_labels_takes_the_suggestion(folder, form):
    clause = load_dataset(folder).gold[1]
    question = Question(
        "suspect", clause, "extra price", suggestion=(("supply",), "supply"), facts={"gap": 0.9}
    )
    done = decided(folder, fill(table(folder, form, [question]), {"plan:19": {"decision": "change"}}))
    assert done.changed == ("plan:19",)
    assert labels_of(folder, "plan:19") == (("supply",), "supply")
    (decision,) = read_decisions(folder, load_dataset(folder).taxonomy).checked()
    assert (decision.about, decision.answers) == ("suspect", {})


@FORMS
def test_no_category_can_be_decided(folder, form):
    none = "无类别" if form == "xlsx" else "no-label"
    path = fill(table(folder, form), {"=x_x0041_": {"decision": "change", "new_primary": none}})
    decided(folder, path)
    assert labels_of(folder, "plan:12") == labels_of(folder, "=x_x0041_") == ((), None)


def test_written_clauses_change_by_themselves(folder):
    clause = load_dataset(folder).written[0]
    question = Question("suspect", clause, "missing price", suggestion=(("price", "supply"), "supply"))
    decided(folder, fill(table(folder, "jsonl", [question]), {clause.id: {"decision": "change"}}))
    assert load_dataset(folder).written[0].labels == ("price", "supply")
    assert check_labels(folder) == []


WRONG = {
    "decision": ({"decision": "maybe"}, "decision 'maybe' is neither keep nor change"),
    "keep with another label": (
        {"decision": "keep", "new_labels": "supply"},
        "`keep`, but another label is given",
    ),
    "change to nothing": ({"decision": "change"}, "`change` needs the new labels"),
    "unknown category": ({"new_labels": "quality"}, "unknown label 'quality'"),
    "no primary": ({"new_labels": "price supply"}, "which of price, supply is the primary?"),
    "unknown id": ({"id": "plan:99", "decision": "keep"}, "unknown id 'plan:99'"),
    "no id": ({"id": "", "decision": "keep"}, "`about` and `id` say which question this is"),
    "stale": (
        {"labels": ["supply"], "primary": "supply", "decision": "keep"},
        "has changed since the question was put",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_a_decision_that_does_not_fit_is_a_fault_at_its_line(folder, change, message):
    found = faults(folder, fill(table(folder, "jsonl"), {"plan:12": change}))
    assert [(line, message in text) for line, text in found] == [(1, True)], found


def test_a_decision_needs_a_reason(folder):
    path = fill(table(folder, "jsonl"), {"plan:12": {"decision": "keep"}})
    assert "no reason is given for 'plan:12'" in faults(folder, path, reason="")[0][1]


def test_clauses_worded_alike_cannot_be_decided_differently(folder):
    path = fill(
        table(folder, "jsonl"), {"plan:12": {"decision": "keep"}, "=x_x0041_": {"new_labels": "supply"}}
    )
    assert "worded alike is decided twice, and differently" in faults(folder, path)[0][1]


def test_a_fault_keeps_everything_as_it_was(folder):
    before = (folder / "clauses.jsonl").read_bytes()
    path = fill(
        table(folder, "jsonl"),
        {"plan:12": {"new_labels": "supply"}, "=x_x0041_": {"id": "y", "decision": "keep"}},
    )
    with pytest.raises(LabelError, match=r"questions\.jsonl:2: unknown id 'y'"):
        decided(folder, path)
    assert (folder / "clauses.jsonl").read_bytes() == before
    assert not (folder / "decisions.jsonl").exists()


def test_a_table_of_another_kind_is_refused(folder):
    path = folder.parent / "t.csv"
    path.write_text("id,text\n1,稳定\n", "utf-8")
    assert "no column 'decision'" in read_verdicts(path, load_dataset(folder).taxonomy).faults[0].message
    with pytest.raises(LabelError, match=r"no table is written as '\.txt'"):
        write_questions([], folder.parent / "t.txt", load_dataset(folder).taxonomy)


LINE = {
    "date": "2026-11-25",
    "by": "wang",
    "about": "conflict",
    "id": "plan:12",
    "text": "稳定蔬菜价格。",
    "decision": "keep",
    "before": {"labels": ["price"], "primary": "price"},
    "labels": ["price"],
    "primary": "price",
    "reason": "codebook",
}
BAD_LINES = {
    "date": ({"date": "25.11.2026"}, "date '25.11.2026' is not like"),
    "nobody": ({"by": " "}, "key 'by' is missing or no text"),
    "kind": ({"about": "doubt"}, "`about` is conflict or suspect"),
    "unknown category": ({"labels": ["quality"]}, "unknown category 'quality'"),
    "keep that changes": (
        {"labels": ["supply"], "primary": "supply"},
        "`keep` leaves labels and primary as before",
    ),
    "change that keeps": ({"decision": "change"}, "`keep` leaves labels and primary as before"),
    "key": ({"because": "x"}, "unknown key 'because'"),
    "answers": ({"answers": {"A": {"labels": "price"}}}, "an answer needs labels and primary"),
}


@pytest.mark.parametrize(("change", "message"), BAD_LINES.values(), ids=BAD_LINES)
def test_check_finds_a_faulty_decision(folder, change, message):
    (folder / "decisions.jsonl").write_text(json_lines([LINE, LINE | change]), "utf-8")
    (found,) = check_labels(folder)
    assert (found.file.name, found.line, message in found.message) == ("decisions.jsonl", 2, True), found


def test_a_decision_outlives_its_clause(folder):
    (folder / "decisions.jsonl").write_text(json_lines([LINE, LINE | {"id": "gone"}]), "utf-8")
    (folder / "written/b.jsonl").write_text(json_lines(WRITTEN[1:]), "utf-8")
    assert check_labels(folder) == []
