"""Every kind of fault in a labels folder is found, with its file and line, and nothing else is reported."""

import hashlib
import json

import pytest
from labels_folder import GOLD, INDEX, TAXONOMY, WRITTEN, json_lines, write_labels

from qclassify.errors import LabelError, ReadError
from training.checking import check_labels


@pytest.fixture
def labels(tmp_path):
    return write_labels(tmp_path / "labels")


def reported(labels, **options):
    return [
        (f.file.relative_to(labels).as_posix(), f.line, f.message) for f in check_labels(labels, **options)
    ]


def assert_only_fault(labels, file, line, message, **options):
    faults = reported(labels, **options)
    assert [fault[:2] for fault in faults] == [(file, line)], faults
    assert message in faults[0][2]


def test_a_faultless_folder_has_no_fault(labels):
    assert check_labels(labels) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LabelError, match="not a folder"):
        check_labels(tmp_path / "none")


ROW_FAULTS = {
    "unknown category": ({"labels": ["price", "quality"]}, "unknown category 'quality'"),
    "category twice": ({"labels": ["price", "price"]}, "a category stands twice"),
    "wrong order": ({"labels": ["supply", "price"]}, "are not in the taxonomy's order"),
    "primary outside the labels": ({"primary": "supply"}, "primary 'supply' is not among the labels"),
    "no primary": ({"primary": None}, "primary None is not among the labels"),
    "primary without labels": ({"labels": []}, "primary 'price' without labels"),
    "primary is no text": ({"primary": 1}, "primary 1 is neither a category nor null"),
    "labels are no list": ({"labels": "price"}, "key 'labels' is missing or no list of texts"),
    "labels missing": ({"labels": ...}, "key 'labels' is missing"),
    "primary missing": ({"primary": ...}, "key 'primary' is missing"),
    "text missing": ({"text": ...}, "key 'text' is missing"),
    "id is a number": ({"id": 7}, "key 'id' is missing or no text"),
    "white space": ({"text": "稳定蔬菜价格。 "}, "white space at an end"),
    "unknown key": ({"lables": []}, "unknown key 'lables'"),
    "written in the gold file": ({"origin": "written"}, "origin is 'written'"),
    "heading lengths": ({"heading_nos": []}, "heading_path has 1 levels, heading_nos 0"),
    "two kinds of headings": ({"headings": ["一 目标"]}, "either headings or"),
    "span moved": ({"start": 13, "end": 20}, "plan[13:20] is '定蔬菜价格。增'"),
    "span beyond the end": ({"start": 9012, "end": 9019}, "plan[9012:9019] is ''"),
    "span too long": ({"end": 20}, "span [12:20] does not fit a text of 7 characters"),
    "span is true": ({"start": True}, "start True and end 19 are no span"),
    "span missing": ({"end": ...}, "start 12 and end None are no span"),
    "unknown document": ({"doc": "other"}, "document 'other' is not in the index"),
    "annotator's category": (
        {"annotations": {"A": {"labels": ["quality"], "primary": "quality"}}},
        "annotator A: unknown category 'quality'",
    ),
    "annotator's primary": (
        {"annotations": {"B": {"labels": ["price"], "primary": "supply"}}},
        "annotator B: primary 'supply' is not among",
    ),
    "annotator's certainty": (
        {"annotations": {"B": {"labels": ["price"], "primary": "price", "sure": "yes"}}},
        "annotator B: needs labels, primary",
    ),
    "annotations are a list": ({"annotations": []}, "annotations is not an object"),
}


