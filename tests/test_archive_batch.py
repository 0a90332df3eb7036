"""Tags of many clauses at a time: what stands beside a clause, or was seen before, never changes them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qclassify.archive import batch as batch_module
from qclassify.archive.batch import BatchTagger
from qclassify.archive.columns import Tally
from qclassify.archive.cut_tagger import CLAUSES_A_BATCH, batches
from qclassify.archive.cuts import Cut, clause_cuts, row_unit
from qclassify.features import ClauseText
from qclassify.models import load_model
from qclassify.records import Unit
from qclassify.tagging import tag_units

MODEL = load_model()
PHRASES = [
    "加强产品质量监督",
    "培育知名品牌",
    "健全标准体系",
    "提升服务质量",
    "打造优质工程",
    "治理水污染",
    "推行首席质量官制度",
    "x",
    "一",
]
CLAUSES = st.builds(
    ClauseText,
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3).map(",".join),
    st.lists(st.sampled_from(["重点任务", "提升工程质量", ""]), max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(calls=st.lists(st.lists(CLAUSES, max_size=12), max_size=5), cache=st.sampled_from([0, 2, 6, 1000]))
def test_tags_depend_on_the_clause_alone(calls, cache):
    tagger = BatchTagger(MODEL, cache=cache)
    for clauses in calls:
        for clause, tags in zip(clauses, tagger.tag(clauses), strict=True):
            [alone] = tag_units(
                [
                    Unit(
                        0,
                        len(clause.text),
                        clause.text,
                        heading_path=clause.heading_path,
                        heading_nos=("",) * len(clause.heading_path),
                    )
                ],
                MODEL,
            )
            assert tags.scores == tuple(round(score, 6) for score in alone.scores.values())
            assert (tags.labels, tags.primary, tags.review) == (alone.labels, alone.primary, alone.review)


def test_a_repeated_clause_is_scored_once(monkeypatch):
    scored = []

    def counting(clauses, model):
        scored.extend(clauses)
        return SCORE(clauses, model)

    monkeypatch.setattr(batch_module, "score", counting)
    tagger = BatchTagger(MODEL, cache=100)
    first, second = ClauseText("加强产品质量监督"), ClauseText("加强产品质量监督", ("重点任务",))
    tagger.tag([first, second, first])
    tagger.tag([second, first])
    assert scored == [first, second]


SCORE = batch_module.score


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 40), max_size=30), cache=st.integers(0, 60))
def test_memory_of_repeated_clauses_is_bounded(sizes, cache):
    tagger = BatchTagger(MODEL, cache=cache)
    seen = 0
    for size in sizes:
        tagger.tag([ClauseText(f"第{seen + n}项质量") for n in range(size)])
        seen += size
        assert len(tagger._young) + len(tagger._old) <= cache


@given(sizes=st.lists(st.integers(0, 3 * CLAUSES_A_BATCH), max_size=12))
def test_batches_keep_every_cut_in_order(sizes):
    unit = Unit(0, 1, "一")
    cuts = [Cut("s", str(n), [unit] * size) for n, size in enumerate(sizes)]
    made = list(batches(cuts))
    assert [cut for batch in made for cut in batch] == cuts
    for batch in made:
        assert sum(len(cut.units) for cut in batch[:-1]) < CLAUSES_A_BATCH


@given(tables=st.lists(st.sampled_from("ab"), max_size=40))
def test_rows_stay_with_their_table(tables):
    items = [
        {
            "source": table,
            "document": table,
            "id": str(n),
            "index": n,
            "text": " 提升质量。",
            "heading_path": "",
        }
        for n, table in enumerate(tables)
    ]
    cuts = list(clause_cuts(iter(items)))
    assert [(cut.source, id_) for cut in cuts for id_ in cut.own["id"]] == [
        (i["source"], i["id"]) for i in items
    ]
    assert all(one.source != other.source for one, other in pairwise(cuts))


@pytest.mark.parametrize("text", ["质量", "  质量\n", "\u3000质量 "])
def test_offsets_of_a_row_count_within_its_text(text):
    unit = row_unit(text, "三、重点任务 > (二)质量")
    assert text[unit.start : unit.end] == unit.text == "质量"
    assert unit.heading_path == ("重点任务", "质量")


def test_tallies_add_up():
    tagger = BatchTagger(MODEL)
    tags = tagger.tag([ClauseText(phrase) for phrase in PHRASES])
    whole, first, second = Tally(), Tally(characters=3), Tally(characters=4)
    whole.add(tags)
    first.add(tags[:4])
    second.add(tags[4:])
    first.merge(second)
    ids = MODEL.taxonomy.ids
    assert first.row(ids) == {**whole.row(ids), "characters": 7}
    assert whole.row(ids)["clauses"] == len(PHRASES)
