"""Commands that settle doubts about labels: conflicts, adjudicate, accept, dismiss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.errors import LabelError
from training.cli.labelling import refuse_faults, show_questions
from training.cli.options import ROOT, LabelsOption, checked_dataset, say, today
from training.label_files import Parsed

if TYPE_CHECKING:
    from qclassify.taxonomy import Taxonomy
    from training.dataset import Dataset
    from training.labelling.adjudication import Adjudicated
    from training.labelling.verdicts import Verdict

ByOption = Annotated[str, typer.Option("--by", help="Who decided.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for all that give no reason of their own.")]
IdArgument = Annotated[str, typer.Argument(help="The clause's id.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why; recorded in decisions.jsonl.")]


def conflicts(
    labels: LabelsOption = ROOT / "labels",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .jsonl, .csv or .xlsx file to decide in.")
    ] = None,
) -> None:
    """Clauses whose annotators differ from each other or from the label, and nobody has decided yet.

    Example: python -m training conflicts --output conflicts.xlsx
    """
    from training.labelling.conflicts import open_conflicts
    from training.labelling.decisions import read_decisions

    dataset = checked_dataset(labels, warn=False)
    found = open_conflicts(dataset, read_decisions(labels, dataset.taxonomy).checked())
    show_questions(found, output, dataset.taxonomy)
    say(f"{len(found)} open conflicts")


def adjudicate(
    file: Annotated[Path, typer.Argument(help="A table of conflicts or suspects with decisions in it.")],
    by: ByOption,
    labels: LabelsOption = ROOT / "labels",
    reason: ReasonOption = "",
) -> None:
    """Apply decisions (`keep` or `change`): labels change, and decisions.jsonl records who, when and why.

    Example: python -m training adjudicate conflicts.xlsx --by wang
    """
    from training.labelling.verdicts import read_verdicts

    dataset = checked_dataset(labels, warn=False)
    done = _decided(labels, dataset, file, read_verdicts(file, dataset.taxonomy), by, reason)
    say(f"{len(done.kept)} labels kept, {len(done.changed)} changed")
    for own_id in done.alike:
        say(f"{own_id}: changed with a clause that is worded alike")


def accept(
    clause_id: IdArgument,
    by: ByOption,
    reason: WhyOption,
    suspects_file: Annotated[
        Path | None,
        typer.Option("--suspects", help="The file of suspects; its suggestion becomes the label."),
    ] = None,
    new_labels: Annotated[
        str | None, typer.Option("--new-labels", help="The label, categories by commas; `no-label` for none.")
    ] = None,
    new_primary: Annotated[
        str | None, typer.Option("--new-primary", help="The primary among several.")
    ] = None,
    labels: LabelsOption = ROOT / "labels",
) -> None:
    """Change a doubted label to the suggested one, or to another that is given.

    Example: python -m training accept tools:0017 --suspects suspects.jsonl --by wang --reason "codebook R6"
    """
    _decide(
        clause_id,
        by,
        reason,
        labels,
        {"new_labels": new_labels or "", "new_primary": new_primary or ""},
        suspects_file,
    )


def dismiss(
    clause_id: IdArgument,
    by: ByOption,
    reason: WhyOption,
    labels: LabelsOption = ROOT / "labels",
) -> None:
    """Keep a doubted label: it is not doubted again as long as text and label stay the same.

    Example: python -m training dismiss tools:0017 --by wang --reason "the codebook says so, R6"
    """
    _decide(clause_id, by, reason, labels, None, None)


def _decide(
    clause_id: str, by: str, reason: str, labels: Path, wanted: dict[str, str] | None, file: Path | None
) -> None:
    dataset = checked_dataset(labels, warn=False)
    verdict = _verdict(clause_id, wanted, file, dataset.taxonomy)
    done = _decided(labels, dataset, file or labels / "decisions.jsonl", Parsed((verdict,)), by, reason)
    for own_id in (*done.changed, *done.alike):
        say(f"{own_id}: label changed")
    for own_id in done.kept:
        say(f"{own_id}: label kept")


def _decided(
    labels: Path, dataset: Dataset, source: Path, verdicts: Parsed[Verdict], by: str, reason: str
) -> Adjudicated:
    """Apply verdicts as decisions of today, or list all faults and stop."""
    from training.labelling.adjudication import apply_decisions, plan_decisions

    decisions, faults = plan_decisions(dataset, source, verdicts.items, by=by, date=today(), reason=reason)
    refuse_faults([*verdicts.faults, *faults], "nothing was decided")
    return apply_decisions(labels, dataset, decisions)


def _verdict(clause_id: str, wanted: dict[str, str] | None, file: Path | None, taxonomy: Taxonomy) -> Verdict:
    from training.labelling.verdicts import Verdict, suggested_verdict, verdict_of

    if wanted is None:
        return Verdict(1, "suspect", clause_id, None, "keep", None, "")
    try:
        if any(wanted.values()):
            return verdict_of(clause_id, wanted["new_labels"], wanted["new_primary"], taxonomy)
        if file is not None:
            return suggested_verdict(clause_id, file, taxonomy)
    except ValueError as error:
        raise LabelError(str(error), "name categories of the taxonomy") from error
    raise LabelError(
        f"{clause_id}: which label shall it have?",
        "give the file of suspects (--suspects), or the label (--new-labels)",
    )
