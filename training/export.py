"""A fitted pipeline → a model folder, refused unless the runtime gives the same scores."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from qclassify.bundle import load_bundle
from qclassify.deciding import Decision, decision_to_json
from qclassify.errors import LabelError
from qclassify.features import ClauseText
from qclassify.model_files import ARRAY_FILES, FORMAT, canonical_json, checksum
from qclassify.scoring import score
from qclassify.segmenter import SEGMENTER_ID
from training.card import model_card
from training.compiling import compile_arrays
from training.dataset import Dataset
from training.dictionary import DICTIONARY_SHA256
from training.evaluation import pipeline_scores
from training.recipe import Recipe

PARITY_TOLERANCE = 1e-6
MAX_BUNDLE_BYTES = 16 * 1024 * 1024
# No look-alikes (i, l, 1, o, 0), so that an id survives being read aloud.
_ID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def export_bundle(
    pipeline: Pipeline,
    decision: Decision,
    dataset: Dataset,
    recipe: Recipe,
    figures: Mapping[str, Any],
    provenance: Mapping[str, Any],
    models: Path,
) -> Path:
    """Write `models/<id>/` and return it; an equal model that is there already is replaced.

    Raises:
        LabelError: runtime scores differ from scikit-learn's by more than 1e-6, or the folder would
            be larger than 16 MB.
    """
    files, counts, n_terms = _content_files(pipeline, decision, dataset, recipe)
    model_id = f"{recipe.name}-{_short_digest(files)}"
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "id": model_id,
        "segmenter": SEGMENTER_ID,
        "dictionary": DICTIONARY_SHA256,
        "arrays": counts,
        "terms": n_terms,
        "taxonomy": {"version": dataset.taxonomy.version, "sha256": dataset.taxonomy.digest},
        "recipe": {"name": recipe.name, "sha256": hashlib.sha256(recipe.text.encode("utf-8")).hexdigest()},
        "data": dict(dataset.digests),
        "fields": [asdict(spec) for spec in recipe.fields],
        "metrics": dict(figures),
    }
    files["CARD.md"] = model_card(manifest, dataset.taxonomy, decision, recipe, dataset.origin).encode(
        "utf-8"
    )
    manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    manifest["files"]["provenance.json"] = "not part of the identity"
    manifest["checksum"] = checksum(manifest)
    files["manifest.json"] = canonical_json(manifest).encode("utf-8")
    record = {"model": model_id, **provenance}
    files["provenance.json"] = canonical_json({**record, "checksum": checksum(record)}).encode("utf-8")
    return _write_checked(files, models, model_id, pipeline, dataset)


def refuse_too_large(pipeline: Pipeline, dataset: Dataset, recipe: Recipe) -> None:
    """Whoever trains learns in seconds, not after minutes of evaluation, that the export would be refused.

    Looks at the arrays, nearly all of a model folder; `export_bundle` looks at all of it.

    Raises:
        LabelError: they alone are larger than 16 MB.
    """
    _check_size(recipe.name, _array_files(pipeline, dataset, recipe)[0])


def _check_size(name: str, files: Mapping[str, bytes]) -> None:
    size = sum(len(data) for data in files.values())
    if size > MAX_BUNDLE_BYTES:
        raise LabelError(
            f"{name}: {size} bytes, a model may have {MAX_BUNDLE_BYTES}",
            "raise min_count or shorten the n-grams in the recipe",
        )


def _array_files(
    pipeline: Pipeline, dataset: Dataset, recipe: Recipe
) -> tuple[dict[str, bytes], dict[str, int], dict[str, int]]:
    """Array files, number of items in each array, number of terms in each field."""
    vectorizers = dict(pipeline["features"].transformer_list)
    linear = pipeline["linear"]
    terms = [list(vectorizers[spec.name].get_feature_names_out()) for spec in recipe.fields]
    idf = np.concatenate([vectorizers[spec.name].term_weights() for spec in recipe.fields])
    compiled = compile_arrays(terms, idf, linear.coef_, dataset.lexicon)
    files: dict[str, bytes] = {}
    counts: dict[str, int] = {}
    for name, dtype in ARRAY_FILES.items():
        attribute = name.partition(".")[0]
        array = linear.intercept_ if attribute == "bias" else getattr(compiled, attribute)
        files[name], counts[name] = _little_endian(array, dtype), int(array.size)
    n_terms = {spec.name: len(found) for spec, found in zip(recipe.fields, terms, strict=True)}
    return files, counts, n_terms


def _content_files(
    pipeline: Pipeline, decision: Decision, dataset: Dataset, recipe: Recipe
) -> tuple[dict[str, bytes], dict[str, int], dict[str, int]]:
    """All files that make the identity, and what `_array_files` counts."""
    files, counts, n_terms = _array_files(pipeline, dataset, recipe)
    files["decision.json"] = canonical_json(decision_to_json(decision, dataset.taxonomy.ids)).encode("utf-8")
    files["taxonomy.toml"] = dataset.taxonomy_file.read_bytes()
    files["lexicon.txt"] = "".join(f"{word} {frequency}\n" for word, frequency in dataset.lexicon).encode(
        "utf-8"
    )
    files["recipe.toml"] = recipe.text.encode("utf-8")
    return files, counts, n_terms


def _little_endian(array: npt.NDArray[Any], dtype: str) -> bytes:
    return np.ascontiguousarray(array, dtype=dtype).tobytes()


def _short_digest(files: Mapping[str, bytes], length: int = 8) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(name.encode("utf-8") + b"\0" + hashlib.sha256(data).digest())
    number = int.from_bytes(digest.digest(), "big")
    letters = []
    for _ in range(length):
        number, position = divmod(number, len(_ID_ALPHABET))
        letters.append(_ID_ALPHABET[position])
    return "".join(letters)


def _write_checked(
    files: Mapping[str, bytes], models: Path, model_id: str, pipeline: Pipeline, dataset: Dataset
) -> Path:
    _check_size(model_id, files)
    models.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=models, prefix=".draft-"))
    try:
        for name, data in files.items():
            (draft / name).write_bytes(data)
        check_parity(pipeline, draft, _parity_clauses(dataset))
        draft.chmod(0o755)
        target = models / model_id
        if target.exists():
            shutil.rmtree(target)
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _parity_clauses(dataset: Dataset) -> list[ClauseText]:
    clauses = [*dataset.gold, *dataset.written]
    return [ClauseText(c.text, c.heading_path) for c in clauses] + [ClauseText(c.text) for c in dataset.gold]


def check_parity(pipeline: Pipeline, folder: Path, clauses: Sequence[ClauseText]) -> float:
    """The largest difference between runtime and scikit-learn scores.

    Raises:
        LabelError: it exceeds 1e-6.
    """
    difference = float(np.abs(score(clauses, load_bundle(folder)) - pipeline_scores(pipeline, clauses)).max())
    if not difference <= PARITY_TOLERANCE:
        raise LabelError(
            f"runtime scores differ from scikit-learn's by {difference:.2e}, allowed is {PARITY_TOLERANCE:.0e}",
            "this is a defect of qclassify, not of the data: nothing was exported",
        )
    return difference
