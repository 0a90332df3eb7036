"""Tables of documents and tables of clauses: every row is given or reported, never lost."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.errors import ReadError
from qclassify.reading import Limits, read_clauses, read_documents, read_table
from qclassify.records import Document

TEXT = "一、总体要求。以质量强市为目标。\n二、主要任务。完善标准体系。"
CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=1, max_size=12
)


def as_csv(rows, delimiter=","):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def table_error(call, *args, **options):
    with pytest.raises(ReadError) as caught:
        list(call(*args, **options))
    return caught.value


def clauses(text, name="t.csv", encoding="utf-8", **options):
    return list(read_clauses(text.encode(encoding), name=name, **options))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl"])
def test_documents_are_read_from_every_kind_of_text_table_in_every_encoding(name, encoding):
    text = TEXT if not name.endswith("tsv") else TEXT.replace("\n", "")
    if name.endswith("jsonl"):
        content = json.dumps({"编号": "甲-1", "标题": "计划", "正文": text}, ensure_ascii=False) + "\n"
    else:
        content = as_csv(
            [["编号", "标题", "正文"], ["甲-1", "计划", text]], "," if name.endswith("csv") else "\t"
        )
    (document,) = read_table(content.encode(encoding), name=name)
    assert (document.text, document.name, document.meta["title"]) == (text, "甲-1", "计划")
    assert content.encode(encoding).decode(document.encoding) == content
    assert document.source_format == name[2:]


def test_a_row_without_an_id_is_named_by_its_line():
    documents = list(read_table(as_csv([["text"], [TEXT], ["质量"]]).encode(), name="t.csv"))
    assert [document.name for document in documents] == ["t.csv:2", "t.csv:4"]


def test_an_ambiguous_or_missing_text_column_is_asked_for_not_guessed():
    data = as_csv([["content", "正文"], ["a", "b"]]).encode()
    error = table_error(read_table, data, name="t.csv")
    assert error.kind == "bad_table"
    assert "content, 正文" in error.message
    assert "--text-column" in error.hint
    assert next(read_table(data, name="t.csv", text_column="正文")).text == "b"
    error = table_error(read_table, b"a,b\n1,2\n", name="t.csv")
    assert "columns found: 'a', 'b'" in error.message
    assert "--text-column" in error.hint
    error = table_error(read_table, b"a,text\n1,2\n", name="t.csv", id_column="c")
    assert "'c'" in error.message


def test_a_field_longer_than_csv_allows_by_default_is_read_and_the_process_wide_limit_stays():
    before = csv.field_size_limit()
    long = "质量" * 200_000
    assert next(read_table(as_csv([["text"], [long]]).encode(), name="t.csv")).text == long
    assert csv.field_size_limit() == before


def test_a_blank_row_and_a_too_long_row_are_reported_and_the_others_read():
    data = as_csv([["id", "text"], ["1", "质量"], ["2", " "], ["3", "长" * 50], ["4", "标准"]]).encode()
    rows = list(read_table(data, name="t.csv", limits=Limits(characters=20)))
    assert [row.name if isinstance(row, Document) else row.kind for row in rows] == [
        "1",
        "bad_table",
        "bad_table",
        "4",
    ]
    assert "t.csv, line 3" in rows[1].message


def test_a_document_given_as_a_table_is_refused():
    assert table_error(read_table, b"<html><body>x</body></html>", name="t.csv").kind == "bad_table"
    assert table_error(read_table, b"\n\n", name="t.csv").kind == "empty"
    assert table_error(read_table, b"[1]\nx\n", name="t.jsonl").kind == "bad_table"


def test_read_documents_takes_documents_and_tables_alike():
    assert [document.text for document in read_documents(TEXT.encode(), name="a.txt")] == [TEXT]
    table = as_csv([["text", "other"], ["质量", "x"], ["标准", "y"]]).encode()
    assert [document.text for document in read_documents(table, name="a.csv")] == ["质量", "标准"]
    assert [document.text for document in read_documents(table, text_column="other")] == ["x", "y"]


def test_clause_rows_carry_id_text_path_and_line():
    content = as_csv(
        [
            ["id", "labels", "heading_path", "text"],
            ["a", "x", "三 > （一） 开展试点", " 支持企业参与标准制定。"],
            ["b", "", "", "加强“质量”监管,\n落实责任。"],
            ["c", "", " > 1", "强化考核。"],
        ]
    )
    found = clauses(content)
    assert [(row.id, row.text, row.heading_path, row.line) for row in found] == [
        ("a", " 支持企业参与标准制定。", ("三", "（一） 开展试点"), 2),
        ("b", "加强“质量”监管,\n落实责任。", (), 3),
        ("c", "强化考核。", ("", "1"), 5),
    ]
    assert all(row.warnings == () for row in found)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("id,text\na,质量\n,标准\nb,品牌\n", 3, "no id"),
        ("id,text\na,质量\nc,\u3000\nb,品牌\n", 3, "no text (id 'c')"),
        ("id,text\na,质量\nc\nb,品牌\n", 3, "no text (id 'c')"),
        ("id,text\na,质量\nc,标准,多\nb,品牌\n", 3, "3 cells where the header has 2"),
        ('id,text\na,质量\nc,"标准"多\nb,品牌\n', 3, "malformed quotation marks"),
        ('id,text\na,质量\nc,"标准\nb,品牌\n', 3, "malformed quotation marks"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_the_others_are_read(content, line, says):
    before, bad, after = clauses(content, name="rows.csv")
    assert (before.id, after.id, after.line) == ("a", "b", 4)
    assert bad.kind == "bad_table"
    assert f"rows.csv, line {line}: " in bad.message
    assert says in bad.message


def test_missing_columns_are_named_together_with_those_found():
    error = table_error(read_clauses, "编号,正文\n1,质量\n".encode(), name="t.csv")
    assert error.kind == "bad_table"
    assert "no column for id and text; columns found: '编号', '正文'" in error.message
    assert "heading_path" in error.hint


def test_a_tsv_under_the_name_of_a_csv_is_read_with_a_warning():
    first, second = clauses("id\ttext\n1\t加强质量,监管\n2\t品牌\n", name="t.csv")
    assert (first.text, second.text) == ("加强质量,监管", "品牌")
    assert "separated by tabs" in first.warnings[0]
    assert second.warnings == ()
    assert clauses("id\ttext\n1\t质量\n", name="t.tsv")[0].warnings == ()
    assert clauses("id\ttext\n1\t质量\n", name="-")[0].warnings == ()
    assert "commas" in clauses("id,text\n1,质量\n", name="t.tsv")[0].warnings[0]


def test_raw_quotation_marks_in_a_tsv_lose_no_row():
    texts = ['"质量月"活动', '开展"质量', '"', '""', 'a"b"c', '"说""好"']
    content = "id\ttext\n" + "".join(f"{index}\t{text}\n" for index, text in enumerate(texts))
    found = clauses(content, name="t.tsv")
    assert [row.text for row in found] == [*texts[:-1], '说"好']
    assert [row.line for row in found] == list(range(2, 8))


def test_a_repeated_id_is_a_warning():
    first, second = clauses("id,text\n1,质量\n1,标准\n")
    assert first.warnings == ()
    assert "used before" in second.warnings[0]


def test_a_lone_surrogate_in_json_is_kept_and_named():
    (row,) = clauses('{"id": "1", "text": "质量\\ud83d"}\n', name="t.jsonl")
    assert row.text == "质量\ud83d"
    assert "line 1: lone surrogate" in row.warnings[0]


def test_json_values_that_are_no_text_and_lines_that_are_no_json_are_handled():
    content = (
        '{"id": 7, "text": "质量", "heading_path": ["一", "（二）"]}\nnot json\n[1]\n{"id": "x", "text": null}\n'
        + "[" * 100_000
    )
    row, *bad = clauses(content, name="t.jsonl")
    assert (row.id, row.heading_path) == ("7", ("一", "（二）"))
    assert [error.message.split(": ")[0] for error in bad] == [
        f"t.jsonl, line {line}" for line in (2, 3, 4, 5)
    ]


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_what_the_csv_module_writes_comes_back_row_by_row(pairs):
    content = as_csv([["id", "text"], *pairs])
    found = list(read_clauses(content.encode("utf-8-sig"), name="t.csv"))
    assert len(found) == len(pairs)
    for row, (own_id, text) in zip(found, pairs, strict=True):
        if isinstance(row, ReadError):
            assert not own_id.strip() or not text.strip()
        else:
            assert (row.id, row.text) == (own_id.strip(), text)


@given(st.lists(st.sampled_from(['1,"质量"', '2,"质', '3,量"', '4,"a"b', "5,x", '6,""', '"']), max_size=12))
def test_every_line_of_a_badly_quoted_csv_is_given_reported_or_part_of_a_row(lines):
    found = list(read_clauses(("id,text\n" + "\n".join(lines)).encode("utf-8-sig"), name="t.csv"))
    starts = [
        row.line if not isinstance(row, ReadError) else int(row.message.split("line ")[1].split(":")[0])
        for row in found
    ]
    assert starts == sorted(set(starts))
    covered = set(starts)
    for row in found:
        if not isinstance(row, ReadError):
            covered |= {row.line + extra for extra in range(row.text.count("\n") + row.id.count("\n") + 1)}
    errors_at = [start for row, start in zip(found, starts, strict=True) if isinstance(row, ReadError)]
    assert set(range(2, len(lines) + 2)) - covered <= {
        line for start in errors_at for line in range(start, len(lines) + 2)
    }


def test_a_file_of_nothing_but_bad_quotes_ends():
    content = "id,text\n" + '1,"a"b\n' * 1500
    assert table_error(read_clauses, content.encode(), name="t.csv").kind == "bad_table"
