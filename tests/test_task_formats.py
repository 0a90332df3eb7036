"""Every task comes back from every format as it went out, and what a tool would do to it is understood."""

import json
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from labelling_tasks import ANSWERS, ODD_TEXTS, SUGGESTION, answer, tasks, taxonomy
from labels_folder import TAXONOMY
from lxml import etree

from qclassify.errors import LabelError
from training.labelling import fasttext
from training.labelling.answers import from_marks, marks
from training.labelling.fasttext import companion
from training.labelling.formats import FORMATS
from training.labelling.tasks import Task

SUFFIX = {"xlsx": "xlsx", "label-studio": "json", "fasttext": "txt"}
EVERY = pytest.mark.parametrize("name", FORMATS)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    return folder, taxonomy(folder)


def there(room, name, given_tasks):
    folder, categories = room
    path = folder / f"tasks.{SUFFIX.get(name, 'jsonl')}"
    FORMATS[name].write(given_tasks, categories, path, "")
    return path


def back(room, name, path, missing="error"):
    return FORMATS[name].read(path, room[1], missing)


def there_and_back(room, name, given_tasks):
    found = back(room, name, there(room, name, given_tasks))
    assert found.faults == ()
    return [entry.task for entry in found.items]


@EVERY
@given(given_tasks=tasks())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tasks_come_back_as_they_went_out(room, name, given_tasks):
    assert there_and_back(room, name, given_tasks) == given_tasks


@EVERY
@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_texts_come_back_unaltered(room, name, text):
    given_answer = answer(("price", "supply"), "supply", note="_x0041_ =1+1")
    task = Task(
        "plan_x0041_:3", text, ("_x0041_", ""), ("一", "(1)"), "plan", 3, 3 + len(text), None, given_answer
    )
    assert there_and_back(room, name, [task]) == [task]


@EVERY
@pytest.mark.parametrize("given_answer", ANSWERS)
def test_answers_come_back_with_primary_annotator_and_doubt(room, name, given_answer):
    sent = [Task("a", "稳定蔬菜价格。", answer=given_answer), Task("b", "特此通知。")]
    assert there_and_back(room, name, sent) == sent


@EVERY
def test_a_file_without_tasks_comes_back_empty(room, name):
    assert there_and_back(room, name, []) == []


@EVERY
def test_a_file_that_is_something_else_is_a_fault_at_its_line(room, name):
    path = there(room, name, [Task("a", "稳定")])
    path.write_bytes(b"\xff\xfe\x00 nothing of the kind")
    found = back(room, name, path)
    assert found.items == ()
    assert found.faults
    assert found.faults[0].file == path
    assert found.faults[0].line == 1


@EVERY
def test_a_missing_file_is_a_fault(room, name):
    found = back(room, name, room[0] / "none.jsonl")
    assert [fault.line for fault in found.faults] == [1]


UNKNOWN = {
    "doccano": lambda row: {**row, "label": ["quality"]},
    "prodigy": lambda row: {**row, "accept": ["quality"], "answer": "accept"},
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_label_is_a_fault_at_its_line(room, name):
    path = there(room, name, [Task("a", "稳定"), Task("b", "增加")])
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[1] = UNKNOWN[name](rows[1])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = back(room, name, path)
    assert [(fault.line, "unknown label 'quality'" in fault.message) for fault in found.faults] == [(2, True)]
    assert [entry.task.id for entry in found.items] == ["a"]


# doccano


def doccano_export(room, given_tasks, change):
    """The file as doccano writes it: an id of its own first, labels sorted, metadata flat, comments."""
    path = there(room, "doccano", given_tasks)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    exported = []
    for number, row in enumerate(rows, 41):
        text, labels = row.pop("text"), row.pop("label")
        exported.append(
            {"id": number, "text": text, **row, "label": sorted(labels), "Comments": [], **change}
        )
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in exported), "utf-8")
    return path


def test_doccanos_own_ids_and_sorted_labels_do_no_harm(room):
    task = Task(
        "plan:3", "稳定", ("目标",), ("一",), "plan", 3, 5, SUGGESTION, answer(("price", "supply"), "supply")
    )
    found = back(room, "doccano", doccano_export(room, [task], {}))
    assert [entry.task for entry in found.items] == [task]


def test_doccanos_comments_become_the_note(room):
    task = Task("a", "稳定", answer=answer(("price",), "price", note="一"))
    found = back(room, "doccano", doccano_export(room, [task], {"Comments": ["二", "三"]}))
    assert found.items[0].task.answer.note == "一; 二; 三"


