"""A labels folder loads into typed records, whatever its taxonomy; what is malformed is named by file and line."""

import dataclasses
import json
import shutil

import pytest
from labels_folder import GOLD, TEXT, WRITTEN, json_lines, write_labels

from qclassify.errors import LabelError, ReadError, TaxonomyError
from training.dataset import Annotation, load_dataset, load_labelled_table
from training.lexicon import read_lexicon


@pytest.fixture
def labels(tmp_path):
    return write_labels(tmp_path / "labels")


def test_a_folder_of_another_taxonomy_loads(labels):
    dataset = load_dataset(labels)
    assert dataset.taxonomy.ids == ("price", "supply")
    assert dataset.taxonomy_file == labels / "taxonomy.toml"
    assert dataset.lexicon == (("成品油储备", 10), ("保供稳价", 20))
    assert dataset.documents["plan"].text == TEXT


def test_a_source_clause_keeps_all_that_its_line_says(labels):
    clause = load_dataset(labels).gold[0]
    assert (clause.id, clause.doc, clause.start, clause.end) == ("plan:12", "plan", 12, 19)
    assert (clause.heading_path, clause.heading_nos) == (("目标",), ("一",))
    assert (clause.text, clause.labels, clause.primary) == ("稳定蔬菜价格。", ("price",), "price")
    assert (clause.origin, clause.file, clause.line) == ("source", labels / "clauses.jsonl", 1)
    assert clause.annotations == (
        Annotation("A", ("price",), "price", sure=True),
        Annotation("B", ("price", "supply"), "price", sure=True),
    )


def test_written_clauses_come_by_file_name_with_their_headings_taken_apart(labels):
    first, second = load_dataset(labels).written
    assert (first.file.name, first.line, second.file.name) == ("a.jsonl", 1, "b.jsonl")
    assert (first.heading_path, first.heading_nos) == (("措施", "储备"), ("二", "(一)"))
    assert (first.origin, first.doc, first.start, first.end, first.annotations) == (
        "written",
        None,
        None,
        None,
        (),
    )
    assert (second.labels, second.primary, second.heading_path) == ((), None, ())


def test_records_cannot_be_changed(labels):
    dataset = load_dataset(labels)
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.gold[0].text = "x"
    with pytest.raises(TypeError):
        dataset.documents["other"] = dataset.documents["plan"]


def test_documents_written_clauses_and_lexicon_may_be_missing(labels):
    for room in ("documents", "written", "lexicon"):
        shutil.rmtree(labels / room)
    bare = [{k: v for k, v in row.items() if k not in ("doc", "start", "end")} for row in GOLD]
    (labels / "clauses.jsonl").write_text(json_lines(bare), "utf-8")
    dataset = load_dataset(labels)
    assert [clause.doc for clause in dataset.gold] == [None, None]
    assert (dataset.written, dict(dataset.documents), dataset.lexicon) == ((), {}, ())


def test_equal_folders_have_equal_digests_and_any_change_shows(labels, tmp_path):
    before = dict(load_dataset(labels).digests)
    assert dict(load_dataset(write_labels(tmp_path / "again")).digests) == before
    (labels / "written/a.jsonl").write_text(json_lines([{**WRITTEN[0], "text": "扩大粮食储备。"}]), "utf-8")
    after = dict(load_dataset(labels).digests)
    assert {key for key in before if before[key] != after[key]} == {"written"}
    (labels / "written/a.jsonl").rename(labels / "written/c.jsonl")
    assert load_dataset(labels).digests["written"] != after["written"]


