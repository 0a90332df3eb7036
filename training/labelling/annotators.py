"""Whether an annotator drifts: agreement and leaning over batches, with tests of significance.

Batches are the recorded ones, or documents, or runs of so many clauses in the order of the file. A batch is
compared with the annotator's other batches, since what was clear at first may be answered otherwise later:

* agreement: answers whose label set differs from the reference; Fisher's exact test (1935), one-sided: are there
  more here?
* leaning: for each category, answers that give it against the reference and answers that leave it out against the
  reference; Fisher's exact test, two-sided, of the two counts in the batch and in the others.

The reference is the label where somebody has decided it or all of several annotators gave it; elsewhere it is each
other annotator's answer, so that with two annotators nobody can tell which of them drifts until conflicts are settled.

The p-values of all tests together are corrected by Holm's method (Holm, 1979), so that looking at many batches
finds no more false alarms than looking at one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import fisher_exact

from training.labelled_clauses import Annotation, LabelledClause
from training.labelling.decisions import Decision, answer_of, by_clause, is_settled

ALPHA = 0.05
AGREEMENT = "agreement"
LabelSet = frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One test.

    Attributes:
        what: `agreement`, or the category whose leaning is tested.
        here, elsewhere: the two counts in the batch and in the annotator's other batches: disagreeing and
            agreeing comparisons, or given-in-addition and left-out ones.
        p: corrected for all tests, in [0, 1].
        flagged: p < 0.05.
    """

    what: str
    here: tuple[int, int]
    elsewhere: tuple[int, int]
    p: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class BatchReport:
    """One annotator in one batch.

    Attributes:
        annotator, batch: which.
        clauses: answered.
        compared: comparisons with the reference.
        agreement: share of comparisons with the same label set, in [0, 1]; None without any.
        rates: category → share of answered clauses that got it, in [0, 1].
        reference_rates: the same of the reference; empty without any.
        findings: tests against the annotator's other batches; none when there are no others.
    """

    annotator: str
    batch: str
    clauses: int
    compared: int
    agreement: float | None
    rates: dict[str, float]
    reference_rates: dict[str, float]
    findings: tuple[Finding, ...]

    @property
    def flagged(self) -> bool:
        """Whether any test stands out."""
        return any(finding.flagged for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Compared:
    own: LabelSet
    other: LabelSet


def batches_of(
    clauses: Sequence[LabelledClause], annotator: str, by: str | int
) -> dict[str, list[tuple[LabelledClause, Annotation]]]:
    """An annotator's answers by batch, batches and answers in order.

    Args:
        clauses: in the order of the file.
        annotator: whose.
        by: `batch` (as recorded), `document`, or a number of clauses.
    """
    found: dict[str, list[tuple[LabelledClause, Annotation]]] = {}
    answered = ((c, a) for c in clauses for a in c.annotations if a.annotator == annotator)
    for position, (clause, answer) in enumerate(answered):
        if isinstance(by, int):
            first = position // by * by + 1
            name = f"{first}–{first + by - 1}"
        else:
            name = (answer.batch if by == "batch" else clause.doc) or "unrecorded"
        found.setdefault(name, []).append((clause, answer))
    return dict(sorted(found.items())) if by == "batch" else found


def annotator_reports(
    clauses: Sequence[LabelledClause],
    categories: Sequence[str],
    decisions: Sequence[Decision] = (),
    by: str | int = "batch",
) -> list[BatchReport]:
    """A report of every annotator in every batch.

    Args:
        clauses: with annotators' answers.
        categories: ids in taxonomy order.
        decisions: of the labels folder.
        by: as in `batches_of`.
    """
    decided = by_clause(decisions)
    names = sorted({answer.annotator for clause in clauses for answer in clause.annotations})
    drafts: list[tuple[str, str, int, dict[str, float], list[_Compared], list[Finding]]] = []
    for name in names:
        batches = batches_of(clauses, name, by)
        compared = {batch: list(_comparisons(entries, decided)) for batch, entries in batches.items()}
        for batch, entries in batches.items():
            elsewhere = [c for other, found in compared.items() if other != batch for c in found]
            tests = (
                list(_tests(compared[batch], elsewhere, categories)) if elsewhere and compared[batch] else []
            )
            rates = _rates([frozenset(answer.labels) for _, answer in entries], categories)
            drafts.append((name, batch, len(entries), rates, compared[batch], tests))
    corrected = iter(holm([finding.p for draft in drafts for finding in draft[-1]]))
    return [
        BatchReport(
            annotator=name,
            batch=batch,
            clauses=clauses_here,
            compared=len(found),
            agreement=sum(c.own == c.other for c in found) / len(found) if found else None,
            rates=rates,
            reference_rates=_rates([c.other for c in found], categories),
            findings=tuple(
                Finding(t.what, t.here, t.elsewhere, p := next(corrected), p < ALPHA) for t in tests
            ),
        )
        for name, batch, clauses_here, rates, found, tests in drafts
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected by Holm's step-down method, in the order given, each at most 1.

    >>> [round(p, 6) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[position]))
        corrected[position] = highest
    return corrected


def report_record(report: BatchReport) -> dict[str, Any]:
    """The report as a JSON-ready record."""
    return {
        "annotator": report.annotator,
        "batch": report.batch,
        "clauses": report.clauses,
        "compared": report.compared,
        "agreement": None if report.agreement is None else round(report.agreement, 4),
        "rates": {category: round(rate, 4) for category, rate in report.rates.items()},
        "reference_rates": {category: round(rate, 4) for category, rate in report.reference_rates.items()},
        "flagged": report.flagged,
        "findings": [
            {
                "what": finding.what,
                "here": list(finding.here),
                "elsewhere": list(finding.elsewhere),
                "p": round(finding.p, 6),
                "flagged": finding.flagged,
            }
            for finding in report.findings
        ],
    }


def report_table(reports: Sequence[BatchReport]) -> str:
    """The reports as a Markdown table; what stands out is spelt out."""
    rows = [
        "| annotator | batch | clauses | compared | agreement | p | stands out |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for report in reports:
        agreement = "–" if report.agreement is None else f"{report.agreement:.1%}"
        tested = next((finding for finding in report.findings if finding.what == AGREEMENT), None)
        p = "–" if tested is None else f"{tested.p:.3f}"
        out = "; ".join(_sentence(finding) for finding in report.findings if finding.flagged)
        cells = (report.annotator, report.batch, str(report.clauses), str(report.compared), agreement, p, out)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _sentence(finding: Finding) -> str:
    if finding.what == AGREEMENT:
        here, there = (counts[0] / max(sum(counts), 1) for counts in (finding.here, finding.elsewhere))
        return f"differs in {here:.0%} of comparisons, elsewhere in {there:.0%}"
    (more, less), (more_there, less_there) = finding.here, finding.elsewhere
    return f"{finding.what}: {more} given alone and {less} left out, elsewhere {more_there} and {less_there}"


def _comparisons(
    entries: Sequence[tuple[LabelledClause, Annotation]], decisions: dict[str, list[Decision]]
) -> Iterator[_Compared]:
    for clause, answer in entries:
        own = frozenset(answer.labels)
        if _label_is_sure(clause, decisions.get(clause.id, [])):
            yield _Compared(own, frozenset(clause.labels))
            continue
        for other in clause.annotations:
            if other.annotator != answer.annotator:
                yield _Compared(own, frozenset(other.labels))


def _label_is_sure(clause: LabelledClause, decisions: Sequence[Decision]) -> bool:
    """Whether somebody has decided the label, or all of several annotators gave it."""
    if is_settled(clause, decisions, "conflict") or is_settled(clause, decisions, "suspect"):
        return True
    answers = [answer_of(answer) for answer in clause.annotations]
    return len(answers) > 1 and set(answers) == {answer_of(clause)}


def _tests(
    here: Sequence[_Compared], elsewhere: Sequence[_Compared], categories: Sequence[str]
) -> Iterator[Finding]:
    def counted(found: Sequence[_Compared]) -> tuple[int, int]:
        differing = sum(c.own != c.other for c in found)
        return differing, len(found) - differing

    yield _test(AGREEMENT, counted(here), counted(elsewhere))
    for category in categories:
        counts = _leaning(here, category), _leaning(elsewhere, category)
        if any(map(sum, counts)):
            yield _test(category, *counts)


def _leaning(found: Sequence[_Compared], category: str) -> tuple[int, int]:
    more = sum(category in c.own and category not in c.other for c in found)
    less = sum(category not in c.own and category in c.other for c in found)
    return more, less


def _test(what: str, here: tuple[int, int], elsewhere: tuple[int, int]) -> Finding:
    side = "greater" if what == AGREEMENT else "two-sided"
    p = float(fisher_exact([here, elsewhere], alternative=side).pvalue)
    return Finding(what, here, elsewhere, p, flagged=False)


def _rates(sets: Sequence[LabelSet], categories: Sequence[str]) -> dict[str, float]:
    if not sets:
        return {}
    return {category: sum(category in labels for labels in sets) / len(sets) for category in categories}
