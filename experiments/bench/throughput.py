"""Clauses per second from text to label decisions: ours with both back ends against scikit-learn and fastText.

    pip install fasttext-numpy2-wheel      # the peer; without it its rows are left out
    python experiments/bench/throughput.py [--clauses 20000] [--rounds 5] [--write]

All candidates run in one process, one after the other in every round, on the same clauses; a ratio is the
median of the ratios of the rounds, on CPU time. scikit-learn's pipeline and ours are the same model and
must decide alike. fastText is given the clause only, ours and scikit-learn's also read the headings.
The clauses are recombined from comma phrases of the source clauses at the source clauses' lengths, so
that hardly any stands twice; each keeps the headings of the clause whose length it took.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import importlib.util
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from qclassify.bundle import Bundle, load_bundle  # noqa: E402 - found through the line above
from qclassify.deciding import probabilities  # noqa: E402
from qclassify.features import ClauseText, normalise  # noqa: E402
from qclassify.models import default_model  # noqa: E402
from qclassify.scoring import score  # noqa: E402
from qclassify.segmenter import Segmenter  # noqa: E402
from training.dataset import Dataset, load_dataset  # noqa: E402
from training.evaluation import fit_pipeline, pipeline_scores  # noqa: E402
from training.recipe import load_recipe  # noqa: E402

RESULTS = Path(__file__).parent / "results"
Decisions = npt.NDArray[np.bool_]
NAIVE = "scikit-learn + jieba"
TRIES = 4  # of two threads, a round
SECOND_CORE = 1.7  # gain of two threads on work without a GIL
FASTTEXT = "fastText + rjieba"
FASTTEXT_TOKENS = "fastText, tokens given"
BARS = [
    ("native", NAIVE, 40.0),
    ("native", FASTTEXT, 3.0),
    ("native", FASTTEXT_TOKENS, 1.5),
    ("numpy", NAIVE, 9.0),
]


def recombined(dataset: Dataset, count: int) -> list[ClauseText]:
    """Clauses of the source clauses' lengths, made of their comma phrases."""
    choose = random.Random(2019)  # noqa: S311 - a bench
    phrases = [
        phrase for clause in dataset.gold for phrase in clause.text.replace(",", "，").split("，") if phrase
    ]
    made = []
    while len(made) < count:
        model = choose.choice(dataset.gold)
        text = choose.choice(phrases)
        while len(text) < len(model.text):
            text += "，" + choose.choice(phrases)
        made.append(ClauseText(text[: max(len(model.text), 4)], model.heading_path))
    return made


def loaded(folder: Path, backend: str) -> Bundle:
    os.environ["QCLASSIFY_BACKEND"] = backend
    try:
        return load_bundle(folder)
    finally:
        del os.environ["QCLASSIFY_BACKEND"]


def decided(scores: npt.NDArray[np.float64], bundle: Bundle) -> Decisions:
    return probabilities(scores, bundle.decision) >= np.array(bundle.decision.thresholds)


class FastText:
    """A supervised one-vs-all fastText on the same training clauses: words and bigrams, 100 dimensions."""

    def __init__(self, dataset: Dataset) -> None:
        import fasttext

        self.cut = Segmenter(dataset.lexicon, engine="rjieba").cut
        clauses = [*dataset.gold, *dataset.written]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "train.txt"
            file.write_text(
                "".join(
                    " ".join(f"__label__{label}" for label in clause.labels or ("none",))
                    + f" {self.tokens(clause.text)}\n"
                    for clause in clauses
                ),
                "utf-8",
            )
            self.model = fasttext.train_supervised(
                str(file),
                dim=100,
                wordNgrams=2,
                loss="ova",
                epoch=5,
                lr=0.1,
                bucket=200_000,
                thread=1,
                verbose=0,
            )

    def tokens(self, text: str) -> str:
        return " ".join(self.cut(normalise(text))).replace("\n", " ")

    def predict(self, lines: list[str]) -> object:
        return self.model.predict(lines, k=-1, threshold=0.5)


