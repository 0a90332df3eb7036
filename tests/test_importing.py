"""Answers come into a labels folder beside those that stand there; nothing is overwritten, nothing half done."""

import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelling_tasks import IDS, answer
from labels_folder import GOLD, json_lines, write_labels

from qclassify.errors import LabelError
from qclassify.records import Document
from training.checking import check_labels
from training.dataset import load_dataset
from training.labelling.conflicts import open_conflicts
from training.labelling.decisions import read_decisions
from training.labelling.importing import ImportOptions, apply_merge, merge_answers
from training.labelling.sources import clause_task, document_tasks
from training.labelling.tasks import Returned, Task

PLAN = "市场保供方案\n一、总体要求\n（一）主要目标。到明年,粮食储备规模达到十万吨,粮食价格保持基本稳定。\n"


@pytest.fixture
def folder(tmp_path):
    return write_labels(tmp_path / "labels")


def returned(task, given_answer, *, line=1, account=False):
    return Returned(line, replace(task, answer=given_answer), account=account)


def known(folder, own_id="plan:12"):
    dataset = load_dataset(folder)
    return clause_task(next(c for c in (*dataset.gold, *dataset.written) if c.id == own_id))


def merged(folder, entries, **options):
    dataset = load_dataset(folder)
    return merge_answers(
        dataset, folder / "answers.xlsx", entries, ImportOptions(collection="answers", **options)
    )


def imported(folder, entries, **options):
    return apply_merge(folder, merged(folder, entries, **options))


def fault(folder, entries, **options):
    (found,) = merged(folder, entries, **options).faults
    return found.message


def records(folder, name="clauses.jsonl"):
    return {row["id"]: row for row in map(json.loads, (folder / name).read_text("utf-8").splitlines())}


