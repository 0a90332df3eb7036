"""Files made to harm: each is refused with a typed error, in little time and memory."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from documents.damage import mutations
from documents.made_docx import WORD, docx, docx_of_lines, numbered, package, paragraph, root, table
from documents.made_html import editor_page
from documents.made_ofd import NAMESPACE, ofd, ofd_of_lines, page_xml

from qclassify.errors import ReadError
from qclassify.reading import IsolatedReader, Limits, read, read_documents

MIB = 1024 * 1024
LINES = ["关于质量提升的通知", "一、总体要求", "以质量第一为目标，推动质量变革。", "2024年5月6日"]
SECONDS = 5.0
KINDS = frozenset(
    [
        "unsupported",
        "encrypted",
        "scanned",
        "broken_font",
        "corrupt",
        "too_large",
        "undecodable",
        "binary",
        "empty",
        "bad_table",
    ]
)


def refusal_of(data, **options):
    started = time.perf_counter()
    with pytest.raises(ReadError) as caught:
        list(read_documents(data, **options))
    assert time.perf_counter() - started < SECONDS
    assert caught.value.kind in KINDS
    return caught.value


def outcome_of(data, **options):
    """Return `read` or the kind of the typed error; anything else that is raised fails the test."""
    try:
        list(read_documents(data, **options))
    except ReadError as error:
        return error.kind
    return "read"


def document_part(content):
    return f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{content}</w:body></w:document>'


def zeros(size):
    """Return an XML member that unpacks to `size` bytes of white space."""
    return document_part(paragraph("质量") + " " * size)


@pytest.fixture(scope="module")
def bomb():
    """A docx of less than 1 MB that unpacks to 300 MB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("word/document.xml", "w") as member,
    ):
        member.write(document_part("").encode()[:-20])
        for _ in range(300):
            member.write(b" " * MIB)
    return out.getvalue()


# Packages


def test_a_zip_bomb_of_one_member_is_refused_without_unpacking_it(bomb):
    assert len(bomb) < MIB
    error = refusal_of(bomb)
    assert error.kind == "too_large"
    assert "zip bomb" in error.message


def test_the_ratio_counts_only_beyond_the_first_megabyte():
    assert read(package({"word/document.xml": zeros(900_000)})).text == "质量"
    assert refusal_of(package({"word/document.xml": zeros(2 * MIB)})).kind == "too_large"


def test_one_member_and_all_members_together_are_capped():
    limits = Limits(member_bytes=1_000, unpacked_bytes=1_500)
    assert refusal_of(docx(paragraph("质量" * 400)), limits=limits).kind == "too_large"
    parts = {f"{name}.xml": "" for name in ("styles", "numbering")}
    big = docx(paragraph("质" * 100), **{name[:-4]: paragraph("量" * 150) for name in parts})
    assert "unpacks to more than" in refusal_of(big, limits=limits).message


def test_a_member_that_lies_about_its_size_is_caught_by_counting():
    data = bytearray(package({"word/document.xml": zeros(2 * MIB)}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.index(signature)
        data[at + offset : at + offset + 4] = (1000).to_bytes(4, "little")
    assert refusal_of(bytes(data)).kind in {"corrupt", "too_large"}


@pytest.mark.parametrize("count", [5_001, 65_000])
def test_too_many_members_are_refused(count):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", document_part(paragraph("质量")))
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"m{number}"), b"")
    error = refusal_of(out.getvalue())
    assert error.kind == "too_large"
    assert "5,000 members" in error.message


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "word/../../x", "C:/x", "..\\x", "word\\..\\..\\x"]
)
def test_unsafe_member_names_are_refused(name):
    error = refusal_of(package({"word/document.xml": document_part(paragraph("质量")), name: "x"}))
    assert error.kind == "corrupt"
    assert "unsafe member name" in error.message


