"""Pages, workbooks, roll-ups, `explain` and `compare` from the command line; talk, colours and progress."""

import csv
import io
import json
import os
import pty
import re
import select
import subprocess
import sys

import pytest
from test_cli_tag import DOCUMENT, ROOT, rows, run

XINING = ROOT / "labels" / "documents" / "xining-2015.txt"
DONGTOU = ROOT / "labels" / "documents" / "dongtou-2023.txt"


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("xlsx", b"PK"),
        ("parquet", b"PAR1"),
        ("md", b"# "),
        ("csv", b"\xef\xbb\xbf"),
    ],
)
def test_the_suffix_tells_the_format_and_the_file_is_whole(tmp_path, suffix, start):
    target = tmp_path / f"out.{suffix}"
    done = run("tag", XINING, DONGTOU, "--output", target)
    assert done.returncode == 0, done.err
    assert target.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_html_goes_through_a_pipe_too():
    done = run("tag", XINING, "--format", "html", "--lang", "en")
    assert done.out.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert done.out.endswith("</html>\n")


def test_a_page_of_nothing_but_failures_is_reported():
    done = run("tag", "missing.txt", "--format", "html")
    assert done.returncode == 1
    assert "missing.txt" in done.err


def test_a_table_of_clauses_becomes_a_page_with_its_ids_and_headings(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(
        "id,heading_path,text\n"
        "k-7,三、重点任务 > (二)提升工程质量,合格率达到98%以上。\n"
        "k-8,三、重点任务 > (三)提升服务质量,满意度达到90分以上。\n",
        "utf-8",
    )
    out = run("tag", table, "--clauses", "--format", "html").out
    assert re.findall(r'class="no"[^>]*>([^<]+)<', out) == ["k-7", "k-8"]
    assert re.findall(r'<h\d[^>]*class="heading[^>]*>([^<]+)<', out) == [
        "三 重点任务",
        "(二) 提升工程质量",
        "(三) 提升服务质量",
    ]


def test_rolled_up_documents_have_shares_and_estimates_that_say_so():
    found = rows(run("tag", XINING, DONGTOU, "--level", "document"))
    assert [row["level"] for row in found] == ["document", "document"]
    for row in found:
        for numbers in row["categories"].values():
            assert numbers["share"] == pytest.approx(numbers["clauses"] / row["clauses"], abs=1e-6)
            assert (
                numbers["share_estimate_low"] <= numbers["share_estimate"] <= numbers["share_estimate_high"]
            )


def test_rolled_up_items_hold_all_clauses_and_no_estimates():
    whole, items = (rows(run("tag", XINING, "--level", level)) for level in ("document", "item"))
    assert sum(item["clauses"] for item in items) == whole[0]["clauses"]
    assert all(n["share_estimate"] is None for item in items for n in item["categories"].values())


def test_a_moved_threshold_leaves_no_estimates():
    [row] = rows(run("tag", XINING, "--level", "document", "--min-score", "0.7"))
    assert all(numbers["share_estimate"] is None for numbers in row["categories"].values())


def test_rolled_up_csv_has_a_column_a_number():
    [row] = csv.DictReader(io.StringIO(run("tag", XINING, "--level", "document", "--format", "csv").out))
    assert float(row["brand_share_estimate_low"]) <= float(row["brand_share_estimate"])


@pytest.mark.parametrize("level", ["item", "document"])
def test_roll_ups_print_as_tables(level):
    done = run("tag", XINING, "--level", level, "--format", "table", COLUMNS="90")
    assert "治理" in done.out
    assert max(map(len, done.out.splitlines())) <= 90


def test_rolled_up_documents_in_markdown_have_estimates_that_say_so():
    out = run("tag", XINING, DONGTOU, "--level", "document", "--format", "md").out
    assert out.count("| 校正占比（估计） |") == 2
    assert len(re.findall(r"\| \d+\.\d% \(\d+\.\d%–\d+\.\d%\) \|$", out, re.MULTILINE)) == 14


def test_html_has_no_level():
    assert run("tag", XINING, "--format", "html", "--level", "item").returncode == 2


def sums(out):
    """Base, clause, heading and score of every sum that `explain` printed."""
    numbers = re.findall(r"^(基准分|正文|标题|得分合计)\s+([+-]\d+\.\d{3})\s*$", out, re.MULTILINE)
    assert len(numbers) % 4 == 0
    return [[float(value) for _, value in numbers[n : n + 4]] for n in range(0, len(numbers), 4)]


def test_explanations_in_the_terminal_add_up():
    done = run("explain", XINING, "--clause", "8", COLUMNS="100")
    found = sums(done.out)
    assert found
    for base, clause, heading, score in found:
        assert round(base + clause + heading, 3) == score
    terms = [float(v) for v in re.findall(r"^  \S.*?([+-]\d+\.\d{3})\s*$", done.out, re.MULTILINE)]
    assert round(sum(terms), 3) == round(sum(clause + heading for _, clause, heading, _ in found), 3)


def test_one_category_can_be_asked_of_a_clause_that_does_not_have_it():
    done = run("explain", XINING, "--clause", "1", "--category", "brand")
    assert len(sums(done.out)) == 1


def test_without_a_clause_the_clauses_of_the_category_are_explained():
    tagged = rows(run("tag", XINING))
    want = sum("brand" in row["labels"] for row in tagged)
    assert len(sums(run("explain", XINING, "--category", "brand").out)) == want


def test_the_nearest_labelled_clause_has_the_category_and_is_not_the_clause_itself():
    done = run("explain", XINING, "--clause", "12", COLUMNS="500")
    clause = rows(run("tag", XINING))[11]
    lines = (ROOT / "labels" / "clauses.jsonl").read_text("utf-8").splitlines()
    labelled = [json.loads(line) for line in lines]
    examples = re.findall(r"最相近的已标条款，相似度 (\d\.\d\d)）：(.+)", done.out)
    assert len(examples) == len(clause["labels"])
    for category, (_, text) in zip(clause["labels"], examples, strict=True):
        assert text.strip() != clause["text"]
        assert any(known["text"] == text.strip() and category in known["labels"] for known in labelled)


def test_clauses_of_ones_own_may_be_the_examples(tmp_path):
    gold = tmp_path / "gold.jsonl"
    own = {"text": "大力推行质量管理体系认证。", "labels": ["governance"]}
    gold.write_text(json.dumps(own) + "\n", "utf-8")
    out = run("explain", XINING, "--clause", "12", "--gold", gold, COLUMNS="500").out
    assert re.search(r"最相近的已标条款，相似度 0\.\d\d）：大力推行质量管理体系认证。", out)
    assert "例（类别说明的例子）" in out  # of standards there is no clause


def test_an_unknown_category_is_answered_with_the_list():
    done = run("explain", XINING, "--category", "quality", COLUMNS="200")
    assert done.returncode == 2
    assert "product, engineering, service, environment, brand, standards, governance" in done.err


def test_a_clause_that_is_not_there_is_one_clear_line():
    done = run("explain", XINING, "--clause", "900")
    assert done.returncode == 1
    assert "only 77" in done.err


@pytest.mark.parametrize("line", ["{", '{"text": "a"}', '{"text": "a", "labels": ["x"]}'])
def test_labelled_clauses_that_are_none_are_named_by_line(tmp_path, line):
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"text": "a", "labels": []}\n' + line + "\n", "utf-8")
    done = run("explain", XINING, "--clause", "1", "--gold", gold)
    assert done.returncode == 1
    assert "line 2" in done.err


