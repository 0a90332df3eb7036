"""Leave-one-document-out evaluation, with everything that is fitted kept away from the held-out document.

For each document d the model is trained on the other documents (and the written clauses). Calibration,
thresholds and the review limit that are applied to d come from scores of the *other* documents, each
made by a model that has seen neither that document nor d. Scores are pooled over the documents.

“Document” is what `folds.in_folds` makes of the labels: where there is only one, parts of it. With two
and no written clauses, nothing is left to learn from when both are away; the other document's scores
then come from models that have seen the rest of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from qclassify.deciding import Decision
from qclassify.errors import LabelError
from qclassify.features import ClauseText
from qclassify.taxonomy import Taxonomy
from training.dataset import Dataset, LabelledClause
from training.decisions import fit_decision, judge, pool
from training.folds import in_folds, in_parts
from training.metrics import Judged
from training.recipe import DecisionSpec, Recipe, build_pipeline
from training.vocabulary import TermCounts, count_terms

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Scores of the source clauses by models that had not seen their document, rows as in `clauses`.

    Attributes:
        clauses: the gold clauses; `doc` names what each was held out with.
        scores: (n, 2k) with headings.
        headless: (n, 2k) with the headings withheld at test time.
        inner: for each document (n, 2k) scores by models that had seen neither it nor the clause's own
            document; its own rows are not to be used.
        decisions: for each document the decision fitted without it, on its `inner` scores.
        terms: how many terms the clauses have and how many of them their model knew.
    """

    clauses: tuple[LabelledClause, ...]
    scores: Floats
    headless: Floats
    inner: dict[str, Floats]
    decisions: dict[str, Decision]
    terms: TermCounts


def clause_text(clause: LabelledClause, *, headings: bool = True) -> ClauseText:
    """What the model may see of a labelled clause."""
    return ClauseText(clause.text, clause.heading_path if headings else ())


