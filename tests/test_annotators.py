"""Drift of annotators: found when it is there, silent when it is not, and computed as its definitions say."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelling_tasks import IDS

from training.labelled_clauses import Annotation, LabelledClause
from training.labelling.annotators import annotator_reports, batches_of, holm, report_record, report_table
from training.labelling.decisions import Decision


def clause(number, answers, labels=("price",), doc="plan"):
    """`answers`: name → labels, or (labels, batch)."""
    given_answers = tuple(
        Annotation(name, tuple(said[0]), said[0][0] if said[0] else None, batch=said[1])
        for name, said in ((n, s if isinstance(s, tuple) else (s, "")) for n, s in sorted(answers.items()))
    )
    primary = labels[0] if labels else None
    return LabelledClause(
        f"{doc}:{number}",
        f"条款{number}",
        labels,
        primary,
        (),
        (),
        "source",
        doc,
        None,
        None,
        Path("c"),
        number,
        given_answers,
    )


def labelled(rates, size=60, seed=3):
    """Clauses of two annotators: B always says price, A differs at the batch's rate by adding supply."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible sample
    made = []
    for batch, rate in rates.items():
        for _ in range(size):
            said = ["price", "supply"] if rng.random() < rate else ["price"]
            made.append(clause(len(made), {"A": (said, batch), "B": (["price"], batch)}))
    return made


def by_batch(clauses, name="A", **options):
    return {r.batch: r for r in annotator_reports(clauses, IDS, **options) if r.annotator == name}


def test_a_batch_that_is_answered_differently_stands_out_and_the_category_is_named():
    found = by_batch(labelled({"1": 0.05, "2": 0.05, "3": 0.5}))
    assert [batch for batch, report in found.items() if report.flagged] == ["3"]
    assert [f.what for f in found["3"].findings if f.flagged] == ["agreement"]
    assert found["3"].agreement == pytest.approx(0.5, abs=0.15)
    assert found["3"].rates["supply"] > 0.35
    assert found["3"].reference_rates["supply"] == 0.0


def test_leaning_the_other_way_stands_out_though_agreement_stays_the_same():
    first = [clause(n, {"A": (["price", "supply"], "1"), "B": ["price"]}) for n in range(20)]
    second = [clause(n + 20, {"A": (["price"], "2"), "B": ["price", "supply"]}) for n in range(20)]
    found = by_batch([*first, *second])
    assert found["1"].agreement == found["2"].agreement == 0.0
    assert [f.what for f in found["2"].findings if f.flagged] == ["supply"]
    assert next(f for f in found["2"].findings if f.what == "supply").here == (0, 20)


@pytest.mark.parametrize("seed", range(5))
def test_a_steady_annotator_does_not_stand_out(seed):
    reports = annotator_reports(labelled(dict.fromkeys("12345", 0.2), size=40, seed=seed), IDS)
    assert not any(report.flagged for report in reports)


def test_one_batch_alone_is_measured_but_not_tested():
    (report,) = by_batch([clause(1, {"A": (["price"], "1"), "B": ["price"]})]).values()
    assert (report.clauses, report.compared, report.agreement, report.findings) == (1, 1, 1.0, ())


def test_an_answer_that_nothing_can_be_compared_with_counts_for_rates_only():
    alone = [clause(1, {"A": (["price"], "1")}), clause(2, {"A": (["supply"], "2")})]
    found = by_batch(alone)
    assert [(r.compared, r.agreement, r.findings) for r in found.values()] == [(0, None, ())] * 2
    assert found["2"].rates == {"price": 0.0, "supply": 1.0}
    label = (("price",), "price")
    decided = [
        Decision("2026-11-25", "wang", "suspect", c.id, c.text, "keep", label, label, "x") for c in alone
    ]
    found = by_batch(alone, decisions=decided)
    assert [(r.compared, r.agreement) for r in found.values()] == [(1, 1.0), (1, 0.0)]


def test_once_conflicts_are_settled_the_drifting_one_of_two_annotators_is_known():
    clauses = labelled({"1": 0.0, "2": 0.6})
    unsettled = annotator_reports(clauses, IDS)
    assert {r.annotator for r in unsettled if r.flagged} == {"A", "B"}
    label = (("price",), "price")
    decisions = [
        Decision(
            "2026-11-25",
            "wang",
            "conflict",
            c.id,
            c.text,
            "keep",
            label,
            label,
            "x",
            {a.annotator: (a.labels, a.primary) for a in c.annotations},
        )
        for c in clauses
    ]
    settled = annotator_reports(clauses, IDS, decisions)
    assert [(r.annotator, r.batch) for r in settled if r.flagged] == [("A", "2")]
    assert {r.agreement for r in settled if r.annotator == "B"} == {1.0}


def test_every_other_annotator_is_compared_with():
    found = annotator_reports([clause(1, {"A": ["price"], "B": ["price"], "C": ["supply"]})], IDS)
    assert [(r.annotator, r.compared, r.agreement) for r in found] == [
        ("A", 2, 0.5),
        ("B", 2, 0.5),
        ("C", 2, 0.0),
    ]


def test_batches_are_as_recorded_or_documents_or_runs():
    places = [("2", "x"), ("1", "y"), ("2", "x"), ("", "y")]
    clauses = [clause(n, {"A": (["price"], batch)}, doc=doc) for n, (batch, doc) in enumerate(places)]
    assert {k: len(v) for k, v in batches_of(clauses, "A", "batch").items()} == {
        "1": 1,
        "2": 2,
        "unrecorded": 1,
    }
    assert {k: len(v) for k, v in batches_of(clauses, "A", "document").items()} == {"x": 2, "y": 2}
    assert {k: len(v) for k, v in batches_of(clauses, "A", 3).items()} == {"1–3": 3, "4–6": 1}
    assert batches_of(clauses, "B", "batch") == {}


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_is_its_definition(p_values):
    corrected = holm(p_values)
    for p, found in zip(p_values, corrected, strict=True):
        # The largest over all values up to this one of value × how many are not smaller.
        ordered = sorted(p_values)
        expected = max(min(1.0, (len(ordered) - rank) * q) for rank, q in enumerate(ordered) if q <= p)
        assert found == pytest.approx(expected)
        assert p <= found <= 1.0
    for (p, first), (q, second) in itertools.combinations(zip(p_values, corrected, strict=True), 2):
        if p <= q:
            assert first <= second


def test_the_table_spells_out_what_stands_out():
    reports = annotator_reports(labelled({"1": 0.0, "2": 0.0, "3": 0.6}), IDS)
    table = report_table(reports)
    assert len(table.splitlines()) == 2 + 6
    (line,) = [line for line in table.splitlines() if line.startswith("| A | 3 ")]
    assert "differs in" in line
    assert "elsewhere in 0%" in line
    record = report_record(next(r for r in reports if r.annotator == "A" and r.batch == "3"))
    assert record["flagged"] is True
    assert record["findings"][0]["what"] == "agreement"
