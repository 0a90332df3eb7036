"""Wrong labels are doubted by models that have not learnt from them; what was decided does not come back."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labels_folder import json_lines
from small_training import write_recipe, write_small_labels

from qclassify.errors import LabelError
from training.checking import check_labels
from training.dataset import load_dataset
from training.evaluation import judge_out_of_fold, out_of_fold
from training.held_out import held_out_answers
from training.held_out_models import HeldOutModel
from training.labelling.adjudication import decide
from training.labelling.decisions import Decision, read_decisions
from training.labelling.questions import write_questions
from training.labelling.suspects import ALIKE, find_suspects, folds_of, suspects_of_model
from training.labelling.verdicts import Verdict, suggested_verdict
from training.near_duplicates import near_duplicates
from training.recipe import load_recipe


def change_line(path, own_id, **facts):
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path.write_text(json_lines([row | facts if row["id"] == own_id else row for row in rows]), "utf-8")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    return load_recipe(write_recipe(tmp_path_factory.mktemp("recipe") / "small.toml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One gold and one written clause with a wrong label each."""
    labels = write_small_labels(tmp_path_factory.mktemp("suspects") / "labels")
    dataset = load_dataset(labels)
    wrong = next(c for c in dataset.gold if c.text.startswith("稳定西城粮食"))
    change_line(labels / "clauses.jsonl", wrong.id, labels=["supply"], primary="supply")
    written = next(c for c in dataset.written if c.text == "公布猪肉指导价。")
    change_line(labels / "written/a.jsonl", written.id, labels=["supply"], primary="supply")
    return labels, wrong.id, written.id


@pytest.fixture(scope="module")
def result(folder, recipe):
    return out_of_fold(recipe, load_dataset(folder[0]))


@pytest.fixture(scope="module")
def suspects(folder, recipe, result):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.labelling.suspects.out_of_fold", lambda *_: result)
        return find_suspects(recipe, load_dataset(folder[0]), (), written=True, least=0.5)


@pytest.fixture(scope="module")
def carried(folder, result):
    """A model that carries its held-out answers."""
    taxonomy = load_dataset(folder[0]).taxonomy
    answers = held_out_answers(result, judge_out_of_fold(result, taxonomy), taxonomy)
    return HeldOutModel("m", taxonomy, answers, "stored")


def test_wrong_labels_are_the_first_in_doubt_with_the_right_ones_suggested(folder, suspects):
    _, gold, written = folder
    assert {question.clause.id for question in suspects[:2]} == {gold, written}
    for question in suspects[:2]:
        assert question.suggestion == (("price",), "price")
        assert question.facts["gap"] > 0.5
    gaps = [question.facts["gap"] for question in suspects]
    assert gaps == sorted(gaps, reverse=True)


def test_the_gap_is_that_between_label_and_probability(suspects):
    for question in suspects:
        given_label = question.facts["category"] in question.clause.labels
        assert question.facts["gap"] == pytest.approx(
            abs(given_label - question.facts["probability"]), abs=2e-4
        )
        assert ("extra" if given_label else "missing") in question.why


def test_written_clauses_are_looked_at_only_on_request(folder, recipe, result, suspects, monkeypatch):
    dataset = load_dataset(folder[0])
    monkeypatch.setattr("training.labelling.suspects.out_of_fold", lambda *_: result)
    found = find_suspects(recipe, dataset, ())
    assert {q.clause.origin for q in found} == {"source"}
    assert [(q.clause.id, q.facts) for q in found] == [
        (q.clause.id, q.facts) for q in suspects if q.clause.origin == "source"
    ]
    without = replace(recipe, data=replace(recipe.data, written=False))
    with pytest.raises(LabelError, match="learns from no written clauses"):
        find_suspects(without, dataset, (), written=True)


def test_a_model_carries_the_answers_that_gold_labels_are_doubted_by(folder, carried, suspects):
    dataset = load_dataset(folder[0])
    found = suspects_of_model(carried, dataset, ())
    gold = [question for question in suspects if question.clause.origin == "source"]
    assert [(q.clause.id, q.suggestion) for q in found] == [(q.clause.id, q.suggestion) for q in gold]
    assert [q.facts["gap"] for q in found] == pytest.approx([q.facts["gap"] for q in gold], abs=2e-4)
    fewer = {own_id: told for own_id, told in carried.answers.items() if own_id != found[0].clause.id}
    assert suspects_of_model(replace(carried, answers=fewer), dataset, ()) == found[1:]
    other = replace(dataset.taxonomy, categories=dataset.taxonomy.categories[:1])
    with pytest.raises(LabelError, match="knows other categories"):
        suspects_of_model(replace(carried, taxonomy=other), dataset, ())


def test_what_is_dismissed_stays_away_until_the_label_changes(folder, carried, tmp_path):
    labels, gold, _ = folder
    copy = shutil.copytree(labels, tmp_path / "labels")

    def doubted():
        dataset = load_dataset(copy)
        return {
            q.clause.id
            for q in suspects_of_model(carried, dataset, read_decisions(copy, dataset.taxonomy).checked())
        }

    before = doubted()
    keep = Verdict(1, "suspect", gold, None, "keep", None, "")
    decide(copy, load_dataset(copy), copy / "f", [keep], by="wang", date="2026-11-25", reason="codebook")
    assert check_labels(copy) == []
    assert doubted() == before - {gold}
    change_line(copy / "clauses.jsonl", gold, labels=[], primary=None)
    assert doubted() == before


def test_a_dismissed_written_clause_stays_away_too(folder, recipe, result, suspects, monkeypatch):
    monkeypatch.setattr("training.labelling.suspects.out_of_fold", lambda *_: result)
    dataset, written = load_dataset(folder[0]), folder[2]
    clause = next(c for c in dataset.written if c.id == written)
    label = (clause.labels, clause.primary)
    kept = Decision("2026-11-25", "wang", "suspect", written, clause.text, "keep", label, label, "x")
    found = find_suspects(recipe, dataset, [kept], written=True)
    assert {q.clause.id for q in found} == {q.clause.id for q in suspects} - {written}


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx"])
def test_a_suspect_is_accepted_from_the_file_of_suspects(folder, suspects, tmp_path, form):
    labels, gold, _ = folder
    taxonomy = load_dataset(labels).taxonomy
    path = tmp_path / f"suspects.{form}"
    write_questions(suspects, path, taxonomy)
    verdict = suggested_verdict(gold, path, taxonomy)
    assert (verdict.decision, verdict.before, verdict.after) == (
        "change",
        (("supply",), "supply"),
        (("price",), "price"),
    )
    with pytest.raises(ValueError, match="holds no suspect 'w:99'"):
        suggested_verdict("w:99", path, taxonomy)


texts = st.lists(st.text("甲乙丙", min_size=1, max_size=12), max_size=25)


@given(texts)
def test_texts_that_resemble_each_other_share_a_fold_and_folds_are_of_like_size(found):
    folds = folds_of(found)
    assert folds.shape == (len(found),)
    for match in near_duplicates(found, found, ALIKE):
        assert folds[match.query] == folds[match.target]
    assert (folds == folds_of(found)).all()


def test_texts_that_resemble_nothing_are_spread_evenly():
    different = [chr(0x4E00 + n) * 8 for n in range(23)]
    assert sorted(np.bincount(folds_of(different)).tolist()) == [4, 4, 5, 5, 5]