def test_names_of_categories_are_understood_beside_their_ids(room):
    for label in ("price", "价格", "prices", "价格 Prices"):
        found = back(room, "doccano", doccano_export(room, [Task("a", "稳定")], {"label": [label]}))
        assert found.items[0].task.answer.labels == ("price",)


def test_doccanos_labels_have_the_colours_and_marks_of_the_project(room):
    there(room, "doccano", [])
    labels = json.loads((room[0] / "tasks.jsonl.labels.json").read_text("utf-8"))
    assert [label["text"] for label in labels] == [
        "price",
        "supply",
        "primary:price",
        "primary:supply",
        "no-label",
        "not-sure",
    ]
    assert labels[0]["background_color"] == "#0918a4"
    keys = [label["suffix_key"] for label in labels]
    assert len(set(keys)) == len(keys)


# Label Studio


def studio_export(room, given_tasks, annotations):
    path = there(room, "label-studio", given_tasks)
    records = json.loads(path.read_text("utf-8"))
    for number, record in enumerate(records, 1):
        record |= {"id": number, "annotations": annotations, "meta": {}, "project": 1}
    path.write_text(json.dumps(records, ensure_ascii=False), "utf-8")
    return path


def studio_annotation(labels, primary=None, **facts):
    result = [
        {
            "id": "Dx_aB9",
            "from_name": control,
            "to_name": "text",
            "type": "choices",
            "origin": "manual",
            "value": {"choices": chosen},
        }
        for control, chosen in (("labels", labels), ("primary", [primary] if primary else []))
        if chosen
    ]
    return {"id": 7, "result": result, "was_cancelled": False, "lead_time": 4.2, **facts}


def test_every_annotation_of_a_label_studio_task_is_an_answer(room):
    annotations = [
        studio_annotation(["price"], completed_by={"id": 1, "email": "li@example.org"}),
        studio_annotation(["price", "supply"], "supply", completed_by=2),
        studio_annotation(["supply"], completed_by=3, was_cancelled=True),
        studio_annotation([], completed_by=4),
    ]
    found = back(
        room, "label-studio", studio_export(room, [Task("a", "稳定", suggestion=SUGGESTION)], annotations)
    )
    said = [
        (e.task.answer.annotator, e.task.answer.labels, e.task.answer.primary, e.account) for e in found.items
    ]
    assert said == [
        ("li@example.org", ("price",), "price", True),
        ("2", ("price", "supply"), "supply", True),
        ("4", (), None, True),
    ]


def test_a_label_studio_task_that_was_skipped_has_no_answer(room):
    found = back(
        room,
        "label-studio",
        studio_export(room, [Task("a", "稳定")], [studio_annotation([], was_cancelled=True)]),
    )
    assert [entry.task.answer for entry in found.items] == [None]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (studio_annotation(["quality"]), "task 1: unknown label 'quality'"),
        (studio_annotation(["price", "supply"]), "which of price, supply is the primary?"),
        (studio_annotation(["no-label", "price"]), "stands beside labels: price"),
        ({"result": [{"from_name": "sentiment", "type": "choices"}]}, "a result of 'sentiment'"),
        (7, "an annotation is no object"),
    ],
)
def test_what_label_studio_cannot_have_meant_is_a_fault(room, annotation, message):
    found = back(room, "label-studio", studio_export(room, [Task("a", "稳定")], [annotation]))
    assert [message in fault.message for fault in found.faults] == [True]


def test_predictions_carry_score_and_model_and_fit_the_interface(room):
    path = there(room, "label-studio", [Task("a", "稳定", suggestion=SUGGESTION)])
    prediction = json.loads(path.read_text("utf-8"))[0]["predictions"][0]
    assert (prediction["model_version"], prediction["score"]) == ("small-1", 0.5)
    interface = etree.fromstring((room[0] / "tasks.json.interface.xml").read_bytes())
    controls = {tag.get("name"): tag for tag in interface.iter("Choices")}
    assert controls["labels"].get("choice") == "multiple"
    for result in prediction["result"]:
        tag = controls[result["from_name"]]
        assert result["to_name"] == tag.get("toName") == interface.find("Text").get("name")
        assert set(result["value"]["choices"]) <= {choice.get("alias") for choice in tag}
    assert interface.find("Text").get("value") == "$text"


def test_a_taxonomy_of_exclusive_categories_gets_single_choices(room):
    folder, _ = room
    exclusive = replace(taxonomy(folder, TAXONOMY), exclusive=True)
    there((folder, exclusive), "label-studio", [])
    interface = etree.fromstring((folder / "tasks.json.interface.xml").read_bytes())
    assert next(interface.iter("Choices")).get("choice") == "single"


