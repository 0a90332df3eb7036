"""Agreement figures equal their definitions, hand-made examples and an independent implementation."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labels_folder import GOLD, json_lines, write_labels
from sklearn.metrics import cohen_kappa_score, f1_score

from qclassify.errors import LabelError
from training.agreement import (
    agreement_record,
    cohen_kappa,
    compare_answers,
    f1,
    masi_alpha,
    masi_distance,
    measure_agreement,
    measure_pairs,
)
from training.agreement_report import END, START, agreement_block, pairs_table, write_agreement_block
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


GROUPS = st.lists(st.lists(LABELS, min_size=2, max_size=4), min_size=1, max_size=8)


@given(GROUPS)
def test_alpha_of_any_number_of_annotators_is_its_definition(groups):
    """Reliability data by hand: each clause's pairs weigh 1 / (answers - 1), the expectation is over all answers."""
    sets = [[frozenset(labels) for labels in group] for group in groups]
    pooled = [labels for group in sets for labels in group]
    within = sum(
        masi_distance(group[i], group[j]) / (len(group) - 1)
        for group in sets
        for i in range(len(group))
        for j in range(len(group))
        if i != j
    ) / len(pooled)
    between = [masi_distance(a, b) for a, b in itertools.combinations(pooled, 2)]
    expected = 1 - within / (sum(between) / len(between)) if sum(between) else 1.0
    assert masi_alpha(sets) == pytest.approx(expected)


def test_alpha_of_krippendorffs_own_nominal_example():
    # Four observers, twelve units, missing answers; his α for nominal data is 0.743.
    units = ["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11"]
    assert masi_alpha([[frozenset(x) for x in unit] for unit in units]) == pytest.approx(0.743, abs=0.001)


def write_answers(folder, *answers_by_clause):
    rows = []
    for row, given_answers in zip(GOLD, answers_by_clause, strict=True):
        annotations = {
            name: {"labels": list(labels), "primary": labels[0] if labels else None}
            for name, labels in given_answers.items()
        }
        rows.append({**row, "annotations": annotations})
    (folder / "clauses.jsonl").write_text(json_lines(rows), "utf-8")
    return load_dataset(folder)


def test_three_annotators_are_measured_by_pair_and_together(folder):
    dataset = write_answers(
        folder,
        {"A": ["price"], "B": ["price"], "C": ["supply"]},
        {"A": ["supply"], "C": ["supply"]},
    )
    pairs = measure_pairs(dataset)
    assert [(pair.annotators, pair.clauses) for pair in pairs] == [
        (("A", "B"), 1),
        (("A", "C"), 2),
        (("B", "C"), 1),
    ]
    assert [pair.subset_agreement for pair in pairs] == [1.0, 0.5, 0.0]
    together = measure_agreement(dataset)
    assert (together.annotators, together.clauses) == (("A", "B", "C"), 2)
    assert together.subset_agreement == pytest.approx(2 / 4)
    supply = [pair.per_category["supply"] for pair in pairs]
    kappas = [value.kappa for value in supply]
    assert together.per_category["supply"].kappa == pytest.approx((kappas[0] + 2 * kappas[1] + kappas[2]) / 4)
    assert together.per_category["supply"].f1 == pytest.approx(2 * 1 / (1 + 3))
    sets = [[frozenset(["price"])] * 2 + [frozenset(["supply"])], [frozenset(["supply"])] * 2]
    assert together.alpha == pytest.approx(masi_alpha(sets))
    assert "Annotators A, B and C on 2 source clauses" in agreement_block(dataset)
    table = pairs_table(pairs, together, dataset.taxonomy.ids).splitlines()
    assert [line.split(" | ")[0] for line in table[2:]] == ["| A – B", "| A – C", "| B – C", "| A – B – C"]


def test_annotators_who_share_no_clause_are_no_pair(folder):
    dataset = write_answers(folder, {"A": ["price"], "B": ["price"]}, {"B": ["supply"], "C": ["supply"]})
    assert [pair.annotators for pair in measure_pairs(dataset)] == [("A", "B"), ("B", "C")]


def test_annotators_none_of_whom_share_a_clause_cannot_be_measured(folder):
    dataset = write_answers(folder, {"A": ["price"]}, {"B": ["supply"]})
    assert measure_pairs(dataset) == ()
    assert measure_agreement(dataset) is None
    assert "no agreement can be measured" in agreement_block(dataset)


def test_alpha_of_a_category_is_alpha_of_yes_and_no(folder):
    pairs = [(("product",), ("product", "brand")), ((), ("brand",)), (("brand",), ("brand",))]
    found = compare_answers(answers(pairs), IDS)
    # Of six answers to `brand` four are yes, two no: expected 2·4·2 / (6·5), observed 2/3.
    assert found.per_category["brand"].alpha == pytest.approx(1 - (2 / 3) / (16 / 30))
    assert found.per_category["service"].alpha == 1.0


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