@pytest.mark.parametrize(("change", "message"), ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_a_faulty_gold_line_is_found(labels, change, message):
    row = {key: value for key, value in {**GOLD[0], **change}.items() if value is not ...}
    (labels / "clauses.jsonl").write_text(json_lines([GOLD[1], row]), "utf-8")
    assert_only_fault(labels, "clauses.jsonl", 2, message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "w:1", ', "not a JSON object in utf-8"),
        (b"", "not a JSON object in utf-8"),
        (b"[]", "not an object"),
        (b'{"id": "w:1", "id": "w:2"}', "key 'id' stands twice"),
        (b'{"id": NaN}', "NaN is not JSON"),
        ('{"id": "质量"}'.encode("gb18030"), "not a JSON object in utf-8"),
        (b"[" * 100_000, "not a JSON object in utf-8"),
    ],
    ids=["cut short", "empty", "list", "key twice", "NaN", "gb18030", "nested too deeply"],
)
def test_a_line_that_is_no_json_object_is_found(labels, line, message):
    good = json_lines(WRITTEN[:1]).encode()
    (labels / "written/a.jsonl").write_bytes(good + line + b"\n")
    assert_only_fault(labels, "written/a.jsonl", 2, message)


def test_a_written_clause_that_is_not_marked_is_found(labels):
    row = {key: value for key, value in WRITTEN[1].items() if key != "origin"}
    (labels / "written/b.jsonl").write_text(json_lines([row]), "utf-8")
    assert_only_fault(labels, "written/b.jsonl", 1, "origin is 'source', in this file it has to be 'written'")


def test_a_written_clause_in_a_document_is_found(labels):
    row = {**WRITTEN[1], "doc": "plan", "start": 0, "end": 5}
    (labels / "written/b.jsonl").write_text(json_lines([row]), "utf-8")
    assert_only_fault(labels, "written/b.jsonl", 1, "a written clause stands in no document")


def test_an_id_used_twice_is_found_across_files(labels):
    (labels / "written/b.jsonl").write_text(json_lines([{**WRITTEN[1], "id": "plan:12"}]), "utf-8")
    assert_only_fault(labels, "written/b.jsonl", 1, "id 'plan:12' was used at clauses.jsonl:1")


def gold_without_document(**change):
    row = {key: value for key, value in GOLD[0].items() if key not in ("doc", "start", "end", "annotations")}
    return {**row, **change}


def test_source_clauses_may_repeat_each_other_with_the_same_answer(labels):
    rows = [*GOLD, gold_without_document(id="x")]
    (labels / "clauses.jsonl").write_text(json_lines(rows), "utf-8")
    assert check_labels(labels) == []


def test_equal_source_clauses_with_different_labels_are_found(labels):
    rows = [*GOLD, gold_without_document(id="x", text="稳定 蔬菜价格。", labels=["supply"], primary="supply")]
    (labels / "clauses.jsonl").write_text(json_lines(rows), "utf-8")
    message = (
        "same text as clauses.jsonl:1, but [supply] with primary supply against [price] with primary price"
    )
    assert_only_fault(labels, "clauses.jsonl", 3, message)


def test_equal_source_clauses_that_differ_in_the_primary_alone_are_found(labels):
    repeated = gold_without_document(
        id="x", text=GOLD[1]["text"], labels=["price", "supply"], primary="price"
    )
    (labels / "clauses.jsonl").write_text(json_lines([*GOLD, repeated]), "utf-8")
    assert_only_fault(
        labels, "clauses.jsonl", 3, "with primary price against [price, supply] with primary supply"
    )


@pytest.mark.parametrize(
    ("text", "labels_", "message"),
    [
        ("扩大成品油储备规模，轮换陈粮。", ["supply"], "same text as a.jsonl:1"),
        ("扩大成品油储备规模,轮换 陈粮。", ["supply"], "same text as a.jsonl:1"),
        ("扩大成品油储备规模,轮换陈粮。", [], "but [] with primary None against [supply]"),
    ],
)
def test_equal_written_clauses_are_found_whatever_their_width_and_blanks(labels, text, labels_, message):
    row = {**WRITTEN[1], "text": text, "labels": labels_, "primary": labels_[0] if labels_ else None}
    (labels / "written/b.jsonl").write_text(json_lines([row]), "utf-8")
    assert_only_fault(labels, "written/b.jsonl", 1, message)