def test_locations_in_an_ofd_that_point_outside_lead_nowhere(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text(page_xml('<ofd:TextObject Size="5"><ofd:TextCode>秘密</ofd:TextCode></ofd:TextObject>'))
    good = ofd([page_xml("")])
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for location in (str(secret), "../" * 20 + str(secret), f"file://{secret}"):
        parts["Doc_0/Document.xml"] = (
            f'<ofd:Document {NAMESPACE}><ofd:Pages><ofd:Page ID="1" BaseLoc="{location}"/></ofd:Pages></ofd:Document>'
        )
        assert refusal_of(package(parts)).kind == "corrupt"


def test_password_protected_files_say_so():
    zipped = bytearray(docx(paragraph("质量")))
    at = -1
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        while (at := zipped.find(signature, at + 1)) != -1:
            zipped[at + offset] |= 1
    assert refusal_of(bytes(zipped)).kind == "encrypted"
    assert refusal_of(ole2("EncryptedPackage"), name="a.docx").kind == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("word/document.xml", document_part(paragraph("质量")))
    assert refusal_of(out.getvalue()).kind == "unsupported"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"ppt/presentation.xml": "x"}, "presentation"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "OpenDocument"),
        ({"a.txt": "x"}, "zip archive"),
    ],
)
def test_other_packages_are_named(parts, says):
    error = refusal_of(package(parts))
    assert error.kind == "unsupported"
    assert says in error.message


@pytest.mark.parametrize("make", [docx_of_lines, ofd_of_lines, editor_page], ids=["docx", "ofd", "html"])
def test_a_document_with_too_many_characters_is_stopped_in_every_format(make):
    data = make(LINES * 100)
    assert read(data).text.count("\n") > 300
    assert refusal_of(data, limits=Limits(characters=2_000)).kind == "too_large"


# XML

LAUGHS = (
    '<!DOCTYPE w:document [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(
        f'<!ENTITY {name} "{f"&{previous};" * 10}">'
        for previous, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)


def external_entity(path):
    return f'<!DOCTYPE w:document [<!ENTITY j SYSTEM "file://{path}">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_of_any_kind_is_refused(tmp_path, encoding):
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    body = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>'
    for declaration in (
        LAUGHS,
        external_entity(secret),
        '<!DOCTYPE w:document SYSTEM "http://localhost:9/x.dtd">',
    ):
        part = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{body}'.encode(encoding)
        error = refusal_of(package({"word/document.xml": part}))
        assert error.kind == "corrupt"
        assert "DOCTYPE" in error.message
        assert "秘密" not in error.message


def test_a_doctype_is_refused_in_ofd_and_xlsx_too():
    bad = LAUGHS.replace("w:document", "x") + "<x>&j;</x>"
    assert "DOCTYPE" in refusal_of(package({"OFD.xml": bad})).message
    pytest.importorskip("openpyxl", reason="the extra `tables` is not installed")
    assert "DOCTYPE" in refusal_of(package({"xl/workbook.xml": bad})).message


def test_an_external_entity_in_html_is_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    page = f'<!DOCTYPE html [<!ENTITY j SYSTEM "file://{secret}">]><html><body><p>质量&j;</p></body></html>'
    assert "秘密" not in read(page.encode()).text


@pytest.mark.parametrize("depth", [300, 10_000])
def test_bottomless_nesting_is_refused(depth):
    tables = "<w:tbl><w:tr><w:tc>" * depth + paragraph("质量") + "</w:tc></w:tr></w:tbl>" * depth
    assert refusal_of(docx(tables)).kind == "too_large"
    runs = "<w:smartTag>" * depth + "<w:r><w:t>质量</w:t></w:r>" + "</w:smartTag>" * depth
    assert refusal_of(docx(paragraph(runs))).kind == "too_large"
    blocks = "<ofd:PageBlock>" * depth + "</ofd:PageBlock>" * depth
    assert refusal_of(ofd([page_xml(blocks)])).kind == "too_large"


def test_deeply_nested_pages_are_read_whole_or_refused():
    for depth in (100, 300, 10_000, 100_000):
        page = (
            f"<html><body>{'<div>' * depth}质量强市{'</div>' * depth}<p>标准先行</p></body></html>".encode()
        )
        started = time.perf_counter()
        kind = outcome_of(page)
        assert kind == ("read" if depth == 100 else "too_large")
        if kind == "read":
            assert read(page).text == "质量强市\n标准先行"
        assert time.perf_counter() - started < SECONDS


def test_tables_nested_as_deep_as_allowed_do_not_exhaust_the_stack():
    depth = 60
    tables = paragraph("质量")
    for _ in range(depth):
        tables = table(["甲", ("", tables + paragraph(""))])
    assert "质量" in read(docx(tables)).text


