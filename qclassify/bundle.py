"""The model folder: a few plain files and a manifest with their hashes. Nothing in it can run code.

manifest.json       format number, id, fields, shapes, recipe, data hashes, metrics, SHA-256 of each file
taxonomy.toml       the categories and their order
lexicon.txt         domain words for the segmenter: `word frequency`
terms-<field>.txt   one field's vocabulary, one term a line, in column order
idf.f64             inverse document frequencies, little-endian float64, one a term
weights.f32         little-endian float32, terms × outputs, row after row
bias.f64            little-endian float64, one an output
decision.json       calibration, thresholds and the review limit
recipe.toml         how it was trained
CARD.md             the model card
provenance.json     when and from which commit it was made; the one file that differs between
                    two trainings on the same data, and therefore not part of the id
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qclassify.deciding import Decision, decision_from_json
from qclassify.errors import ModelError, TaxonomyError
from qclassify.features import FieldSpec
from qclassify.segmenter import SEGMENTER_ID, Segmenter
from qclassify.taxonomy import Taxonomy, load_taxonomy

FORMAT = 1
MAX_FILE_BYTES = 64 * 1024 * 1024
MODELS_ADVICE = "name a folder made by `python -m training train`, or leave --model out for the shipped one"
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_FIXED_FILES = (
    "taxonomy.toml",
    "lexicon.txt",
    "idf.f64",
    "weights.f32",
    "bias.f64",
    "decision.json",
    "recipe.toml",
    "CARD.md",
    "provenance.json",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One block of features: its terms own the rows `first … first + len(vocabulary) - 1`."""

    spec: FieldSpec
    first: int
    vocabulary: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded model.

    Attributes:
        id: recipe name and eight characters derived from the content.
        fields: the feature blocks in row order.
        idf: float64 (n_terms,).
        weights: float32 (n_terms, 2 · n_categories): a column of label weights for every category in
            taxonomy order, then a column of primary weights for every category.
        bias: float64 (2 · n_categories,).
        manifest: the parsed `manifest.json`, for showing.
    """

    id: str
    path: Path
    taxonomy: Taxonomy
    segmenter: Segmenter
    fields: tuple[Field, ...]
    idf: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float64]
    decision: Decision
    manifest: Mapping[str, Any]


def canonical_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON with one spelling for one value: sorted keys, no ASCII escapes, two-space indent."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n"


def checksum(record: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON record without its own `checksum` key."""
    body = {key: value for key, value in record.items() if key != "checksum"}
    return hashlib.sha256(canonical_json(body).encode("utf-8")).hexdigest()


def terms_file(field_name: str) -> str:
    """The name of a field's vocabulary file."""
    return f"terms-{field_name}.txt"


def load_bundle(folder: Path) -> Bundle:
    """Read a model folder after checking every file against the manifest.

    Raises:
        ModelError: the folder is missing or foreign, a file is missing, altered or too large, the
            format number is unknown, or the parts do not fit each other.
    """
    manifest = _read_manifest(folder)
    contents = {name: _read_file(folder, name, manifest["files"][name]) for name in sorted(manifest["files"])}
    _check_provenance(folder, contents["provenance.json"])
    return _assemble(folder, manifest, contents)


