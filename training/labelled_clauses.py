"""Labelled clauses, read from `clauses.jsonl` and `written/*.jsonl`, or from a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qclassify.heading_path import parse_heading_path
from qclassify.taxonomy import Taxonomy
from training.label_files import JsonRow, Parsed, parse_json_lines

Origin = Literal["source", "written"]
_HEADING_KEYS = ("headings", "heading_path", "heading_nos")
_KEYS = frozenset(
    ("id", "origin", "doc", "start", "end", *_HEADING_KEYS, "text", "labels", "primary", "annotations")
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's answer for one clause.

    Attributes:
        annotator: the name.
        labels, primary: as in a clause.
        sure: the annotator's own word.
        batch: in which round of labelling it was given, usually a date; "" when nobody recorded it.
        note: a remark of the annotator's, maybe "".
    """

    annotator: str
    labels: tuple[str, ...]
    primary: str | None
    sure: bool = True
    batch: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelledClause:
    """A clause with its labels.

    Attributes:
        id: unique in the labels folder.
        text: the clause; `documents[doc].text[start:end]` where it comes from a document.
        labels: in taxonomy order, maybe none.
        primary: one of `labels`; None exactly when there are none.
        heading_path: titles, outermost first, `""` for an untitled item.
        heading_nos: their numbers, `""` for a title without one; as long as `heading_path`.
        origin: `source` (a real document's) or `written` (composed for training, never tested on).
        doc: id of its document, None for written clauses.
        start, end: half-open code-point offsets in the document, None without one.
        file, line: where it is recorded.
        annotations: what annotators answered before adjudication, by annotator's name; maybe none.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    primary: str | None
    heading_path: tuple[str, ...]
    heading_nos: tuple[str, ...]
    origin: Origin
    doc: str | None
    start: int | None
    end: int | None
    file: Path
    line: int
    annotations: tuple[Annotation, ...] = ()


def read_clauses(path: Path, taxonomy: Taxonomy, origin: Origin) -> Parsed[LabelledClause]:
    """Read one file of labelled clauses; `origin` is what every line of it must be."""
    return parse_json_lines(path, lambda row: _clause(path, row, taxonomy, origin))


def check_answer(labels: Sequence[str], primary: str | None, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The labels, if they and the primary are a possible answer.

    Raises:
        ValueError: an unknown or repeated category, another order than the taxonomy's, a primary that
            is not among the labels, or none although there are labels; not exactly one category where
            the taxonomy is exclusive.
    """
    unknown = [label for label in labels if label not in taxonomy.ids]
    if unknown:
        raise ValueError(f"unknown category {unknown[0]!r}; the taxonomy has {', '.join(taxonomy.ids)}")
    if len(set(labels)) != len(labels):
        raise ValueError(f"a category stands twice in {list(labels)}")
    ordered = taxonomy.ordered(set(labels))
    if tuple(labels) != ordered:
        raise ValueError(f"labels {list(labels)} are not in the taxonomy's order {list(ordered)}")
    if labels and primary not in labels:
        raise ValueError(f"primary {primary!r} is not among the labels {list(labels)}")
    if not labels and primary is not None:
        raise ValueError(f"primary {primary!r} without labels; it has to be null")
    if taxonomy.exclusive and len(labels) != 1:
        raise ValueError(f"{len(labels)} labels; the taxonomy is exclusive: exactly one category a clause")
    return ordered


def _clause(path: Path, row: JsonRow, taxonomy: Taxonomy, origin: Origin) -> LabelledClause:
    cells = row.cells
    unknown = sorted(set(cells) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    text = _string(cells, "text")
    if not text or text != text.strip():
        raise ValueError("text is empty or has white space at an end")
    if cells.get("origin", "source") != origin:
        raise ValueError(f"origin is {cells.get('origin', 'source')!r}, in this file it has to be {origin!r}")
    labels, primary = _answer(cells, taxonomy)
    titles, numbers = _headings(cells)
    doc, start, end = _place(cells, origin, text)
    return LabelledClause(
        id=_string(cells, "id"),
        text=text,
        labels=labels,
        primary=primary,
        heading_path=titles,
        heading_nos=numbers,
        origin=origin,
        doc=doc,
        start=start,
        end=end,
        file=path,
        line=row.line,
        annotations=_annotations(cells, taxonomy),
    )


def _answer(cells: dict[str, Any], taxonomy: Taxonomy) -> tuple[tuple[str, ...], str | None]:
    if "primary" not in cells:
        raise ValueError("key 'primary' is missing")
    primary = cells["primary"]
    if not (primary is None or isinstance(primary, str)):
        raise ValueError(f"primary {primary!r} is neither a category nor null")
    return check_answer(_strings(cells, "labels"), primary, taxonomy), primary


def _headings(cells: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "headings" in cells:
        if "heading_path" in cells or "heading_nos" in cells:
            raise ValueError("give either headings or heading_path and heading_nos")
        return parse_heading_path(_strings(cells, "headings"))
    titles, numbers = _strings(cells, "heading_path"), _strings(cells, "heading_nos")
    if len(titles) != len(numbers):
        raise ValueError(f"heading_path has {len(titles)} levels, heading_nos {len(numbers)}")
    return tuple(titles), tuple(numbers)


def _place(cells: dict[str, Any], origin: Origin, text: str) -> tuple[str | None, int | None, int | None]:
    if not {"doc", "start", "end"} & set(cells):
        return None, None, None
    if origin == "written":
        raise ValueError("a written clause stands in no document")
    start, end = cells.get("start"), cells.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise ValueError(f"start {start!r} and end {end!r} are no span")
    if end - start != len(text):
        raise ValueError(f"span [{start}:{end}] does not fit a text of {len(text)} characters")
    return _string(cells, "doc"), start, end


def _annotations(cells: dict[str, Any], taxonomy: Taxonomy) -> tuple[Annotation, ...]:
    answers = cells.get("annotations", {})
    if not isinstance(answers, dict):
        raise ValueError("annotations is not an object of annotator → answer")  # noqa: TRY004 - a fault of the data
    found = []
    for annotator, answer in sorted(answers.items()):
        try:
            if not isinstance(answer, dict) or not isinstance(answer.get("sure", True), bool):
                raise ValueError("needs labels, primary and maybe sure (true or false)")  # noqa: TRY004, TRY301
            labels, primary = _answer(answer, taxonomy)
            remarks = [_string(answer, key) if key in answer else "" for key in ("batch", "note")]
        except ValueError as error:
            raise ValueError(f"annotator {annotator}: {error}") from error
        found.append(Annotation(annotator, labels, primary, answer.get("sure", True), *remarks))
    return tuple(found)


def _string(cells: dict[str, Any], key: str) -> str:
    value = cells.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"key {key!r} is missing or no text")
    return value


def _strings(cells: dict[str, Any], key: str) -> list[str]:
    value = cells.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"key {key!r} is missing or no list of texts")
    return value
