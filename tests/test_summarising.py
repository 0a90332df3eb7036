"""Roll-ups: nothing is lost and nothing counted twice."""

import pytest
from report_documents import model, tagged

from qclassify.summarising import opened_sections, sections, summarise

NAMES = ["xining-2015", "dongtou-2023", "quanzhou-2019"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [None, 1, 2])
def test_sections_hold_every_clause_once_and_in_order(name, depth):
    predictions = tagged(name).predictions
    found = list(sections(predictions, depth))
    assert [p for section in found for p in section.predictions] == list(predictions)
    for section in found:
        assert predictions[section.first] is section.predictions[0]
        for prediction in section.predictions:
            assert prediction.unit.heading_path[:depth] == section.heading_path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("most", [0, 20, 10_000])
def test_only_large_sections_are_opened_and_what_is_inside_them_follows(name, most):
    predictions = tagged(name).predictions
    found = list(opened_sections(predictions, most))
    outermost = [section for depth, section in found if depth == 0]
    assert [p for section in outermost for p in section.predictions] == list(predictions)
    for position, (depth, section) in enumerate(found):
        assert predictions[section.first] is section.predictions[0]
        inside = [
            inner
            for below, inner in found[position + 1 :]
            if below == depth + 1 and section.first <= inner.first < section.first + len(section.predictions)
        ]
        assert not inside or len(section.predictions) > most
        for inner in inside:
            assert inner.heading_path[:-1] == section.heading_path
            stop = inner.first + len(inner.predictions)
            assert list(inner.predictions) == list(predictions[inner.first : stop])
        if len(section.predictions) > most:
            deeper = [p for p in section.predictions if len(p.unit.heading_path) > depth + 1]
            assert [p for inner in inside for p in inner.predictions] == deeper


@pytest.mark.parametrize("name", NAMES)
def test_sections_add_up_to_the_document(name):
    predictions, ids = tagged(name).predictions, model().taxonomy.ids
    whole = summarise(predictions, ids)
    parts = [summarise(section.predictions, ids) for section in sections(predictions)]
    for number in ("clauses", "characters", "review", "untagged"):
        assert sum(getattr(part, number) for part in parts) == getattr(whole, number)
    for category in ids:
        for number in ("clauses", "characters", "primary"):
            total = sum(getattr(part.categories[category], number) for part in parts)
            assert total == getattr(whole.categories[category], number)


def test_shares_are_counts_over_totals():
    summary = summarise(tagged("xining-2015").predictions, model().taxonomy.ids)
    assert summary.characters == sum(len(p.unit.text) for p in tagged("xining-2015").predictions)
    for numbers in summary.categories.values():
        assert numbers.share == numbers.clauses / summary.clauses
        assert numbers.share_of_characters == numbers.characters / summary.characters
        assert numbers.primary <= numbers.clauses
        assert numbers.corrected is None


def test_no_clauses_have_no_shares():
    summary = summarise((), model().taxonomy.ids)
    assert summary.clauses == 0
    assert all(numbers.share == 0.0 for numbers in summary.categories.values())