@contextmanager
def _part(folder: Path, name: str) -> Iterator[None]:
    """Errors in a part that was written as it is: a ModelError that names the file."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError, TaxonomyError) as error:
        raise ModelError(
            f"{folder / name}: does not fit the rest of the model: {error}".replace("\n", " "), MODELS_ADVICE
        ) from error


def _read_manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model folder", MODELS_ADVICE)
    path = folder / "manifest.json"
    if not path.is_file() or path.is_symlink():
        raise ModelError(f"{folder}: not a model folder, it has no manifest.json", MODELS_ADVICE)
    try:
        manifest = json.loads(_bounded_bytes(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not valid JSON in utf-8: {error}", MODELS_ADVICE) from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int:
        raise ModelError(f"{path}: not a qclassify manifest", MODELS_ADVICE)
    if manifest["format"] != FORMAT:
        raise ModelError(
            f"{path}: model format {manifest['format']}, this qclassify reads format {FORMAT}",
            "install the qclassify that made it, or train it again",
        )
    if manifest.get("checksum") != checksum(manifest):
        raise ModelError(f"{path}: altered after it was written", "get the model again from where it came")
    if manifest.get("segmenter") != SEGMENTER_ID:
        raise ModelError(
            f"{path}: made for segmenter {manifest.get('segmenter')}, here is {SEGMENTER_ID}", MODELS_ADVICE
        )
    _check_file_list(path, manifest)
    return manifest


def _check_file_list(path: Path, manifest: Mapping[str, Any]) -> None:
    fields, files = manifest.get("fields"), manifest.get("files")
    names = [field.get("name") if isinstance(field, dict) else None for field in fields or ()]
    if not names or not all(isinstance(name, str) and _FIELD_NAME.fullmatch(name) for name in names):
        raise ModelError(f"{path}: bad list of fields", MODELS_ADVICE)
    expected = {*_FIXED_FILES, *(terms_file(str(name)) for name in names)}
    if not isinstance(files, dict) or set(files) != expected:
        raise ModelError(f"{path}: the list of files is not the one of format {FORMAT}", MODELS_ADVICE)


def _bounded_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f"{path}: larger than {MAX_FILE_BYTES} bytes", MODELS_ADVICE)
    return data


def _read_file(folder: Path, name: str, digest: object) -> bytes:
    path = folder / name
    if not path.is_file() or path.is_symlink():
        raise ModelError(f"{path}: missing from the model", "get the model again from where it came")
    data = _bounded_bytes(path)
    if name != "provenance.json" and hashlib.sha256(data).hexdigest() != digest:
        raise ModelError(
            f"{path}: altered after the model was written", "get the model again from where it came"
        )
    return data


def _check_provenance(folder: Path, data: bytes) -> None:
    try:
        record = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("checksum") != checksum(record):
        raise ModelError(
            f"{folder / 'provenance.json'}: altered after the model was written",
            "get the model again from where it came",
        )


def _assemble(folder: Path, manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> Bundle:
    with _part(folder, "taxonomy.toml"):
        taxonomy = load_taxonomy(folder / "taxonomy.toml")
    with _part(folder, "lexicon.txt"):
        lexicon = parse_lexicon(contents["lexicon.txt"].decode("utf-8"))
    with _part(folder, "decision.json"):
        decision = decision_from_json(json.loads(contents["decision.json"]), taxonomy.ids)
    fields = _fields(folder, manifest, contents)
    n_terms = sum(len(field.vocabulary) for field in fields)
    n_outputs = 2 * len(taxonomy.categories)
    with _part(folder, "idf.f64"):
        idf = _array(contents["idf.f64"], "<f8", n_terms).astype(np.float64, copy=False)
    with _part(folder, "weights.f32"):
        weights = _array(contents["weights.f32"], "<f4", n_terms * n_outputs).reshape(n_terms, n_outputs)
    with _part(folder, "bias.f64"):
        bias = _array(contents["bias.f64"], "<f8", n_outputs).astype(np.float64, copy=False)
    return Bundle(
        id=str(manifest["id"]),
        path=folder,
        taxonomy=taxonomy,
        segmenter=Segmenter(lexicon),
        fields=fields,
        idf=idf,
        weights=weights,
        bias=bias,
        decision=decision,
        manifest=manifest,
    )


def _array(data: bytes, dtype: str, count: int) -> npt.NDArray[Any]:
    array = np.frombuffer(data, dtype=dtype)
    if array.size != count or not np.isfinite(array).all():
        raise ValueError(f"has {array.size} numbers where {count} finite ones belong")
    return array


def _fields(folder: Path, manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> tuple[Field, ...]:
    fields: list[Field] = []
    first = 0
    for entry in manifest["fields"]:
        with _part(folder, "manifest.json"):
            spec = FieldSpec(**entry)
        with _part(folder, terms_file(spec.name)):
            terms = contents[terms_file(spec.name)].decode("utf-8").split("\n")[:-1]
            vocabulary = {term: first + position for position, term in enumerate(terms)}
            if len(vocabulary) != len(terms):
                raise ValueError(f"field {spec.name} has a term twice")
        fields.append(Field(spec, first, vocabulary))
        first += len(terms)
    return tuple(fields)


def parse_lexicon(text: str) -> tuple[tuple[str, int], ...]:
    """Read `word frequency` lines.

    Raises:
        ValueError: a line is not a word and a positive whole number.
    """
    entries: list[tuple[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if len(parts) != 2 or not parts[1].isdecimal() or int(parts[1]) < 1:  # noqa: PLR2004 - word, frequency
            raise ValueError(f"lexicon line {number}: expected `word frequency`, found {line!r}")
        entries.append((parts[0], int(parts[1])))
    return tuple(entries)