def test_written_clauses_that_differ_in_a_figure_may_stand_side_by_side(labels):
    rows = [{**WRITTEN[1], "id": str(year), "text": f"有效期至{year}年。"} for year in (2027, 2028)]
    (labels / "written/b.jsonl").write_text(json_lines(rows), "utf-8")
    assert check_labels(labels) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("增加粮食供给,稳定粮食价格。", "1.00"),
        ("增加粮食供给，稳定粮食价格。", "1.00"),
        ("增加粮食供给,稳定粮食价格", "0.90"),
        ("增加粮食供给,稳定粮食", "0.70"),
        ("增加粮食供给,稳住菜价。", None),
    ],
)
def test_a_written_clause_near_a_gold_clause_is_found(labels, text, found):
    (labels / "written/b.jsonl").write_text(json_lines([{**WRITTEN[1], "text": text}]), "utf-8")
    if found is None:
        assert check_labels(labels) == []
    else:
        message = f"too near to gold clause plan:19 (clauses.jsonl:2): 5-gram Jaccard {found}"
        assert_only_fault(labels, "written/b.jsonl", 1, message)


def test_written_clauses_are_compared_with_another_table_on_request(labels, tmp_path):
    table = tmp_path / "measure.tsv"
    table.write_text("text\tother\n毫无关系的一句话。\t-\n扩大成品油储备规模,轮换陈粮!\t-\n", "utf-8")
    assert check_labels(labels) == []
    assert_only_fault(labels, "written/a.jsonl", 1, "too near to measure.tsv:3", against=table)


def test_a_table_without_text_is_refused(labels, tmp_path):
    (tmp_path / "t.tsv").write_text("id\tclause\n1\t一句话。\n", "utf-8")
    with pytest.raises(LabelError, match=r"t\.tsv:1: no column 'text'; columns found: id, clause"):
        check_labels(labels, against=tmp_path / "t.tsv")
    with pytest.raises(ReadError):
        check_labels(labels, against=tmp_path / "none.tsv")


DOCUMENT_FAULTS = {
    "altered": ("documents/plan.txt", "蔬菜", "水果", 1, "sha256 of plan.txt is"),
    "not named": (
        "documents/index.toml",
        'file = "plan.txt"',
        'file = "plans.txt"',
        1,
        "plan.txt is not in the index",
    ),
    "missing": (
        "documents/index.toml",
        'file = "plan.txt"',
        'file = "plans.txt"',
        1,
        "plans.txt cannot be read",
    ),
    "date": ("documents/index.toml", 'date = ""', 'date = "2019-1-5"', 1, "date '2019-1-5' is not like"),
    "key": ("documents/index.toml", "issuer", "isuer", 1, "unknown keys ['isuer']"),
    "empty id": ("documents/index.toml", 'id = "plan"', 'id = ""', 1, "empty ['id']"),
    "not TOML": ("documents/index.toml", 'issuer = ""', "issuer =", 5, "not a TOML file"),
}


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"), DOCUMENT_FAULTS.values(), ids=DOCUMENT_FAULTS
)
def test_a_fault_of_documents_or_index_is_found(labels, file, old, new, line, message):
    (labels / "clauses.jsonl").write_text(json_lines([gold_without_document()]), "utf-8")
    path = labels / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    faults = reported(labels)
    assert ("documents/index.toml", line) in [fault[:2] for fault in faults if message in fault[2]], faults


def test_a_fault_of_the_second_document_stands_at_its_line(labels):
    index = labels / "documents/index.toml"
    index.write_text(index.read_text("utf-8") * 2, "utf-8")
    assert_only_fault(labels, "documents/index.toml", 9, "document 'plan' stands twice")


