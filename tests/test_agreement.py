"""Agreement figures equal their definitions, hand-made examples and an independent implementation."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labels_folder import GOLD, json_lines, write_labels
from sklearn.metrics import cohen_kappa_score, f1_score

from qclassify.errors import LabelError
from training.agreement import (
    END,
    START,
    agreement_block,
    agreement_record,
    cohen_kappa,
    compare_answers,
    f1,
    masi_alpha,
    masi_distance,
    measure_agreement,
    write_agreement_block,
)
from training.dataset import Annotation, load_dataset

IDS = ("product", "service", "brand")
LABELS = st.lists(st.sampled_from(IDS), unique=True, max_size=3).map(
    lambda labels: tuple(sorted(labels, key=IDS.index))
)
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=12)


def answers(pairs):
    return [
        (Annotation("A", a, a[0] if a else None), Annotation("B", b, b[0] if b else None)) for a, b in pairs
    ]


@given(PAIRS)
def test_f1_and_kappa_are_those_of_scikit_learn(pairs):
    found = compare_answers(answers(pairs), IDS)
    truth, given_ = ([[c in side for c in IDS] for side in sides] for sides in zip(*pairs, strict=True))
    assert found.micro_f1 == pytest.approx(f1_score(truth, given_, average="micro", zero_division=1.0))
    assert found.macro_f1 == pytest.approx(f1_score(truth, given_, average="macro", zero_division=1.0))
    for column, category in enumerate(IDS):
        first, second = [row[column] for row in truth], [row[column] for row in given_]
        if len({*first, *second}) == 2:
            expected = cohen_kappa_score(first, second)
            assert found.per_category[category].kappa == pytest.approx(expected)
        else:
            assert found.per_category[category].kappa == 1.0


@given(PAIRS)
def test_agreement_does_not_depend_on_who_is_first(pairs):
    one, other = (
        compare_answers(answers(pairs), IDS),
        compare_answers(answers([(b, a) for a, b in pairs]), IDS),
    )
    for name in ("micro_f1", "macro_f1", "mean_kappa", "subset_agreement", "primary_agreement", "alpha"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))


@given(PAIRS)
def test_alpha_is_its_definition_over_all_pairs_of_answers(pairs):
    sets = [(frozenset(a), frozenset(b)) for a, b in pairs]
    pooled = [answer for pair in sets for answer in pair]
    within = sum(masi_distance(a, b) for a, b in sets) / len(sets)
    between = [masi_distance(a, b) for a, b in itertools.combinations(pooled, 2)]
    expected = 1 - within / (sum(between) / len(between)) if sum(between) else 1.0
    assert masi_alpha(sets) == pytest.approx(expected)


@given(PAIRS)
def test_perfect_agreement_is_one_everywhere(pairs):
    found = compare_answers(answers([(a, a) for a, _ in pairs]), IDS)
    figures = (
        found.micro_f1,
        found.macro_f1,
        found.mean_kappa,
        found.subset_agreement,
        found.primary_agreement,
        found.alpha,
    )
    assert figures == (1.0,) * 6


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("ab", "ab", 0.0),
        ("", "", 0.0),
        ("", "a", 1.0),
        ("a", "b", 1.0),
        ("a", "ab", 1 - 1 / 2 * 2 / 3),
        ("abc", "ab", 1 - 2 / 3 * 2 / 3),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
    ],
)
def test_masi_distance_is_one_minus_jaccard_times_monotonicity(one, other, distance):
    assert masi_distance(frozenset(one), frozenset(other)) == pytest.approx(distance)
    assert masi_distance(frozenset(other), frozenset(one)) == pytest.approx(distance)


def test_kappa_of_a_textbook_table():
    # Of 50 proposals both accept 20 and both refuse 15: p_o = 0.7, p_e = 0.5.
    assert cohen_kappa(both=20, first=25, second=30, clauses=50) == pytest.approx(0.4)
    assert f1(both=20, first=25, second=30) == pytest.approx(40 / 55)


@pytest.fixture
def folder(tmp_path):
    return write_labels(tmp_path / "labels")


def test_only_clauses_with_two_answers_are_measured(folder):
    found = measure_agreement(load_dataset(folder))
    assert (found.annotators, found.clauses) == (("A", "B"), 1)
    assert found.per_category["price"].f1 == 1.0
    assert found.per_category["supply"].f1 == 0.0
    assert found.micro_f1 == pytest.approx(2 / 3)
    assert (found.subset_agreement, found.primary_agreement) == (0.0, 1.0)


def test_a_folder_without_annotations_says_so(folder):
    (folder / "clauses.jsonl").write_text(json_lines([GOLD[1]]), "utf-8")
    dataset = load_dataset(folder)
    assert measure_agreement(dataset) is None
    assert agreement_record(dataset) == {}
    assert "no agreement can be measured" in agreement_block(dataset)


def test_three_annotators_are_refused(folder):
    answer = {"labels": ["price"], "primary": "price"}
    (folder / "clauses.jsonl").write_text(
        json_lines([{**GOLD[0], "annotations": dict.fromkeys("ABC", answer)}]), "utf-8"
    )
    with pytest.raises(LabelError, match="the clauses name 3: A, B, C"):
        measure_agreement(load_dataset(folder))


def test_the_block_is_replaced_between_its_markers_and_nothing_else_changes(folder):
    readme = folder / "README.md"
    readme.write_text(f"# 说明\n\n{START}\nold\n{END}\n\nend\n", "utf-8")
    dataset = load_dataset(folder)
    write_agreement_block(dataset, readme)
    once = readme.read_text("utf-8")
    assert once == f"# 说明\n\n{agreement_block(dataset)}\n\nend\n"
    assert "| `price` 价格 | 2 | 1 | 1.000 | 1.000 | 0 |" in once
    write_agreement_block(dataset, readme)
    assert readme.read_text("utf-8") == once


@pytest.mark.parametrize("text", ["", START, f"{END}{START}", f"{START}{START}{END}"])
def test_a_file_without_the_markers_is_refused_and_left_alone(folder, text):
    readme = folder / "README.md"
    readme.write_text(text, "utf-8")
    with pytest.raises(LabelError, match="markers of the agreement block are missing"):
        write_agreement_block(load_dataset(folder), readme)
    assert readme.read_text("utf-8") == text


def test_a_missing_readme_is_refused(folder):
    with pytest.raises(LabelError, match="cannot be read"):
        write_agreement_block(load_dataset(folder), folder / "none.md")


def test_the_record_has_what_reports_need(folder):
    record = agreement_record(load_dataset(folder))
    assert {
        "micro_f1",
        "macro_f1",
        "primary_agreement",
        "subset_agreement",
        "alpha_masi",
        "mean_kappa",
    } <= set(record)
    assert record["per_category"]["price"]["f1"] == 1.0
    assert record["n_clauses"] == 1
