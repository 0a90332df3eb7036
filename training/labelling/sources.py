"""What is to be labelled → tasks: clauses of the labels folder, of documents, or of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import numpy as np

from qclassify.bundle import Bundle
from qclassify.deciding import confidence
from qclassify.errors import LabelError, ReadError
from qclassify.heading_path import LEVEL_SEPARATOR, parse_heading_path
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.rows import Row
from qclassify.reading.tables import open_table
from qclassify.records import Document, Unit
from qclassify.segmentation import segment
from qclassify.tagging import tag_units
from training.dataset import Dataset, LabelledClause
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation
from training.labelling.answers import suggested_answer
from training.labelling.tasks import Suggestion, Task

Part = Literal["gold", "written", "all"]
COLUMNS: Final = ("id", "text", "heading_path", "heading_nos", "doc", "start", "end")
_NO_NAME: Final = re.compile(r"[^\w.-]+")


def is_labels_folder(path: Path) -> bool:
    """Whether a path is a labels folder rather than a folder of documents."""
    return (path / "taxonomy.toml").is_file()


def folder_tasks(dataset: Dataset, part: Part = "gold", not_by: str | None = None) -> list[Task]:
    """The clauses of a labels folder as tasks without answers.

    Args:
        dataset: the folder.
        part: clauses of documents, written ones, or both.
        not_by: leave out what this annotator has answered.
    """
    return [clause_task(clause) for clause in selected(dataset, part, not_by)]


def answered_tasks(
    dataset: Dataset, part: Part, not_by: str | None = None, *, by_annotators: bool = False
) -> list[Task]:
    """The same with answers: the gold labels, or every annotator's answer as a task of its own."""
    tasks: list[Task] = []
    for clause in selected(dataset, part, not_by):
        if by_annotators:
            tasks += [replace(clause_task(clause), answer=answer) for answer in clause.annotations]
        else:
            gold = Annotation("", clause.labels, clause.primary)
            tasks.append(replace(clause_task(clause), answer=gold))
    return tasks


def selected(dataset: Dataset, part: Part, not_by: str | None) -> list[LabelledClause]:
    """Clauses of a part that an annotator has not answered yet."""
    gold, written = part in ("gold", "all"), part in ("written", "all")
    clauses = [*(dataset.gold if gold else ()), *(dataset.written if written else ())]
    return [c for c in clauses if not_by is None or not_by not in {a.annotator for a in c.annotations}]


def clause_task(clause: LabelledClause) -> Task:
    """A labelled clause as a task."""
    return Task(
        clause.id, clause.text, clause.heading_path, clause.heading_nos, clause.doc, clause.start, clause.end
    )


def document_id(name: str) -> str:
    """A document's id in the labels folder, from the name it was read under.

    >>> document_id("plans/泉州 2019.docx")
    '泉州-2019'
    """
    stem = Path(name).stem if "/" in name or Path(name).suffix else name
    return _NO_NAME.sub("-", stem).strip("-.") or "document"


def document_tasks(documents: Iterable[Document]) -> list[Task]:
    """The clauses of documents as tasks, ids as in the labels folder (`document:start`).

    Raises:
        LabelError: two documents would have the same id.
    """
    tasks: list[Task] = []
    names: dict[str, str] = {}
    for document in documents:
        doc = document_id(document.name)
        if doc in names:
            raise LabelError(
                f"{names[doc]} and {document.name} would both be document {doc!r}", "rename one of the files"
            )
        names[doc] = document.name
        tasks += [
            Task(f"{doc}:{u.start}", u.text, u.heading_path, u.heading_nos, doc, u.start, u.end)
            for u in segment(document)
            if u.kind == "clause"
        ]
    return tasks


