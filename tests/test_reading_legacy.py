"""Legacy Word and WPS files: by a converter in a process of its own, or by LibreOffice when asked."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time

import pytest
from documents.damage import mutations
from documents.made_docx import docx, level, numbered, paragraph, table
from documents.made_pdf import has_office, office_converted

from qclassify.errors import ReadError
from qclassify.reading import legacy, read

NUMBERING = (
    f'<w:abstractNum w:abstractNumId="0">{level(0, "chineseCountingThousand", "%1、")}{level(1, "decimal", "%2.")}'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)
BODY = (
    paragraph("关于质量提升的通知")
    + numbered("总体要求", 1)
    + paragraph("以质量第一为目标，推动质量变革。")
    + numbered("完善标准体系。", 1, 1)
    + numbered("主要任务", 1)
    + table(["任务", "单位"], ["标准", "市场监管局"])
    + paragraph("特此通知。")
)
TEXT = "关于质量提升的通知\n一、总体要求\n以质量第一为目标，推动质量变革。\n1.完善标准体系。\n二、主要任务\n任务\t单位\n标准\t市场监管局\n特此通知。"
STREAM = "WordDocument".encode("utf-16-le") + b"\0\0"
STUB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + STREAM.ljust(128, b"\0")
HAS_CONVERTER = importlib.util.find_spec("doc2docx") is not None
needs_converter = pytest.mark.skipif(not HAS_CONVERTER, reason="the extra `legacy` is not installed")


@pytest.fixture(scope="module")
def doc(tmp_path_factory):
    if not has_office():
        pytest.skip("LibreOffice is not on PATH; only it can make a doc file here")
    return office_converted({"plan": docx(BODY, numbering=NUMBERING)}, tmp_path_factory.mktemp("doc"), "doc")[
        "plan"
    ]


def refusal_of(data, **options):
    with pytest.raises(ReadError) as caught:
        read(data, **options)
    assert caught.value.hint
    return caught.value


@pytest.mark.slow
@needs_converter
@pytest.mark.parametrize("name", ["plan.doc", "plan.wps"])
def test_a_doc_file_is_read_with_its_automatic_numbers(doc, name):
    document = read(doc, name=name)
    assert (document.source_format, document.warnings) == ("doc", ())
    assert [line for line in document.text.split("\n") if line] == TEXT.split("\n")


@pytest.mark.slow
def test_a_doc_file_is_read_through_libreoffice_when_asked(doc):
    document = read(doc, name="plan.doc", soffice=True)
    assert [line for line in document.text.split("\n") if line] == TEXT.split("\n")


@pytest.mark.slow
@needs_converter
def test_three_hundred_damaged_doc_files_give_text_or_a_typed_error(doc, tmp_path):
    """The converter's own process serves all of them here; one process a file would take half a minute."""
    folder = tmp_path.as_posix()
    code = f"""
import sys
for number in range(300):
    sys.argv = ["-c", f"{folder}/{{number}}.doc", f"{folder}/{{number}}.docx"]
    try:
        exec(CONVERT)
    except SystemExit as end:
        print(number, str(end).partition(":")[0])
""".replace("CONVERT", repr(legacy._CONVERT))
    for number, damaged in enumerate(mutations(doc, 300)):
        (tmp_path / f"{number}.doc").write_bytes(damaged)
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert time.perf_counter() - started < 60
    reported = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert set(reported.values()) <= {"corrupt", "encrypted"}
    converted = list(tmp_path.glob("*.docx"))
    assert len(converted) + len(reported) >= 300
    for path in converted:
        try:
            kind = read(path).source_format
        except ReadError as error:
            kind = error.kind
        assert kind in {"docx", "corrupt", "empty", "scanned", "too_large"}


@pytest.mark.slow
@needs_converter
def test_damaged_doc_files_take_the_whole_way_through_a_process_each(doc):
    for damaged in mutations(doc, 21, seed=1):
        started = time.perf_counter()
        try:
            kind = read(damaged, name="plan.doc").source_format
        except ReadError as error:
            kind = error.kind
        assert kind in {
            "doc",
            "text",
            "corrupt",
            "encrypted",
            "empty",
            "unsupported",
            "too_large",
            "binary",
            "undecodable",
        }
        assert time.perf_counter() - started < 10


def test_without_a_converter_the_extra_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    error = refusal_of(STUB, name="plan.doc")
    assert error.kind == "missing_extra"
    assert error.hint == "pip install 'qclassify[legacy]'"
    monkeypatch.setattr(legacy.shutil, "which", lambda _: None)
    assert "LibreOffice" in refusal_of(STUB, name="plan.doc", soffice=True).message


@needs_converter
def test_a_container_that_holds_no_real_document_is_corrupt():
    assert refusal_of(STUB, name="plan.doc").kind == "corrupt"


@needs_converter
def test_a_conversion_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(legacy, "_CONVERT", "import time; time.sleep(60)")
    monkeypatch.setattr(legacy, "_SECONDS", 0.3)
    assert refusal_of(STUB, name="plan.doc").kind == "too_large"


def test_an_office_that_takes_too_long_is_ended_with_what_it_started(monkeypatch, tmp_path):
    office = tmp_path / "soffice"
    office.write_text("#!/bin/sh\nsleep 60 &\nsleep 60\n")
    office.chmod(0o755)
    monkeypatch.setattr(legacy.shutil, "which", lambda program: str(office) if program == "soffice" else None)
    monkeypatch.setattr(legacy, "_OFFICE_SECONDS", 0.3)
    started = time.perf_counter()
    assert refusal_of(STUB, name="plan.doc", soffice=True).kind == "too_large"
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("stream", "says"), [("Workbook", "xls"), ("Book", "xls"), ("PowerPoint Document", "ppt")]
)
def test_other_old_office_files_are_named(stream, says):
    entry = (stream.encode("utf-16-le") + b"\0\0").ljust(128, b"\0")
    error = refusal_of(STUB[:512] + entry, name="plan.doc")
    assert error.kind == "unsupported"
    assert says in error.message
