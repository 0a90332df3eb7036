"""Held-out errors for people: grouped by confusion, each with the terms that led there."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline

from qclassify.taxonomy import Taxonomy
from training.dataset import Dataset, LabelledClause
from training.error_analysis import error_groups
from training.evaluation import clause_text, fit_pipeline
from training.folds import in_folds
from training.recipe import Recipe
from training.run import Evaluated

TERMS = 6


@dataclass(frozen=True, slots=True)
class WrongCategory:
    """One wrong decision: `missed` or not, its probability, and the strongest terms with their shares."""

    category: str
    missed: bool
    probability: float
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ExplainedError:
    """A held-out clause with at least one wrong category."""

    clause: LabelledClause
    confusion: str
    wrong: tuple[WrongCategory, ...]


@dataclass(frozen=True, slots=True)
class _Model:
    """A model that has not seen a document, with the names of its columns."""

    pipeline: Pipeline
    names: tuple[str, ...]


def explained_errors(recipe: Recipe, dataset: Dataset, evaluated: Evaluated) -> tuple[ExplainedError, ...]:
    """All out-of-fold errors, largest confusion first, explained by the model that made them."""
    dataset, clauses = in_folds(dataset), evaluated.result.clauses
    groups = error_groups(evaluated.judged, dataset.taxonomy)
    wanted = sorted({clauses[row].doc or "" for group in groups for row in group.rows})
    models = {name: _model(recipe, fit_pipeline(recipe, dataset, without=[name])) for name in wanted}
    return tuple(
        ExplainedError(
            clauses[row],
            group.confusion,
            tuple(_wrong(evaluated, row, dataset.taxonomy, models[clauses[row].doc or ""])),
        )
        for group in groups
        for row in group.rows
    )


def _model(recipe: Recipe, pipeline: Pipeline) -> _Model:
    names = (
        f"{term} ({spec.name})" if spec.source != "clause" else term
        for spec, (_, vectorizer) in zip(recipe.fields, pipeline["features"].transformer_list, strict=True)
        for term in vectorizer.get_feature_names_out()
    )
    return _Model(pipeline, tuple(names))


def _wrong(evaluated: Evaluated, row: int, taxonomy: Taxonomy, model: _Model) -> Iterable[WrongCategory]:
    judged = evaluated.judged
    values = model.pipeline["features"].transform([clause_text(evaluated.result.clauses[row])]).tocsr()
    for column in np.flatnonzero(judged.truth[row] != judged.chosen[row]):
        shares = values.data * model.pipeline["linear"].coef_[column, values.indices]
        order = np.argsort(-np.abs(shares), kind="stable")[:TERMS]
        yield WrongCategory(
            category=taxonomy.ids[column],
            missed=bool(judged.truth[row, column]),
            probability=float(judged.probability[row, column]),
            terms=tuple((model.names[values.indices[i]], float(shares[i])) for i in order),
        )


def error_text(errors: Sequence[ExplainedError], taxonomy: Taxonomy, limit: int) -> str:
    """A plain list for the terminal, at most `limit` clauses for each confusion."""
    lines: list[str] = []
    for confusion, group in _by_confusion(errors):
        lines.append(f"\n{len(group)} × {confusion}")
        for error in group[:limit]:
            path = " > ".join(filter(None, error.clause.heading_path))
            lines.append(f"  [{error.clause.id}] {path}")
            lines.append(f"    {error.clause.text}")
            lines += [f"      {_wrong_line(wrong, taxonomy)}" for wrong in error.wrong]
    return "\n".join(lines)


def _wrong_line(wrong: WrongCategory, taxonomy: Taxonomy) -> str:
    what = "missed" if wrong.missed else "extra"
    terms = "  ".join(f"{term} {share:+.2f}" for term, share in wrong.terms)
    return f"{what} {wrong.category} {taxonomy[wrong.category].name} p={wrong.probability:.2f}: {terms}"


def _by_confusion(errors: Sequence[ExplainedError]) -> list[tuple[str, list[ExplainedError]]]:
    groups: dict[str, list[ExplainedError]] = {}
    for error in errors:
        groups.setdefault(error.confusion, []).append(error)
    return list(groups.items())


_STYLE = """
body{font:15px/1.6 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h2{font-size:1.05rem;margin:2rem 0 .5rem;border-bottom:2px solid #ccc}
article{margin:.6rem 0;padding:.5rem .8rem;border-left:4px solid #bbb;background:#fafafa}
.path{color:#555;font-size:.85rem}.wrong{font-size:.88rem;margin:.2rem 0 0}
.missed b{color:#8a4b00}.extra b{color:#7a0026}.term{white-space:nowrap;margin-right:.7em}.term i{font-style:normal;color:#555}
"""


def error_page(errors: Sequence[ExplainedError], taxonomy: Taxonomy) -> str:
    """One self-contained page, without scripts, to read a hundred errors in ten minutes."""
    sections = "".join(
        f"<section><h2>{len(group)} × {html.escape(confusion)}</h2>{''.join(_article(e, taxonomy) for e in group)}</section>"
        for confusion, group in _by_confusion(errors)
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Held-out errors</title><style>{_STYLE}</style></head><body>"
        f"<h1>{len(errors)} held-out clauses with a wrong category</h1>{sections}</body></html>\n"
    )


def _article(error: ExplainedError, taxonomy: Taxonomy) -> str:
    path = html.escape(" › ".join(filter(None, error.clause.heading_path)))
    wrongs = "".join(
        f'<p class="wrong {"missed" if w.missed else "extra"}"><b>{"漏" if w.missed else "多"} '
        f"{html.escape(taxonomy[w.category].name)}</b> p={w.probability:.2f} "
        + "".join(f'<span class="term">{html.escape(t)} <i>{s:+.2f}</i></span>' for t, s in w.terms)
        + "</p>"
        for w in error.wrong
    )
    return (
        f'<article><div class="path">{html.escape(error.clause.id)} · {path}</div>'
        f"<div>{html.escape(error.clause.text)}</div>{wrongs}</article>"
    )
