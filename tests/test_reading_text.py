"""Text files: every Chinese encoding, found without being told, and nothing lost."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.errors import ReadError
from qclassify.reading import Limits, read, text_document
from qclassify.reading.decoding import decode

DOCUMENTS = sorted((Path(__file__).parent.parent / "labels" / "documents").glob("*.txt"))
PLAN = "一、总体要求。以质量强市为目标,加快建设质量基础设施,提升产品、工程、服务质量。\n二、主要任务。完善标准体系。\n"
TRADITIONAL = (
    "一、總體要求。為貫徹落實質量強國建設綱要,全面提升產品、工程和服務質量,結合實際,制定本實施方案。\n"
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-32"]


def refusal_of(data, **options):
    with pytest.raises(ReadError) as caught:
        read(data, **options)
    assert caught.value.hint
    return caught.value


def document_or_error(data):
    try:
        return read(data)
    except ReadError as error:
        return error


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("length", [20, 60, 200, 2000, None])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_prefix_of_any_document_is_read_in_any_encoding(path, length, encoding):
    text = path.read_bytes().decode()[:length]
    document = read(text.encode(encoding))
    assert document.text == text
    assert text.encode(encoding).decode(document.encoding) == text


@pytest.mark.parametrize("length", [12, 20, 40, None])
def test_big5_is_told_from_gb18030(length):
    text = TRADITIONAL[:length]
    document = read(text.encode("big5"))
    assert (document.text, document.encoding) == (text, "big5")


def test_five_documents_are_there():
    assert len(DOCUMENTS) == 5


@pytest.mark.parametrize("label", ["gb2312", "GBK", "gb18030", "cp936", "GB_2312"])
def test_every_member_of_the_gb_family_is_read_as_gb18030(label):
    text = PLAN + "• 㐀 € 𠮷"  # none of these is in GB 2312
    document = read(text.encode("gb18030"), encoding=label)
    assert (document.text, document.encoding) == (text, "gb18030")


def test_line_ends_and_odd_spaces_stay_as_they_are():
    text = "\u3000\u3000一、要求\r\n\r\n\xa0以质量为先。\r二、任务\u2028三\t\x0b\x0c"
    assert read(text.encode()).text == text


def test_the_byte_order_mark_is_part_of_the_encoding_not_of_the_text():
    document = read(b"\xef\xbb\xbf" + PLAN.encode())
    assert (document.text, document.encoding) == (PLAN, "utf-8-sig")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_in_utf8_comes_back_or_is_refused_as_empty(text):
    found = document_or_error(text.encode("utf-8-sig"))
    assert found.kind == "empty" if isinstance(found, ReadError) else found.text == text


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_give_a_document_or_a_typed_error(data):
    found = document_or_error(data)
    if isinstance(found, ReadError):
        assert found.kind in {"undecodable", "binary", "empty", "unsupported", "corrupt", "encrypted"}
    elif found.source_format == "text":
        assert data.decode(found.encoding) == found.text


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (b"", "empty", "empty"),
        (b" \r\n\t\n", "empty", "no text"),
        (b"\xef\xbb\xbf", "empty", "no text"),
        ("\u3000\n\xa0".encode(), "empty", "no text"),
        (PLAN.encode() + b"\xff\n", "undecodable", f"0xff at offset {len(PLAN.encode())} is not utf-8"),
        (PLAN.encode()[:-2], "undecodable", "cut off"),
        (
            PLAN[:60].encode("gb18030") + b"\xff\n",
            "undecodable",
            f"0xff at offset {len(PLAN[:60].encode('gb18030'))} is not gb18030",
        ),
        (b"\xff\xfe" + PLAN.encode("utf-16-le") + b"\x00", "undecodable", "cut off"),
        (bytes(range(256)) * 8, "binary", "no text has"),
        (b"\0" * 1000, "binary", "no text has"),
        (b"\x7fELF" + bytes(100), "unsupported", "program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "unsupported", "picture"),
        (b"{\\rtf1\\ansi}", "unsupported", "RTF"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "unsupported", "mht"),
        (b"Rar!\x1a\x07\x00", "unsupported", "rar"),
        (b"<?xml version='1.0'?><w:wordDocument/>", "unsupported", "XML"),
        (b"PK\x03\x04 not a zip", "corrupt", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unsupported", "OLE2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_readable_text_is_refused_with_the_reason(data, kind, says):
    error = refusal_of(data, name="file.txt")
    assert error.kind == kind
    assert "file.txt" in error.message
    assert says in error.message


def test_a_wrong_encoding_named_by_the_caller_is_not_repaired():
    assert refusal_of(PLAN.encode("gb18030"), encoding="utf-8").kind == "undecodable"


@pytest.mark.parametrize("label", ["klingon", "base64", "utf-7", "unicode_escape", ""])
def test_an_unknown_encoding_is_refused_with_the_known_ones(label):
    error = refusal_of(PLAN.encode(), encoding=label)
    assert error.kind == "undecodable"
    assert "gb18030" in error.hint


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (TRADITIONAL * 2, "traditional"),
        ("Opinions on building a city of quality, issued by the municipal government.", "Chinese"),
        (PLAN + "\0" + PLAN, "1 NUL character in"),
        (PLAN + "\ufffd\ufffd", "2 replacement characters"),
        ("鑒齉龘靐齾爨癵驫麣纞虋讟钃鸜麷鞻韽韾顟顠" * 3, "common"),
    ],
    ids=["traditional", "English", "NUL", "U+FFFD", "rare"],
)
def test_doubtful_text_is_read_with_a_warning(text, warning):
    document = read(text.encode())
    assert document.text == text
    assert any(warning in line for line in document.warnings)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_ordinary_documents_are_read_without_a_warning(path):
    assert read(path).warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "质量强市",
        "质",
        "关于质量强市的通知",
        "质量😀第一🏆",
        "《臺北》一书提升质量管理水平的各项具体措施和办法",
    ],
)
def test_short_text_emoji_and_a_quoted_traditional_name_need_no_warning(text):
    assert read(text.encode()).warnings == ()


def test_text_given_as_str_keeps_its_lone_surrogates_and_says_where():
    text = PLAN + "\ud83d" + PLAN
    document = text_document(text)
    assert document.text == text
    assert document.warnings == (
        f"lone surrogate (half a character) at offset {len(PLAN)}: not writable as UTF-8",
    )


def test_text_given_as_str_is_refused_when_blank():
    with pytest.raises(ReadError, match="no text") as caught:
        text_document(" \n")
    assert caught.value.kind == "empty"


def test_paths_open_files_and_bytes_give_the_same_text(tmp_path):
    path = tmp_path / "计划.txt"
    path.write_bytes(PLAN.encode("gb18030"))
    with path.open("rb") as file:
        from_file = read(file)
    documents = [read(path), read(str(path)), from_file, read(io.BytesIO(path.read_bytes()), name=str(path))]
    assert {document.text for document in documents} == {PLAN}
    assert {document.name for document in documents} == {str(path)}
    assert read(path.read_bytes()).name == "-"


def test_paths_that_lead_nowhere_are_typed_errors(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, kind in [
        (tmp_path / "nothing.txt", "not_found"),
        (tmp_path, "not_a_file"),
        ("a\0b", "not_found"),
        ("长" * 4000, "not_found"),
        (loop, "not_found"),
        ("/dev/zero", "not_a_file"),
    ]:
        assert refusal_of(path).kind == kind


def test_a_name_that_is_no_text_is_shown_as_escapes():
    error = refusal_of(b"", name="bad\udcff\nname.txt")
    assert str(error).encode()
    assert "\\udcff\\nname.txt" in error.message


def test_a_text_file_opened_as_text_is_a_programming_error():
    with pytest.raises(TypeError, match="binary mode"):
        read(io.StringIO(PLAN))


def test_files_and_texts_over_the_cap_are_refused(tmp_path):
    path = tmp_path / "big.txt"
    path.write_bytes(PLAN.encode() * 50)
    small = Limits(file_bytes=1000)
    with path.open("rb") as file:
        for source in (path, file, path.read_bytes()):
            assert refusal_of(source, limits=small).kind == "too_large"
    assert refusal_of(path, limits=Limits(characters=100)).kind == "too_large"


def test_the_cap_is_checked_before_the_file_is_opened(tmp_path):
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(300 * 1024**3)  # sparse: takes no space, but could never be read
    assert refusal_of(path).kind == "too_large"


def test_one_line_of_five_megabytes_is_read():
    text = "质量" * 900_000
    assert read(text.encode()).text == text


def test_a_name_that_promises_another_format_is_a_warning():
    assert "the name ends in .docx but the content is text" in read(PLAN.encode(), name="a.docx").warnings[0]


def test_a_table_given_as_a_document_is_refused_with_the_way_out():
    error = refusal_of(b"id,text\n1,x\n", name="a.csv")
    assert error.kind == "unsupported"
    assert "read_table" in error.hint


def test_reading_text_imports_nothing_outside_the_standard_library_and_the_package():
    code = (
        "import sys; from qclassify.reading.documents import read;"
        "assert read('质量强市'.encode()).text == '质量强市';"
        "print(sorted({'lxml', 'pypdfium2', 'openpyxl', 'pyarrow', 'pandas', 'doc2docx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_decoding_reports_a_python_encoding_name():
    assert decode(PLAN.encode("gb18030"), "-").encoding == "gb18030"
