"""xlsx and parquet tables, through optional extras."""

from __future__ import annotations

import datetime as dt
import io
import sys

import pytest
from documents.made_docx import package

from qclassify.errors import ReadError
from qclassify.reading import Limits, read, read_clauses, read_documents, read_table

TEXT = "一、总体要求。\n二、主要任务。"


def made_xlsx(rows, sheets=()):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra `tables` is not installed")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, state in sheets:
        book.create_sheet(title).sheet_state = state
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def made_parquet(columns, **options):
    arrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    out = io.BytesIO()
    parquet.write_table(arrow.table(columns), out, **options)
    return out.getvalue()


def table_error(call, *args, **options):
    with pytest.raises(ReadError) as caught:
        list(call(*args, **options))
    return caught.value


def test_documents_and_clauses_are_read_from_a_workbook():
    data = made_xlsx(
        [["编号", "标题", "正文"], [7, "计划", TEXT], [8.0, None, "质量"], [], [None, None, "标准"]]
    )
    documents = list(read_table(data, name="t.xlsx"))
    assert [(document.name, document.text) for document in documents] == [
        ("7", TEXT),
        ("8", "质量"),
        ("t.xlsx:5", "标准"),
    ]
    assert documents[0].meta["title"] == "计划"
    data = made_xlsx([["id", "text", "heading_path"], ["a", "质量", "一 > （一）"], ["b", None, None]])
    row, error = read_clauses(data, name="t.xlsx")
    assert (row.id, row.text, row.heading_path, row.line) == ("a", "质量", ("一", "（一）"), 2)
    assert "t.xlsx, line 3" in error.message


def test_dates_and_truth_values_become_text():
    data = made_xlsx([["id", "text"], [dt.date(2024, 5, 6), True]])
    (row,) = read_clauses(data)
    assert (row.id, row.text) == ("2024-05-06 00:00:00", "True")


def test_a_cell_of_exactly_excels_limit_is_a_warning():
    (document,) = read_table(made_xlsx([["text"], ["质" * 32_767]]))
    assert any("32,767" in warning for warning in document.warnings)


def test_only_the_first_visible_sheet_is_read_and_that_is_said():
    (document,) = read_table(made_xlsx([["text"], ["质量"]], [("二", "visible"), ("三", "hidden")]))
    assert any("first of 2 sheets" in warning for warning in document.warnings)


def test_a_workbook_whose_rows_are_far_too_wide_is_refused():
    assert table_error(read_table, made_xlsx([["text"], ["质量"] * 1_200])).kind == "too_large"


def test_an_empty_workbook_is_empty():
    assert table_error(read_table, made_xlsx([])).kind == "empty"


def test_documents_and_clauses_are_read_from_parquet():
    data = made_parquet({"id": [1, 2], "text": [TEXT, None], "title": ["计划", None], "tags": [["x"], None]})
    document, error = read_table(data, name="t.parquet")
    assert (document.name, document.text, document.meta["title"]) == ("1", TEXT, "计划")
    assert "line 3" in error.message
    data = made_parquet({"id": ["a"], "text": ["质量"], "heading_path": [["一", "（一）"]]})
    (row,) = read_clauses(data)
    assert row.heading_path == ("一", "（一）")


def test_a_parquet_that_unpacks_beyond_the_cap_is_refused():
    data = made_parquet({"text": ["质" * 10_000] * 1_000}, use_dictionary=False, compression="zstd")
    assert table_error(read_table, data, limits=Limits(unpacked_bytes=1_000_000)).kind == "too_large"


@pytest.mark.parametrize(
    ("module", "data", "name", "extra"),
    [
        ("openpyxl", package({"xl/workbook.xml": "<x/>"}), "t.xlsx", "qclassify[tables]"),
        ("pyarrow", b"PAR1" + bytes(100), "t.parquet", "qclassify[parquet]"),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch, module, data, name, extra):
    monkeypatch.setitem(sys.modules, module, None)
    error = table_error(read_documents, data, name=name)
    assert error.kind == "missing_extra"
    assert error.hint == f"pip install '{extra}'"


def test_a_packed_table_given_as_a_document_says_what_it_is():
    with pytest.raises(ReadError, match="table"):
        read(b"PAR1" + bytes(100))


def test_a_workbook_under_the_name_of_a_csv_is_read_with_a_warning():
    (document,) = read_documents(made_xlsx([["text"], ["质量"]]), name="t.csv")
    assert any("content is xlsx" in warning for warning in document.warnings)
