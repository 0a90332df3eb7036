"""Doubts about labels as a table to decide in: `keep` the label, or `change` it to another.

The same table serves conflicts of annotators and labels that a model doubts, as jsonl, csv or a workbook.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from qclassify.errors import LabelError, ReadError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.rows import Row
from qclassify.reading.tables import open_table
from qclassify.rendering.lines import csv_lines, guarded, json_line
from qclassify.rendering.sinks import binary_sink, text_sink
from qclassify.rendering.wording import heading_line
from qclassify.taxonomy import Taxonomy
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation, LabelledClause
from training.labelling.answers import NO_LABEL, category_id, complete
from training.labelling.decisions import About, Answer, Choice, answer_of
from training.labelling.sheet import Column, escaped, is_odd, unescaped, write_sheet
from training.labelling.workbook import HEADS, answer_columns, row_answer

COLUMNS: Final = (
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
_DECISION: Final = "决定 decision"
_REASON: Final = "理由 reason"
_SHEET_HEADS: Final = {
    "id": HEADS["clause_id"],
    "about": "about",
    "labels": "labels",
    "primary": "primary now",
    "suggested_labels": "suggested_labels",
    "suggested_primary": HEADS["suggested_primary"],
    "decision": _DECISION,
    "reason": _REASON,
}
_SPLIT: Final = re.compile(r"[\s,，、;；>]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A label in doubt.

    Attributes:
        about: `conflict` or `suspect`.
        clause: with its present label.
        why: on one line.
        answers: annotators' answers by name.
        suggestion: the label that a model would give, None without a model.
        facts: numbers to show and sort by.
    """

    about: About
    clause: LabelledClause
    why: str
    answers: Mapping[str, Annotation] = field(default_factory=dict)
    suggestion: Answer | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


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


def question_record(question: Question) -> dict[str, Any]:
    """The question as a row, the decision still blank."""
    clause = question.clause
    record: dict[str, Any] = {
        "about": question.about,
        "id": clause.id,
        "place": f"{clause.file.name}:{clause.line}",
        "headings": heading_line(clause.heading_nos, clause.heading_path, LEVEL_SEPARATOR),
        "text": clause.text,
        "labels": list(clause.labels),
        "primary": clause.primary,
        "why": question.why,
        **question.facts,
    }
    if question.answers:
        record["answers"] = answers_line(question)
    if question.suggestion is not None:
        record |= {
            "suggested_labels": list(question.suggestion[0]),
            "suggested_primary": question.suggestion[1],
        }
    return record | {"decision": "", "new_labels": [], "new_primary": "", "reason": ""}


def answers_line(question: Question) -> str:
    """All answers on one line: `li: product* service; wang: product*`, the primary starred."""
    return "; ".join(
        f"{name}: {label_line(answer_of(answer))}{'' if answer.sure else ' (not sure)'}"
        f"{f' [{answer.note}]' if answer.note else ''}"
        for name, answer in question.answers.items()
    )


def label_line(answer: Answer) -> str:
    """`product* service`; `no-label` for none."""
    return " ".join(f"{x}*" if x == answer[1] else x for x in answer[0]) or NO_LABEL


def write_questions(questions: Sequence[Question], output: Path | None, taxonomy: Taxonomy) -> None:
    """Write the table, in the form that the suffix names; jsonl to standard output without one.

    Raises:
        LabelError: the suffix names no form.
        QClassifyError: the extra `xlsx` is not installed, or the file cannot be written.
    """
    suffix = output.suffix.lower() if output else ".jsonl"
    rows = [question_record(question) for question in questions]
    if suffix == ".jsonl":
        with text_sink(output) as stream:
            stream.writelines(map(json_line, rows))
    elif suffix == ".csv":
        with text_sink(output, byte_order_mark=True) as stream:
            joined = ({**r, **{k: " ".join(r[k]) for k in r if isinstance(r[k], list)}} for r in rows)
            stream.writelines(csv_lines(joined))
    elif suffix == ".xlsx":
        content = io.BytesIO()
        write_sheet(content, "裁定", _columns(questions, rows, taxonomy), taxonomy, frozen=2)
        with binary_sink(output) as target:
            target.write(content.getvalue())
    else:
        raise LabelError(f"{output}: no table is written as {suffix!r}", "name a .jsonl, .csv or .xlsx file")


def read_verdicts(path: Path, taxonomy: Taxonomy) -> Parsed[Verdict]:
    """Read a table that was decided in; rows without a decision are left out."""
    found: list[Verdict] = []
    faults: list[Fault] = []
    try:
        table = open_table(
            path, str(path), "auto", DEFAULT_LIMITS, frozenset((*COLUMNS, *_SHEET_HEADS.values()))
        )
        in_sheet = _DECISION in table.columns
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


def _columns(
    questions: Sequence[Question], rows: Sequence[Mapping[str, Any]], taxonomy: Taxonomy
) -> list[Column]:
    def texts(key: str) -> list[str]:
        return [_cell(row.get(key)) for row in rows]

    shown = [
        key for key in ("answers", "suggested_labels", "gap", "category") if any(key in row for row in rows)
    ]
    widths = {"answers": 34, "suggested_labels": 18}
    return [
        Column(HEADS["clause_id"], 18, texts("id")),
        Column(HEADS["text"], 60, texts("text")),
        Column(HEADS["headings"], 24, texts("headings")),
        Column("labels", 18, texts("labels")),
        Column("primary now", 12, texts("primary")),
        Column("why", 24, texts("why")),
        *(Column(key, widths.get(key, 9), texts(key)) for key in shown),
        Column(_DECISION, 10, ["" for _ in rows], "choice", ("keep", "change")),
        *answer_columns([None] * len(rows), taxonomy)[:-1],
        Column(_REASON, 30, ["" for _ in rows], "free"),
        Column("about", 8, texts("about"), "hidden"),
        Column(HEADS["suggested_primary"], 8, texts("suggested_primary"), "hidden"),
        Column(
            HEADS["odd"],
            8,
            [escaped(q.clause.id) if is_odd(q.clause.id) else "" for q in questions],
            "hidden",
        ),
    ]


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


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
