"""Decisions about labels → the labels folder: changed labels, and a line in `decisions.jsonl` for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.dataset import Dataset, clause_files
from training.label_files import Fault, refuse
from training.labelled_clauses import LabelledClause, check_answer
from training.labelling.decisions import Answer, Decision, answer_of, append_decisions
from training.labelling.staging import rewrite_clauses, staged
from training.labelling.verdicts import Verdict
from training.near_duplicates import wording


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What decisions did: ids kept and changed; `alike` changed with them, being worded alike."""

    kept: tuple[str, ...]
    changed: tuple[str, ...]
    alike: tuple[str, ...]


def plan_decisions(
    dataset: Dataset, file: Path, verdicts: Sequence[Verdict], *, by: str, date: str, reason: str
) -> tuple[list[Decision], list[Fault]]:
    """Verdicts as decisions, and a fault for each that does not fit the folder as it is.

    Args:
        dataset: the labels folder.
        file: that the verdicts come from, for messages.
        verdicts: what was decided.
        by: who decided.
        date: ISO 8601.
        reason: for verdicts that give none.
    """
    known = {clause.id: clause for clause in (*dataset.gold, *dataset.written)}
    decisions: list[Decision] = []
    faults: list[Fault] = []
    wanted: dict[str, Answer] = {}
    for verdict in verdicts:
        try:
            clause = known.get(verdict.id)
            if clause is None:
                raise ValueError(f"unknown id {verdict.id!r}")  # noqa: TRY301
            decision = _decision(clause, verdict, dataset, by, date, verdict.reason or reason)
            key = wording(clause.text) if clause.origin == "source" else clause.id
            if wanted.setdefault(key, decision.after) != decision.after:
                raise ValueError(f"{clause.id!r} or a clause worded alike is decided twice, and differently")  # noqa: TRY301
            decisions.append(decision)
        except ValueError as error:
            faults.append(Fault(file, verdict.line, str(error)))
    return decisions, faults


def apply_decisions(labels_dir: Path, dataset: Dataset, decisions: Sequence[Decision]) -> Adjudicated:
    """Change labels and record the decisions, all of them or none.

    Clauses of documents that are worded alike have one label, so they change together.

    Raises:
        LabelError: see `staging.staged`.
    """
    if not decisions:
        return Adjudicated((), (), ())
    gold_changes: dict[str, Answer] = {}
    written_changes: dict[str, Answer] = {}
    alike: list[Decision] = []
    known = {clause.id: clause for clause in (*dataset.gold, *dataset.written)}
    decided = {decision.id for decision in decisions}
    worded: defaultdict[str, list[LabelledClause]] = defaultdict(list)
    for clause in dataset.gold:
        worded[wording(clause.text)].append(clause)
    for decision in decisions:
        clause = known[decision.id]
        if clause.origin == "written":
            written_changes[clause.id] = decision.after
            continue
        for other in worded[wording(clause.text)]:
            gold_changes[other.id] = decision.after
            if other.id not in decided and answer_of(other) != decision.after:
                alike.append(_alike(other, decision))
    with staged(labels_dir) as draft:
        gold_file, written_files = clause_files(draft)
        rewrite_clauses(gold_file, _label_changes(known, gold_changes))
        for path in written_files:
            rewrite_clauses(path, _label_changes(known, written_changes))
        append_decisions(draft, [*decisions, *alike])
    return Adjudicated(
        kept=tuple(d.id for d in decisions if d.decision == "keep"),
        changed=tuple(d.id for d in decisions if d.decision == "change"),
        alike=tuple(d.id for d in alike),
    )


def decide(
    labels_dir: Path,
    dataset: Dataset,
    file: Path,
    verdicts: Sequence[Verdict],
    *,
    by: str,
    date: str,
    reason: str,
) -> Adjudicated:
    """Plan and apply.

    Raises:
        LabelError: a verdict does not fit (the first one is named), or see `staging.staged`.
    """
    decisions, faults = plan_decisions(dataset, file, verdicts, by=by, date=date, reason=reason)
    refuse(faults)
    return apply_decisions(labels_dir, dataset, decisions)


def _decision(
    clause: LabelledClause, verdict: Verdict, dataset: Dataset, by: str, date: str, reason: str
) -> Decision:
    before = answer_of(clause)
    if verdict.before is not None and verdict.before != before:
        raise ValueError(
            f"the label of {clause.id!r} has changed since the question was put; write the table anew"
        )
    after = before if verdict.after is None else verdict.after
    check_answer(after[0], after[1], dataset.taxonomy)
    if not reason.strip():
        raise ValueError(
            f"no reason is given for {clause.id!r}; fill it in, or give one for all with --reason"
        )
    return Decision(
        date=date,
        by=by,
        about=verdict.about,
        id=clause.id,
        text=clause.text,
        decision="keep" if after == before else "change",
        before=before,
        after=after,
        reason=" ".join(reason.split()),
        answers={a.annotator: answer_of(a) for a in clause.annotations}
        if verdict.about == "conflict"
        else {},
    )


def _alike(clause: LabelledClause, decision: Decision) -> Decision:
    return Decision(
        date=decision.date,
        by=decision.by,
        about=decision.about,
        id=clause.id,
        text=clause.text,
        decision="change",
        before=answer_of(clause),
        after=decision.after,
        reason=f"worded like {decision.id}: {decision.reason}",
        answers={a.annotator: answer_of(a) for a in clause.annotations}
        if decision.about == "conflict"
        else {},
    )


def _label_changes(
    known: dict[str, LabelledClause], wanted: dict[str, Answer]
) -> dict[str, dict[str, object]]:
    return {
        own_id: {"labels": list(after[0]), "primary": after[1]}
        for own_id, after in wanted.items()
        if answer_of(known[own_id]) != after
    }
