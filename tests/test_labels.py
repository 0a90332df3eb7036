"""The shipped labels folder holds what its README says, and nothing that `check` would refuse."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest

from qclassify.features import normalise
from qclassify.segmenter import Segmenter
from training.agreement_report import agreement_block
from training.checking import check_labels
from training.dataset import load_dataset
from training.labelled_clauses import read_clauses

LABELS = Path(__file__).parent.parent / "labels"


@pytest.fixture(scope="module")
def dataset():
    return load_dataset(LABELS)


def test_the_shipped_labels_have_no_fault():
    assert check_labels(LABELS) == []


def test_categories_stand_in_their_official_order(dataset):
    assert dataset.taxonomy.ids == (
        "product",
        "engineering",
        "service",
        "environment",
        "brand",
        "standards",
        "governance",
    )
    assert f"Version {dataset.taxonomy.version}." in (LABELS / "CODEBOOK.md").read_text("utf-8")


def test_names_are_those_of_the_codebook(dataset):
    codebook = (LABELS / "CODEBOOK.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \| (\S+) \|", codebook, re.MULTILINE) == [
        (category.id, category.name) for category in dataset.taxonomy.categories
    ]


def test_every_example_is_a_source_clause_that_both_annotators_gave_just_this_category(dataset):
    by_text = {clause.text: clause for clause in dataset.gold}
    for category in dataset.taxonomy.categories:
        clause = by_text[category.example]
        assert [answer.labels for answer in clause.annotations] == [(category.id,)] * 2
        assert clause.labels == (category.id,)


# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "full colour": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)


def linear_rgb(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def cielab(linear):
    x, y, z = np.cbrt(np.maximum(RGB_TO_XYZ @ np.clip(linear, 0, 1) / [0.95047, 1.0, 1.08883], 216 / 24389))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_a_chip_in_every_colour_can_be_read_on_white(dataset):
    for category in dataset.taxonomy.categories:
        luminance = RGB_TO_XYZ[1] @ linear_rgb(category.colour)
        assert 1.05 / (luminance + 0.05) >= 4.5, category.id  # WCAG 2.2, level AA


@pytest.mark.parametrize("vision", VISIONS)
def test_no_two_colours_look_alike_to_anyone(dataset, vision):
    seen = {
        c.id: cielab(np.array(VISIONS[vision]) @ linear_rgb(c.colour)) for c in dataset.taxonomy.categories
    }
    for one, other in itertools.combinations(seen, 2):
        # About 2.3 is just noticeable; 18 is plain to see.
        assert np.linalg.norm(seen[one] - seen[other]) >= 18, (one, other)


def test_counts_are_those_of_the_annotation(dataset):
    assert len(dataset.gold) == 701
    by_document = {d: sum(clause.doc == d for clause in dataset.gold) for d in dataset.documents}
    assert by_document == {
        "dongtou-2023": 97,
        "quanzhou-2019": 291,
        "tianfu-2024": 114,
        "xining-2015": 77,
        "yancheng-2022": 122,
    }
    assert len(dataset.written) >= 5470
    assert {clause.origin for clause in dataset.written} == {"written"}
    assert all([a.annotator for a in clause.annotations] == ["A", "B"] for clause in dataset.gold)


def test_every_written_line_says_that_it_is_written():
    for path in sorted((LABELS / "written").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            assert json.loads(line)["origin"] == "written", path


def test_the_index_says_what_the_documents_say(dataset):
    for document in dataset.documents.values():
        squeezed = re.sub(r"\s", "", document.text)
        year, month, day = map(int, document.date.split("-"))
        assert re.sub(r"\s", "", document.title) in squeezed
        assert all(office in document.text for office in document.issuer.split())
        assert f"{year}年{month}月{day}日" in document.text
        assert document.number in document.text


def test_every_domain_word_is_cut_as_one_and_would_not_be_without_the_lexicon(dataset):
    plain, knowing = Segmenter(), Segmenter(dataset.lexicon)
    assert 150 <= len(dataset.lexicon) <= 300
    for word, _ in dataset.lexicon:
        assert knowing.cut(word) == [word]
        assert plain.cut(word) != [word]


def test_both_segmentation_engines_agree_on_the_source_clauses_with_the_lexicon(dataset):
    pytest.importorskip("rjieba", reason="there is no rjieba wheel for this platform; jieba alone cuts")
    fast, oracle = (Segmenter(dataset.lexicon, engine) for engine in ("rjieba", "jieba"))
    for clause in dataset.gold:
        assert fast.cut(normalise(clause.text)) == oracle.cut(normalise(clause.text))


def test_the_readme_holds_the_figures_that_the_command_computes(dataset):
    readme = (LABELS / "README.md").read_text("utf-8")
    assert agreement_block(dataset) in readme
    for honest in ("language models", "to\ntrain on", "never tested on", "art. 5"):
        assert honest in readme


def test_written_headings_have_lost_their_numbers(dataset):
    numbered = re.compile(
        r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d+[.、 ]|第[一二三四五六七八九十]+[章节条])"
    )
    assert [c.id for c in dataset.written for title in c.heading_path if numbered.match(title)] == []


def test_reading_a_file_twice_gives_the_same_clauses(dataset):
    again = read_clauses(LABELS / "clauses.jsonl", dataset.taxonomy, "source").checked()
    assert again == dataset.gold
