"""pdf: paragraphs from glyph positions, and a reason for every pdf that has none."""

from __future__ import annotations

import pytest
from documents.made_pdf import bare_pdf, reportlab_pdf

from qclassify.errors import ReadError
from qclassify.reading import Limits, read
from qclassify.reading.reflow import PrintedLine, PrintedPage, paragraphs

pytest.importorskip("reportlab", reason="reportlab makes the pdf files")

LINES = [
    "关于质量提升的通知",
    "各县（市、区）人民政府：",
    "一、总体要求",
    "以质量第一为目标，推动质量变革、效率变革、动力变革，到2025年产品合格率达到97.5%以上，完善标准体系，加强品牌建设。"
    * 3,
    "（一）完善标准。" + "支持企业参与国际标准制定。" * 30,
    "某某市人民政府",
    "2024年5月6日",
]
GRAY_IMAGE = b"q 500 0 0 700 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\xff\x00\xff EI Q"


def refusal_of(data, **options):
    with pytest.raises(ReadError) as caught:
        read(data, name="file.pdf", **options)
    assert caught.value.hint
    return caught.value


def test_wrapped_lines_become_paragraphs_and_headers_and_page_numbers_go():
    document = read(reportlab_pdf(LINES * 4))
    assert document.text.split("\n") == LINES * 4
    assert document.meta["title"] == "关于质量提升的通知"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_turned_when_shown_is_read_as_shown(turn):
    assert read(reportlab_pdf(LINES * 2, turn=turn)).text.split("\n") == LINES * 2


def test_the_title_field_is_used_only_when_it_is_a_title():
    for title, expected in (
        ("质量方案说明", "质量方案说明"),
        ("Microsoft Word - a.doc", None),
        ("方案.docx", None),
        ("", None),
    ):
        assert read(reportlab_pdf(["质量第一，标准先行。"], title)).meta.get("title") == expected


def test_an_encrypted_pdf_says_so():
    assert refusal_of(reportlab_pdf(LINES, encrypt="geheim")).kind == "encrypted"


def test_a_scanned_pdf_names_ocr_as_the_way_out():
    error = refusal_of(bare_pdf(GRAY_IMAGE, count=3))
    assert error.kind == "scanned"
    assert "OCR" in error.hint
    assert "3 pages" in error.message


def test_a_pdf_without_anything_is_empty():
    assert refusal_of(bare_pdf(b"")).kind == "empty"


def test_a_pdf_with_too_many_pages_or_characters_is_refused():
    assert refusal_of(bare_pdf(b"", count=12), limits=Limits(pages=10)).kind == "too_large"
    assert refusal_of(reportlab_pdf(LINES), limits=Limits(characters=50)).kind == "too_large"


def test_a_font_without_names_for_its_characters_is_not_passed_off_as_text():
    # A composite font with no embedded program and no ToUnicode table: codes mean nothing.
    font = (
        "/Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Own /Encoding /Identity-H /DescendantFonts [ <<"
        " /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Own /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        " /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /ABCDEF+Own /Flags 4 >> >> ] >> >>"
    )
    shown = b"".join(b"<%04x> Tj 0 -20 Td " % code for code in range(0xE100, 0xE11E))
    error = refusal_of(bare_pdf(b"BT /F1 12 Tf 50 780 Td " + shown + b"ET", font))
    assert error.kind == "broken_font"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R>>", b"%PDF-" + bytes(500)]
)
def test_a_pdf_that_is_none_is_corrupt(data):
    assert refusal_of(data).kind in {"corrupt", "empty"}


def line(text, row, left=0.0, top=None, page=800.0):
    top = 100.0 + row * 20 if top is None else top
    return PrintedLine(text, left, left + 10.0 * len(text), top, top + 10, 10.0)


def flow(*lines):
    return paragraphs([PrintedPage(330.0, 800.0, tuple(lines))])


FULL = "一" * 30


def test_a_full_line_is_joined_to_the_next_and_a_short_one_is_not():
    assert flow(line(FULL, 0), line("二" * 10, 1), line("三", 2)) == [FULL + "二" * 10, "三"]


def test_an_indented_line_begins_a_paragraph_even_after_a_full_line():
    assert flow(line(FULL, 0), line("二" * 10, 1, left=20)) == [FULL, "二" * 10]


def test_a_wide_gap_and_a_table_row_end_a_paragraph():
    assert flow(line(FULL, 0), line("二", 5)) == [FULL, "二"]
    assert flow(line(FULL[:15] + "\t" + FULL[:14], 0), line("二", 1)) == [FULL[:15] + "\t" + FULL[:14], "二"]


def test_a_line_left_short_by_a_number_that_does_not_fit_is_still_joined():
    number = "12315、12365、12312举报渠道"
    assert flow(line(FULL, 0), line("一" * 24, 1), line(number, 2), line(FULL, 4)) == [
        FULL + "一" * 24 + number,
        FULL,
    ]


def test_a_paragraph_goes_on_over_a_page_break_around_page_number_and_header():
    def page(number, *lines):
        return PrintedPage(
            330.0, 800.0, (line("文件第1号", 0, top=20), *lines, line(f"— {number} —", 0, top=770))
        )

    assert paragraphs([page(1, line(FULL, 1)), page(2, line("二二", 1)), page(3, line("三", 1))]) == [
        FULL + "二二",
        "三",
    ]


def test_latin_words_keep_the_space_that_a_line_end_stood_for():
    latin = "quality " * 7 + "is"
    assert flow(line(latin, 0), line("good", 1)) == [latin + " good"]


def test_a_page_of_short_lines_only_has_no_full_line():
    assert flow(line("二" * 12, 0, left=70), line("三" * 12, 1, left=70)) == ["二" * 12, "三" * 12]


def test_nothing_gives_nothing():
    assert paragraphs([]) == []
    assert flow() == []
