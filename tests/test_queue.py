"""What to label next: the widest doubts, every category in turn, nothing that is tested on or alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelling_tasks import IDS
from labels_folder import TEXT, write_labels

from qclassify.records import Document
from training.dataset import load_dataset
from training.labelling.selection import queue_record, select, uncertainties, without_test_documents
from training.labelling.sources import document_id, document_tasks, table_tasks
from training.labelling.tasks import Suggestion, Task
from training.near_duplicates import near_duplicates

THRESHOLDS = (0.4, 0.6)
WORDS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return load_dataset(write_labels(tmp_path_factory.mktemp("queue") / "labels"))


def task(own_id, price, supply, text=None, doc=None):
    chosen = tuple(c for c, p, t in zip(IDS, (price, supply), THRESHOLDS, strict=True) if p >= t)
    guess = Suggestion(
        "m", chosen, chosen[0] if chosen else None, dict(zip(IDS, (price, supply), strict=True)), 0.5
    )
    text = text or f"{WORDS[int(own_id) % 22] * 9}{own_id}"
    return Task(
        own_id,
        text,
        doc=doc,
        start=None if doc is None else 0,
        end=None if doc is None else len(text),
        suggestion=guess,
    )


def chosen(queue):
    return [(queued.task.id, queued.category) for queued in queue.chosen]


def test_uncertainty_is_one_on_the_threshold_and_zero_when_certain():
    found = uncertainties([task("1", 0.4, 0.0), task("2", 1.0, 0.6), task("3", 0.2, 0.8)], THRESHOLDS)
    assert found == pytest.approx(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]))


def test_categories_take_turns_so_that_no_doubtful_one_crowds_out_the_others(dataset):
    tasks = [task(str(n), 0.4 + n / 100, 0.0) for n in range(1, 6)] + [
        task(str(n), 0.0, 0.5 - n / 100) for n in (6, 7)
    ]
    queue = select(tasks, dataset, THRESHOLDS, 5)
    assert chosen(queue) == [("1", "price"), ("6", "supply"), ("2", "price"), ("7", "supply"), ("3", "price")]


def test_a_category_without_doubts_passes_and_the_rest_goes_by_the_widest_doubt(dataset):
    tasks = [task("1", 0.0, 0.01), task("2", 0.001, 0.99), task("3", 0.5, 0.0)]
    assert chosen(select(tasks, dataset, THRESHOLDS, 9)) == [("3", "price"), ("2", "supply"), ("1", "supply")]


def test_clauses_like_labelled_or_chosen_ones_are_left_out(dataset):
    tasks = [
        task("1", 0.4, 0.0, "增加粮食供给,稳定粮食价格!"),
        task("2", 0.4, 0.0, "扩大成品油储备规模,轮换陈粮"),
        task("3", 0.4, 0.0, "完善平价商店网点布局。"),
        task("4", 0.41, 0.0, "完善平价商店网点布局;"),
    ]
    queue = select(tasks, dataset, THRESHOLDS, 9)
    assert chosen(queue) == [("3", "price")]
    assert (queue.like_labelled, queue.like_chosen) == (2, 1)


def test_nothing_of_a_document_that_models_are_tested_on_is_chosen(dataset):
    queue = select(
        [task("1", 0.4, 0.0, doc="plan"), task("2", 0.4, 0.0, doc="other")], dataset, THRESHOLDS, 9
    )
    assert (chosen(queue), queue.of_test_documents) == ([("2", "price")], 1)


NEW = "绿化方案\n一、目标\n新增公园绿地五十公顷。完善城市绿道网络。\n"


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        (NEW, False),
        (TEXT, True),
        (TEXT.replace(",", "，").replace("\n", "\n\n"), True),
        ("保供稳价方案（转载）\n一、目标\n稳定蔬菜价格。增加粮食供给,稳定粮食价格。\n", True),
        (NEW + "稳定蔬菜价格。\n", False),
    ],
    ids=["another", "the same", "other width and blanks", "reprinted", "one sentence in common"],
)
def test_copies_of_test_documents_are_known_by_their_text_or_their_clauses(dataset, text, excluded):
    document = Document(text, name="reprint.docx")
    doc = document_id(document.name)
    found = without_test_documents({doc: text}, document_tasks([document]), dataset)
    assert found == (frozenset({doc}) if excluded else frozenset())


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.floats(0, 1),
            st.sampled_from(["储备粮食", "平抑价格", "畅通运输", "公布信息"]),
        ),
        max_size=12,
    ),
    st.integers(1, 12),
)
def test_a_queue_holds_no_clause_twice_and_as_many_as_there_are(dataset, values, limit):
    tasks = [task(str(n), p, q, f"{text}{WORDS[n] * 3}") for n, (p, q, text) in enumerate(values)]
    queue = select(tasks, dataset, THRESHOLDS, limit)
    texts = [queued.task.text for queued in queue.chosen]
    assert len(set(texts)) == len(texts) <= limit
    assert not [m for m in near_duplicates(texts, texts) if m.query != m.target]
    assert len(texts) == min(limit, len(tasks) - queue.like_chosen - queue.like_labelled)
    assert all(0 <= queued.uncertainty <= 1 for queued in queue.chosen)


def test_no_task_gives_an_empty_queue(dataset):
    assert select([], dataset, THRESHOLDS, 5).chosen == ()


@pytest.mark.parametrize("form", ["jsonl", "csv", "xlsx"])
def test_a_queue_is_a_source_of_tasks(dataset, tmp_path, form):
    from training.cli.review import _write_queue

    document = Document(
        "方案\n一、目标\n1.稳住菜价。\n=合计,储备粮食十万吨。新增公园绿地。\n二、措施\n- 公布每周指导价。\n",
        name="方案 一.txt",
    )
    suggestion = Suggestion("m", ("price",), "price", {"price": 0.5, "supply": 0.5}, 0.1)
    sent = [
        Task(t.id, t.text, t.heading_path, t.heading_nos, t.doc, t.start, t.end, suggestion)
        for t in document_tasks([document])
    ]
    queue = select(sent, dataset, THRESHOLDS, 9)
    path = tmp_path / f"queue.{form}"
    _write_queue(queue, path)
    assert table_tasks(path) == [queued.task for queued in queue.chosen]
    assert len(queue.chosen) == len(sent) >= 3
    assert {queue_record(queued)["chosen_for"] for queued in queue.chosen} <= set(IDS)
