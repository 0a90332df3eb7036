"""Doubts about labels as a table to decide in: `keep` the label, or `change` it to another.

The same table serves conflicts of annotators and labels that a model doubts, as jsonl, csv or a workbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.rendering.wording import heading_line
from qclassify.taxonomy import Taxonomy
from training.labelled_clauses import Annotation, LabelledClause
from training.labelling.answers import NO_LABEL
from training.labelling.decisions import About, Answer, answer_of
from training.labelling.row_files import write_rows
from training.labelling.sheet import Column, escaped, is_odd, write_sheet
from training.labelling.workbook import HEADS, answer_columns

DECISION: Final = "决定 decision"
REASON: Final = "理由 reason"


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


def question_lines(questions: Sequence[Question]) -> Iterator[str]:
    """The questions for people: two lines each."""
    for question in questions:
        clause = question.clause
        suggested = f" → {label_line(question.suggestion)}" if question.suggestion is not None else ""
        given = answers_line(question) or question.why
        yield f"{clause.id}  {clause.file.name}:{clause.line}  [{label_line(answer_of(clause))}]{suggested}  {given}"
        yield f"    {clause.text}"


def write_questions(questions: Sequence[Question], output: Path | None, taxonomy: Taxonomy) -> None:
    """Write the table, in the form that the suffix names; jsonl to standard output without one.

    Raises:
        LabelError: the suffix names no form.
        QClassifyError: the extra `xlsx` is not installed, or the file cannot be written.
    """
    rows = [question_record(question) for question in questions]

    def workbook(stream: BinaryIO) -> None:
        write_sheet(stream, "裁定", _columns(questions, rows, taxonomy), taxonomy, frozen=2)

    joined = [{key: " ".join(x) if isinstance(x, list) else x for key, x in row.items()} for row in rows]
    write_rows(output, "table", rows, joined, workbook)


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
        Column(DECISION, 10, ["" for _ in rows], "choice", ("keep", "change")),
        *answer_columns([None] * len(rows), taxonomy)[:-1],
        Column(REASON, 30, ["" for _ in rows], "free"),
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
