"""A workbook to label in: one clause a row, yes or no for every category, a drop-down for the primary.

A row without any answer is not yet labelled; “no category” is said by choosing it as the primary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from qclassify.errors import ReadError
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.rows import Row
from qclassify.reading.tables import open_table
from qclassify.taxonomy import Taxonomy
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation
from training.labelling.answers import MissingPrimary, category_id, complete, headings_line, task_from_record
from training.labelling.sheet import NO, NONE, YES, Column, escaped, is_odd, unescaped, write_sheet
from training.labelling.tasks import Returned, Task

_YES: Final = frozenset({YES, "对", "√", "✓", "yes", "y", "true", "1", "x"})
_NO: Final = frozenset({"", NO, "-", "no", "n", "false", "0"})
_ALTERED: Final = re.compile("[\x00-\x1f\ufffe\uffff]|x005F_")
_NONE: Final = frozenset({NONE, "无", "none", "-"})
HEADS: Final[Mapping[str, str]] = {
    "clause_id": "编号 id",
    "headings": "所在标题 headings",
    "text": "正文 text",
    "primary": "主类别 primary",
    "sure": "有把握 sure",
    "note": "备注 note",
    "annotator": "标注人 annotator",
    "suggestion": "模型建议 suggestion",
    "confidence": "置信度 confidence",
    "suggested_primary": "suggested_primary",
    "place": "place",
    "odd": "odd",
    "batch": "batch",
}


def write(tasks: Sequence[Task], taxonomy: Taxonomy, stream: BinaryIO, annotator: str = "") -> None:
    """Write the workbook; `annotator` stands in rows that name nobody.

    Raises:
        QClassifyError: the extra `xlsx` is not installed.
        LabelError: a clause is longer than a cell can be.
    """
    answers = [task.answer for task in tasks]
    guesses = [task.suggestion for task in tasks]
    hidden = [
        Column(HEADS["suggested_primary"], 8, [(g.primary or "") if g else "" for g in guesses], "hidden"),
        Column(HEADS["place"], 8, [escaped(_place(task)) for task in tasks], "hidden"),
        Column(HEADS["odd"], 8, [escaped(t.text) if is_odd(t.text) else "" for t in tasks], "hidden"),
        Column(HEADS["batch"], 8, [a.batch if a else "" for a in answers], "hidden"),
    ]
    names = {category.id: category.name for category in taxonomy.categories}
    columns = [
        Column(HEADS["clause_id"], 18, [task.id for task in tasks]),
        Column(HEADS["headings"], 26, [headings_line(task) for task in tasks]),
        Column(HEADS["text"], 60, [task.text for task in tasks]),
        *answer_columns(answers, taxonomy),
        Column(HEADS["note"], 24, [a.note if a else "" for a in answers], "free"),
        Column(HEADS["annotator"], 12, [(a.annotator if a else "") or annotator for a in answers], "free"),
        Column(
            HEADS["suggestion"], 16, ["、".join(names[x] for x in g.labels) if g else "" for g in guesses]
        ),
        Column(HEADS["confidence"], 12, [f"{g.confidence:.2f}" if g else "" for g in guesses]),
        *hidden,
    ]
    write_sheet(stream, "标注", columns, taxonomy, frozen=3)


def answer_columns(answers: Sequence[Annotation | None], taxonomy: Taxonomy) -> list[Column]:
    """A yes/no column a category, one for the primary and one for “sure”, filled with the answers there are."""
    names = {category.id: category.name for category in taxonomy.categories}
    columns = [
        Column(
            category_head(category.name, category.id),
            max(8, len(category.id) + 2),
            [YES if answer and category.id in answer.labels else "" for answer in answers],
            "yes_no",
            tint=category.colour,
        )
        for category in taxonomy.categories
    ]
    primaries = ["" if a is None else NONE if a.primary is None else names[a.primary] for a in answers]
    sure = ["" if a is None or a.sure else NO for a in answers]
    return [
        *columns,
        Column(HEADS["primary"], 10, primaries, "category"),
        Column(HEADS["sure"], 8, sure, "yes_no"),
    ]


def category_head(name: str, own_id: str) -> str:
    """The head of a category's column."""
    return f"{name} {own_id}"


