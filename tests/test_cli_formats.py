"""Every format through the command line: the same clauses, and a table of documents row by row."""

import json

import pytest
from documents.made_docx import docx_of_lines
from documents.made_html import editor_page
from documents.made_ofd import ofd_of_lines
from test_cli_tag import ROOT, rows, run

SOURCE = ROOT / "labels" / "documents" / "xining-2015.txt"
LINES = [line.strip() for line in SOURCE.read_text("utf-8").splitlines() if line.strip()]


def as_bytes(made):
    return made.encode("utf-8") if isinstance(made, str) else made


@pytest.fixture(scope="module")
def from_text():
    return [(row["text"], row["labels"]) for row in rows(run("tag", SOURCE))]


@pytest.mark.parametrize(
    ("suffix", "make"), [("docx", docx_of_lines), ("html", editor_page), ("ofd", ofd_of_lines)]
)
def test_another_format_gives_the_same_tags(tmp_path, from_text, suffix, make):
    path = tmp_path / f"plan.{suffix}"
    path.write_bytes(as_bytes(make(LINES)))
    done = run("tag", path)
    assert done.returncode == 0, done.err
    assert [(row["text"], row["labels"]) for row in rows(done)] == from_text


def test_a_name_that_lies_is_a_warning(tmp_path):
    path = tmp_path / "plan.doc"
    path.write_bytes(as_bytes(editor_page(LINES)))
    done = run("tag", path)
    assert done.returncode == 0
    assert "warning: " in done.err
    assert "html" in done.err


def test_a_table_of_documents_is_tagged_row_by_row(tmp_path):
    path = tmp_path / "plans.jsonl"
    texts = {"a": "提升产品质量,加强监督抽查。", "b": "培育知名品牌,加强商标保护。"}
    path.write_text(
        "".join(
            json.dumps({"编号": key, "正文": text}, ensure_ascii=False) + "\n" for key, text in texts.items()
        ),
        "utf-8",
    )
    done = run("tag", path)
    assert done.returncode == 0, done.err
    found = {row["document"]: row["text"] for row in rows(done)}
    assert list(found) == ["a", "b"]
    assert list(found.values()) == list(texts.values())


def test_unusual_columns_are_named_by_options(tmp_path):
    path = tmp_path / "plans.csv"
    path.write_text("nr,fliesstext\n7,提升产品质量水平。\n", "utf-8")
    refused = run("tag", path)
    assert refused.returncode == 1
    assert "--text-column" in refused.err
    done = run("tag", path, "--text-column", "fliesstext", "--id-column", "nr")
    assert [row["text"] for row in rows(done)] == ["提升产品质量水平。"]


def test_reading_a_docx_shows_format_and_metadata(tmp_path):
    path = tmp_path / "plan.docx"
    path.write_bytes(docx_of_lines(LINES))
    done = run("read", path)
    assert "format    docx" in done.err
    assert "title" in done.err
    assert LINES[0] in done.out
