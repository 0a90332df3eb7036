"""doccano: JSON lines for its document classification.

doccano keeps every key but `text` and `label` as metadata and writes it back beside the text; it adds an
`id` of its own, sorts the labels, and writes one file an annotator unless annotations are shared. The
categories of a new project come from the second file, which its label page imports.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qclassify.taxonomy import Taxonomy
from training.label_files import Parsed, parse_json_lines
from training.labelling.answers import (
    NO_LABEL,
    NOT_SURE,
    PRIMARY,
    MissingPrimary,
    from_marks,
    headings_line,
    marks,
    suggested_primary,
    task_from_record,
    task_record,
    with_remarks,
)
from training.labelling.tasks import Returned, Task

MARK_COLOUR = "#57606a"
_KEYS = string.digits[1:] + string.ascii_lowercase


def lines(tasks: Sequence[Task], taxonomy: Taxonomy) -> Iterator[str]:
    """One task a line; ASCII only, so that no guess at the encoding can go wrong."""
    for task in tasks:
        record = {"text": task.text, "label": marks(task.answer) if task.answer else [], **task_record(task)}
        if task.heading_path:
            record["headings"] = headings_line(task)
        if task.suggestion is not None:
            record["suggestion"] = "、".join(taxonomy[label].name for label in task.suggestion.labels)
        yield json.dumps(record) + "\n"


def label_file(taxonomy: Taxonomy) -> str:
    """The labels of a project, as doccano imports them: categories, then the marks."""
    names = [(category.id, category.colour) for category in taxonomy.categories]
    if not taxonomy.exclusive:
        names += [(f"{PRIMARY}{category.id}", category.colour) for category in taxonomy.categories]
    names += [(NO_LABEL, MARK_COLOUR), (NOT_SURE, MARK_COLOUR)]
    labels = [
        {
            "text": name,
            "prefix_key": None,
            "suffix_key": _KEYS[position] if position < len(_KEYS) else None,
            "background_color": colour,
            "text_color": "#ffffff",
        }
        for position, (name, colour) in enumerate(names)
    ]
    return json.dumps(labels, ensure_ascii=False, indent=2) + "\n"


def read(path: Path, taxonomy: Taxonomy, missing: MissingPrimary) -> Parsed[Returned]:
    """Read what doccano exported as JSONL; a text without labels counts as not yet labelled."""
    return parse_json_lines(path, lambda row: Returned(row.line, _task(row.cells, taxonomy, missing)))


def _task(cells: dict[str, Any], taxonomy: Taxonomy, missing: MissingPrimary) -> Task:
    names = cells.get("label", cells.get("labels"))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("`label` is missing or no list of texts; export document classification as JSONL")
    annotator = cells.get("annotator", "")
    if not isinstance(annotator, str):
        raise ValueError(f"annotator {annotator!r} is no text")  # noqa: TRY004 - a fault of the data
    answer = from_marks(names, taxonomy, annotator, missing, suggested_primary(cells))
    if answer is not None:
        answer = with_remarks(answer, cells)
        comments = [text for text in cells.get("Comments") or [] if isinstance(text, str)]
        if comments:
            answer = replace(answer, note="; ".join([*filter(None, [answer.note]), *comments]))
    return task_from_record(cells, cells.get("text"), answer)