def test_comparison_rows_hold_every_clause_of_both_documents():
    found = rows(run("compare", XINING, DONGTOU))
    assert len(found) == 77 + 97
    for row in found:
        assert row["counterpart"] == (row["likeness"] >= 0.2)


def test_a_lower_likeness_finds_more_counterparts():
    counts = [
        sum(row["counterpart"] for row in rows(run("compare", XINING, DONGTOU, "--likeness", value)))
        for value in ("0.1", "0.2", "0.4")
    ]
    assert counts[0] > counts[1] > counts[2]


@pytest.mark.parametrize("format_", ["table", "html"])
def test_comparisons_for_people_name_shares_sections_and_missing_clauses(format_):
    out = run("compare", XINING, DONGTOU, "--format", format_, COLUMNS="120").out
    for phrase in ("章节构成", "没有对应条款的", "差（百分点）"):
        assert phrase in out


def test_a_document_that_cannot_be_read_cannot_be_compared():
    done = run("compare", XINING, "missing.txt")
    assert done.returncode == 1
    assert done.out == ""


def test_quiet_keeps_errors_and_drops_warnings():
    text = b"The city will improve the quality of its products by 2025, said the mayor."
    assert "warning" in run("tag", "-", stdin=text).err
    assert run("tag", "-", "--quiet", stdin=text).err == ""
    assert "error" in run("tag", "missing.txt", "--quiet").err


