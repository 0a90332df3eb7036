"""Answers that came back → a labels folder, beside those that stand there.

An answer never changes a label. A clause that is new to the folder gets the first answer as its label; every later
answer stands beside it, and where answers differ from each other or from the label the clause is listed as a
conflict until somebody decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from qclassify.records import Document
from training.dataset import Dataset, clause_files
from training.label_files import Fault, refuse
from training.labelled_clauses import Annotation, LabelledClause, check_answer
from training.labelling.decisions import answer_of
from training.labelling.new_clauses import NewClauses
from training.labelling.staging import rewrite_clauses, staged
from training.labelling.tasks import Returned, Task
from training.near_duplicates import near_duplicates

_NAME: Final = re.compile(r"[^\W_][\w.@+-]*(?: [\w.@+-]+)*")
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    Attributes:
        annotator: who answered, for rows that name nobody or only an account of the tool; None: rows say it.
        renames: names in the file → names in the labels folder.
        batch: recorded with every answer that carries none.
        add: take in clauses that the folder does not know.
        replace_answers: let an annotator's new answer take the place of an older one.
        drop_near_written: drop written clauses that resemble clauses newly taken in.
        documents: id → document, for new clauses of documents that the folder lacks.
        collection: id of the document that new clauses without one are put together to.
    """

    annotator: str | None = None
    renames: Mapping[str, str] | None = None
    batch: str = ""
    add: bool = False
    replace_answers: bool = False
    drop_near_written: bool = False
    documents: Mapping[str, Document] | None = None
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes:
        answers: how many answers were recorded, `replaced` among them.
        repeated: how many stood there already.
        skipped: how many tasks came back without an answer.
        new: ids of clauses taken in.
        documents: ids of documents taken in.
        dropped: ids of written clauses dropped.
        touched: ids of all clauses that got an answer.
    """

    answers: int
    replaced: int
    repeated: int
    skipped: int
    new: tuple[str, ...]
    documents: tuple[str, ...]
    dropped: tuple[str, ...]
    touched: tuple[str, ...]


class Merge:
    """Answers set beside those of a labels folder; nothing is written.

    Args:
        dataset: the folder.
        file: that the answers come from, for messages.
        options: how to import.

    Attributes:
        faults: all that does not fit; only without any may the merge be applied.
    """

    def __init__(self, dataset: Dataset, file: Path, options: ImportOptions) -> None:
        self.dataset, self.file, self.options = dataset, file, options
        self.known = {clause.id: clause for clause in (*dataset.gold, *dataset.written)}
        self.new = NewClauses(dataset, options.documents or {}, options.collection)
        self.answers: dict[str, dict[str, Annotation]] = {}
        self.faults: list[Fault] = []
        self.recorded = self.replaced = self.repeated = self.skipped = 0

    def take(self, returned: Sequence[Returned]) -> None:
        """Set all answers beside those that stand; what does not fit becomes a fault."""
        renamed = self._annotators(returned)
        for entry in returned:
            try:
                self._check_text(entry.task)
                answer = entry.task.answer
                if answer is None:
                    self.skipped += 1
                else:
                    self._take(entry.task, replace(answer, annotator=renamed(entry)))
            except ValueError as error:
                self.faults.append(Fault(self.file, entry.line, str(error)))

    def _annotators(self, returned: Sequence[Returned]) -> Callable[[Returned], str]:
        """Who answered each task, accounts and renames understood."""
        renames, given = self.options.renames or {}, self.options.annotator
        accounts = {e.task.answer.annotator for e in returned if e.task.answer and e.account} - set(renames)
        names = {e.task.answer.annotator for e in returned if e.task.answer} - set(renames) - {""}
        one_account = len(names) == 1 and names == accounts

        def name(entry: Returned) -> str:
            said = entry.task.answer.annotator if entry.task.answer else ""
            own = renames.get(said, said)
            if given and own != given:
                if own and not (said in names and one_account):
                    raise ValueError(
                        f"the file says that {own!r} answered, not {given!r}; leave --annotator out, "
                        f"or give --rename '{said}={given}'"
                    )
                own = given
            if not own:
                raise ValueError("nobody is named as the annotator; say who answered with --annotator")
            if not _NAME.fullmatch(own) or len(own) > _LONGEST_NAME:
                raise ValueError(
                    f"{own!r} is no name for an annotator: letters, digits, blanks and . @ _ + -"
                )
            return own

        return name

    def _check_text(self, task: Task) -> None:
        clause = self.known.get(task.id)
        if clause is None:
            if not self.options.add:
                raise ValueError(f"unknown id {task.id!r}; import with --add to take new clauses in")
            return
        if clause.text != task.text:
            raise ValueError(
                f"the text of {task.id!r} was changed: {task.text[:40]!r} instead of {clause.text[:40]!r}"
            )
        place = (task.doc, task.start, task.end)
        if task.doc is not None and place != (clause.doc, clause.start, clause.end):
            raise ValueError(
                f"{task.id!r} stands at {clause.doc}[{clause.start}:{clause.end}], "
                f"the file says {task.doc}[{task.start}:{task.end}]"
            )

    def _take(self, task: Task, answer: Annotation) -> None:
        labels = check_answer(answer.labels, answer.primary, self.dataset.taxonomy)
        answer = replace(answer, labels=labels, batch=answer.batch or self.options.batch)
        clause = self.known.get(task.id)
        if clause is None and task.id not in self.new.records:
            self.new.add(task, answer)
        elif clause is None and self.new.records[task.id]["text"] != task.text:
            raise ValueError(f"{task.id!r} stands twice in the file, with different texts")
        here = self.answers.setdefault(task.id, {})
        if answer.annotator in here:
            if answer_of(here[answer.annotator]) != answer_of(answer):
                raise ValueError(f"{answer.annotator} answers {task.id!r} twice in the file, and differently")
            return
        standing = (
            next((a for a in clause.annotations if a.annotator == answer.annotator), None) if clause else None
        )
        if standing is not None and (answer_of(standing), standing.sure) == (answer_of(answer), answer.sure):
            self.repeated += 1
            return
        if standing is not None and not self.options.replace_answers:
            raise ValueError(
                f"{answer.annotator} has answered {task.id!r} before, [{', '.join(standing.labels)}] with primary "
                f"{standing.primary}, and differently; --replace takes the new answer"
            )
        self.recorded += 1
        self.replaced += standing is not None
        here[answer.annotator] = answer

    def near_written(self) -> frozenset[str]:
        """Ids of written clauses that resemble clauses to be taken in."""
        texts = [record["text"] for record in self.new.records.values()]
        written = self.dataset.written
        return frozenset(written[m.query].id for m in near_duplicates([c.text for c in written], texts))


def merge_answers(
    dataset: Dataset, file: Path, returned: Sequence[Returned], options: ImportOptions
) -> Merge:
    """Set answers beside those of a labels folder, in memory; see `Merge.faults` before `apply_merge`."""
    merge = Merge(dataset, file, options)
    merge.take(returned)
    return merge


def apply_merge(labels_dir: Path, merge: Merge) -> Imported:
    """Write a merge without faults, all of it or nothing.

    Raises:
        LabelError: the merge has faults, or the folder would get some; see `staging.staged`.
    """
    refuse(merge.faults)
    dropped = merge.near_written() if merge.options.drop_near_written else frozenset[str]()
    documents: tuple[str, ...] = ()
    answers = {own_id: given for own_id, given in merge.answers.items() if given}
    if answers or dropped:
        with staged(labels_dir) as draft:
            documents = merge.new.write(draft)
            gold_file, written_files = clause_files(draft)
            changes = {
                own_id: {"annotations": _annotations(merge.known[own_id], given)}
                for own_id, given in answers.items()
                if own_id in merge.known
            }
            added = [
                {**record, "annotations": _annotations(None, answers[own_id])}
                for own_id, record in merge.new.records.items()
            ]
            rewrite_clauses(gold_file, changes, added)
            for path in written_files:
                rewrite_clauses(path, changes, dropped=dropped)
    return Imported(
        answers=merge.recorded,
        replaced=merge.replaced,
        repeated=merge.repeated,
        skipped=merge.skipped,
        new=tuple(merge.new.records),
        documents=documents,
        dropped=tuple(sorted(dropped)),
        touched=tuple(merge.answers),
    )


def _annotations(clause: LabelledClause | None, given: Mapping[str, Annotation]) -> dict[str, Any]:
    """The answers of a clause, new ones beside or in the place of older ones, by annotator's name."""
    standing = {answer.annotator: answer for answer in clause.annotations} if clause else {}
    return {name: _record(answer) for name, answer in sorted({**standing, **given}.items())}


def _record(answer: Annotation) -> dict[str, Any]:
    record: dict[str, Any] = {"labels": list(answer.labels), "primary": answer.primary, "sure": answer.sure}
    return record | {key: value for key in ("batch", "note") if (value := getattr(answer, key))}
