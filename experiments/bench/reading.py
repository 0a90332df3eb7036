"""Time and peak memory of reading each format at 1, 10 and 100 MB.

    python experiments/bench/reading.py [--sizes 1 10 100] [--formats docx pdf …] [--write]

Every file is made from the five documents, repeated with running numbers, until it has the size on disk.
Each is read in a process of its own; the memory is that process's high-water mark (Linux), the import of
the package and its libraries included. A size beyond the limits is refused, which is timed as well.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from documents.made_docx import docx_of_lines  # noqa: E402 - found through the line above
from documents.made_html import editor_page  # noqa: E402
from documents.made_ofd import ofd_of_lines  # noqa: E402
from documents.made_pdf import reportlab_pdf  # noqa: E402

MB = 1_000_000
RESULTS = Path(__file__).with_suffix(".md")
MEASURE = """
import json, sys, time
started = time.perf_counter()
from qclassify.errors import ReadError
from qclassify.reading import read_documents
imported = time.perf_counter()
characters = documents = 0
outcome = "read"
try:
    for found in read_documents(sys.argv[1]):
        documents += 1
        characters += len(found.text)
except ReadError as error:
    outcome = error.kind
seconds = time.perf_counter() - imported
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"outcome": outcome, "seconds": seconds, "peak": peak / 1024, "characters": characters}))
"""


def numbered_lines() -> Iterator[str]:
    """Yield the documents' lines without end, numbered so that no stretch repeats exactly."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "labels" / "documents").glob("*.txt"))]
    lines = [line.strip() for text in texts for line in text.split("\n") if line.strip()]
    for number in count(1):
        yield from (f"{line[: len(line) // 2]}{number}{line[len(line) // 2 :]}" for line in lines)


def lines_of_bytes(size: int) -> list[str]:
    """Return lines that have `size` bytes in UTF-8."""
    lines = []
    total = 0
    for line in numbered_lines():
        lines.append(line)
        total += len(line.encode()) + 1
        if total >= size:
            return lines
    raise AssertionError("the lines never end")


def rows(size: int) -> Iterator[tuple[str, str]]:
    """Yield (id, text) rows of about 9,000 characters."""
    lines = lines_of_bytes(size)
    for start in range(0, len(lines), 100):
        yield str(start), "\n".join(lines[start : start + 100])[:32_000]


def made_csv(size: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("id", "text"), *rows(size)])
    return out.getvalue().encode()


def made_jsonl(size: int) -> bytes:
    return "".join(
        json.dumps({"id": key, "text": text}, ensure_ascii=False) + "\n" for key, text in rows(size)
    ).encode()


def made_xlsx(size: int) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(("id", "text"))
    for row in rows(size):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def made_parquet(size: int) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    keys, texts = zip(*rows(size), strict=True)
    out = io.BytesIO()
    parquet.write_table(pa.table({"id": keys, "text": texts}), out, use_dictionary=False, row_group_size=500)
    return out.getvalue()


# Format → (file name, maker from bytes of text, libraries that the maker needs).
FORMATS: dict[str, tuple[str, Callable[[int], bytes], str]] = {
    "txt (utf-8)": ("a.txt", lambda size: "\n".join(lines_of_bytes(size)).encode(), ""),
    "txt (gb18030)": ("b.txt", lambda size: "\n".join(lines_of_bytes(size)).encode("gb18030"), ""),
    "html": ("a.html", lambda size: editor_page(lines_of_bytes(size)), ""),
    "docx": ("a.docx", lambda size: docx_of_lines(lines_of_bytes(size)), ""),
    "ofd": ("a.ofd", lambda size: ofd_of_lines(lines_of_bytes(size)), ""),
    "pdf": ("a.pdf", lambda size: reportlab_pdf(lines_of_bytes(size)), "reportlab"),
    "csv": ("a.csv", made_csv, ""),
    "jsonl": ("a.jsonl", made_jsonl, ""),
    "xlsx": ("a.xlsx", made_xlsx, "openpyxl"),
    "parquet": ("a.parquet", made_parquet, "pyarrow"),
}


def made_to_size(make: Callable[[int], bytes], size: int) -> bytes:
    """Make a file of `size` bytes, give or take a tenth: a small one says how much text a byte holds."""
    probe = 200_000
    return make(max(20_000, int(size * probe / len(make(probe)))))


def measured(path: Path) -> dict[str, float | str]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100], help="in MB")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    chosen = parser.parse_args()
    table = [
        f"Measured with `python experiments/bench/{Path(__file__).name}`, Python {platform.python_version()}, one core.",
        "",
        "| format | file | text | read | time | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(table))
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.formats:
            file, make, library = FORMATS[name]
            if library and importlib.util.find_spec(library) is None:
                print(f"{name}: skipped, {library} is not installed", file=sys.stderr)
                continue
            for size in chosen.sizes:
                started = time.perf_counter()
                path = Path(folder) / file
                path.write_bytes(made_to_size(make, size * MB))
                print(f"{path.name} made in {time.perf_counter() - started:.0f} s", file=sys.stderr)
                found = measured(path)
                outcome = "yes" if found["outcome"] == "read" else f"refused: {found['outcome']}"
                text = f"{found['characters'] / MB:.1f} M characters" if outcome == "yes" else "–"
                row = (
                    f"| {name} | {path.stat().st_size / MB:.1f} MB | {text} | {outcome} "
                    f"| {found['seconds']:.2f} s | {found['peak']:.0f} MiB |"
                )
                print(row, flush=True)
                table.append(row)
                path.unlink()
    if chosen.write:
        RESULTS.write_text("\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