def in_terminal(*arguments, **environment):
    """What the program writes to a terminal that is its standard output and error."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "qclassify.cli", *map(str, arguments)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
            "TERM": "xterm-256color",
            **environment,
        },
    ) as process:
        os.close(follower)
        written = b""
        while True:
            ready, _, _ = select.select([leader], [], [], 60)
            try:
                part = os.read(leader, 65536) if ready else b""
            except OSError:  # Linux says so when the last writer has gone
                part = b""
            if not part:
                break
            written += part
        assert process.wait(60) == 0
    os.close(leader)
    return written.decode("utf-8")


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_a_terminal_gets_a_table_in_colour_and_none_with_no_color():
    assert COLOUR.search(in_terminal("tag", XINING, NO_COLOR=""))
    plain = in_terminal("tag", XINING, NO_COLOR="1")
    assert "条款" in plain
    assert not COLOUR.search(plain)


def test_bytes_are_not_thrown_at_a_terminal():
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "qclassify.cli", "tag", str(XINING), "--format", "xlsx"],
        stdout=follower,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2
    assert b"--output" in done.stderr


PROGRESS = """
import sys, time
sys.stderr.isatty = lambda: {terminal}
import qclassify.cli.progress as progress
progress.PATIENCE = {patience}
track = progress.tracker(quiet={quiet})
print(sum(1 for _ in track((time.sleep(0.02) or n for n in range(20)), "explaining", 20)))
"""


@pytest.mark.parametrize(
    ("terminal", "patience", "quiet", "shown"),
    [
        (True, 0.1, False, True),
        (True, 30, False, False),
        (True, 0.1, True, False),
        (False, 0.1, False, False),
    ],
)
def test_progress_is_for_terminals_that_wait_and_are_not_quiet(terminal, patience, quiet, shown):
    code = PROGRESS.format(terminal=terminal, patience=patience, quiet=quiet)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FORCE_COLOR": "1", "TERM": "xterm"},
        check=True,
    )
    assert done.stdout == "20\n"
    assert ("explaining" in done.stderr) == shown


@pytest.mark.parametrize(
    ("words", "offered"), [("qclassify ", "explain"), ("qclassify explain --category b", "brand")]
)
def test_the_shell_completes_commands_and_categories(words, offered):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['qclassify']; from qclassify.cli import main; main()",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_QCLASSIFY_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        check=False,
    )
    assert offered in done.stdout.split()


def test_the_rows_of_the_table_are_numbered_from_one():
    out = run("tag", XINING, "--format", "table", COLUMNS="100").out
    first = json.loads(run("tag", XINING).out.splitlines()[0])
    assert first["index"] == 0
    assert re.search(r"^ *1 .*" + re.escape(first["text"][:10]), out, re.MULTILINE)


def test_the_document_of_the_readme_becomes_a_page():
    assert "泉州" in run("tag", DOCUMENT, "--format", "html").out
