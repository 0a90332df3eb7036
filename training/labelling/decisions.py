"""`decisions.jsonl` of a labels folder: who settled which doubt about a label, how, when and why.

Lines are only ever added. A doubt that was settled stays away as long as the clause, its labels and the answers
that were weighed are still those of the decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from qclassify.rendering.lines import json_line
from qclassify.taxonomy import Taxonomy
from training.label_files import Parsed, parse_json_lines
from training.labelled_clauses import Annotation, LabelledClause, check_answer

About = Literal["conflict", "suspect"]
Choice = Literal["keep", "change"]
FILE: Final = "decisions.jsonl"
_KEYS: Final = frozenset(
    ("date", "by", "about", "id", "text", "decision", "before", "labels", "primary", "answers", "reason")
)
Answer = tuple[tuple[str, ...], str | None]


@dataclass(frozen=True, slots=True)
class Decision:
    """One settled doubt.

    Attributes:
        date: ISO 8601.
        by: who decided.
        about: `conflict` (annotators differ, or differ from the label) or `suspect` (a model doubts the label).
        id, text: the clause.
        decision: `keep` or `change`.
        before: labels and primary at that time.
        after: labels and primary from then on; `before` when they were kept.
        answers: the annotators' answers that were weighed, by name.
        reason: why, never empty.
    """

    date: str
    by: str
    about: About
    id: str
    text: str
    decision: Choice
    before: Answer
    after: Answer
    reason: str
    answers: Mapping[str, Answer] = field(default_factory=dict)


def read_decisions(labels_dir: Path, taxonomy: Taxonomy) -> Parsed[Decision]:
    """The decisions of a labels folder, oldest first; none when it has no such file.

    Ids are not looked up: a decision outlives its clause.
    """
    path = labels_dir / FILE
    if not path.exists():
        return Parsed(())
    return parse_json_lines(path, lambda row: _decision(row.cells, taxonomy))


def append_decisions(labels_dir: Path, decisions: Iterable[Decision]) -> None:
    """Add decisions to the file of a (draft of a) labels folder."""
    with (labels_dir / FILE).open("a", encoding="utf-8", newline="\n") as stream:
        stream.writelines(map(decision_line, decisions))


def decision_line(decision: Decision) -> str:
    """The decision as it stands in the file."""
    record: dict[str, Any] = {
        "date": decision.date,
        "by": decision.by,
        "about": decision.about,
        "id": decision.id,
        "text": decision.text,
        "decision": decision.decision,
        "before": _pair(decision.before),
        **_pair(decision.after),
    }
    if decision.answers:
        record["answers"] = {name: _pair(answer) for name, answer in decision.answers.items()}
    return json_line({**record, "reason": decision.reason})


def answer_of(given: LabelledClause | Annotation) -> Answer:
    """Labels and primary."""
    return given.labels, given.primary


def is_settled(clause: LabelledClause, decisions: Sequence[Decision], about: About) -> bool:
    """Whether the last decision on a clause of this kind still holds.

    It does while text, labels and primary are those decided, and every answer of a conflict was weighed.
    """
    last = next((d for d in reversed(decisions) if d.id == clause.id and d.about == about), None)
    if last is None or last.text != clause.text or last.after != answer_of(clause):
        return False
    if about == "suspect":
        return True
    return all(last.answers.get(a.annotator) == answer_of(a) for a in clause.annotations)


def by_clause(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    """Decisions by the id of their clause, oldest first."""
    found: dict[str, list[Decision]] = {}
    for decision in decisions:
        found.setdefault(decision.id, []).append(decision)
    return found


def _pair(answer: Answer) -> dict[str, Any]:
    return {"labels": list(answer[0]), "primary": answer[1]}


def _decision(cells: dict[str, Any], taxonomy: Taxonomy) -> Decision:
    unknown = sorted(set(cells) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    texts = {key: cells.get(key) for key in ("date", "by", "about", "id", "text", "decision", "reason")}
    empty = [key for key, value in texts.items() if not isinstance(value, str) or not value.strip()]
    if empty:
        raise ValueError(f"key {empty[0]!r} is missing or no text")
    try:
        dt.date.fromisoformat(cells["date"])
    except ValueError as error:
        raise ValueError(f"date {cells['date']!r} is not like 2019-01-05") from error
    if cells["about"] not in ("conflict", "suspect") or cells["decision"] not in ("keep", "change"):
        raise ValueError("`about` is conflict or suspect, `decision` is keep or change")
    answers = cells.get("answers", {})
    if not isinstance(answers, dict):
        raise ValueError("answers is not an object of annotator → answer")  # noqa: TRY004 - a fault of the data
    before, after = _answer(cells.get("before"), taxonomy), _answer(cells, taxonomy)
    if (cells["decision"] == "keep") != (before == after):
        raise ValueError("`keep` leaves labels and primary as before, `change` does not")
    return Decision(
        date=cells["date"],
        by=cells["by"],
        about=cells["about"],
        id=cells["id"],
        text=cells["text"],
        decision=cells["decision"],
        before=before,
        after=after,
        reason=cells["reason"],
        answers={name: _answer(answer, taxonomy) for name, answer in answers.items()},
    )


def _answer(cells: object, taxonomy: Taxonomy) -> Answer:
    if not isinstance(cells, dict) or not isinstance(cells.get("labels"), list):
        raise ValueError("an answer needs labels and primary")  # noqa: TRY004
    primary = cells.get("primary")
    if not all(isinstance(x, str) for x in cells["labels"]) or not (
        primary is None or isinstance(primary, str)
    ):
        raise ValueError("labels are a list of categories, the primary is one of them or null")
    return check_answer(cells["labels"], primary, taxonomy), primary