def table_tasks(path: Path) -> list[Task]:
    """The rows of a table of clauses (csv, tsv, jsonl, xlsx, parquet) as tasks.

    Columns: `id`, `text`, maybe `heading_path` (levels joined by ` > `) with `heading_nos`, and `doc`, `start`,
    `end`; what `queue` writes has them all. Without `heading_nos` each level is `number title`.

    Raises:
        ReadError: the table cannot be read.
        LabelError: a column is missing, a row is no clause, or an id stands twice; file and line are named.
    """
    table = open_table(path, str(path), "auto", DEFAULT_LIMITS, frozenset(COLUMNS))
    missing = [column for column in ("id", "text") if column not in table.columns]
    if missing:
        raise LabelError(
            f"{path}:1: no column {missing[0]!r}; columns found: {', '.join(table.columns)}",
            f"needed: id and text, and maybe {', '.join(COLUMNS[2:])}",
        )
    tasks: list[Task] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        if isinstance(row, ReadError):
            raise row
        try:
            task = _row_task(row)
            if task.id in seen:
                raise ValueError(f"id {task.id!r} was used at line {seen[task.id]}")  # noqa: TRY301
            seen[task.id] = row.line
            tasks.append(task)
        except ValueError as error:
            faults.append(Fault(path, row.line, str(error)))
    return list(Parsed(tuple(tasks), tuple(faults)).checked())


def is_clause_table(path: Path) -> bool:
    """Whether a file is a table that says of itself that its rows are clauses: `id`, `text`, `heading_path`.

    Files of documents are no tables, and tables of documents have no headings.
    """
    try:
        table = open_table(path, str(path), "auto", DEFAULT_LIMITS, frozenset(COLUMNS))
    except ReadError:
        return False
    return {"id", "text", "heading_path"} <= set(table.columns)


def with_suggestions(tasks: Sequence[Task], model: Bundle) -> list[Task]:
    """The tasks with the model's guesses."""
    if not tasks:
        return []
    units = [
        Unit(0, len(task.text), task.text, heading_path=task.heading_path, heading_nos=task.heading_nos)
        for task in tasks
    ]
    predictions = tag_units(units, model)
    probability = np.array([list(prediction.scores.values()) for prediction in predictions])
    sure = confidence(probability, np.array(model.decision.thresholds))
    return [
        replace(task, suggestion=Suggestion(model.id, p.labels, p.primary, p.scores, float(c)))
        for task, p, c in zip(tasks, predictions, sure, strict=True)
    ]


def prefilled(tasks: Sequence[Task]) -> Iterator[Task]:
    """The tasks with the model's guesses as answers of nobody's, to be corrected."""
    for task in tasks:
        yield task if task.suggestion is None else replace(task, answer=suggested_answer(task.suggestion))


def _row_task(row: Row) -> Task:
    cells = row.cells
    own_id, text = cells.get("id", "").strip(), cells.get("text", "")
    place = _place(cells)
    if place is not None and text.startswith("'") and place[2] - place[1] == len(text) - 1:
        text = text[1:]  # the guard against formulas, which csv files for people carry
    if place is None:
        text = text.strip()
    if not own_id or not text:
        raise ValueError("no id or no text")
    titles, numbers = _headings(cells)
    if place is None:
        return Task(own_id, text, titles, numbers)
    doc, start, end = place
    if end - start != len(text):
        raise ValueError(f"span [{start}:{end}] does not fit a text of {len(text)} characters")
    return Task(own_id, text, titles, numbers, doc, start, end)


def _place(cells: Mapping[str, str]) -> tuple[str, int, int] | None:
    doc, start, end = (cells.get(key, "").strip() for key in ("doc", "start", "end"))
    if not (doc or start or end):
        return None
    if not doc or not start.isdecimal() or not end.isdecimal():
        raise ValueError(f"doc {doc!r}, start {start!r} and end {end!r} are no place")
    return doc, int(start), int(end)


def _headings(cells: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    path = cells.get("heading_path", "")
    if "heading_nos" not in cells:
        return parse_heading_path(path)
    if not path and not cells["heading_nos"]:
        return (), ()
    titles, numbers = path.split(LEVEL_SEPARATOR), cells["heading_nos"].split(LEVEL_SEPARATOR)
    if len(titles) != len(numbers):
        raise ValueError(f"heading_path has {len(titles)} levels, heading_nos {len(numbers)}")
    return tuple(titles), tuple(numbers)
