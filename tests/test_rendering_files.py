"""Workbooks, parquet, Markdown and csv, read back with the programs that others would use."""

import csv
import io
import json
import re

import pytest
from report_documents import hostile, marked_for_review, model, tagged

from qclassify.correcting import error_rates
from qclassify.records import Document, Prediction, TaggedDocument, Unit
from qclassify.rendering.lines import csv_lines
from qclassify.rendering.markdown import escaped, markdown_document
from qclassify.rendering.parquet import write_parquet
from qclassify.rendering.rows import document_rows, rollup_row
from qclassify.rendering.xlsx import TaggedTable, write_workbook
from qclassify.summarising import sections, summarise

openpyxl = pytest.importorskip("openpyxl", reason="reads workbooks back; extra `tables`")
pytest.importorskip("xlsxwriter", reason="writes workbooks; extra `xlsx`")
parquet = pytest.importorskip("pyarrow.parquet", reason="extra `parquet`")


def workbook(*documents, level="clause", language="zh", told=None):
    stream = io.BytesIO()
    rates = error_rates(model().manifest, model().taxonomy.ids)
    tables = [TaggedTable(document.document.name, document) for document in documents]
    write_workbook(
        stream,
        tables,
        model().taxonomy,
        model().decision.thresholds,
        rates,
        model().id,
        language,
        level,
        (told if told is not None else []).append,
    )
    return openpyxl.load_workbook(io.BytesIO(stream.getvalue()))


def with_text(text):
    unit = Unit(0, len(text), text)
    scores = dict.fromkeys(model().taxonomy.ids, 0.25)
    return TaggedDocument(
        Document(text, name="=n"), (unit,), (Prediction(unit, scores, (), None, False, "m"),)
    )


def test_the_clauses_sheet_has_a_row_a_clause_with_filters_and_a_frozen_header():
    document = marked_for_review(tagged("xining-2015"), 10)
    book = workbook(document)
    assert book.sheetnames == ["条款", "汇总", "类别说明"]
    sheet = book["条款"]
    assert sheet.max_row == len(document.predictions) + 1
    assert sheet.freeze_panes == "E2"
    assert sheet.auto_filter.ref == f"A1:P{sheet.max_row}"
    heads = [cell.value for cell in sheet[1]]
    assert heads[3:7] == ["正文", "主类别", "类别", "待复核"]
    for row, prediction in zip(
        sheet.iter_rows(min_row=2, values_only=True), document.predictions, strict=True
    ):
        assert row[3] == prediction.unit.text
        assert row[6] == ("是" if prediction.review else "否")
        assert list(row[7:14]) == pytest.approx(list(prediction.scores.values()))
    [validation] = sheet.data_validations.dataValidation
    assert validation.formula1 == '"是,否"'


def test_a_score_stands_on_its_colour_exactly_where_the_clause_has_the_category():
    document = tagged("xining-2015")
    sheet = workbook(document)["条款"]
    for row, prediction in enumerate(document.predictions, 2):
        for column, category in enumerate(model().taxonomy.categories, 8):
            fill = sheet.cell(row, column).fill
            shown = fill.fill_type == "solid" and fill.fgColor.rgb[2:].lower() == category.colour[1:]
            assert shown == (category.id in prediction.labels)


def test_the_summary_has_native_charts_and_the_codebook_every_category():
    book = workbook(tagged("xining-2015"), tagged("dongtou-2023"))
    summary = book["汇总"]
    assert len(summary._charts) == 2
    cells = [cell for row in summary.iter_rows(values_only=True) for cell in row if cell is not None]
    assert {"校正占比（估计）", "xining-2015.txt", "dongtou-2023.txt"} <= set(cells)
    codebook = book["类别说明"]
    assert [codebook.cell(row, 1).value for row in range(2, 9)] == list(model().taxonomy.ids)
    assert codebook.cell(2, 3).value == model().taxonomy.categories[0].definition


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl knows no data bars
def test_english_workbooks_are_english():
    book = workbook(tagged("xining-2015"), language="en", level="item")
    assert book.sheetnames == ["Item", "Summary", "Codebook"]
    assert book["Item"].max_row - 1 == len(list(sections(tagged("xining-2015").predictions)))


