"""`qclassify tag` as a person or a program calls it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "labels" / "documents" / "quanzhou-2019.txt"
KEYS = [
    "document",
    "index",
    "start",
    "end",
    "item_no",
    "heading_path",
    "heading_nos",
    "text",
    "labels",
    "primary",
    "scores",
    "review",
    "model",
]


def run(*arguments, stdin=None, cwd=None, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "qclassify.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", **environment},
        check=False,
    )
    done.out, done.err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in done.err, done.err
    return done


def rows(done):
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture(scope="module")
def tagged():
    done = run("tag", DOCUMENT)
    assert done.returncode == 0, done.err
    return rows(done)


def test_every_clause_of_a_document_gets_one_line(tagged):
    assert len(tagged) == 291
    assert [row["index"] for row in tagged] == list(range(291))
    assert all(list(row) == KEYS for row in tagged)


def test_the_lines_hold_what_they_promise(tagged):
    text = DOCUMENT.read_text("utf-8")
    categories = ["product", "engineering", "service", "environment", "brand", "standards", "governance"]
    for row in tagged:
        assert text[row["start"] : row["end"]] == row["text"]
        assert list(row["scores"]) == categories
        assert all(0 <= score <= 1 for score in row["scores"].values())
        assert row["labels"] == [c for c in categories if c in row["labels"]]
        assert row["primary"] in row["labels"] if row["labels"] else row["primary"] is None
        assert len(row["heading_path"]) == len(row["heading_nos"])


def test_tagging_twice_gives_the_same_bytes_whatever_the_hash_seed():
    first, second = (run("tag", DOCUMENT, PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first == second


def test_standard_input_is_a_document():
    done = run("tag", "-", stdin="加强产品质量监督抽查,健全缺陷产品召回制度。".encode("gb18030"))
    assert done.returncode == 0
    [row] = rows(done)
    assert row["document"] == "-"
    assert "product" in row["labels"]


def test_standard_input_twice_is_wrong_usage():
    assert run("tag", "-", "-", stdin=b"x").returncode == 2


def test_a_bad_input_is_reported_and_the_others_go_on(tmp_path):
    empty, binary = tmp_path / "empty.txt", tmp_path / "picture.txt"
    empty.write_bytes(b"")
    binary.write_bytes(bytes(range(256)) * 40)
    done = run("tag", tmp_path / "missing.txt", empty, binary, DOCUMENT)
    assert done.returncode == 1
    assert len(rows(done)) == 291
    errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 3
    for name, line in zip(("missing.txt", "empty.txt", "picture.txt"), errors, strict=True):
        assert name in line
        assert "→" in line


def test_a_folder_is_walked(tmp_path):
    (tmp_path / "a.txt").write_text("提升产品质量,加强监督抽查工作力度。", "utf-8")
    (tmp_path / "b.txt").write_text("加强质量品牌建设,培育一批知名商标。", "utf-8")
    done = run("tag", tmp_path)
    assert [Path(row["document"]).name for row in rows(done)] == ["a.txt", "b.txt"]


def test_settings_beside_documents_are_read_only_when_named(tmp_path):
    (tmp_path / "a.txt").write_text("提升产品质量,加强监督抽查工作力度。", "utf-8")
    index = tmp_path / "index.toml"
    index.write_text('title = "质量强市实施方案,提升产品质量水平。"\n', "utf-8")
    assert [Path(row["document"]).name for row in rows(run("tag", tmp_path))] == ["a.txt"]
    assert [Path(row["document"]).name for row in rows(run("tag", index))] == ["index.toml"]


def test_csv_has_a_header_a_score_column_each_and_disarmed_formulas(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text('id,text\n1,"=1+1,提升产品质量水平。"\n', "utf-8")
    done = run("tag", table, "--clauses", "--format", "csv")
    [row] = csv.DictReader(io.StringIO(done.out))
    assert row["text"] == "'=1+1,提升产品质量水平。"
    assert 0 <= float(row["score_product"]) <= 1


def test_a_file_gets_a_byte_order_mark_for_spreadsheets_and_no_leftovers(tmp_path):
    target = tmp_path / "tags.csv"
    assert run("tag", DOCUMENT, "--output", target).returncode == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfdocument,")
    assert [path.name for path in tmp_path.iterdir()] == ["tags.csv"]


def test_an_output_that_cannot_be_written_is_one_clear_line(tmp_path):
    done = run("tag", DOCUMENT, "--output", tmp_path / "no" / "tags.jsonl")
    assert done.returncode == 1
    assert "cannot be written" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--min-score", "0"],
        ["--min-score", "1.5"],
        ["--format", "pdf"],
        ["--output", "tags.docx"],
        ["--no-such-option"],
    ],
)
def test_wrong_usage_exits_with_two(arguments):
    assert run("tag", DOCUMENT, *arguments).returncode == 2


def test_min_score_moves_the_decision_without_another_model(tagged):
    strict, loose = (rows(run("tag", DOCUMENT, "--min-score", value)) for value in ("0.95", "0.05"))
    count = [sum(len(row["labels"]) for row in found) for found in (strict, tagged, loose)]
    assert count[0] < count[1] < count[2]


def test_explanations_sum_to_the_score():
    done = run("tag", "-", "--explain", stdin="推行首席质量官制度。".encode())
    [row] = rows(done)
    for evidence in row["evidence"].values():
        shown = sum(term["value"] for term in evidence["terms"])
        assert evidence["bias"] + evidence["rest"] + shown == pytest.approx(evidence["score"], abs=1e-5)


def test_a_table_of_clauses_keeps_its_ids_and_uses_its_headings(tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text(
        "id,heading_path,text\n"
        "k-7,三、重点任务 > (二)提升工程质量,优良率达到60%以上。\n"
        "k-8,三、重点任务 > (三)提升服务质量,满意度达到90分以上。\n",
        "utf-8",
    )
    found = rows(run("tag", table, "--clauses"))
    assert [row["id"] for row in found] == ["k-7", "k-8"]
    assert [row["heading_path"] for row in found] == [
        ["重点任务", "提升工程质量"],
        ["重点任务", "提升服务质量"],
    ]
    assert [row["primary"] for row in found] == ["engineering", "service"]


def test_a_tab_separated_table_named_csv_is_read_with_a_warning(tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text('id\ttext\n1\t提升“产品"质量,加强监管。\n', "utf-8")
    done = run("tag", table, "--clauses")
    assert done.returncode == 0
    assert len(rows(done)) == 1
    assert "warning: " in done.err


def test_bad_rows_are_named_by_line_and_the_others_are_tagged(tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text("id,text\n1,提升产品质量。\n2,\n,没有编号的条款。\n4,加强品牌建设。\n", "utf-8")
    done = run("tag", table, "--clauses")
    assert done.returncode == 1
    assert [row["id"] for row in rows(done)] == ["1", "4"]
    assert "line 3" in done.err
    assert "line 4" in done.err


def test_a_missing_column_says_what_is_there_and_what_is_needed(tmp_path):
    table = tmp_path / "clauses.csv"
    table.write_text("编号,内容\n1,提升产品质量。\n", "utf-8")
    done = run("tag", table, "--clauses")
    assert done.returncode == 1
    assert "编号" in done.err
    assert "id" in done.err


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("市政府关于印发质量强市工作方案的通知", "no clause found"),
        (
            "The city will improve the quality of its products and services by 2025, said the mayor.",
            "warning",
        ),
        ("加強產品質量監督抽查,健全缺陷產品召回制度,提升產業競爭力與標準化水準。", "traditional"),
    ],
)
def test_text_that_the_model_does_not_know_is_answered_with_a_warning(text, noted):
    done = run("tag", "-", stdin=text.encode())
    assert done.returncode == 0
    assert noted in done.err


@pytest.mark.parametrize(
    "text", ["提升产品质量😀,加强监管👍。", "提升产品质量。", "一", "质量\u0000强市,提升产品质量。"]
)
def test_odd_texts_are_tagged_without_fuss(text):
    assert run("tag", "-", stdin=text.encode()).returncode == 0


@pytest.mark.slow
def test_a_document_of_five_megabytes_is_tagged(tmp_path):
    path = tmp_path / "big.txt"
    text = (DOCUMENT.read_text("utf-8") + "\n") * 93
    path.write_text(text, "utf-8")
    assert path.stat().st_size > 5_000_000
    found = rows(run("tag", path))
    assert len(found) > 93 * 280
    assert all(text[row["start"] : row["end"]] == row["text"] for row in found)


def test_lone_surrogates_come_back_as_they_went_in(tmp_path):
    table = tmp_path / "clauses.jsonl"
    table.write_text('{"id": "s", "text": "提升\\ud800产品质量水平。"}\n', "utf-8")
    [row] = rows(run("tag", table, "--clauses"))
    assert row["text"] == "提升\ud800产品质量水平。"


def test_the_table_for_people_has_headings_counts_and_no_escape_codes_in_a_pipe():
    done = run("tag", DOCUMENT, "--format", "table", COLUMNS="100")
    assert "\x1b" not in done.out
    assert "291 条款" in done.out
    assert "总体要求" in done.out


def test_control_characters_do_not_reach_the_terminal():
    done = run("tag", "-", "--format", "table", stdin="提升产品\x1b[2J质量水平,加强监管。".encode())
    assert "\x1b" not in done.out


def test_a_reader_that_goes_away_is_no_failure():
    command = f"{sys.executable} -m qclassify tag {DOCUMENT} --format jsonl | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
