"""Held-out F1 by category against the number of written clauses: `python experiments/006-learning-curve/curve.py`.

A single level of folds: each document is tagged by a model, calibration included, that has not seen it. Every
size is drawn three times from all written clauses; points are means.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import matplotlib.pyplot as plt  # noqa: E402 - the backend is chosen first

from training.dataset import Dataset, load_dataset  # noqa: E402
from training.evaluation import (  # noqa: E402
    clause_text,
    fit_pipeline,
    judge_single_level,
    pipeline_scores,
)
from training.metrics import headline, per_category  # noqa: E402
from training.recipe import load_recipe  # noqa: E402
from training.remembering import remembering  # noqa: E402

SIZES = (0, 1000, 2000, 4000, 8000)
DRAWS = 3


def figures(dataset: Dataset) -> dict[str, float]:
    """Micro-F1, macro-F1 and F1 by category on held-out documents."""
    recipe = load_recipe("default")
    recipe = replace(recipe, decision=replace(recipe.decision, calibration="platt"))
    documents = np.array([clause.doc for clause in dataset.gold])
    scores = np.zeros((len(documents), 2 * len(dataset.taxonomy.ids)))
    for name in sorted(set(documents)):
        here = np.flatnonzero(documents == name)
        pipeline = fit_pipeline(recipe, dataset, without=[name])
        scores[here] = pipeline_scores(pipeline, [clause_text(dataset.gold[row]) for row in here])
    pooled = judge_single_level(scores, dataset.gold, dataset.taxonomy, recipe.decision)
    found = headline(pooled)
    categories = per_category(pooled, dataset.taxonomy.ids)
    return {
        "micro": found["micro_f1"],
        "macro": found["macro_f1"],
        **{name: float(detail["f1"] or 0.0) for name, detail in categories.items()},
    }


def main() -> None:
    dataset = load_dataset(HERE.parents[1] / "labels")
    curve: dict[int, list[dict[str, float]]] = {}
    with remembering(dataset):
        for size in (*SIZES, len(dataset.written)):
            for draw in range(DRAWS if 0 < size < len(dataset.written) else 1):
                chosen = np.random.default_rng([size, draw]).permutation(len(dataset.written))[:size]
                part = replace(dataset, written=tuple(dataset.written[row] for row in sorted(chosen)))
                curve.setdefault(size, []).append(figures(part))
                print(size, draw, curve[size][-1], file=sys.stderr, flush=True)
    means = {
        size: {name: float(np.mean([found[name] for found in draws])) for name in draws[0]}
        for size, draws in curve.items()
    }
    (HERE / "curve.json").write_text(json.dumps(means, indent=2) + "\n", "utf-8")
    write_table(means)
    draw_figure(means)


def write_table(means: dict[int, dict[str, float]]) -> None:
    names = list(next(iter(means.values())))
    lines = [f"| written clauses | {' | '.join(names)} |", "| ---: |" + " ---: |" * len(names)]
    lines += [
        f"| {size:,} | " + " | ".join(f"{found[name]:.3f}" for name in names) + " |"
        for size, found in means.items()
    ]
    print("\n".join(lines))


def draw_figure(means: dict[int, dict[str, float]]) -> None:
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    sizes = list(means)
    for name in next(iter(means.values())):
        bold = name == "micro"
        axes.plot(
            range(len(sizes)),
            [means[size][name] for size in sizes],
            marker="o",
            markersize=3,
            linewidth=3 if bold else 1.2,
            color="black" if bold else None,
            linestyle="--" if name == "macro" else "-",
            label=name,
        )
    axes.set_xticks(range(len(sizes)), [f"{size:,}" for size in sizes])
    axes.set(xlabel="written clauses in training", ylabel="F1 on held-out documents")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, ncols=2)
    figure.savefig(HERE / "curve.png", dpi=110)


if __name__ == "__main__":
    main()