def test_a_document_that_is_not_utf_8_is_found(labels):
    (labels / "clauses.jsonl").write_text(json_lines([gold_without_document()]), "utf-8")
    content = "质量".encode("gb18030")
    (labels / "documents/plan.txt").write_bytes(content)
    (labels / "documents/index.toml").write_text(INDEX.format(hashlib.sha256(content).hexdigest()), "utf-8")
    assert_only_fault(labels, "documents/index.toml", 1, "plan.txt is not utf-8")


TAXONOMY_FAULTS = {
    "not TOML": ('name = "供给"', "name =", 14, "not a TOML file"),
    "missing key": ('name = "供给"', "", 12, "missing or empty keys ['name']"),
    "unknown key": ('version = "0.1"', 'version = "0.1"\nexclusiv = true', 1, "unknown keys ['exclusiv']"),
    "reserved id": ('id = "supply"', 'id = "none"', 12, "the id 'none' is taken"),
    "bad colour": ("#996b17", "brown", 12, "bad id 'supply' or colour 'brown'"),
    "id twice": ('id = "supply"', 'id = "price"', 13, "category 'price' stands twice"),
    "no version": ('version = "0.1"', "", 1, "needs a `version` string"),
}


@pytest.mark.parametrize(("old", "new", "line", "message"), TAXONOMY_FAULTS.values(), ids=TAXONOMY_FAULTS)
def test_a_fault_of_the_taxonomy_is_found(labels, old, new, line, message):
    (labels / "taxonomy.toml").write_text(TAXONOMY.replace(old, new), "utf-8")
    assert_only_fault(labels, "taxonomy.toml", line, message)


@pytest.mark.parametrize(("count", "faulty"), [(1, True), (2, False), (50, False), (51, True)])
def test_a_taxonomy_has_two_to_fifty_categories(labels, count, faulty):
    version, category = TAXONOMY.split("\n", 1)[0], TAXONOMY.split("\n\n")[1]
    tables = [category.replace('"supply"', f'"category_{n}"') for n in range(count)]
    (labels / "taxonomy.toml").write_text("\n".join([version, *tables]), "utf-8")
    (labels / "clauses.jsonl").write_text("", "utf-8")
    (labels / "written/a.jsonl").write_text("", "utf-8")
    if faulty:
        assert_only_fault(labels, "taxonomy.toml", 1, f"{count} categories")
    else:
        assert check_labels(labels) == []


def test_a_fault_of_the_lexicon_is_found(labels):
    (labels / "lexicon/more.txt").write_text("保供稳价 20\n保供稳价体系\n", "utf-8")
    faults = reported(labels)
    assert [fault[:2] for fault in faults] == [("lexicon/more.txt", 2), ("lexicon/words.txt", 4)]
    (labels / "lexicon/words.txt").write_bytes("质量 10\n".encode("gb18030"))
    assert ("lexicon/words.txt", 1) in [fault[:2] for fault in reported(labels)]


def test_missing_gold_clauses_are_found(labels):
    (labels / "clauses.jsonl").unlink()
    assert_only_fault(labels, "clauses.jsonl", 1, "cannot be read")


@pytest.mark.parametrize("file", ["written/a.jsonl", "lexicon/words.txt"])
def test_what_cannot_be_read_is_found(labels, file):
    (labels / file).unlink()
    (labels / file).mkdir()
    assert_only_fault(labels, file, 1, "cannot be read")


def test_all_faults_are_listed_by_file_and_line(labels):
    bad = [{**json.loads(json.dumps(row)), "primary": "price"} for row in WRITTEN]
    (labels / "written/b.jsonl").write_text(json_lines([bad[1], {**bad[0], "id": "w:3"}]), "utf-8")
    (labels / "lexicon/words.txt").write_text("质\n", "utf-8")
    (labels / "clauses.jsonl").write_text(json_lines([{**GOLD[0], "labels": []}]), "utf-8")
    places = [(file, line) for file, line, _ in reported(labels)]
    assert places == [
        ("clauses.jsonl", 1),
        ("lexicon/words.txt", 1),
        ("written/b.jsonl", 1),
        ("written/b.jsonl", 2),
    ]
