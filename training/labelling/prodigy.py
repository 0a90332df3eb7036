"""Prodigy: JSON lines for its `choice` interface (`prodigy mark DATASET FILE --view-id choice`).

Several choices at once need `"choice_style": "multiple"` in `prodigy.json`. `prodigy db-out DATASET` writes the
tasks back with `accept` (the chosen options), `answer` (accept, reject or ignore) and `_annotator_id`, which is
the name of the data set and that of the session.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qclassify.rendering.lines import json_line
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


def lines(tasks: Sequence[Task], taxonomy: Taxonomy) -> Iterator[str]:
    """One task a line, with the categories as options; hashes make ours stable whatever Prodigy's version."""
    options = [{"id": c.id, "text": f"{c.name} {c.id}"} for c in taxonomy.categories]
    if not taxonomy.exclusive:
        options += [{"id": f"{PRIMARY}{c.id}", "text": f"主类别 {c.name}"} for c in taxonomy.categories]
    options += [{"id": NO_LABEL, "text": "无类别"}, {"id": NOT_SURE, "text": "没有把握"}]
    config = {"choice_style": "multiple"}
    for task in tasks:
        meta = {"id": task.id, "headings": headings_line(task)}
        record: dict[str, Any] = {"text": task.text, "options": options, "config": config, "meta": meta}
        record |= task_record(task)
        record |= {"_input_hash": _hash(task.text), "_task_hash": _hash(f"{task.id}\n{task.text}")}
        if task.answer is not None:
            record |= {"accept": marks(task.answer), "answer": "accept"}
            if task.answer.annotator:
                record["_annotator_id"] = task.answer.annotator
        yield json_line(record)


def read(path: Path, taxonomy: Taxonomy, missing: MissingPrimary) -> Parsed[Returned]:
    """Read what `db-out` wrote; tasks that were ignored, rejected or never answered count as skipped."""
    return parse_json_lines(path, lambda row: _returned(row.line, row.cells, taxonomy, missing))


def _returned(line: int, cells: dict[str, Any], taxonomy: Taxonomy, missing: MissingPrimary) -> Returned:
    verdict = cells.get("answer")
    if verdict not in ("accept", "reject", "ignore", None):
        raise ValueError(f"answer {verdict!r} is none of accept, reject, ignore")
    chosen = cells.get("accept", [])
    if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
        raise ValueError("`accept` is no list of texts; export tasks of the choice interface")
    account = str(cells.get("_annotator_id") or "")
    named = cells.get("annotator", "")
    answer = None
    if verdict == "accept":
        # An accepted task without a choice says that no category applies.
        answer = from_marks(
            chosen or [NO_LABEL], taxonomy, account or str(named), missing, suggested_primary(cells)
        )
    if answer is not None:
        answer = with_remarks(answer, cells)
    task = task_from_record(cells, cells.get("text"), answer)
    return Returned(line, task, account=bool(account) and account != named)


def _hash(text: str) -> int:
    """A signed 32-bit number, as Prodigy's own hashes are."""
    return int.from_bytes(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big", signed=True
    )
