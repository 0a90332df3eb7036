"""Clauses × model → scores: TF-IDF with sublinear counts, one L2-normalised block a field, one dot product.

For a field with terms t in clause d: `x_t = (1 + ln tf_t) · idf_t`, times `weight / ‖x‖₂^norm_power`
(power 1 is plain L2 normalisation); the score of category c is `bias_c + Σ_t x_t · w_tc` over all fields.
This is what scikit-learn's TfidfVectorizer(sublinear_tf=True) and a linear model compute
(https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qclassify.bundle import Bundle, Field
from qclassify.features import (
    ClauseText,
    TextSource,
    located_terms,
    normalise,
    source_text,
    vocabulary_field,
)
from qclassify.kernels import FieldProgram, Kernel, encode
from qclassify.kernels.layout import BASE_MASK, LABEL_BITS, LABEL_MASK, VALUE_SHIFT, Arrays
from qclassify.records import Contribution, Evidence, Unit

BATCH = 2048


def score(clauses: Sequence[ClauseText], bundle: Bundle) -> npt.NDArray[np.float64]:
    """Raw scores, float64 (n_clauses, 2 · n_categories), any real number.

    The first half are label scores, the second half primary scores, both in taxonomy order. Threads may
    call this at the same time; with the native back end they run at the same time too.
    """
    programs: dict[TextSource, list[FieldProgram]] = {}
    for field in bundle.fields:
        programs.setdefault(field.spec.source, []).append(field.program)
    scores = np.tile(bundle.bias, (len(clauses), 1))
    for start in range(0, len(clauses), BATCH):
        batch = clauses[start : start + BATCH]
        out = scores[start : start + len(batch)]
        for source, fields in programs.items():
            if source == "clause":
                out += bundle.kernel.score(encode([clause.text for clause in batch]), fields)
            else:
                out += _heading_scores(batch, source, fields, bundle)
    return scores


def _heading_scores(
    batch: Sequence[ClauseText], source: TextSource, fields: Sequence[FieldProgram], bundle: Bundle
) -> npt.NDArray[np.float64]:
    """Many clauses stand under the same headings: each heading path is scored once."""
    position: dict[tuple[str, ...], int] = {}
    rows = [position.setdefault(clause.heading_path, len(position)) for clause in batch]
    texts = [source_text(ClauseText("", path), source) for path in position]
    return bundle.kernel.score(encode(texts), fields)[rows]


def known_terms(clauses: Sequence[ClauseText], bundle: Bundle) -> npt.NDArray[np.int64]:
    """For each clause how many of its terms the model knows, and how many it has; (n_clauses, 2).

    Counted are the shortest terms of the field that `features.vocabulary_field` names, repeats included.
    """
    specs = [field.spec for field in bundle.fields]
    spec = vocabulary_field(specs)
    counts = np.zeros((len(clauses), 2), dtype=np.int64)
    if spec is None:
        return counts
    root = bundle.fields[specs.index(spec)].program.root
    segmenter, shortest = _KernelSegmenter(bundle.kernel), replace(spec, high=spec.low)
    seen: dict[str, bool] = {}
    for row, clause in enumerate(clauses):
        for term in located_terms(shortest, segmenter, normalise(source_text(clause, spec.source))):
            if term.text not in seen:
                seen[term.text] = _row(term.text, root, bundle.arrays) is not None
            counts[row] += (seen[term.text], 1)
    return counts


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
    arrays, n_outputs = bundle.arrays, len(bundle.bias)
    spans: dict[str, list[tuple[int, int]]] = {}
    text = normalise(source_text(clause, field.spec.source))
    for term in located_terms(field.spec, _KernelSegmenter(bundle.kernel), text):
        spans.setdefault(term.text, []).append((offset + term.start, offset + term.end))
    rows = {term: row for term in spans if (row := _row(term, field.program.root, arrays)) is not None}
    raw = {
        term: (1.0 + float(np.log(len(spans[term]))))
        * float(arrays.idf[arrays.rows[row, n_outputs].view(np.uint16)])
        for term, row in rows.items()
    }
    norm = sum(value * value for value in raw.values()) ** 0.5
    in_clause = field.spec.source == "clause"
    return [
        (
            field,
            term,
            rows[term],
            value * field.spec.weight / norm**field.spec.norm_power,
            tuple(spans[term]) if in_clause else (),
        )
        for term, value in raw.items()
    ]


class _KernelSegmenter:
    """Cuts a normalised text with the compiled dictionary."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def cut(self, text: str, /) -> list[str]:
        starts = np.flatnonzero(self._kernel.cut(encode([text]))).tolist()
        return [text[start:end] for start, end in pairwise(starts)]


def _row(term: str, root: int, arrays: Arrays) -> int | None:
    """The row of a field's term, None for an unknown one."""
    node = int(arrays.terms[root])
    for character in term:
        point = ord(character)
        label = int(arrays.characters[arrays.pages[point >> 8], point & 0xFF]) & LABEL_MASK
        node = int(arrays.terms[(node >> LABEL_BITS & BASE_MASK) + label])
        if label == 0 or node & LABEL_MASK != label:
            return None
    return (node >> VALUE_SHIFT) - 1 if node >> VALUE_SHIFT else None


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
            value=value * float(bundle.arrays.rows[row, column]) * float(bundle.arrays.scales[column]),
            spans=spans,
        )
        for field, term, row, value, spans in found
    ]
    contributions.sort(key=lambda c: (-abs(c.value), c.field, c.term))
    bias = float(bundle.bias[column])
    return Evidence(category, bias + sum(c.value for c in contributions), bias, tuple(contributions))
