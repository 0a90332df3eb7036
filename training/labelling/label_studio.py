"""Label Studio: tasks with our predictions, and the labelling interface that fits them.

A task's `data` is written back unaltered, so clause id, place and headings travel there. Its `predictions` show
as pre-annotations and let tasks be sorted by score, least certain first. `Choice` has an alias, which stands in
results instead of the name that annotators see.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from qclassify.rendering.lines import json_line
from qclassify.taxonomy import Taxonomy
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation
from training.labelling.answers import (
    NO_LABEL,
    MissingPrimary,
    category_id,
    complete,
    display_name,
    headings_line,
    suggested_primary,
    task_from_record,
    task_record,
    with_remarks,
)
from training.labelling.tasks import Returned, Suggestion, Task

_LABELS, _PRIMARY, _SURE, _TEXT = "labels", "primary", "sure", "text"
_UNSURE = "unsure"


def tasks_file(tasks: Sequence[Task]) -> str:
    """All tasks as one JSON list, one a line."""
    return "[\n" + ",\n".join(json_line(_record(task)).rstrip("\n") for task in tasks) + "\n]\n"


def interface(taxonomy: Taxonomy) -> str:
    """The labelling interface: paste it into Settings → Labeling Interface → Code."""
    several = "single" if taxonomy.exclusive else "multiple"
    lines = [
        "<View>",
        '  <Header value="$headings" size="5"/>',
        f'  <Text name="{_TEXT}" value="$text"/>',
        f'  <Choices name="{_LABELS}" toName="{_TEXT}" choice="{several}" showInline="true">',
        *_choices(taxonomy, hints=True),
        "  </Choices>",
        '  <Header value="主类别 primary" size="6"/>',
        f'  <Choices name="{_PRIMARY}" toName="{_TEXT}" choice="single-radio" showInline="true">',
        *_choices(taxonomy, hints=False),
        "  </Choices>",
        f'  <Choices name="{_SURE}" toName="{_TEXT}" choice="single" showInline="true">',
        f'    <Choice value="没有把握 not sure" alias="{_UNSURE}"/>',
        "  </Choices>",
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def read(path: Path, taxonomy: Taxonomy, missing: MissingPrimary) -> Parsed[Returned]:
    """Read an export (JSON); every annotation of a task counts, skipped and cancelled ones do not.

    Faults name the task's number in the file, from 1: the file has no lines of its own.
    """
    try:
        records = json.loads(path.read_bytes().decode("utf-8-sig"))
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise ValueError("not a list of tasks")  # noqa: TRY301 - one way out for every bad file
    except OSError as error:
        return Parsed((), (Fault(path, 1, f"cannot be read: {error.strerror}"),))
    except (ValueError, RecursionError) as error:
        return Parsed((), (Fault(path, 1, f"not a Label Studio export in JSON: {error}"),))
    found: list[Returned] = []
    faults: list[Fault] = []
    for number, record in enumerate(records, 1):
        try:
            found += _returned(number, record, taxonomy, missing)
        except ValueError as error:
            faults.append(Fault(path, number, f"task {number}: {error}"))
    return Parsed(tuple(found), tuple(faults))


def _choices(taxonomy: Taxonomy, *, hints: bool) -> Iterator[str]:
    for category in taxonomy.categories:
        hint = f" hint={quoteattr(category.definition)}" if hints else ""
        shown = quoteattr(display_name(category))
        yield f"    <Choice value={shown} alias={quoteattr(category.id)}{hint}/>"


def _record(task: Task) -> dict[str, Any]:
    data = {"text": task.text, "headings": headings_line(task), **task_record(task)}
    record: dict[str, Any] = {"data": data}
    if task.suggestion is not None:
        record["predictions"] = [_prediction(task.suggestion)]
    if task.answer is not None:
        record["annotations"] = [_annotation(task.answer)]
    return record


def _prediction(suggestion: Suggestion) -> dict[str, Any]:
    result = _result(suggestion.labels, suggestion.primary)
    return {"model_version": suggestion.model, "score": round(suggestion.confidence, 4), "result": result}


def _annotation(answer: Annotation) -> dict[str, Any]:
    result = _result(answer.labels, answer.primary)
    if not answer.sure:
        result.append(_choice(_SURE, [_UNSURE]))
    found: dict[str, Any] = {"result": result, "was_cancelled": False}
    if "@" in answer.annotator:
        # Accounts are matched by their address; a name that is none would stop the import.
        found["completed_by"] = {"email": answer.annotator}
    return found


def _result(labels: Sequence[str], primary: str | None) -> list[dict[str, Any]]:
    result = [_choice(_LABELS, labels)] if labels else []
    return [*result, _choice(_PRIMARY, [primary])] if primary else result


def _choice(control: str, chosen: Sequence[str]) -> dict[str, Any]:
    place = {"id": control, "from_name": control, "to_name": _TEXT, "type": "choices"}
    return {**place, "value": {"choices": list(chosen)}}


def _returned(
    number: int, record: dict[str, Any], taxonomy: Taxonomy, missing: MissingPrimary
) -> Iterator[Returned]:
    data = record.get("data")
    if not isinstance(data, dict):
        raise ValueError("no `data`; export as JSON, not as JSON-MIN")  # noqa: TRY004 - a fault of the data
    annotations = record.get("annotations", [])
    if not isinstance(annotations, list):
        raise ValueError("`annotations` is no list")  # noqa: TRY004
    answered = False
    for annotation in annotations:
        if not isinstance(annotation, dict):
            raise ValueError("an annotation is no object")  # noqa: TRY004
        if annotation.get("was_cancelled"):
            continue
        account = _account(annotation.get("completed_by"))
        named = data.get("annotator", "")
        empty = Annotation(account or str(named), (), None)
        answer = with_remarks(_answer(annotation, taxonomy, missing, suggested_primary(data), empty), data)
        answered = True
        yield Returned(
            number, task_from_record(data, data.get("text"), answer), bool(account) and account != named
        )
    if not answered:
        yield Returned(number, task_from_record(data, data.get("text")))


def _account(completed_by: object) -> str:
    """The annotator's address where the export has it, else the number of the account."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("id") or "")
    return "" if completed_by is None else str(completed_by)


def _answer(
    annotation: dict[str, Any],
    taxonomy: Taxonomy,
    missing: MissingPrimary,
    suggested: str | None,
    empty: Annotation,
) -> Annotation:
    chosen: dict[str, list[str]] = {_LABELS: [], _PRIMARY: [], _SURE: []}
    for result in annotation.get("result") or []:
        control = result.get("from_name") if isinstance(result, dict) else None
        if control not in chosen or result.get("type") != "choices":
            raise ValueError(f"a result of {control!r}; the interface has {', '.join(chosen)}")
        values = result.get("value", {}).get("choices", [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ValueError(f"the choices of {control!r} are no list of texts")
        chosen[control] += values
    if len(chosen[_PRIMARY]) > 1:
        raise ValueError(f"two primaries: {', '.join(chosen[_PRIMARY])}")
    none = NO_LABEL in chosen[_LABELS]
    labels = [category_id(name, taxonomy) for name in chosen[_LABELS] if name != NO_LABEL]
    primary = category_id(chosen[_PRIMARY][0], taxonomy) if chosen[_PRIMARY] else None
    rest = Annotation(empty.annotator, (), None, sure=not chosen[_SURE])
    return complete(labels, primary, taxonomy, rest, none=none, missing=missing, suggested=suggested)
