"""Choosing a back end; and the C code, which refuses whatever it could not walk safely."""

import dataclasses
import importlib.util
import threading
import time

import numpy as np
import pytest
from fuzz_texts import fuzz_texts

from qclassify.errors import ModelError
from qclassify.features import ClauseText
from qclassify.kernels import FieldProgram, TextBatch, encode, make_kernel
from qclassify.kernels.layout import check_trie
from qclassify.models import load_model
from qclassify.scoring import score

BUILT = importlib.util.find_spec("qclassify.kernels._native") is not None
needs_native = pytest.mark.skipif(not BUILT, reason="the C extension is not built")
FIELDS = [FieldProgram(0, True, 1.0, 1.0), FieldProgram(1, False, 0.5, 0.7)]
U64 = np.uint64


@pytest.fixture(scope="module")
def arrays():
    return load_model().arrays


@pytest.fixture(scope="module")
def native(arrays):
    return make_kernel(arrays, "native")


def changed(arrays, name, change):
    copy = getattr(arrays, name).copy()
    change(copy)
    return dataclasses.replace(arrays, **{name: copy})


def test_the_environment_chooses_the_back_end(arrays, monkeypatch):
    monkeypatch.setenv("QCLASSIFY_BACKEND", "numpy")
    assert make_kernel(arrays).name == "numpy"
    monkeypatch.setenv("QCLASSIFY_BACKEND", "fortran")
    with pytest.raises(ModelError, match="QCLASSIFY_BACKEND=fortran: no such back end") as caught:
        make_kernel(arrays)
    assert "native, numpy" in caught.value.hint
    monkeypatch.setenv("QCLASSIFY_BACKEND", "")
    assert make_kernel(arrays).name == ("native" if BUILT else "numpy")


def test_without_the_extension_numpy_serves_and_native_cannot_be_forced(arrays, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.delenv("QCLASSIFY_BACKEND", raising=False)
    assert make_kernel(arrays).name == "numpy"
    monkeypatch.setenv("QCLASSIFY_BACKEND", "native")
    with pytest.raises(ModelError, match="the C extension is not built"):
        make_kernel(arrays)


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["", ""], ["a"], ["质量\n品牌", "", "\ud800𠮷"]],
    ids=lambda texts: f"{len(texts)} texts",
)
def test_encoded_texts_can_be_told_apart_again(texts):
    batch = encode(texts)
    begin, found = 0, []
    for end in batch.ends.tolist():
        found.append("".join(map(chr, batch.points[begin:end].tolist())))
        begin = end + 1
    assert found == texts
    assert begin == len(batch.points)


@needs_native
def test_both_back_ends_give_the_same_scores_and_words(arrays, native):
    batch = encode(fuzz_texts(2000, seed=7))
    numpy_kernel = make_kernel(arrays, "numpy")
    assert np.abs(native.score(batch, FIELDS) - numpy_kernel.score(batch, FIELDS)).max() < 1e-9
    assert (native.cut(batch) == numpy_kernel.cut(batch)).all()


@needs_native
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pages", lambda a: a.__setitem__(5, 60_000)),
        ("characters", lambda a: a.__setitem__((0, 0), 0xFFFF)),
        ("dictionary", lambda a: a.__setitem__(-1, U64(0xFFFFFF << 16))),
        ("dictionary", lambda a: a.__setitem__(7, U64(0xFFFFFF << 40))),
        ("terms", lambda a: a.__setitem__(0, U64(0xFFFFFF << 16))),
        ("terms", lambda a: a.__setitem__(-1, U64(0xFFFFFF << 40))),
        ("rows", lambda a: a.__setitem__((3, 14), -1)),
    ],
)
def test_an_index_that_leads_outside_is_refused(arrays, name, change):
    # A character id that is too large shows where nodes add it to their base.
    with pytest.raises(ValueError, match="dictionary" if name == "characters" else name):
        make_kernel(changed(arrays, name, change), "native")


