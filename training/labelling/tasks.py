"""What goes out to be labelled and what comes back, whatever the tool in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.labelled_clauses import Annotation


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model's guess for a clause.

    Attributes:
        model: id of the model.
        labels, primary: its decision.
        scores: category id → calibrated probability in [0, 1], in taxonomy order.
        confidence: how far the closest call is from its threshold, in [0, 1].
    """

    model: str
    labels: tuple[str, ...]
    primary: str | None
    scores: Mapping[str, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Task:
    """A clause to be labelled.

    Attributes:
        id: unique in the file; in a labels folder the clause's own.
        text: the clause, unaltered.
        heading_path, heading_nos: titles and numbers of the enclosing items, outermost first, equally long.
        doc, start, end: where it stands, half-open code-point offsets; all None outside documents.
        suggestion: a model's guess, None without one.
        answer: an answer that already stands in the task (`annotator` "" when it is nobody's yet), or None.
    """

    id: str
    text: str
    heading_path: tuple[str, ...] = ()
    heading_nos: tuple[str, ...] = ()
    doc: str | None = None
    start: int | None = None
    end: int | None = None
    suggestion: Suggestion | None = field(default=None, compare=False)
    answer: Annotation | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A task as it came back.

    Attributes:
        line: of the file, from 1; the record's number where a file has no lines of its own.
        task: with the answer in `task.answer`, None when it was skipped.
        account: whether the answer's annotator is only what the tool calls an account (`1`, `texts-li`).
    """

    line: int
    task: Task
    account: bool = False