def test_rings_of_styles_lists_and_relations_end():
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{own}"><w:basedOn w:val="{other}"/></w:style>'
        for own, other in ("ab", "ba")
    )
    part = (
        '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="l"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    styles += '<w:style w:styleId="l"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    body = paragraph("甲", properties='<w:pStyle w:val="a"/>') + numbered("乙", 1)
    assert read(docx(body, styles=styles, numbering=part)).text == "甲\n乙"


def test_senseless_numbers_in_a_docx_do_no_harm():
    definition = "".join(
        f'<w:abstractNum w:abstractNumId="{index}"><w:lvl w:ilvl="0"><w:start w:val="{start}"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="%1%2%9"/></w:lvl></w:abstractNum><w:num w:numId="{index}"><w:abstractNumId w:val="{index}"/></w:num>'
        for index, (start, kind) in enumerate(
            [("9" * 5000, "lowerLetter"), ("x", "upperRoman"), ("-7", "ideographTraditional")], 1
        )
    )
    body = "".join(numbered("文", index, depth) for index in (1, 2, 3, 4) for depth in (0, 8, 99, -3))
    text = read(docx(body, numbering=definition)).text
    assert text.count("文") == 16
    assert len(text) < 2_000


# Text


def test_a_huge_single_line_is_read_in_linear_time():
    line = "以质量第一为目标，推动质量变革。" * 150_000
    started = time.perf_counter()
    assert read(line.encode()).text == line
    assert read(f"<html><body><p>{line}</p></body></html>".encode()).text == line
    assert read(stored(docx(paragraph(line)))).text == line  # compressed, it would be a bomb
    assert time.perf_counter() - started < SECONDS


def test_nul_bytes_are_kept_in_text_and_warned_of_and_are_binary_in_numbers():
    assert "NUL" in read("\0".join(["以质量第一为目标"] * 4).encode()).warnings[0]
    assert refusal_of(bytes(100_000)).kind == "binary"


@pytest.mark.parametrize(
    "pieces",
    [
        ("<div>",),
        ("<table><tr><td>",),
        ("<ol><li>",),
        ("<", "!--"),
        ("<p class='content'>",),
        ("&#x4e00;",),
        (
            "<a ",
            "b='",
        ),
    ],
)
def test_pages_of_one_thing_a_hundred_thousand_times_end_soon(pieces):
    started = time.perf_counter()
    assert outcome_of(b"<html><body>" + "".join(pieces).encode() * 100_000) in {"read", *KINDS}
    assert time.perf_counter() - started < 2 * SECONDS


def test_comments_before_a_page_are_not_searched_over_and_over():
    started = time.perf_counter()
    assert read(b"<!---->" * 500 + "质量强市".encode()).source_format == "text"
    assert read(b"<!---->" * 500 + "<html><body>质量强市".encode()).source_format == "html"
    assert time.perf_counter() - started < SECONDS


# Damage


def ole2(*streams):
    """Return the beginning of an OLE2 file whose directory names streams, and nothing behind it."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return header + b"".join((stream.encode("utf-16-le") + b"\0\0").ljust(128, b"\0") for stream in streams)


def good_xlsx():
    openpyxl = pytest.importorskip("openpyxl", reason="the extra `tables` is not installed")
    book = openpyxl.Workbook()
    for row in (["id", "text"], ["1", "质量"], ["2", "标准"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def good_pdf():
    pytest.importorskip("reportlab", reason="reportlab makes the pdf files")
    from documents.made_pdf import reportlab_pdf

    return reportlab_pdf(LINES)


def good_docx():
    levels = '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    part = f'{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return docx(numbered("要求", 1) + paragraph(LINES[2]) + table(["甲", "乙"]), numbering=part, styles="")


def stored(data):
    """Repack without compression, so that damage reaches the XML and not only the checksums."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for info in archive.infolist():
            copy.writestr(info.filename, archive.read(info))
    return out.getvalue()


GOOD_FILES = {
    "text": ("\n".join(LINES).encode, {}),
    "gb18030": (lambda: "\n".join(LINES).encode("gb18030"), {}),
    "utf-16": (lambda: "\n".join(LINES).encode("utf-16"), {}),
    "html": (lambda: editor_page(LINES), {"name": "a.html"}),
    "docx": (good_docx, {}),
    "ofd": (lambda: ofd_of_lines(LINES), {}),
    "pdf": (good_pdf, {}),
    "xlsx": (good_xlsx, {}),
    "csv": ('id,text\n1,质量\n2,"标准\n先行"\n'.encode, {"name": "a.csv"}),
    "tsv": ('id\ttext\n1\t质量\n2\t"标准"\n'.encode, {"name": "a.tsv"}),
    "jsonl": ('{"id": "1", "text": "质量"}\n{"id": "2", "text": "标准"}\n'.encode, {"name": "a.jsonl"}),
    "ole2": (lambda: ole2("Root Entry", "PowerPoint Document"), {"name": "a.doc"}),
}


@pytest.mark.parametrize("kind", GOOD_FILES)
def test_three_hundred_damaged_files_of_every_format_give_text_or_a_typed_error(kind):
    make, options = GOOD_FILES[kind]
    longest = 0.0
    refused = 0
    for damaged in mutations(make(), 300):
        started = time.perf_counter()
        kind = outcome_of(damaged, **options)
        assert kind == "read" or kind in KINDS
        refused += kind != "read"
        longest = max(longest, time.perf_counter() - started)
    assert refused
    assert longest < SECONDS


@pytest.mark.parametrize("kind", ["docx", "ofd", "xlsx"])
def test_damage_inside_the_members_of_a_package_gives_text_or_a_typed_error(kind):
    make, options = GOOD_FILES[kind]
    with zipfile.ZipFile(io.BytesIO(make())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    for name, content in parts.items():
        for damaged in mutations(content, 40):
            assert outcome_of(package({**parts, name: damaged}), **options) in {"read", *KINDS}


def test_damage_to_a_parquet_file_never_goes_beyond_a_typed_error():
    """In a process of its own: a crash in the library's C++ would take the test run with it."""
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    code = """
import io, sys
sys.path.insert(0, sys.argv[1])
import pyarrow, pyarrow.parquet
from documents.damage import mutations
from qclassify.errors import ReadError
from qclassify.reading import read_documents
out = io.BytesIO()
pyarrow.parquet.write_table(pyarrow.table({"id": ["1", "2"], "text": ["质量", "标准"]}), out)
refused = 0
for damaged in mutations(out.getvalue(), 300):
    try:
        list(read_documents(damaged))
    except ReadError:
        refused += 1
print(refused)
"""
    folder = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, folder], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) > 100