def digest(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def open_ids(folder):
    dataset = load_dataset(folder)
    return [q.clause.id for q in open_conflicts(dataset, read_decisions(folder, dataset.taxonomy).checked())]


def test_a_new_annotators_answer_stands_beside_the_others_and_the_label_stays(folder):
    before = records(folder)["plan:12"]
    done = imported(
        folder, [returned(known(folder), answer(("supply",), "supply", sure=False))], batch="2026-11-25"
    )
    after = records(folder)["plan:12"]
    assert done.answers == 1
    assert {**after, "annotations": None} == {**before, "annotations": None}
    assert after["annotations"]["A"] == before["annotations"]["A"]
    assert after["annotations"]["li"] == {
        "labels": ["supply"],
        "primary": "supply",
        "sure": False,
        "batch": "2026-11-25",
    }
    assert check_labels(folder) == []


def test_an_answer_keeps_the_batch_that_it_carries(folder):
    entries = [returned(known(folder), answer(("price",), "price", batch="b1", note="一"))]
    imported(folder, entries, batch="b2")
    kept = records(folder)["plan:12"]["annotations"]["li"]
    assert (kept["batch"], kept["note"]) == ("b1", "一")


def test_lines_that_nothing_happens_to_stay_byte_for_byte(folder):
    path = folder / "clauses.jsonl"
    odd = json.dumps(GOLD[1], ensure_ascii=True, indent=None, separators=(",", ":"))
    path.write_text(json_lines(GOLD[:1]) + odd + "\n", "utf-8")
    before = digest(folder)
    imported(folder, [returned(known(folder), answer(("price",), "price"))])
    assert path.read_text("utf-8").splitlines()[1] == odd
    after = digest(folder)
    assert {name for name in after if after[name] != before.get(name)} == {path.relative_to(folder)}


def test_written_clauses_take_answers_too(folder):
    imported(folder, [returned(known(folder, "w:1"), answer(("supply",), "supply"))])
    assert list(records(folder, "written/a.jsonl")["w:1"]["annotations"]) == ["li"]
    assert check_labels(folder) == []


def test_answers_that_differ_are_listed_and_answers_that_agree_are_not(folder):
    assert open_ids(folder) == ["plan:12"]
    second = known(folder, "plan:19")
    imported(folder, [returned(second, answer(("price", "supply"), "supply"))])
    assert open_ids(folder) == ["plan:12"]
    imported(folder, [returned(second, answer(("price", "supply"), "price", "wu"))])
    assert open_ids(folder) == ["plan:12", "plan:19"]


def test_importing_the_same_file_twice_changes_nothing(folder):
    entries = [returned(known(folder), answer(("price",), "price"))]
    imported(folder, entries)
    before = digest(folder)
    assert imported(folder, entries).repeated == 1
    assert digest(folder) == before


def test_another_answer_of_the_same_annotator_is_refused_unless_it_is_to_replace(folder):
    imported(folder, [returned(known(folder), answer(("price",), "price"))])
    changed = [returned(known(folder), answer(("supply",), "supply"))]
    assert "li has answered 'plan:12' before, [price] with primary price" in fault(folder, changed)
    done = imported(folder, changed, replace_answers=True)
    assert done.replaced == 1
    assert records(folder)["plan:12"]["annotations"]["li"]["labels"] == ["supply"]


FAULTS = {
    "unknown id": (Task("plan:99", "稳定"), answer((), None), "unknown id 'plan:99'; import with --add"),
    "changed text": (
        Task("plan:12", "稳定水果价格。"),
        answer((), None),
        "the text of 'plan:12' was changed",
    ),
    "changed text of a skipped task": (Task("plan:12", "稳定"), None, "the text of 'plan:12' was changed"),
    "moved": (
        Task("plan:12", "稳定蔬菜价格。", (), (), "plan", 13, 20),
        answer((), None),
        "'plan:12' stands at plan[12:19], the file says plan[13:20]",
    ),
    "nobody": (Task("plan:12", "稳定蔬菜价格。"), answer((), None, ""), "nobody is named"),
    "no name": (Task("plan:12", "稳定蔬菜价格。"), answer((), None, "li\n"), "is no name for an annotator"),
    "unknown category": (
        Task("plan:12", "稳定蔬菜价格。"),
        answer(("quality",), "quality"),
        "unknown category",
    ),
}


@pytest.mark.parametrize(("task", "given_answer", "message"), FAULTS.values(), ids=FAULTS)
def test_what_does_not_fit_is_a_fault_at_its_line(folder, task, given_answer, message):
    (found,) = merged(folder, [returned(task, given_answer, line=7)]).faults
    assert (found.line, message in found.message) == (7, True), found
    with pytest.raises(LabelError, match=r"answers\.xlsx:7"):
        apply_merge(folder, merged(folder, [returned(task, given_answer, line=7)]))


def test_one_fault_keeps_the_whole_file_out(folder):
    before = digest(folder)
    good = returned(known(folder), answer(("price",), "price"))
    with pytest.raises(LabelError):
        imported(folder, [good, returned(Task("plan:99", "稳定"), answer((), None), line=2)])
    assert digest(folder) == before


def test_an_answer_given_twice_in_a_file_must_be_the_same(folder):
    task = known(folder)
    same = [returned(task, answer(("price",), "price"), line=n) for n in (1, 2)]
    assert imported(folder, same).answers == 1
    other = [returned(task, answer((x,), x, "wu"), line=n) for n, x in enumerate(IDS, 1)]
    assert "wu answers 'plan:12' twice in the file, and differently" in fault(folder, other)


NAMES = [
    # names in the file, accounts, --annotator, --rename, what happens
    (["li"], False, None, {}, ["li"]),
    ([""], False, "li", {}, ["li"]),
    (["li"], False, "li", {}, ["li"]),
    (["li"], False, "wu", {}, "the file says that 'li' answered, not 'wu'"),
    (["", "wu"], False, "wu", {}, ["wu", "wu"]),
    (["1"], True, None, {}, ["1"]),
    (["1"], True, "li", {}, ["li"]),
    (["1", "2"], True, "li", {}, "the file says that '1' answered, not 'li'"),
    (["1", "2"], True, None, {"1": "li", "2": "wu"}, ["li", "wu"]),
    (["1", "2"], True, "li", {"2": "li"}, ["li", "li"]),
    (["texts-li"], True, None, {"texts-li": "王 伟"}, ["王 伟"]),
]


@pytest.mark.parametrize(("names", "account", "given", "renames", "expected"), NAMES)
def test_who_answered_is_what_the_file_says_unless_it_names_an_account(
    folder, names, account, given, renames, expected
):
    ids = ["plan:12", "plan:19"]
    entries = [
        returned(known(folder, own_id), answer((), None, name), account=account)
        for own_id, name in zip(ids, names, strict=False)
    ]
    merge = merged(folder, entries, annotator=given, renames=renames)
    if isinstance(expected, str):
        assert expected in merge.faults[0].message
    else:
        assert [name for own_id in ids for name in merge.answers.get(own_id, {})] == expected


# New clauses


def plan_document():
    return Document(
        PLAN, name="market.txt", meta={"title": "市场保供方案", "date": "2026年", "issuer": '某市\\"局"'}
    )


def plan_task():
    (task,) = [task for task in document_tasks([plan_document()]) if "储备规模" in task.text]
    return task


def test_a_new_clause_brings_its_document_along(folder):
    entries = [returned(plan_task(), answer(("price", "supply"), "supply"))]
    done = imported(folder, entries, add=True, documents={"market": plan_document()})
    assert (done.documents, len(done.new)) == (("market",), 1)
    assert check_labels(folder) == []
    dataset = load_dataset(folder)
    assert dataset.documents["market"].text == PLAN
    assert (dataset.documents["market"].issuer, dataset.documents["market"].date) == ('某市\\"局"', "")
    clause = dataset.gold[-1]
    assert PLAN[clause.start : clause.end] == clause.text
    assert (clause.labels, clause.primary) == (("price", "supply"), "supply")
    assert [a.annotator for a in clause.annotations] == ["li"]
    assert (clause.heading_path, clause.heading_nos) == (plan_task().heading_path, plan_task().heading_nos)
    again = imported(folder, [returned(plan_task(), answer(("price",), "price", "wu"))])
    assert again.new == ()
    assert open_ids(folder) == ["plan:12", clause.id]


def test_a_new_clause_of_an_unknown_document_asks_for_it(folder):
    message = fault(folder, [returned(plan_task(), answer((), None))], add=True)
    assert "document 'market' is not in the labels folder; give its file with --documents" in message


def test_a_new_clause_that_its_document_does_not_hold_is_refused(folder):
    other = {"market": Document(PLAN.replace("市场", "全市市场"), name="market.txt")}
    message = fault(folder, [returned(plan_task(), answer((), None))], add=True, documents=other)
    assert "not the clause's text" in message


def test_another_document_of_the_same_name_is_refused(folder):
    other = {"plan": Document("别的方案\n" + PLAN, name="plan.txt")}
    (task,) = [task for task in document_tasks(other.values()) if "储备规模" in task.text]
    message = fault(folder, [returned(task, answer((), None))], add=True, documents=other)
    assert "the labels folder has another document 'plan'" in message


def test_a_clause_that_stands_there_under_another_id_is_refused(folder):
    task = replace(known(folder), id="plan-12")
    message = fault(folder, [returned(task, answer((), None))], add=True)
    assert message == "plan[12:19] is clause 'plan:12' already"


def test_new_clauses_of_a_table_become_one_document(folder):
    tasks = [Task("t1", "畅通农产品运输。", ("措施",), ("二",)), Task("t2", "公布每周\n指导价。")]
    entries = [returned(task, answer((x,), x)) for task, x in zip(tasks, ("supply", "price"), strict=True)]
    done = imported(folder, entries, add=True)
    assert done.documents == ("answers",)
    assert check_labels(folder) == []
    dataset = load_dataset(folder)
    text = dataset.documents["answers"].text
    assert [(c.id, c.doc, text[c.start : c.end]) for c in dataset.gold[-2:]] == [
        (task.id, "answers", task.text) for task in tasks
    ]
    more = [returned(Task("t3", "保障猪肉供应。"), answer(("supply",), "supply"))]
    assert "there is a document 'answers' already" in fault(folder, more, add=True)


@pytest.mark.parametrize(
    ("text", "message"), [(" 稳定", "white space at an end"), ("稳定\ud800", "half a character")]
)
def test_a_new_clause_that_no_file_could_hold_is_refused(folder, text, message):
    assert message in fault(folder, [returned(Task("t", text), answer((), None))], add=True)


def test_a_new_clause_worded_like_a_labelled_one_gets_its_label_and_a_conflict(folder):
    task = Task("t", "稳定 蔬菜价格。")
    imported(folder, [returned(task, answer(("supply",), "supply"))], add=True)
    assert check_labels(folder) == []
    assert records(folder)["t"]["labels"] == ["price"]
    assert open_ids(folder) == ["plan:12", "t"]


def test_a_new_clause_that_a_written_one_resembles_stops_the_import_or_the_written_one(folder):
    before = digest(folder)
    entries = [returned(Task("t", "扩大成品油储备规模,轮换陈粮!"), answer(("supply",), "supply"))]
    with pytest.raises(LabelError, match=r"nothing was changed.*too near to gold clause t"):
        imported(folder, entries, add=True)
    assert digest(folder) == before
    done = imported(folder, entries, add=True, drop_near_written=True)
    assert done.dropped == ("w:1",)
    assert (folder / "written/a.jsonl").read_bytes() == b""
    assert check_labels(folder) == []


def test_a_faulty_folder_may_still_take_answers_as_long_as_it_gets_no_worse(folder):
    (folder / "lexicon/words.txt").write_text("质\n", "utf-8")
    dataset = load_dataset(write_labels(folder.parent / "whole"))
    merge = merge_answers(
        dataset, folder / "f", [returned(known(folder.parent / "whole"), answer((), None))], ImportOptions()
    )
    apply_merge(folder, merge)
    assert len(check_labels(folder)) == 1


def test_a_folder_that_somebody_else_changes_meanwhile_is_left_alone(folder, monkeypatch):
    from training.labelling import staging

    original = staging.check_labels

    def check_and_meddle(labels):
        if labels != folder:
            (folder / "clauses.jsonl").write_text(json_lines(GOLD[:1]), "utf-8")
        return original(labels)

    monkeypatch.setattr(staging, "check_labels", check_and_meddle)
    with pytest.raises(LabelError, match="somebody else changed it meanwhile"):
        imported(folder, [returned(known(folder), answer((), None))])
    assert (folder / "clauses.jsonl").read_text("utf-8") == json_lines(GOLD[:1])
    assert [path.name for path in folder.parent.iterdir()] == ["labels"]


def test_a_disk_that_fails_leaves_the_folder_as_it_was(folder, monkeypatch):
    before = digest(folder)

    def fail(*_, **__):
        raise OSError(28, "No space left on device", "clauses.jsonl")

    monkeypatch.setattr(shutil, "copytree", fail)
    with pytest.raises(LabelError, match="No space left on device"):
        imported(folder, [returned(known(folder), answer((), None))])
    assert digest(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["labels"]


answers_strategy = st.lists(
    st.tuples(
        st.sampled_from(["plan:12", "plan:19", "w:1", "w:2"]),
        st.sampled_from(["li", "wu", "A"]),
        st.sets(st.sampled_from(IDS)),
    ),
    max_size=6,
    unique_by=lambda entry: entry[:2],
)


@given(given_answers=answers_strategy)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_imported_labels_stay_and_every_answer_is_there(tmp_path, given_answers):
    folder = tmp_path / "labels"
    shutil.rmtree(folder, ignore_errors=True)
    write_labels(folder)
    entries = []
    for own_id, name, labels in given_answers:
        ordered = tuple(x for x in IDS if x in labels)
        entries.append(
            returned(known(folder, own_id), answer(ordered, ordered[0] if ordered else None, name))
        )
    before = load_dataset(folder)
    imported(folder, entries, replace_answers=True)
    after = load_dataset(folder)
    assert check_labels(folder) == []
    for old, new in zip((*before.gold, *before.written), (*after.gold, *after.written), strict=True):
        assert replace(new, annotations=()) == replace(old, annotations=())
        told = {name: frozenset(labels) for own_id, name, labels in given_answers if own_id == old.id}
        found = {a.annotator: frozenset(a.labels) for a in new.annotations}
        assert found == {**{a.annotator: frozenset(a.labels) for a in old.annotations}, **told}
