"""Decisions in a table of doubts → verdicts: which label is kept, which is changed, and to what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from qclassify.errors import ReadError
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.rows import Row, Table
from qclassify.reading.tables import open_table
from qclassify.rendering.lines import guarded
from qclassify.taxonomy import Taxonomy
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation
from training.labelling.answers import NO_LABEL, category_id, complete
from training.labelling.decisions import About, Answer, Choice, answer_of
from training.labelling.questions import DECISION, REASON
from training.labelling.sheet import unescaped
from training.labelling.workbook import HEADS, row_answer

_COLUMNS: Final = (
    "about",
    "id",
    "text",
    "labels",
    "primary",
    "decision",
    "new_labels",
    "new_primary",
    "reason",
)
_SHEET_HEADS: Final = {
    "id": HEADS["clause_id"],
    "about": "about",
    "labels": "labels",
    "primary": "primary now",
    "suggested_labels": "suggested_labels",
    "suggested_primary": HEADS["suggested_primary"],
    "decision": DECISION,
    "reason": REASON,
}
_SPLIT: Final = re.compile(r"[\s,，、;；>]+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided about a question.

    Attributes:
        line: of the file, from 1.
        about, id: of the question.
        before: labels and primary when the question was put; None when the file does not say.
        decision: `keep` or `change`.
        after: the label to be; None with `keep`.
        reason: maybe "".
    """

    line: int
    about: About
    id: str
    before: Answer | None
    decision: Choice
    after: Answer | None
    reason: str


def read_verdicts(path: Path, taxonomy: Taxonomy) -> Parsed[Verdict]:
    """Read a table that was decided in; rows without a decision are left out."""
    found: list[Verdict] = []
    faults: list[Fault] = []
    try:
        table = _open(path)
        in_sheet = DECISION in table.columns
        names = {key: _SHEET_HEADS.get(key, key) if in_sheet else key for key in ("id", "decision", "about")}
        if lacking := [name for name in names.values() if name not in table.columns]:
            return Parsed((), (Fault(path, 1, f"no column {lacking[0]!r}; is this a table to decide in?"),))
        for row in table.rows:
            if isinstance(row, ReadError):
                raise row
            try:
                verdict = _sheet_verdict(row, taxonomy) if in_sheet else _plain_verdict(row, taxonomy)
            except ValueError as error:
                faults.append(Fault(path, row.line, str(error)))
            else:
                found += [verdict] if verdict else []
    except ReadError as error:
        return Parsed((), (Fault(path, 1, error.message.removeprefix(f"{path}: ")),))
    return Parsed(tuple(found), tuple(faults))


def suggested_verdict(clause_id: str, path: Path, taxonomy: Taxonomy) -> Verdict:
    """The verdict that a file of suspects suggests for one of them.

    Raises:
        ReadError: the file cannot be read.
        ValueError: it does not hold the clause, or suggests nothing.
    """
    table = _open(path)
    names = _SHEET_HEADS if DECISION in table.columns else {key: key for key in _SHEET_HEADS}
    for row in table.rows:
        if isinstance(row, ReadError):
            raise row
        cells = {key: row.cells.get(name, "") for key, name in names.items()}
        if cells["id"] == clause_id and cells["about"] == "suspect":
            verdict = _verdict(row.line, {**cells, "decision": "change"}, None, taxonomy, "")
            if verdict is not None:
                return verdict
    raise ValueError(f"{path}: holds no suspect {clause_id!r}")


def verdict_of(clause_id: str, labels: str, primary: str, taxonomy: Taxonomy) -> Verdict:
    """The verdict that a suspect gets these labels, separated by commas or blanks.

    Raises:
        ValueError: an unknown category, or no primary among several.
    """
    cells = {
        "about": "suspect",
        "id": clause_id,
        "decision": "change",
        "new_labels": labels,
        "new_primary": primary,
    }
    verdict = _plain_verdict(Row(1, cells), taxonomy)
    if verdict is None or verdict.after is None:
        raise ValueError("no label is given")
    return replace(verdict, before=None)


def _open(path: Path) -> Table:
    return open_table(path, str(path), "auto", DEFAULT_LIMITS, frozenset((*_COLUMNS, *_SHEET_HEADS.values())))


def _sheet_verdict(row: Row, taxonomy: Taxonomy) -> Verdict | None:
    cells = {key: row.cells.get(head, "") for key, head in _SHEET_HEADS.items()}
    odd = row.cells.get(HEADS["odd"], "")
    cells["id"] = json.loads(odd) if odd else cells["id"]
    answer = row_answer(row.cells, taxonomy, "")
    return _verdict(
        row.line, cells, answer_of(answer) if answer else None, taxonomy, unescaped(cells["reason"])
    )


def _plain_verdict(row: Row, taxonomy: Taxonomy) -> Verdict | None:
    # Ids and reasons may carry the guard against formulas that csv files for people have.
    cells = {key: cell[1:] if guarded(cell[1:]) == cell else cell for key, cell in row.cells.items()}
    new, primary = _names(cells.get("new_labels", "")), cells.get("new_primary", "").strip()
    answer = None
    if new or primary:
        labels = [category_id(name, taxonomy) for name in new if name != NO_LABEL]
        chosen = category_id(primary, taxonomy) if primary and primary != NO_LABEL else None
        none = NO_LABEL in (*new, primary)
        answer = answer_of(complete(labels, chosen, taxonomy, Annotation("", (), None), none=none))
    return _verdict(row.line, cells, answer, taxonomy, cells.get("reason", ""))


def _verdict(
    line: int, cells: Mapping[str, str], answer: Answer | None, taxonomy: Taxonomy, reason: str
) -> Verdict | None:
    said = cells.get("decision", "").strip().lower()
    if not said and answer is None:
        return None
    if said not in ("", "keep", "change"):
        raise ValueError(f"decision {said!r} is neither keep nor change")
    about = cells.get("about", "").strip()
    if about not in ("conflict", "suspect") or not cells.get("id", "").strip():
        raise ValueError("`about` and `id` say which question this is; they were changed or cleared")
    before = _answer(cells, "labels", "primary", taxonomy)
    if said == "keep":
        if answer is not None and answer != before:
            raise ValueError("`keep`, but another label is given; clear it or say `change`")
        return Verdict(line, about, cells["id"].strip(), before, "keep", None, reason.strip())  # type: ignore[arg-type]
    if answer is None and cells.get("suggested_labels", "") + cells.get("suggested_primary", ""):
        answer = _answer(cells, "suggested_labels", "suggested_primary", taxonomy)
    if answer is None:
        raise ValueError("`change` needs the new labels and their primary")
    return Verdict(line, about, cells["id"].strip(), before, "change", answer, reason.strip())  # type: ignore[arg-type]


def _answer(cells: Mapping[str, str], labels: str, primary: str, taxonomy: Taxonomy) -> Answer:
    chosen = taxonomy.ordered(
        {category_id(name, taxonomy) for name in _names(cells.get(labels, "")) if name != NO_LABEL}
    )
    named = cells.get(primary, "").strip()
    return chosen, category_id(named, taxonomy) if named and named != NO_LABEL else None


def _names(cell: str) -> list[str]:
    return [name for name in _SPLIT.split(cell.strip()) if name]
