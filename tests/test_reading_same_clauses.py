"""One document in many formats gives the same clauses as its text.

What may differ is named here, and nothing else may:

* LINE_END_SPACES: a space that falls on the end of a printed line is not on the page any more. Only pdf
  and OFD print lines; there texts are compared without spaces.
* WIDTH: the copy in full-width punctuation is compared after folding it back.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.made_docx import docx, docx_of_lines, paragraph, run
from documents.made_html import LEAKS, TEMPLATES
from documents.made_ofd import ofd_of_lines
from documents.made_pdf import has_office, office_converted, reportlab_pdf

from qclassify.reading import read
from qclassify.segmentation import segment

PATHS = sorted((Path(__file__).parent.parent / "labels" / "documents").glob("*.txt"))
SOURCES = {path.stem: path.read_bytes().decode("utf-8") for path in PATHS}
CLAUSES = {
    "dongtou-2023": 97,
    "quanzhou-2019": 291,
    "tianfu-2024": 114,
    "xining-2015": 77,
    "yancheng-2022": 122,
}
HALF = ",;:()%+"
FULL_WIDTH = str.maketrans(HALF, "，；：（）％＋")
FOLDED = str.maketrans("，；：（）％＋", HALF)
BODY_FONT = '<w:rFonts w:eastAsia="Noto Serif CJK SC"/><w:sz w:val="32"/>'
INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'

every_document = pytest.mark.parametrize("stem", SOURCES)


def lines_of(stem):
    return [line.strip() for line in SOURCES[stem].split("\n") if line.strip()]


def clauses(document):
    return [
        (unit.text, unit.heading_path, unit.heading_nos, unit.item_no)
        for unit in segment(document)
        if unit.kind == "clause"
    ]


def wanted(stem):
    return clauses(read(SOURCES[stem].encode(), name=stem))


def without_spaces(found):
    """LINE_END_SPACES."""
    return [
        ("".join(text.split()), tuple("".join(title.split()) for title in path), numbers, item)
        for text, path, numbers, item in found
    ]


def folded(found):
    """WIDTH."""
    return [
        (
            text.translate(FOLDED),
            tuple(title.translate(FOLDED) for title in path),
            tuple(number.translate(FOLDED) for number in numbers),
            item and item.translate(FOLDED),
        )
        for text, path, numbers, item in found
    ]


@every_document
def test_the_source_text_gives_the_known_number_of_clauses(stem):
    assert len(wanted(stem)) == CLAUSES[stem]


@every_document
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_text_in_any_encoding_with_any_line_end(stem, encoding, line_end):
    data = SOURCES[stem].replace("\n", line_end).encode(encoding)
    assert clauses(read(data)) == wanted(stem)


@every_document
def test_text_in_full_width_punctuation(stem):
    assert folded(clauses(read(SOURCES[stem].translate(FULL_WIDTH).encode()))) == folded(wanted(stem))


@every_document
def test_docx(stem):
    assert clauses(read(docx_of_lines(SOURCES[stem].split("\n")))) == wanted(stem)


@every_document
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
def test_html(stem, template):
    document = read(template(lines_of(stem)))
    assert clauses(document) == wanted(stem)
    assert not any(leak in document.text for leak in LEAKS)


@every_document
def test_ofd(stem):
    assert without_spaces(clauses(read(ofd_of_lines(lines_of(stem))))) == without_spaces(wanted(stem))


@every_document
def test_pdf_by_reportlab_with_a_font_that_is_not_embedded(stem):
    pytest.importorskip("reportlab", reason="reportlab makes the pdf files")
    assert without_spaces(clauses(read(reportlab_pdf(lines_of(stem))))) == without_spaces(wanted(stem))


@pytest.fixture(scope="module")
def office_pdfs(tmp_path_factory):
    if not has_office():
        pytest.skip("LibreOffice is not on PATH")
    files = {
        stem: docx("".join(paragraph(run(line, BODY_FONT), properties=INDENT) for line in lines_of(stem)))
        for stem in SOURCES
    }
    return office_converted(files, tmp_path_factory.mktemp("pdf"))


@pytest.mark.slow
@every_document
def test_pdf_by_libreoffice_with_an_embedded_font(stem, office_pdfs):
    assert without_spaces(clauses(read(office_pdfs[stem]))) == without_spaces(wanted(stem))


@every_document
def test_every_format_shows_the_same_metadata(stem):
    meta = read(SOURCES[stem].encode()).meta
    copies = [
        docx_of_lines(lines_of(stem)),
        ofd_of_lines(lines_of(stem)),
        *(template(lines_of(stem)) for template in TEMPLATES),
    ]
    for data in copies:
        found = read(data).meta
        assert {key: found.get(key) for key in meta} == dict(meta)