# A process of its own


@pytest.fixture(scope="module")
def isolated():
    with IsolatedReader(seconds=10.0) as reader:
        yield reader


def test_a_worker_gives_the_same_document_and_the_same_error(tmp_path, isolated):
    path = tmp_path / "计划.docx"
    path.write_bytes(docx_of_lines(LINES))
    assert isolated.read(path) == read(path)
    with pytest.raises(ReadError) as caught:
        isolated.read(tmp_path / "none.txt")
    assert caught.value.kind == "not_found"
    assert isolated.read(path).text == "\n".join(LINES)


def test_a_file_that_takes_too_long_costs_only_itself(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("质量", encoding="utf-8")
    fifo = tmp_path / "slow.txt"
    big = tmp_path / "big.txt"
    big.write_bytes("质量强市。\n".encode("gb18030") * 1_000_000)
    fifo.write_bytes(b"x")
    with IsolatedReader(seconds=0.05) as reader:
        with pytest.raises(ReadError) as caught:
            reader.read(big)
        assert caught.value.kind == "too_large"
        assert "took more than" in caught.value.message
        assert reader.read(path).text == "质量"


@pytest.mark.skipif(sys.platform != "linux", reason="address space can be limited on Linux only")
def test_a_file_that_takes_too_much_memory_costs_only_itself(tmp_path):
    big = tmp_path / "big.txt"
    big.write_bytes(b"x" * 30 * MIB)
    small = tmp_path / "a.txt"
    small.write_text("质量", encoding="utf-8")
    with IsolatedReader(memory=48 * MIB) as reader:
        with pytest.raises(ReadError) as caught:
            reader.read(big, limits=Limits(characters=10**9))
        assert caught.value.kind in {"too_large", "corrupt"}
        assert reader.read(small).text == "质量"


@pytest.mark.skipif(sys.platform != "linux", reason="address space can be limited on Linux only")
def test_a_bomb_is_refused_within_a_small_memory(tmp_path, bomb):
    """The limits must hold before the memory is taken: 300 MB of bomb inside 160 MB above the start."""
    path = tmp_path / "bomb.docx"
    path.write_bytes(bomb)
    code = """
import resource, sys
from qclassify.reading.documents import read
import qclassify.reading.docx
from qclassify.errors import ReadError
used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 160 * 1024**2,) * 2)
try:
    read(sys.argv[1])
except ReadError as error:
    print(error.kind)
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "too_large"


def test_every_part_of_the_good_files_is_read():
    for kind, (make, options) in GOOD_FILES.items():
        if kind != "ole2":
            assert all(not isinstance(found, ReadError) for found in read_documents(make(), **options)), kind
    assert root("document", "")
