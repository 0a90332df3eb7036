"""Speed of segmentation: the seed documents, a megabyte of policy text, and hostile input.

Run from the project root: `python experiments/bench/segmentation.py`
"""

from __future__ import annotations

import time
from pathlib import Path

from qclassify.records import Document
from qclassify.segmentation import segment

DOCUMENTS = Path(__file__).parents[2] / "labels" / "documents"
HOSTILE = ("(", "“", "1.", ";", '"', "。", "一、", "(一)", "①", "a,", ".", "市政府\n", "1.\n")
REPEATS = 200_000


def report(name: str, text: str) -> None:
    """Segment a text once and print how long it took."""
    begin = time.perf_counter()
    units = segment(Document(text))
    seconds = time.perf_counter() - begin
    print(
        f"{name:<28} {len(text):>9,} characters {len(units):>8,} units {seconds:>7.2f} s {len(text) / seconds / 1e6:>6.2f} M/s"
    )


def main() -> None:
    """Print one line per text."""
    texts = {path.stem: path.read_bytes().decode("utf-8") for path in sorted(DOCUMENTS.glob("*.txt"))}
    for name, text in texts.items():
        report(name, text)
    joined = "\n".join(texts.values())
    megabyte = joined * (1_000_000 // len(joined.encode()) + 1)
    report("1 MB of policy text", megabyte)
    report("1 MB on one line", megabyte.replace("\n", ""))
    for seed in HOSTILE:
        report(f"{REPEATS:,} x {seed!r}", seed * REPEATS)


if __name__ == "__main__":
    main()
