"""Clauses × model → scores: TF-IDF with sublinear counts, one L2-normalised block a field, one dot product.

For a field with terms t in clause d: `x_t = (1 + ln tf_t) · idf_t`, times `weight / ‖x‖₂^norm_power`
(power 1 is plain L2 normalisation); the score of category c is `bias_c + Σ_t x_t · w_tc` over all fields. This is what
scikit-learn's TfidfVectorizer(sublinear_tf=True) and a linear model compute
(https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qclassify.bundle import Bundle, Field
from qclassify.features import ClauseText, analyser, located_terms, normalise, source_text
from qclassify.records import Contribution, Evidence, Unit

BATCH = 2048


def score(clauses: Sequence[ClauseText], bundle: Bundle) -> npt.NDArray[np.float64]:
    """Raw scores, float64 (n_clauses, 2 · n_categories), any real number.

    The first half are label scores, the second half primary scores, both in taxonomy order.
    """
    scores = np.tile(bundle.bias, (len(clauses), 1))
    for start in range(0, len(clauses), BATCH):
        batch = clauses[start : start + BATCH]
        for field in bundle.fields:
            scores[start : start + len(batch)] += _field_scores(batch, field, bundle)
    return scores


def _field_scores(batch: Sequence[ClauseText], field: Field, bundle: Bundle) -> npt.NDArray[np.float64]:
    analyse = analyser(field.spec, bundle.segmenter)
    n_terms = len(bundle.idf)
    keys: list[int] = []
    for row, clause in enumerate(batch):
        base = row * n_terms
        keys += [base + index for index in map(field.vocabulary.get, analyse(clause)) if index is not None]
    result = np.zeros((len(batch), len(bundle.bias)))
    if not keys:
        return result
    unique, counts = np.unique(np.array(keys, dtype=np.int64), return_counts=True)
    rows, terms = np.divmod(unique, n_terms)
    values = (1.0 + np.log(counts)) * bundle.idf[terms]
    norms = np.sqrt(np.bincount(rows, weights=values * values, minlength=len(batch)))
    values *= field.spec.weight / norms[rows] ** field.spec.norm_power
    products = values[:, None] * bundle.weights[terms]
    present, starts = np.unique(rows, return_index=True)
    result[present] = np.add.reduceat(products, starts, axis=0)
    return result


def explain(unit: Unit, bundle: Bundle) -> tuple[Evidence, ...]:
    """Every term's exact share of every category's label score, largest absolute share first.

    Returns one `Evidence` a category in taxonomy order; the shares and the bias sum to the score.
    """
    clause = ClauseText(unit.text, unit.heading_path)
    found = [entry for field in bundle.fields for entry in _field_terms(clause, unit.start, field, bundle)]
    return tuple(
        _evidence(category, column, found, bundle) for column, category in enumerate(bundle.taxonomy.ids)
    )


def _field_terms(
    clause: ClauseText, offset: int, field: Field, bundle: Bundle
) -> list[tuple[Field, str, int, float, tuple[tuple[int, int], ...]]]:
    """(field, term, row, TF-IDF value, spans in the document) of each known term of one field."""
    spans: dict[str, list[tuple[int, int]]] = {}
    text = normalise(source_text(clause, field.spec.source))
    for term in located_terms(field.spec, bundle.segmenter, text):
        if term.text in field.vocabulary:
            spans.setdefault(term.text, []).append((offset + term.start, offset + term.end))
    raw = {
        term: (1.0 + float(np.log(len(places)))) * float(bundle.idf[field.vocabulary[term]])
        for term, places in spans.items()
    }
    norm = sum(value * value for value in raw.values()) ** 0.5
    in_clause = field.spec.source == "clause"
    return [
        (
            field,
            term,
            field.vocabulary[term],
            value * field.spec.weight / norm**field.spec.norm_power,
            tuple(spans[term]) if in_clause else (),
        )
        for term, value in raw.items()
    ]


def _evidence(
    category: str,
    column: int,
    found: Sequence[tuple[Field, str, int, float, tuple[tuple[int, int], ...]]],
    bundle: Bundle,
) -> Evidence:
    contributions = [
        Contribution(
            field=field.spec.name,
            source="clause" if field.spec.source == "clause" else "heading",
            term=term,
            value=value * float(bundle.weights[row, column]),
            spans=spans,
        )
        for field, term, row, value, spans in found
    ]
    contributions.sort(key=lambda c: (-abs(c.value), c.field, c.term))
    bias = float(bundle.bias[column])
    return Evidence(category, bias + sum(c.value for c in contributions), bias, tuple(contributions))