def test_a_missing_taxonomy_is_refused(labels):
    (labels / "taxonomy.toml").unlink()
    with pytest.raises(TaxonomyError, match=r"taxonomy\.toml: cannot be read"):
        load_dataset(labels)


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("clauses.jsonl", 2, "unknown category 'quality'"),
        ("written/b.jsonl", 1, "unknown category 'quality'"),
    ],
)
def test_the_first_malformed_line_is_refused_by_file_and_line(labels, file, line, message):
    path = labels / file
    rows = [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    rows[line - 1]["labels"] = ["quality"]
    path.write_text(json_lines(rows), "utf-8")
    with pytest.raises(LabelError, match=rf"{file}:{line}: {message}"):
        load_dataset(labels)


LEXICON_FAULTS = [
    ("质量", "is not `word frequency`"),
    ("质量 很多 10", "is not `word frequency`"),
    ("质量 x", "frequency is not a whole number above 0"),
    ("质量 0", "frequency is not a whole number above 0"),
    ("质量 ½", "frequency is not a whole number above 0"),
    ("质量 -3", "frequency is not a whole number above 0"),
    ("双随机、一公开 10", "only words of two or more word characters can match"),
    ("质 10", "only words of two or more word characters can match"),
    ("QC小组 10", "can only match as 'qc小组'"),
    ("5g网络 10", "can only match as '0g网络'"),
    ("保供稳价 10", "word stands twice"),
]


@pytest.mark.parametrize(("line", "message"), LEXICON_FAULTS, ids=[case[0] for case in LEXICON_FAULTS])
def test_a_malformed_lexicon_line_is_refused_by_file_and_line(labels, line, message):
    path = labels / "lexicon/words.txt"
    path.write_text("保供稳价 20\n\n" + line + "\n粮食安全 9\n", "utf-8")
    parsed = read_lexicon(labels / "lexicon")
    assert [(fault.file, fault.line) for fault in parsed.faults] == [(path, 3)]
    assert parsed.faults[0].message.startswith(message)
    assert parsed.items == (("保供稳价", 20), ("粮食安全", 9))


TABLE = "id\theading_path\ttext\tlabels\tprimary\nx:1\t二 > （一） 储备\t 增加储备。\tprice,supply\tsupply\nx:2\t\t特此通知。\t-\t-\n"


def test_a_table_of_labelled_clauses_loads(labels, tmp_path):
    (tmp_path / "t.tsv").write_text(TABLE, "utf-8")
    first, second = load_labelled_table(tmp_path / "t.tsv", load_dataset(labels).taxonomy)
    assert (first.id, first.doc, first.text, first.line) == ("x:1", "x", "增加储备。", 2)
    assert (first.labels, first.primary) == (("price", "supply"), "supply")
    assert (first.heading_path, first.heading_nos) == (("", "储备"), ("二", "（一）"))
    assert (second.labels, second.primary, second.heading_path) == ((), None, ())


def test_the_same_table_as_json_lines_gives_the_same_clauses(labels, tmp_path):
    taxonomy = load_dataset(labels).taxonomy
    (tmp_path / "t.tsv").write_text(TABLE, "utf-8")
    rows = [
        {
            "id": "x:1",
            "heading_path": ["二", "（一） 储备"],
            "text": "增加储备。",
            "labels": ["price", "supply"],
            "primary": "supply",
        },
        {"id": "x:2", "heading_path": [], "text": "特此通知。", "labels": [], "primary": None},
    ]
    (tmp_path / "t.jsonl").write_text(json_lines(rows), "utf-8")
    plain = [
        [dataclasses.replace(clause, file=tmp_path, line=1) for clause in load_labelled_table(path, taxonomy)]
        for path in (tmp_path / "t.tsv", tmp_path / "t.jsonl")
    ]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\tlabels\t", "\tlabel\t", "t.tsv:1: no column 'labels'"),
        ("price,supply", "price,quality", "t.tsv:2: unknown category 'quality'"),
        ("price,supply", "supply,price", "t.tsv:2: labels .* are not in the taxonomy's order"),
        ("price,supply\tsupply", "price\tsupply", "t.tsv:2: primary 'supply' is not among the labels"),
        ("特此通知。\t-\t-", "特此通知。\t-\tprice", "t.tsv:3: primary 'price' without labels"),
        ("特此通知。", "", "t.tsv:3: no id or no text"),
    ],
)
def test_a_table_row_that_is_no_labelled_clause_is_refused(labels, tmp_path, old, new, message):
    (tmp_path / "t.tsv").write_text(TABLE.replace(old, new), "utf-8")
    with pytest.raises(LabelError, match=message):
        load_labelled_table(tmp_path / "t.tsv", load_dataset(labels).taxonomy)


def test_a_table_that_is_not_there_is_refused(labels, tmp_path):
    with pytest.raises(ReadError):
        load_labelled_table(tmp_path / "none.tsv", load_dataset(labels).taxonomy)