def label_matrix(clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> Booleans:
    """(n, k) labels in taxonomy order."""
    return np.array([[c in clause.labels for c in taxonomy.ids] for clause in clauses], dtype=bool)


def primary_matrix(clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> Booleans:
    """(n, k) with at most one True a row: the primary."""
    return np.array([[c == clause.primary for c in taxonomy.ids] for clause in clauses], dtype=bool)


def fit_pipeline(recipe: Recipe, dataset: Dataset, without: Iterable[str] = ()) -> Pipeline:
    """Fit the recipe on all training clauses except those of the documents `without`.

    Raises:
        LabelError: nothing is left to learn from, or no term is frequent enough.
    """
    held_out = set(without)
    sources = [clause for clause in dataset.gold if clause.doc not in held_out]
    written = list(dataset.written) if recipe.data.written else []
    clauses = [*sources, *written]
    if not clauses:
        raise LabelError("no clause is left to learn from", "label clauses of more documents")
    targets = np.hstack([label_matrix(clauses, dataset.taxonomy), primary_matrix(clauses, dataset.taxonomy)])
    origin = np.array([True] * len(sources) + [False] * len(written))
    weights = np.where(origin, recipe.data.source_weight, 1.0)
    parameters: dict[str, Any] = {"linear__sample_weight": weights}
    if recipe.stacking is not None:
        parameters["linear__stacking_weight"] = np.where(origin, recipe.stacking.source_weight, 1.0)
        parameters["linear__groups"] = [clause.doc or clause.file.stem for clause in clauses]
    pipeline = build_pipeline(recipe, dataset.lexicon)
    return pipeline.fit([clause_text(clause) for clause in clauses], targets, **parameters)


def left_to_learn_from(recipe: Recipe, dataset: Dataset, without: Iterable[str]) -> bool:
    """Whether any training clause remains without these documents."""
    held_out = set(without)
    return bool(recipe.data.written and dataset.written) or any(c.doc not in held_out for c in dataset.gold)


def pipeline_scores(pipeline: Pipeline, clauses: Sequence[ClauseText]) -> Floats:
    """Raw scores (n, 2k)."""
    return np.asarray(pipeline.decision_function(list(clauses)), dtype=np.float64)


def out_of_fold(recipe: Recipe, dataset: Dataset) -> OutOfFold:
    """Nested leave-one-document-out scores and decisions; fits a model for every pair of documents.

    Raises:
        LabelError: too few clauses to hold some out and learn from others.
    """
    dataset = in_folds(dataset)
    clauses = dataset.gold
    documents = np.array([clause.doc for clause in clauses])
    names = sorted(set(documents))
    with_headings = [clause_text(clause) for clause in clauses]
    without_headings = [clause_text(clause, headings=False) for clause in clauses]
    truth = label_matrix(clauses, dataset.taxonomy)
    width = 2 * truth.shape[1]
    scores, headless = np.zeros((len(clauses), width)), np.zeros((len(clauses), width))
    terms = TermCounts.none(len(clauses))
    for name in names:
        rows = np.flatnonzero(documents == name)
        pipeline = fit_pipeline(recipe, dataset, without=[name])
        scores[rows] = pipeline_scores(pipeline, [with_headings[row] for row in rows])
        headless[rows] = pipeline_scores(pipeline, [without_headings[row] for row in rows])
        terms.put(rows, count_terms(recipe, pipeline, [with_headings[row] for row in rows]))
    inner = {name: scores.copy() for name in names}
    for pair in itertools.combinations(names, 2):
        for held_out, scored, found in _scores_without_both(recipe, dataset, pair):
            inner[held_out][documents == scored] = found
    decisions = {
        name: fit_decision(
            inner[name][documents != name],
            truth[documents != name],
            recipe.decision,
            exclusive=dataset.taxonomy.exclusive,
        )
        for name in names
    }
    return OutOfFold(clauses, scores, headless, inner, decisions, terms)


def _scores_without_both(
    recipe: Recipe, dataset: Dataset, pair: tuple[str, str]
) -> Iterable[tuple[str, str, Floats]]:
    """(held-out document, scored document, its scores) for both documents of a pair."""
    texts = {name: [clause_text(clause) for clause in dataset.gold if clause.doc == name] for name in pair}
    if left_to_learn_from(recipe, dataset, pair):
        pipeline = fit_pipeline(recipe, dataset, without=pair)
        for held_out, scored in (pair, pair[::-1]):
            yield held_out, scored, pipeline_scores(pipeline, texts[scored])
        return
    for held_out, scored in (pair, pair[::-1]):
        parts = replace(dataset, gold=in_parts([c for c in dataset.gold if c.doc == scored]))
        if len(parts.gold) < 2:  # noqa: PLR2004 - one to learn from, one to score
            raise LabelError(
                f"{scored}: one labelled clause; with {held_out} held out it alone would be left to learn from",
                "label more clauses of it",
            )
        part_of = np.array([clause.doc for clause in parts.gold])
        found = np.zeros((len(parts.gold), 2 * len(dataset.taxonomy.categories)))
        for part in sorted(set(part_of)):
            rows = np.flatnonzero(part_of == part)
            pipeline = fit_pipeline(recipe, parts, without=[part])
            found[rows] = pipeline_scores(pipeline, [texts[scored][row] for row in rows])
        yield held_out, scored, found


def judge_out_of_fold(result: OutOfFold, taxonomy: Taxonomy, *, headings: bool = True) -> Judged:
    """Judge every document with its own decision and pool, rows in the order of `result.clauses`."""
    scores = result.scores if headings else result.headless
    return judge_documents(scores, result.clauses, taxonomy, result.decisions)


def judge_single_level(
    scores: Floats, clauses: Sequence[LabelledClause], taxonomy: Taxonomy, spec: DecisionSpec
) -> Judged:
    """Judge every document with a decision fitted on the scores of the others, rows as in `clauses`.

    `scores` (n, 2k) come from models that had not seen the clause's document. They may have seen the document
    judged when they scored the others, so this is quicker and a little less strict than `out_of_fold`.
    """
    documents = np.array([clause.doc for clause in clauses])
    truth = label_matrix(clauses, taxonomy)
    decisions = {
        name: fit_decision(scores[documents != name], truth[documents != name], spec)
        for name in sorted(set(documents))
    }
    return judge_documents(scores, clauses, taxonomy, decisions)


def judge_documents(
    scores: Floats,
    clauses: Sequence[LabelledClause],
    taxonomy: Taxonomy,
    decisions: Mapping[str, Decision],
) -> Judged:
    """Judge scores (n, 2k), every document with the decision that has its name; rows as in `clauses`."""
    documents = np.array([clause.doc for clause in clauses])
    truth, primary = label_matrix(clauses, taxonomy), primary_matrix(clauses, taxonomy)
    rows = {name: np.flatnonzero(documents == name) for name in sorted(decisions)}
    parts = [judge(scores[here], truth[here], primary[here], decisions[name]) for name, here in rows.items()]
    return pool(parts).take(np.argsort(np.concatenate(list(rows.values()))))