@needs_native
@pytest.mark.parametrize(
    "name", ["pages", "characters", "dictionary", "frequencies", "terms", "rows", "idf", "scales"]
)
@pytest.mark.parametrize("keep", [0, 1, -1])
def test_arrays_of_a_wrong_length_are_refused_or_harmless(arrays, name, keep):
    flat = getattr(arrays, name).ravel()[:keep]
    try:
        kernel = make_kernel(dataclasses.replace(arrays, **{name: flat}), "native")
    except ValueError:
        return
    assert (name, keep) in {
        ("frequencies", -1),
        ("idf", -1),
        ("scales", -1),
        ("dictionary", -1),
        ("terms", -1),
    }
    kernel._walker.cut(*encode(["质量"]), np.zeros(3, np.uint8))


@needs_native
def test_a_misaligned_array_is_refused(arrays):
    shifted = np.frombuffer(b"x" + arrays.idf.tobytes(), np.uint8)[1:]
    with pytest.raises(ValueError, match="idf: not a whole number of aligned items"):
        make_kernel(dataclasses.replace(arrays, idf=shifted), "native")


@needs_native
@pytest.mark.parametrize("ends", [[-1], [0], [1], [3], [1, 1], [2, 1], [2**62], [1, 2, 3], []], ids=str)
def test_ends_that_do_not_fit_the_points_are_refused(native, ends):
    batch = TextBatch(encode(["质量"]).points, np.array(ends, dtype=np.int64))
    with pytest.raises(ValueError, match="ends"):
        native.score(batch, FIELDS)


@needs_native
def test_calls_of_a_wrong_form_are_refused(arrays, native):
    points, ends = encode(["质量"])
    out = np.zeros(len(arrays.scales))
    walker = native._walker
    for fields in ((FieldProgram(-1, False, 1.0, 1.0),), (FieldProgram(2**40, False, 1.0, 1.0),)):
        with pytest.raises(ValueError, match="a root outside the trie"):
            walker.score(points, ends, fields, out)
    with pytest.raises(ValueError, match="too many"):
        walker.score(points, ends, tuple(FIELDS * 20), out)
    with pytest.raises(ValueError, match="out: wrong size"):
        walker.score(points, ends, tuple(FIELDS), out[:-1])
    with pytest.raises(ValueError, match="points: not a whole number"):
        walker.score(points.view(np.uint8)[:-1], ends, tuple(FIELDS), out)
    for wrong in (
        (points, ends, FIELDS, out),
        (points, ends, (1,), out),
        (points, ends, ((0, 1),), out),
        (None,) * 4,
    ):
        with pytest.raises((TypeError, SystemError)):
            walker.score(*wrong)
    out.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        walker.score(points, ends, tuple(FIELDS), out)
    with pytest.raises(TypeError):
        walker.__init__()
    assert native.score(encode(["质量"]), FIELDS).any()  # and nothing was harmed


@needs_native
def test_code_points_that_do_not_exist_are_unknown_characters(native):
    batch = TextBatch(np.array([0x110000, 0xFFFFFFFF, 10], np.uint32), np.array([2]))
    assert not native.score(batch, FIELDS).any()
    assert native.cut(batch).all()


@needs_native
def test_threads_share_a_model(monkeypatch):
    monkeypatch.setenv("QCLASSIFY_BACKEND", "native")
    bundle = load_model()
    clauses = [ClauseText(text, (text[:5],)) for text in fuzz_texts(4000, seed=3)]
    expected = score(clauses, bundle)
    found = {}
    threads = [
        threading.Thread(target=lambda n=n: found.__setitem__(n, score(clauses, bundle))) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((found[n] == expected).all() for n in range(4))


@needs_native
def test_python_goes_on_while_the_kernel_works(native):
    batch = encode(["首席质量官制度，" * 500_000])
    started = time.perf_counter()
    worker = threading.Thread(target=native.score, args=(batch, FIELDS))
    worker.start()
    longest, before = 0.0, time.perf_counter()
    while worker.is_alive():
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
        time.sleep(0.001)
    assert longest < (time.perf_counter() - started) / 2


def test_a_trie_without_nodes_is_refused():
    with pytest.raises(ValueError, match="more than its 1 roots"):
        check_trie(np.zeros(1, U64), 1, 0, 0)