def candidates(
    dataset: Dataset, clauses: list[ClauseText], folder: Path
) -> dict[str, tuple[int, Callable[[], Any]]]:
    """Name → (how many clauses it is given, what to run)."""
    recipe = load_recipe(folder / "recipe.toml")
    fast = fit_pipeline(recipe, dataset)
    naive = copy.deepcopy(fast)
    for _, vectoriser in naive["features"].transformer_list:
        vectoriser.analyzer.segmenter = Segmenter(dataset.lexicon, engine="jieba")
    native, batch = loaded(folder, "native"), loaded(folder, "numpy")
    few, some = clauses[: max(len(clauses) // 20, 500)], clauses[: max(len(clauses) // 5, 500)]
    runs: dict[str, tuple[int, Callable[[], Any]]] = {
        NAIVE: (len(few), lambda: decided(pipeline_scores(naive, few), native)),
        "scikit-learn + rjieba": (len(few), lambda: decided(pipeline_scores(fast, few), native)),
        "numpy": (len(some), lambda: decided(score(some, batch), batch)),
        "native": (len(clauses), lambda: decided(score(clauses, native), native)),
    }
    if importlib.util.find_spec("fasttext") is not None:
        peer = FastText(dataset)
        texts = [clause.text for clause in some]
        tokens = [peer.tokens(text) for text in texts]
        runs[FASTTEXT] = (len(texts), lambda: peer.predict([peer.tokens(text) for text in texts]))
        runs[FASTTEXT_TOKENS] = (len(texts), lambda: peer.predict(tokens))
    answers = [run() for run in (runs[NAIVE][1], runs["numpy"][1], runs["native"][1])]
    if not all((answer[: len(few)] == answers[0]).all() for answer in answers):
        raise AssertionError("the back ends do not decide like scikit-learn")
    return runs


def timed(run: Callable[[], Any]) -> tuple[float, float]:
    """CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


def gain_of_two_threads(work: Callable[[Any], Any], first: Any, second: Any) -> float:  # noqa: ANN401
    """Wall time of one thread that does both parts over that of two threads that share them."""

    def together() -> None:
        workers = [threading.Thread(target=work, args=(part,)) for part in (first, second)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def alone() -> None:
        work(first)
        work(second)

    return timed(alone)[1] / timed(together)[1]


def hashing(data: bytes) -> None:
    """Work that needs no GIL: what two threads gain on it is what the machine has to give."""
    for _ in range(40):
        hashlib.sha256(data).digest()


def with_a_second_core(threads: list[float], machine: list[float]) -> list[float]:
    """The tries before and after which SHA-256 found a second core free."""
    return [gain for gain, control in zip(threads, machine, strict=True) if control >= SECOND_CORE]


def measure(n_clauses: int, rounds: int) -> dict[str, Any]:
    dataset = load_dataset(ROOT / "labels")
    folder = default_model()
    clauses = recombined(dataset, n_clauses)
    runs = candidates(dataset, clauses, folder)
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    threads, machine = [], []
    native = loaded(folder, "native")
    for number in range(rounds + 1):  # the first warms up
        for name, (count, run) in runs.items():
            cpu, wall = timed(run)
            if number:
                rates[name].append((count / cpu, count / wall))
        if number:
            half = len(clauses) // 2
            for _ in range(TRIES):
                before = gain_of_two_threads(hashing, bytes(1 << 20), bytes(1 << 20))
                threads.append(
                    gain_of_two_threads(lambda part: score(part, native), clauses[:half], clauses[half:])
                )
                after = gain_of_two_threads(hashing, bytes(1 << 20), bytes(1 << 20))
                machine.append(min(before, after))
        print(f"round {number} of {rounds}", file=sys.stderr)
    return {
        "model": folder.name,
        "terms": native.n_terms,
        "clauses": n_clauses,
        "mean_characters": statistics.fmean(len(clause.text) for clause in clauses),
        "rounds": rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "clauses_per_cpu_second": {
            name: statistics.median(cpu for cpu, _ in values) for name, values in rates.items()
        },
        "clauses_per_wall_second": {
            name: statistics.median(wall for _, wall in values) for name, values in rates.items()
        },
        "ratios": {
            f"{ours} / {peer}": {
                "must": bar,
                "median": statistics.median(
                    a[0] / b[0] for a, b in zip(rates[ours], rates[peer], strict=True)
                ),
            }
            for ours, peer, bar in BARS
            if peer in rates
        }
        | {
            "two threads / one, native": {
                "must": 1.7,
                "median": statistics.median(with_a_second_core(threads, machine) or threads),
            }
        },
        "two_threads": {"native": threads, "hashing": machine},
        "decisions_equal_to_scikit_learn": True,
    }


def markdown(found: dict[str, Any]) -> str:
    naive = found["clauses_per_cpu_second"][NAIVE]
    intro = (
        f"Measured with `python experiments/bench/{Path(__file__).name}`: {found['clauses']} clauses of "
        f"{found['mean_characters']:.0f} characters on average, model {found['model']} with {found['terms']} "
        f"terms, Python {found['python']} on {found['machine']}, one core, median of {found['rounds']} rounds."
    )
    lines = [
        intro,
        "",
        "| from text to decisions | clauses per CPU second | against naive |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {rate:,.0f} | {rate / naive:.1f}× |"
        for name, rate in found["clauses_per_cpu_second"].items()
    ]
    lines += ["", "| ratio | must | measured |", "|---|---|---|"]
    lines += [
        f"| {name} | {entry['must']:g}× | {entry['median']:.2f}× |" for name, entry in found["ratios"].items()
    ]
    gains = found["two_threads"]
    valid = with_a_second_core(gains["native"], gains["hashing"])
    threads = (
        "Two threads can show a gain only while the machine has a second core to give. SHA-256, which needs no "
        f"GIL, gained at least {SECOND_CORE}× right before and right after {len(valid)} of {len(gains['native'])} "
        f"tries; the ratio is the median of {'these' if valid else 'all tries, as none was free'}. "
        f"All tries: median {statistics.median(gains['native']):.2f}×, best {max(gains['native']):.2f}×."
    )
    lines += ["", threads]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clauses", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="record in results/")
    chosen = parser.parse_args()
    found = measure(chosen.clauses, chosen.rounds)
    print(markdown(found))
    if chosen.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "throughput.json").write_text(
            json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )
        (RESULTS / "throughput.md").write_text(markdown(found), "utf-8")


if __name__ == "__main__":
    main()