# Prodigy


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({"answer": "accept", "accept": ["supply"]}, ("supply",)),
        ({"answer": "accept", "accept": []}, ()),
        ({"answer": "accept"}, ()),
        ({"answer": "reject", "accept": ["supply"]}, None),
        ({"answer": "ignore", "accept": ["supply"]}, None),
        ({"accept": ["supply"]}, None),
    ],
)
def test_prodigys_verdicts_are_understood(room, change, labels):
    path = there(room, "prodigy", [Task("a", "稳定")])
    row = json.loads(path.read_text("utf-8")) | change | {"_annotator_id": "texts-li", "_timestamp": 1}
    path.write_text(json.dumps(row), "utf-8")
    (entry,) = back(room, "prodigy", path).items
    assert (entry.task.answer.labels if entry.task.answer else None) == labels
    if labels is not None:
        assert (entry.task.answer.annotator, entry.account) == ("texts-li", True)


def test_prodigys_options_are_the_categories_and_marks(room):
    path = there(room, "prodigy", [Task("a", "稳定", suggestion=SUGGESTION)])
    row = json.loads(path.read_text("utf-8"))
    assert [option["id"] for option in row["options"][:2]] == ["price", "supply"]
    assert row["_task_hash"] != row["_input_hash"]
    assert "accept" not in row


# fastText


def test_fasttext_says_what_it_has_no_room_for():
    assert "ids" in FORMATS["fasttext"].lost
    assert [name for name, chosen in FORMATS.items() if chosen.lost] == ["fasttext"]


def test_the_primary_stands_first_in_a_fasttext_line(room):
    path = there(room, "fasttext", [Task("a", "稳定价格", answer=answer(("price", "supply"), "supply"))])
    assert path.read_text("utf-8") == "__label__supply __label__price 稳定 价格\n"


def test_a_word_that_looks_like_a_label_is_none_however_the_text_is_cut():
    (line,) = fasttext.lines([Task("a", "__label__supply __label__")], lambda text: [text])
    assert not [word for word in line.split() if word.startswith("__label__")]


def test_fasttext_lines_may_be_moved_or_left_out(room):
    sent = [
        Task(str(n), text, answer=answer(("price",), "price"))
        for n, text in enumerate(["稳定", "增加", "保障"])
    ]
    path = there(room, "fasttext", sent)
    lines = path.read_text("utf-8").splitlines()
    path.write_text(f"{lines[2]}\n\n{lines[0]}\n", "utf-8")
    assert [entry.task for entry in back(room, "fasttext", path).items] == [sent[2], sent[0]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("__label__price 稳 住", "the words are those of no task"),
        ("__label__quality 稳定", "unknown label 'quality'"),
    ],
)
def test_a_fasttext_line_that_was_changed_is_a_fault(room, line, message):
    path = there(room, "fasttext", [Task("a", "稳定")])
    path.write_text(line + "\n", "utf-8")
    (fault,) = back(room, "fasttext", path).faults
    assert (fault.line, message in fault.message) == (1, True)


def test_fasttext_lines_that_could_be_two_tasks_are_faults_once_moved(room):
    path = there(room, "fasttext", [Task("a", "稳定"), Task("b", "稳定")])
    assert [entry.task.id for entry in back(room, "fasttext", path).items] == ["a", "b"]
    path.write_text("\n\n稳定\n", "utf-8")
    assert "of 2 tasks" in back(room, "fasttext", path).faults[0].message


def test_a_fasttext_file_without_its_companion_is_refused(room):
    path = there(room, "fasttext", [Task("a", "稳定")])
    companion(path).unlink()
    assert "tasks.txt.tasks.jsonl" in back(room, "fasttext", path).faults[0].message


# Workbook


