"""The page of a large document: how long it takes to write, to open, and to filter.

    python experiments/bench/report.py [--clauses 300 5000] [--rounds 5] [--write]

The document is made of the five source documents, repeated until it has the clauses asked for. Filtering is
timed in headless Chromium from the click, or the last letter typed, until the browser has laid out and
painted the result (two animation frames later); half of such a time is the browser's own pace of frames.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import qclassify  # noqa: E402 - found through the line above
from qclassify.rendering.model_facts import model_facts  # noqa: E402
from qclassify.rendering.report import write_report  # noqa: E402
from qclassify.scoring import explain  # noqa: E402
from qclassify.tagging_output import known_rates  # noqa: E402

RESULTS = Path(__file__).with_suffix(".md")
LIMIT = 200  # milliseconds that a filter may take
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
TIMED = """
([act, argument]) => new Promise((done) => {
  const started = performance.now();
  const acts = {
    toggle: (name) => [...document.querySelectorAll(".toggle")].find((b) => b.textContent === name).click(),
    find: (text) => {
      const field = document.getElementById("find");
      field.value = text;
      field.dispatchEvent(new Event("input"));
    },
    reset: () => document.getElementById("reset").click(),
    select: (id) => document.querySelector(`#${id} .no`).click(),
  };
  acts[act](argument);
  const worked = performance.now();
  void document.body.offsetHeight;
  requestAnimationFrame(() => requestAnimationFrame(() => done([worked - started, performance.now() - started])));
})
"""
ACTS = (
    ("category on", "toggle", "品牌"),
    ("second category on", "toggle", "治理"),
    ("clear", "reset", ""),
    ("free text", "find", "质量安全"),
    ("clear", "reset", ""),
    ("choose a clause", "select", "c100"),
)


def large_text(clauses: int) -> str:
    """The source documents over and over; 701 clauses a round."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "labels" / "documents").glob("*.txt"))]
    return "\n\n".join(texts * -(-clauses // 701))


def written_page(clauses: int, path: Path) -> tuple[int, float]:
    """Write the page; returns its number of clauses and the seconds without reading, cutting and tagging."""
    model = qclassify.load_model()
    document = qclassify.read(large_text(clauses).encode("utf-8"), name=f"{clauses} clauses")
    tagged = qclassify.tag(document, model)
    keep = tagged.predictions[clauses - 1].unit.end
    units = tuple(unit for unit in tagged.units if unit.end <= keep)
    tagged = type(tagged)(document, units, tagged.predictions[:clauses])
    facts = model_facts(model, None, known_rates(model, None))
    started = time.perf_counter()
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_report(stream, [(tagged, ())], facts, lambda unit: explain(unit, model))
    return len(tagged.predictions), time.perf_counter() - started


def timed_acts(page: Page, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """(script, script and paint) in milliseconds of every act in every round."""
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for name, act, argument in ACTS:
            worked, painted = page.evaluate(TIMED, [act, argument])
            found.setdefault(name, []).append((worked, painted))
    return found


def measured(clauses: int, rounds: int, browser: Browser) -> list[str]:
    """Lines of the results for one size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        count, seconds = written_page(clauses, path)
        size = path.stat().st_size / 1e6
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        started = time.perf_counter()
        page.goto(path.as_uri(), wait_until="load")
        page.wait_for_function("document.getElementById('count').textContent")
        opened = time.perf_counter() - started
        acts = timed_acts(page, rounds)
        page.close()
    lines = [
        f"| {count:,} | written | {seconds:.1f} s, {size:.1f} MB | | |",
        f"| | opened | {opened:.2f} s | | |",
    ]
    for name, times in acts.items():
        worked, painted = ([pair[n] for pair in times] for n in (0, 1))
        verdict = "ok" if max(painted) < LIMIT else f"over {LIMIT} ms"
        lines.append(
            f"| | {name} | {statistics.median(worked):.0f} ms script, {statistics.median(painted):.0f} ms painted "
            f"| {max(painted):.0f} ms | {verdict} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clauses", type=int, nargs="+", default=[300, 5000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    browser_path = os.environ.get("QCLASSIFY_CHROMIUM") or shutil.which("chromium")
    if browser_path is None:
        sys.exit("no chromium on PATH")
    lines = ["| clauses | what | median | slowest | limit |", "| ---: | --- | --- | --- | --- |"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        version = browser.version
        for clauses in asked.clauses:
            lines += measured(clauses, asked.rounds, browser)
        browser.close()
    head = (
        f"# The page of a large document\n\n`python experiments/bench/report.py --rounds {asked.rounds} --write` on "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Chromium {version}, model "
        f"{qclassify.load_model().id}. A filter may take {LIMIT} ms.\n\n"
    )
    text = head + "\n".join(lines) + "\n"
    print(text)
    if asked.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
