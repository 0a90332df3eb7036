"""What a run keeps of an evaluation besides figures: answers clause by clause, tables, reference scores.

Later decisions rest on these: a paired comparison needs both models' answers on the same clauses, and
a check that the runtime still agrees with scikit-learn needs scikit-learn's scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from qclassify.features import ClauseText
from qclassify.taxonomy import Taxonomy
from training.evaluation import OutOfFold, clause_text, pipeline_scores
from training.labelled_clauses import LabelledClause
from training.metrics import Judged, headline
from training.report import clause_groups

NONE = "-"
SCORE_DIGITS = 9


def answers_table(result: OutOfFold, judged: Judged, taxonomy: Taxonomy) -> pd.DataFrame:
    """One row a held-out clause: who it is, the truth, the answer.

    Columns: `id`, `document`, `group` (what a bootstrap draws together), `text`; `true_labels`,
    `labels` (categories joined by commas, `-` for none), `true_primary`, `primary`, `confidence`, and
    `p.<category>`, the calibrated probability.
    """
    ids = taxonomy.ids
    columns: dict[str, Sequence[Any]] = {
        "id": [clause.id for clause in result.clauses],
        "document": [clause.doc or NONE for clause in result.clauses],
        "group": clause_groups(result.clauses),
        "text": [clause.text for clause in result.clauses],
        "true_labels": [_names(row, ids) for row in judged.truth],
        "labels": [_names(row, ids) for row in judged.chosen],
        "true_primary": [_name(number, ids) for number in judged.true_primary],
        "primary": [_name(number, ids) for number in judged.chosen_primary],
        "confidence": np.round(judged.confidence, SCORE_DIGITS).tolist(),
    }
    for k, category in enumerate(ids):
        columns[f"p.{category}"] = np.round(judged.probability[:, k], SCORE_DIGITS).tolist()
    return pd.DataFrame(columns)


def judged_answers(table: pd.DataFrame, ids: Sequence[str]) -> Judged:
    """The judgements that `answers_table` has written, in the table's order.

    Raises:
        KeyError: a column is missing, for instance since the table speaks of other categories.
    """
    return Judged(
        truth=_matrix(table["true_labels"], ids),
        chosen=_matrix(table["labels"], ids),
        probability=table[[f"p.{category}" for category in ids]].to_numpy(dtype=np.float64),
        confidence=table["confidence"].to_numpy(dtype=np.float64),
        true_primary=_positions(table["true_primary"], ids),
        chosen_primary=_positions(table["primary"], ids),
    )


def _names(row: Sequence[bool] | np.ndarray[Any, Any], ids: Sequence[str]) -> str:
    return ",".join(name for name, member in zip(ids, row, strict=True) if member) or NONE


def _name(number: int, ids: Sequence[str]) -> str:
    return NONE if number < 0 else ids[number]


def _matrix(column: pd.Series[str], ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([[name in cell.split(",") for name in ids] for cell in column], dtype=bool)


def _positions(column: pd.Series[str], ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([-1 if name == NONE else list(ids).index(name) for name in column], dtype=np.int64)


def category_table(figures: Mapping[str, Any], taxonomy: Taxonomy) -> pd.DataFrame:
    """F1, precision, recall, clauses of every category, with headings and with headings withheld."""
    rows = []
    for category in taxonomy.categories:
        detail = figures["lodo"]["per_category_detail"][category.id]
        withheld = figures["lodo_headless"]["per_category_detail"][category.id]
        rows.append(
            {
                "category": category.id,
                "name": category.name,
                **{key: detail[key] for key in ("f1", "precision", "recall")},
                "clauses": int(detail["support"]),
                "f1_headings_withheld": withheld["f1"],
            }
        )
    return pd.DataFrame(rows)


def clause_table(clauses: Sequence[LabelledClause]) -> pd.DataFrame:
    """Labelled clauses as a data frame: what a model learns from, nothing about where files are."""
    return pd.DataFrame(
        {
            "id": [clause.id for clause in clauses],
            "document": [clause.doc or NONE for clause in clauses],
            "heading_path": [" > ".join(clause.heading_path) for clause in clauses],
            "text": [clause.text for clause in clauses],
            "labels": [",".join(clause.labels) or NONE for clause in clauses],
            "primary": [clause.primary or NONE for clause in clauses],
        }
    )


def fold_figures(result: OutOfFold, judged: Judged) -> dict[str, dict[str, float]]:
    """The headline figures of every held-out document by itself, with its number of clauses."""
    documents = np.array([clause.doc for clause in result.clauses])
    folds = {}
    for name in sorted(result.decisions):
        rows = np.flatnonzero(documents == name)
        folds[name] = {**headline(judged.take(rows)), "n_clauses": float(len(rows))}
    return folds


def reference_scores(pipeline: Pipeline, clauses: Sequence[LabelledClause]) -> dict[str, Any]:
    """Scikit-learn's raw scores of the source clauses, JSON-ready: `clauses` and `scores` (n, 2k)."""
    texts = [clause_text(clause) for clause in clauses]
    scores = np.round(pipeline_scores(pipeline, texts), SCORE_DIGITS)
    return {
        "clauses": [{"text": text.text, "heading_path": list(text.heading_path)} for text in texts],
        "scores": scores.tolist(),
    }


def reference_clauses(reference: Mapping[str, Any]) -> list[ClauseText]:
    """The clauses of `reference_scores`, as the runtime scores them."""
    return [ClauseText(entry["text"], tuple(entry["heading_path"])) for entry in reference["clauses"]]