def edited(room, given_tasks, cells):
    """The workbook after somebody filled in cells, by column title, in its first row."""
    path = there(room, "xlsx", given_tasks)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for title, value in cells.items():
        sheet.cell(2, columns[title]).value = value
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cells", "labels", "primary"),
    [
        ({}, None, None),
        ({"价格 price": "是"}, ("price",), "price"),
        ({"价格 price": "是", "供给 supply": "否"}, ("price",), "price"),
        ({"价格 price": "是", "供给 supply": "是", "主类别 primary": "供给"}, ("price", "supply"), "supply"),
        ({"主类别 primary": "供给"}, ("supply",), "supply"),
        ({"主类别 primary": "无类别"}, (), None),
        ({"主类别 primary": "无类别", "价格 price": "否"}, (), None),
        ({"价格 price": True, "供给 supply": False}, ("price",), "price"),
        ({"价格 price": 1, "供给 supply": 0}, ("price",), "price"),
        ({"价格 price": "Y"}, ("price",), "price"),
        ({"价格 price": "否", "供给 supply": "否"}, None, None),
    ],
)
def test_cells_of_a_row_are_understood(room, cells, labels, primary):
    (entry,) = back(room, "xlsx", edited(room, [Task("a", "稳定")], cells)).items
    found = entry.task.answer
    assert (found.labels, found.primary) == (labels, primary) if labels is not None else found is None


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"价格 price": "也许"}, "'也许' in column '价格 price' is neither 是 nor 否"),
        ({"主类别 primary": "质量"}, "unknown label '质量'"),
        ({"价格 price": "是", "供给 supply": "是"}, "which of price, supply is the primary?"),
        (
            {"价格 price": "是", "主类别 primary": "供给"},
            "the primary '供给' is not among the categories answered with 是",
        ),
        ({"价格 price": "是", "主类别 primary": "无类别"}, "stands beside labels: price"),
        ({"place": "gone"}, "the hidden column `place` was changed"),
        ({"odd": "gone"}, "the hidden column `odd` was changed"),
    ],
)
def test_cells_that_do_not_fit_are_faults_at_their_row(room, cells, message):
    (fault,) = back(room, "xlsx", edited(room, [Task("a", "稳定")], cells)).faults
    assert (fault.line, message in fault.message) == (2, True)


def test_a_changed_text_with_odd_characters_is_a_fault(room):
    path = edited(room, [Task("a", "稳定\x01")], {"正文 text": "保障"})
    assert "was changed" in back(room, "xlsx", path).faults[0].message


@pytest.mark.parametrize(("missing", "primary"), [("first", "price"), ("suggested", "supply")])
def test_a_missing_primary_is_filled_in_only_on_request(room, missing, primary):
    guess = replace(SUGGESTION, labels=("supply",), primary="supply")
    path = edited(room, [Task("a", "稳定", suggestion=guess)], {"价格 price": "是", "供给 supply": "是"})
    assert back(room, "xlsx", path).faults
    assert back(room, "xlsx", path, missing).items[0].task.answer.primary == primary


def test_only_the_cells_to_fill_in_are_open_and_formulas_stay_text(room):
    path = there(room, "xlsx", [Task("=a", "=1+1", answer=answer(("price",), "price", note="=2"))])
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.freeze_panes == "D2"
    open_ = {
        cell.value for cell, filled in zip(sheet[1], sheet[2], strict=True) if not filled.protection.locked
    }
    assert open_ == {
        "价格 price",
        "供给 supply",
        "主类别 primary",
        "有把握 sure",
        "备注 note",
        "标注人 annotator",
    }
    assert {cell.data_type for cell in sheet[2] if cell.value is not None} == {"s"}
    assert {cell.quotePrefix for cell in sheet[2] if str(cell.value).startswith("=")} == {True}
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert rules == {"D2": '"是,否"', "E2": '"是,否"', "F2": "类别!$A$2:$A$4", "G2": '"是,否"'}
    spans = [(group.min, group.max) for group in sheet.column_dimensions.values() if group.hidden]
    hidden = [sheet.cell(1, column).value for low, high in spans for column in range(low, high + 1)]
    assert hidden == ["suggested_primary", "place", "odd", "batch"]


def test_a_clause_longer_than_a_cell_is_refused_and_leaves_no_file(room, tmp_path):
    with pytest.raises(LabelError, match="row 2, column '正文 text': longer than the 32,767 characters"):
        FORMATS["xlsx"].write([Task("a", "稳" * 32_768)], room[1], tmp_path / "long.xlsx", "")
    assert list(tmp_path.iterdir()) == []


# Marks


@pytest.mark.parametrize("given_answer", ANSWERS[1:])
def test_marks_say_all_that_an_answer_says_but_remarks(room, given_answer):
    assert from_marks(marks(given_answer), room[1], given_answer.annotator) == replace(
        given_answer, batch="", note=""
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["primary:price", "primary:supply"], "two primaries"),
        (["no-label", "price"], "stands beside labels"),
        (["price", "supply"], "is the primary"),
        (["primary:quality"], "unknown label 'quality'"),
    ],
)
def test_marks_that_contradict_each_other_are_refused(room, names, message):
    with pytest.raises(ValueError, match=message):
        from_marks(names, room[1], "li")


def test_no_marks_are_no_answer(room):
    assert from_marks([], room[1], "li") is None
    assert from_marks(["not-sure"], room[1], "li") is None
