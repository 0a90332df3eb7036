"""Both back ends cut like jieba (HMM off) and decide like scikit-learn, on all clauses and on fuzz.

QCLASSIFY_CONFORMANCE=full runs 30,000 fuzz strings instead of 3,000; QCLASSIFY_CONFORMANCE_DOCUMENTS=FOLDER
adds the clauses of every document under that folder.
"""

import importlib.util
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fuzz_texts import fuzz_texts
from small_model import export

from qclassify.bundle import load_bundle
from qclassify.deciding import decide, probabilities
from qclassify.errors import QClassifyError
from qclassify.features import ClauseText, normalise
from qclassify.kernels import BACKENDS, encode
from qclassify.models import load_model
from qclassify.reading import read, walk
from qclassify.scoring import score
from qclassify.segmentation import segment
from qclassify.segmenter import Segmenter
from training.dataset import load_dataset
from training.evaluation import clause_text, fit_pipeline, pipeline_scores
from training.recipe import load_recipe

ROOT = Path(__file__).parent.parent
DOCUMENTS = os.environ.get("QCLASSIFY_CONFORMANCE_DOCUMENTS")
N_FUZZ = 30_000 if os.environ.get("QCLASSIFY_CONFORMANCE") == "full" else 3_000


@pytest.fixture(scope="module")
def dataset():
    return load_dataset(ROOT / "labels")


def clauses_of_documents(folder):
    """Clauses of the documents under a folder; files that cannot be read do not matter here."""
    for path in walk(Path(folder)):
        with suppress(QClassifyError):
            yield from (
                ClauseText(unit.text, unit.heading_path)
                for unit in segment(read(path))
                if unit.kind == "clause"
            )


@pytest.fixture(scope="module")
def clauses(dataset):
    """Every source clause with and without its headings, every written clause, fuzz with fuzzy headings."""
    fuzz = fuzz_texts(N_FUZZ)
    return [
        *map(clause_text, dataset.gold),
        *(ClauseText(clause.text) for clause in dataset.gold),
        *map(clause_text, dataset.written),
        *(clauses_of_documents(DOCUMENTS) if DOCUMENTS else ()),
        *(ClauseText(text, (fuzz[n % 50], fuzz[n % 7])[: n % 3]) for n, text in enumerate(fuzz)),
    ]


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """(pipeline, model folder) with the default recipe's features on today's labels, and one learner for speed."""
    recipe = load_recipe("default")
    recipe = replace(recipe, learners=recipe.learners[:1], stacking=None)
    pipeline = fit_pipeline(recipe, dataset)
    return pipeline, export(
        tmp_path_factory.mktemp("models"), pipeline, load_model().decision, dataset, recipe
    )


@pytest.fixture(scope="module")
def expected(trained, clauses):
    return pipeline_scores(trained[0], clauses)


@pytest.fixture(params=BACKENDS)
def bundle(request, trained, monkeypatch):
    if request.param == "native" and importlib.util.find_spec("qclassify.kernels._native") is None:
        pytest.skip("the C extension is not built")
    monkeypatch.setenv("QCLASSIFY_BACKEND", request.param)
    loaded = load_bundle(trained[1])
    assert loaded.kernel.name == request.param
    return loaded


@pytest.mark.slow
def test_words_are_those_of_jieba_with_hmm_off(bundle, dataset, clauses):
    jieba = Segmenter(dataset.lexicon, engine="jieba")
    texts = [clause.text for clause in clauses]
    batch = encode(texts)
    starts = bundle.kernel.cut(batch)
    begin, different = 0, []
    for text, end in zip(texts, batch.ends.tolist(), strict=True):
        edges = np.flatnonzero(starts[begin : end + 1]).tolist()  # the separator counts as an edge
        lengths = np.diff(edges).tolist()
        if lengths != [len(word) for word in jieba.cut(normalise(text))]:
            different.append(text)
        begin = end + 1
    assert different == []


@pytest.mark.slow
def test_scores_probabilities_and_decisions_are_those_of_scikit_learn(bundle, clauses, expected):
    ours = score(clauses, bundle)
    assert np.abs(ours - expected).max() < 1e-9
    ours_p, expected_p = (probabilities(scores, bundle.decision) for scores in (ours, expected))
    assert np.abs(ours_p - expected_p).max() <= 1e-6
    assert decide(ours, bundle.decision) == decide(expected, bundle.decision)
    assert len({answer.labels for answer in decide(ours, bundle.decision)}) > 20


@pytest.mark.slow
def test_vocabularies_are_compiled_without_loss(trained, bundle):
    from qclassify.scoring import _row

    first = 0
    for field, (_, vectorizer) in zip(bundle.fields, trained[0]["features"].transformer_list, strict=True):
        terms = vectorizer.get_feature_names_out()
        assert [_row(term, field.program.root, bundle.arrays) for term in terms[::9]] == list(
            range(first, first + len(terms), 9)
        )
        assert all(_row(term + "\uffff", field.program.root, bundle.arrays) is None for term in terms[::99])
        first += len(terms)
    assert first == bundle.n_terms