def read(path: Path, taxonomy: Taxonomy, missing: MissingPrimary) -> Parsed[Returned]:
    """Read the first sheet of a workbook that `write` made and people filled in."""
    found: list[Returned] = []
    faults: list[Fault] = []
    known = frozenset(head.lower() for head in HEADS.values())
    try:
        table = open_table(path, str(path), "auto", DEFAULT_LIMITS, known)
        lacking = [
            HEADS[key] for key in ("clause_id", "text", "primary", "place") if HEADS[key] not in table.columns
        ]
        if lacking:
            return Parsed(
                (), (Fault(path, 1, f"no column {lacking[0]!r}; is this a sheet that export-tasks made?"),)
            )
        for row in table.rows:
            if isinstance(row, ReadError):
                raise row
            try:
                found.append(Returned(row.line, _task(row, taxonomy, missing)))
            except ValueError as error:
                faults.append(Fault(path, row.line, str(error)))
    except ReadError as error:
        return Parsed((), (Fault(path, 1, error.message.removeprefix(f"{path}: ")),))
    return Parsed(tuple(found), tuple(faults))


def row_answer(
    cells: Mapping[str, str],
    taxonomy: Taxonomy,
    annotator: str,
    missing: MissingPrimary = "error",
    suggested: str | None = None,
) -> Annotation | None:
    """The answer in a row's yes/no and primary cells; None when there is none.

    Raises:
        ValueError: a cell is neither yes nor no, the primary unknown or missing, or answered with “no”.
    """
    said = {
        category.id: _yes_no(cells.get(head, ""), head)
        for category in taxonomy.categories
        for head in [category_head(category.name, category.id)]
    }
    labels = [own_id for own_id, yes in said.items() if yes]
    shown = cells.get(HEADS["primary"], "").strip()
    none = shown.casefold() in _NONE
    if not labels and not shown:
        return None
    primary = category_id(shown, taxonomy) if shown and not none else None
    if primary is not None and labels and primary not in labels:
        raise ValueError(f"the primary {shown!r} is not among the categories answered with {YES}")
    sure = cells.get(HEADS["sure"], "").strip() == "" or _yes_no(cells[HEADS["sure"]], HEADS["sure"])
    rest = Annotation(annotator, (), None, sure, unescaped(cells.get(HEADS["batch"], "")), _note(cells))
    return complete(labels, primary, taxonomy, rest, none=none, missing=missing, suggested=suggested)


def _task(row: Row, taxonomy: Taxonomy, missing: MissingPrimary) -> Task:
    cells = row.cells
    suggested = cells.get(HEADS["suggested_primary"], "") or None
    annotator = unescaped(cells.get(HEADS["annotator"], "").strip())
    answer = row_answer(cells, taxonomy, annotator, missing, suggested)
    try:
        place = json.loads(cells.get(HEADS["place"], ""))
    except ValueError:
        place = None
    if not isinstance(place, dict):
        raise ValueError("the hidden column `place` was changed or cleared; export again")  # noqa: TRY004
    return task_from_record(place, _text(cells, place), answer)


def _text(cells: Mapping[str, str], place: Mapping[str, object]) -> str:
    shown, kept = cells.get(HEADS["text"], ""), cells.get(HEADS["odd"], "")
    if not kept:
        return shown
    try:
        text = json.loads(kept)
    except ValueError:
        text = None
    if not isinstance(text, str):
        raise ValueError("the hidden column `odd` was changed or cleared; export again")  # noqa: TRY004
    if _comparable(text) != _comparable(shown):
        raise ValueError(f"the text of {place.get('clause_id')!r} was changed")
    return text


def _comparable(text: str) -> str:
    """The text without what cells alter: escapes, control characters, half characters."""
    return _ALTERED.sub("", unescaped(text.encode("utf-8", "replace").decode("utf-8")))


def _yes_no(cell: str, head: str) -> bool:
    said = cell.strip().casefold()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise ValueError(f"{cell!r} in column {head!r} is neither {YES} nor {NO}")


def _note(cells: Mapping[str, str]) -> str:
    return unescaped(cells.get(HEADS["note"], ""))


def _place(task: Task) -> dict[str, object]:
    """Where the clause stands."""
    return {
        "clause_id": task.id,
        "doc": task.doc,
        "start": task.start,
        "end": task.end,
        "heading_path": list(task.heading_path),
        "heading_nos": list(task.heading_nos),
    }
