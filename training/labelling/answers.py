"""The names that annotators see → category ids, and the primary where a tool has no place for one.

Tools that know nothing but a list of labels carry three marks among them, which no category id can be:
`primary:<category>`, `no-label` (looked at, none applies) and `not-sure`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.rendering.wording import heading_line
from qclassify.taxonomy import Category, Taxonomy
from training.labelled_clauses import Annotation
from training.labelling.tasks import Suggestion, Task

NO_LABEL = "no-label"
NOT_SURE = "not-sure"
PRIMARY = "primary:"
MissingPrimary = Literal["error", "suggested", "first"]


def category_id(name: str, taxonomy: Taxonomy) -> str:
    """The id of a category that is named by its id or by one of its names.

    Raises:
        ValueError: there is no such category.
    """
    wanted = name.strip().casefold()
    for category in taxonomy.categories:
        names = (category.id, category.name, category.name_en, display_name(category))
        if wanted and wanted in [name.casefold() for name in names]:
            return category.id
    known = ", ".join(f"{category.id} {category.name}" for category in taxonomy.categories)
    raise ValueError(f"unknown label {name!r}; the taxonomy has {known}")


def display_name(category: Category) -> str:
    """What annotators see where there is room: both names, if there are two."""
    return category.name if category.name_en in ("", category.name) else f"{category.name} {category.name_en}"


def headings_line(task: Task) -> str:
    """The headings on one line, for people."""
    return heading_line(task.heading_nos, task.heading_path, LEVEL_SEPARATOR)


def marks(answer: Annotation) -> list[str]:
    """The answer as one list of labels and marks; the primary is marked only where it is not plain."""
    found = [*answer.labels] or [NO_LABEL]
    if len(answer.labels) > 1:
        found.append(f"{PRIMARY}{answer.primary}")
    if not answer.sure:
        found.append(NOT_SURE)
    return found


def from_marks(
    names: Sequence[str],
    taxonomy: Taxonomy,
    annotator: str,
    missing: MissingPrimary = "error",
    suggested: str | None = None,
) -> Annotation | None:
    """The answer that a list of labels and marks means; None for an empty list, which means nothing was said.

    Args:
        names: ids or names of categories, and marks, in any order.
        taxonomy: the categories.
        annotator: goes into the answer.
        missing: what to do about several labels of which none is marked as the primary.
        suggested: the primary that the task suggested, if it did.

    Raises:
        ValueError: an unknown name, two primaries, `no-label` beside labels, or a primary that is missing.
    """
    stated = [name for name in names if name.startswith(PRIMARY)]
    plain = [name for name in names if not name.startswith(PRIMARY) and name not in (NO_LABEL, NOT_SURE)]
    if not stated and not plain and NO_LABEL not in names:
        return None
    labels = [category_id(name, taxonomy) for name in plain]
    primaries = {category_id(name.removeprefix(PRIMARY), taxonomy) for name in stated}
    if len(primaries) > 1:
        raise ValueError(f"two primaries: {', '.join(sorted(primaries))}")
    return complete(
        labels,
        primaries.pop() if primaries else None,
        taxonomy,
        Annotation(annotator, (), None, sure=NOT_SURE not in names),
        none=NO_LABEL in names,
        missing=missing,
        suggested=suggested,
    )


def complete(
    labels: Sequence[str],
    primary: str | None,
    taxonomy: Taxonomy,
    rest: Annotation,
    *,
    none: bool = False,
    missing: MissingPrimary = "error",
    suggested: str | None = None,
) -> Annotation:
    """The answer with these labels, in taxonomy order, and a primary; all else as in `rest`.

    A primary counts as a label. `labels` and `primary` are category ids; `none` says that the annotator
    chose “no category”.

    Raises:
        ValueError: labels beside “no category”, or several labels and no way to know the primary.
    """
    chosen = set(labels) | ({primary} if primary else set())
    if none and chosen:
        raise ValueError(f"“no label” stands beside labels: {', '.join(taxonomy.ordered(chosen))}")
    ordered = taxonomy.ordered(chosen)
    if primary is None and ordered:
        primary = _primary(ordered, labels, missing, suggested)
    return Annotation(rest.annotator, ordered, primary, rest.sure, rest.batch, rest.note)


def _primary(
    ordered: Sequence[str], given: Sequence[str], missing: MissingPrimary, suggested: str | None
) -> str:
    if len(ordered) == 1:
        return ordered[0]
    if missing == "first":
        return given[0]
    if missing == "suggested" and suggested in ordered:
        return str(suggested)
    raise ValueError(
        f"which of {', '.join(ordered)} is the primary? Mark it ({PRIMARY}{ordered[0]}), "
        "or import with --missing-primary"
    )


def task_record(task: Task) -> dict[str, Any]:
    """What a tool should keep beside the text: id, place, headings, the model's guess; JSON-ready."""
    record: dict[str, Any] = {"clause_id": task.id}
    if task.doc is not None:
        record |= {"doc": task.doc, "start": task.start, "end": task.end}
    record |= {"heading_path": list(task.heading_path), "heading_nos": list(task.heading_nos)}
    if task.suggestion is not None:
        guess = task.suggestion
        record |= {
            "suggested_labels": list(guess.labels),
            "suggested_primary": guess.primary,
            "scores": {category: round(score, 4) for category, score in guess.scores.items()},
            "confidence": round(guess.confidence, 4),
            "model": guess.model,
        }
    if task.answer is not None:
        if task.answer.annotator:
            record["annotator"] = task.answer.annotator
        record |= {key: value for key in ("batch", "note") if (value := getattr(task.answer, key))}
    return record


def task_from_record(record: dict[str, Any], text: object, answer: Annotation | None = None) -> Task:
    """The inverse of `task_record`, as far as a task's place and headings go.

    Raises:
        ValueError: a field is missing or of the wrong kind.
    """
    own_id = record.get("clause_id")
    if not isinstance(own_id, str) or not own_id:
        raise ValueError("no clause_id, so nobody knows which clause this is; keep it in the tool's metadata")
    if not isinstance(text, str) or not text:
        raise ValueError("no text")
    titles, numbers = (_strings(record, key) for key in ("heading_path", "heading_nos"))
    if len(titles) != len(numbers):
        raise ValueError(f"heading_path has {len(titles)} levels, heading_nos {len(numbers)}")
    doc, start, end = (record.get(key) for key in ("doc", "start", "end"))
    if doc is None:
        return Task(own_id, text, titles, numbers, answer=answer)
    if not isinstance(doc, str) or type(start) is not int or type(end) is not int or end - start != len(text):
        raise ValueError(
            f"doc {doc!r}, start {start!r} and end {end!r} do not fit a text of {len(text)} characters"
        )
    return Task(own_id, text, titles, numbers, doc, start, end, answer=answer)


def with_remarks(answer: Annotation, record: dict[str, Any]) -> Annotation:
    """The answer with the record's `batch` and `note`, where it has them."""
    batch, note = (value if isinstance(value := record.get(key), str) else "" for key in ("batch", "note"))
    return replace(answer, batch=batch, note=note)


def suggested_primary(record: dict[str, Any]) -> str | None:
    """The primary that a record suggests, if it does."""
    found = record.get("suggested_primary")
    return found if isinstance(found, str) else None


def suggested_answer(suggestion: Suggestion) -> Annotation:
    """A model's guess as an answer of nobody's."""
    return Annotation("", suggestion.labels, suggestion.primary)


def _strings(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key} is no list of texts")
    return tuple(value)
