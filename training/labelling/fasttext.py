"""fastText: `__label__a __label__b words of the clause`, one clause a line.

The format has room for labels and words only. The clause is cut into words, as fastText wants Chinese to be; the
first label is the primary; `__label__no-label` stands for “none applies”, a line without a label for “not yet
labelled”. Ids, places, headings, annotators and the text as it was go to a companion file, `<file>.tasks.jsonl`,
and come back from there: by line, or by the words where lines were moved or left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from qclassify.features import normalise
from qclassify.rendering.lines import json_line
from qclassify.taxonomy import Taxonomy
from training.label_files import Fault, Parsed, read_json_lines
from training.labelled_clauses import Annotation
from training.labelling.answers import (
    NO_LABEL,
    MissingPrimary,
    category_id,
    complete,
    task_from_record,
    task_record,
    with_remarks,
)
from training.labelling.tasks import Returned, Task

PREFIX = "__label__"
# What fastText splits at, besides ends of lines (dictionary.cc, readWord); more blanks do no harm.
_BLANK = re.compile("[\\s\\x00\\ufeff]+")


def companion(path: Path) -> Path:
    """Where the tasks of a fastText file are kept."""
    return path.with_name(path.name + ".tasks.jsonl")


def lines(tasks: Sequence[Task], cut: Callable[[str], list[str]]) -> Iterator[str]:
    """One task a line.

    Args:
        tasks: with or without answers.
        cut: cuts normalised text into words that joined give the text again.
    """
    for task in tasks:
        yield " ".join([*_labels(task.answer), *_words(task.text, cut)]) + "\n"


def companion_lines(tasks: Sequence[Task]) -> Iterator[str]:
    """What the lines have no room for, in their order."""
    for task in tasks:
        record = {"text": task.text, **task_record(task)}
        yield json_line({**record, "sure": task.answer.sure} if task.answer else record)


def read(path: Path, taxonomy: Taxonomy, missing: MissingPrimary) -> Parsed[Returned]:
    """Read a fastText file beside its companion.

    Faults: no companion, a line whose words are not those of its task, or of several tasks.
    """
    kept = read_json_lines(companion(path))
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return Parsed((), (Fault(path, 1, f"cannot be read: {error}"),))
    if kept.faults:
        hint = "it holds the ids, and export-tasks wrote it beside the tasks"
        return Parsed(
            (), (Fault(path, 1, f"needs {companion(path).name} ({hint}): {kept.faults[0].message}"),)
        )
    found: list[Returned] = []
    faults: list[Fault] = []
    records = [row.cells for row in kept.items]
    by_words: defaultdict[str, list[int]] = defaultdict(list)
    for position, record in enumerate(records):
        by_words[_squeezed(str(record.get("text", "")))].append(position)
    for number, line in enumerate(content.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        labels = [word.removeprefix(PREFIX) for word in words if word.startswith(PREFIX)]
        squeezed = _squeezed("".join(word for word in words if not word.startswith(PREFIX)))
        try:
            record = records[_position(number - 1, by_words.get(squeezed, []))]
            answer = _answer(labels, record, taxonomy)
            found.append(Returned(number, task_from_record(record, record.get("text"), answer)))
        except ValueError as error:
            faults.append(Fault(path, number, str(error)))
    del missing  # the first label is the primary
    return Parsed(tuple(found), tuple(faults))


def _labels(answer: Annotation | None) -> list[str]:
    if answer is None:
        return []
    if answer.primary is None:
        return [PREFIX + NO_LABEL]
    return [PREFIX + label for label in (answer.primary, *(x for x in answer.labels if x != answer.primary))]


def _words(text: str, cut: Callable[[str], list[str]]) -> Iterator[str]:
    start = 0
    for word in cut(normalise(text)):
        # Cut where the normalised text is cut, but keep the characters as written.
        written = text[start : start + len(word)].replace(PREFIX, "__label_ _")
        start += len(word)
        yield from _BLANK.sub(" ", _plain(written)).split()


def _squeezed(text: str) -> str:
    """The text without blanks, which cutting adds and removes."""
    return "".join(_BLANK.sub(" ", _plain(text)).split())


def _plain(text: str) -> str:
    """The text as utf-8 can hold it: a lone surrogate becomes `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _position(line: int, candidates: Sequence[int]) -> int:
    if line in candidates:
        return line
    if not candidates:
        raise ValueError("the words are those of no task; labels go before the words, which stay as they are")
    if len(candidates) > 1:
        raise ValueError(f"lines were moved, and the words are those of {len(candidates)} tasks")
    return candidates[0]


def _answer(labels: Sequence[str], record: dict[str, object], taxonomy: Taxonomy) -> Annotation | None:
    if not labels:
        return None
    annotator = record.get("annotator", "")
    rest = Annotation(str(annotator), (), None, sure=record.get("sure") is not False)
    plain = [category_id(label, taxonomy) for label in labels if label != NO_LABEL]
    return with_remarks(
        complete(plain, None, taxonomy, rest, none=NO_LABEL in labels, missing="first"), record
    )
