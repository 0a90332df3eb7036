"""Pictures of an evaluation: confusion, reliability, and the price of precision."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib.figure import Figure

from qclassify.taxonomy import Taxonomy
from training.metrics import ECE_BINS, Judged

SMALL = 15  # so many names fit beside each other at the usual size


def write_figures(judged: Judged, taxonomy: Taxonomy, folder: Path) -> list[Path]:
    """Write `confusion.png`, `reliability.png` and `coverage.png`; category ids keep fonts simple."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "confusion.png": _confusion(judged, taxonomy),
        "reliability.png": _reliability(judged),
        "coverage.png": _coverage(judged),
    }
    paths = []
    for name, figure in pictures.items():
        figure.savefig(folder / name, dpi=120)
        paths.append(folder / name)
    return paths


def _confusion(judged: Judged, taxonomy: Taxonomy) -> Figure:
    """Row: a true label that was missed (or none was); column: a label given wrongly (or none)."""
    names = [*taxonomy.ids, "(nothing)"]
    table = np.zeros((len(names), len(names)), dtype=int)
    for truth, chosen in zip(judged.truth, judged.chosen, strict=True):
        missed = np.flatnonzero(truth & ~chosen).tolist() or [len(names) - 1]
        extra = np.flatnonzero(chosen & ~truth).tolist() or [len(names) - 1]
        if (truth != chosen).any():
            table[np.ix_(missed, extra)] += 1
    side = max(6.5, 0.32 * len(names) + 2)  # fifty categories still get readable names and cells
    size = 10 if len(names) <= SMALL else 7
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(table, cmap="Blues")
    axes.set_xticks(
        range(len(names)), names, rotation=40 if len(names) <= SMALL else 90, ha="right", fontsize=size
    )
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.set_xlabel("label given wrongly")
    axes.set_ylabel("label missed")
    axes.set_title("What is confused with what (held-out documents)")
    for row, column in np.argwhere(table > 0):
        colour = "white" if table[row, column] > table.max() / 2 else "black"
        axes.text(column, row, table[row, column], ha="center", va="center", color=colour, fontsize=size)
    figure.colorbar(image, label="clauses")
    return figure


def _reliability(judged: Judged) -> Figure:
    probability, truth = judged.probability.ravel(), judged.truth.ravel()
    bin_of = np.clip((probability * ECE_BINS).astype(int), 0, ECE_BINS - 1)
    count = np.bincount(bin_of, minlength=ECE_BINS)
    used = count > 0
    mean = np.bincount(bin_of, weights=probability, minlength=ECE_BINS)[used] / count[used]
    rate = np.bincount(bin_of, weights=truth, minlength=ECE_BINS)[used] / count[used]
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", label="perfect")
    axes.plot(mean, rate, marker="o", color="#0b559f", label="observed")
    for x, y, n in zip(mean, rate, count[used], strict=True):
        axes.annotate(str(n), (x, y), textcoords="offset points", xytext=(6, -12), fontsize=8)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("share that carries the label")
    axes.set_title("Reliability, all categories pooled (numbers: decisions)")
    axes.legend(loc="upper left")
    return figure


def _coverage(judged: Judged) -> Figure:
    order = np.argsort(-judged.confidence, kind="stable")
    given = judged.chosen[order].sum(axis=1).cumsum()
    right = (judged.chosen & judged.truth)[order].sum(axis=1).cumsum()
    exact = (judged.chosen == judged.truth)[order].all(axis=1).cumsum() / np.arange(1, len(order) + 1)
    share = np.arange(1, len(order) + 1) / len(order)
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(share, right / np.maximum(given, 1), color="#0b559f", label="label precision")
    axes.plot(share, exact, color="#b35806", label="whole label set right")
    axes.axhline(0.95, color="grey", linestyle="--")
    axes.set_xlabel("share of clauses decided without review, most confident first")
    axes.set_ylabel("share right")
    axes.set_ylim(min(0.5, float(exact.min())), 1.01)
    axes.set_title("How many clauses can be left unread")
    axes.legend(loc="lower left")
    return figure