@pytest.mark.parametrize("start", ["=1+1", "+86", "-x", "@sum", '=HYPERLINK("http://a.b")', "http://a.b/c"])
def test_text_stays_text_in_a_workbook(start):
    sheet = workbook(with_text(start + "提升质量"))["条款"]
    for column in (1, 4):
        cell = sheet.cell(2, column)
        assert cell.data_type == "s"
        assert cell.hyperlink is None
    assert sheet.cell(2, 4).value == start + "提升质量"
    if start[0] in "=+-@":
        assert sheet.cell(2, 4).quotePrefix


def test_text_too_long_for_a_cell_is_cut_with_a_warning():
    told = []
    value = workbook(with_text("质😀" * 20_000), told=told)["条款"].cell(2, 4).value
    assert len(value.encode("utf-16-le")) // 2 <= 32_767
    assert value.endswith("…")
    assert len(told) == 1


def test_characters_that_xml_forbids_do_not_break_the_workbook():
    assert workbook(with_text("提升\x00\x0b\ud800质量"))["条款"].cell(2, 4).value


def test_parquet_keeps_types_lists_and_every_row():
    document = tagged("dongtou-2023")
    stream = io.BytesIO()
    write_parquet(document_rows(document), stream)
    table = parquet.read_table(io.BytesIO(stream.getvalue()))
    rows = table.to_pylist()
    assert len(rows) == len(document.predictions)
    assert str(table.schema.field("labels").type) == "list<element: string>"
    assert str(table.schema.field("score_product").type) == "double"
    for row, prediction in zip(rows, document.predictions, strict=True):
        assert row["text"] == document.document.text[row["start"] : row["end"]]
        assert tuple(row["labels"]) == prediction.labels
        assert tuple(row["heading_path"]) == prediction.unit.heading_path


def test_parquet_of_nothing_is_a_parquet_file():
    stream = io.BytesIO()
    write_parquet(iter(()), stream)
    assert parquet.read_table(io.BytesIO(stream.getvalue())).num_rows == 0


def test_rollups_go_to_parquet_with_a_column_a_number():
    document = tagged("dongtou-2023")
    rates = error_rates(model().manifest, model().taxonomy.ids)
    stream = io.BytesIO()
    write_parquet([rollup_row("a", summarise(document.predictions, model().taxonomy.ids, rates))], stream)
    [row] = parquet.read_table(io.BytesIO(stream.getvalue())).to_pylist()
    assert row["brand_share_estimate_low"] <= row["brand_share_estimate"] <= row["brand_share_estimate_high"]


def test_csv_rows_read_back_as_they_were():
    document = hostile()
    lines = "".join(csv_lines(document_rows(document)))
    for row, prediction in zip(csv.DictReader(io.StringIO(lines)), document.predictions, strict=True):
        assert row["text"].lstrip("'") == prediction.unit.text
        assert not row["text"].startswith(("=", "+", "-", "@"))


def test_markdown_shows_every_clause_under_its_heading_with_nothing_to_run():
    document = hostile()
    text = "".join(markdown_document(document, (), model().taxonomy, None, "zh"))
    assert "<script>" not in re.sub(r"\\.", "", text)
    assert text.count("\n- ") == len(document.predictions)
    headings = [unit for unit in document.units if unit.kind == "heading"]
    assert text.count("\n## ") == len(headings)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("1. 加强", "1\\. 加强"),
        ("- 加强", "\\- 加强"),
        ("# 加强", "\\# 加强"),
        ("a|b", "a\\|b"),
        ("a\nb", "a b"),
    ],
)
def test_markdown_takes_no_text_for_its_own_signs(raw, shown):
    assert escaped(raw) == shown


def test_evidence_fits_into_a_csv_cell_as_json():
    row = {"document": "a", "evidence": {"product": {"score": 1.0}}}
    lines = list(csv_lines([row]))
    [parsed] = csv.DictReader(io.StringIO("".join(lines)))
    assert json.loads(parsed["evidence"]) == row["evidence"]
