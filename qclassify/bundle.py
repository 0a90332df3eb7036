"""The model folder: a few plain files and a manifest with their hashes. Nothing in it can run code.

manifest.json       format number, id, fields, recipe, data hashes, metrics, the number of items in each
                    array, SHA-256 of each file
taxonomy.toml       the categories and their order
pages.u16 … scales.f64
                    dictionary, vocabularies and weights, compiled: see `qclassify.kernels.layout`.
                    Little-endian; they are mapped into memory, not read
bias.f64            little-endian float64, one an output
decision.json       calibration, thresholds and the review limit
lexicon.txt         domain words that went into the dictionary: `word frequency`
recipe.toml         how it was trained
CARD.md             the model card
provenance.json     when and from which commit it was made; the one file that differs between
                    two trainings on the same data, and therefore not part of the id
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qclassify.deciding import Decision, decision_from_json
from qclassify.features import FieldSpec
from qclassify.kernels import Arrays, FieldProgram, Kernel, make_kernel
from qclassify.kernels.layout import (
    LABEL_MASK,
    check_floats,
    check_pages,
    check_rows,
    check_trie,
    stride_of,
)
from qclassify.model_files import ARRAY_FILES, Content, part_of, read_files
from qclassify.taxonomy import Taxonomy, load_taxonomy


@dataclass(frozen=True, slots=True)
class Field:
    """One block of features: how it is scored, and how many terms it knows."""

    spec: FieldSpec
    program: FieldProgram
    n_terms: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded model.

    Attributes:
        id: recipe name and eight characters derived from the content.
        lexicon: domain words with their frequencies, for showing; the compiled dictionary has them.
        fields: the feature blocks.
        arrays: the compiled dictionary, vocabularies and weights.
        kernel: what walks them.
        bias: float64 (2 · n_categories,): one for the label score of every category in taxonomy order,
            then one for the primary score of every category.
        manifest: the parsed `manifest.json`, for showing.
    """

    id: str
    path: Path
    taxonomy: Taxonomy
    lexicon: tuple[tuple[str, int], ...]
    fields: tuple[Field, ...]
    arrays: Arrays
    kernel: Kernel
    bias: npt.NDArray[np.float64]
    decision: Decision
    manifest: Mapping[str, Any]

    @property
    def n_terms(self) -> int:
        """Terms of all fields together."""
        return len(self.arrays.rows)


def load_bundle(folder: Path) -> Bundle:
    """Read a model folder after checking every file against the manifest.

    Raises:
        ModelError: the folder is missing or foreign, a file is missing, altered or too large, the
            format number is unknown, or the parts do not fit each other.
    """
    manifest, contents = read_files(folder)
    return _assemble(folder, manifest, contents)


def _assemble(folder: Path, manifest: Mapping[str, Any], contents: Mapping[str, Content]) -> Bundle:
    with part_of(folder, "taxonomy.toml"):
        taxonomy = load_taxonomy(folder / "taxonomy.toml")
    with part_of(folder, "lexicon.txt"):
        lexicon = parse_lexicon(bytes(contents["lexicon.txt"]).decode("utf-8"))
    with part_of(folder, "decision.json"):
        decision = decision_from_json(
            json.loads(bytes(contents["decision.json"])), taxonomy.ids, exclusive=taxonomy.exclusive
        )
    with part_of(folder, "manifest.json"):
        fields = _fields(manifest)
    n_outputs = 2 * len(taxonomy.categories)
    items = {}
    for name, dtype in ARRAY_FILES.items():
        with part_of(folder, name):
            items[name] = _array(contents[name], dtype, manifest["arrays"][name])
    with part_of(folder, "characters.u32"):
        items["characters.u32"] = items["characters.u32"].reshape(-1, 256)
    with part_of(folder, "rows.i16"):
        items["rows.i16"] = items["rows.i16"].reshape(-1, stride_of(n_outputs))
    bias = items.pop("bias.f64")
    arrays = Arrays(**{name.partition(".")[0]: array for name, array in items.items()})
    _check_arrays(folder, arrays, fields)
    with part_of(folder, "bias.f64"):
        check_floats(bias, n_outputs)
    with part_of(folder, "scales.f64"):
        check_floats(arrays.scales, n_outputs)
    return Bundle(
        id=str(manifest["id"]),
        path=folder,
        taxonomy=taxonomy,
        lexicon=lexicon,
        fields=fields,
        arrays=arrays,
        kernel=make_kernel(arrays),
        bias=bias.astype(np.float64),
        decision=decision,
        manifest=manifest,
    )


def _array(data: Content, dtype: str, count: int) -> npt.NDArray[Any]:
    if len(data) != count * np.dtype(dtype).itemsize:
        raise ValueError(f"has {len(data)} bytes where {count} items of type {dtype} belong")
    # Own byte order costs nothing on little-endian machines and a copy on others.
    return np.frombuffer(data, dtype=dtype).astype(np.dtype(dtype).newbyteorder("="), copy=False)


def _check_arrays(folder: Path, arrays: Arrays, fields: tuple[Field, ...]) -> None:
    """Every number that will be used as an index is one; once here, never again later."""
    n_outputs = len(arrays.scales)
    with part_of(folder, "pages.u16"):
        check_pages(arrays.pages, len(arrays.characters))
    with part_of(folder, "frequencies.f64"):
        check_floats(arrays.frequencies)
        if arrays.frequencies.max() >= 0:
            raise ValueError("a probability is not below 1")
    with part_of(folder, "idf.f64"):
        check_floats(arrays.idf)
        if arrays.idf.min() <= 0:
            raise ValueError("an inverse document frequency is not above 0")
    with part_of(folder, "rows.i16"):
        check_rows(arrays.rows, n_outputs, len(arrays.idf))
        if len(arrays.rows) != sum(field.n_terms for field in fields):
            raise ValueError("there is not one row for every term")
    max_id = int((arrays.characters & LABEL_MASK).max())
    with part_of(folder, "dictionary.u64"):
        check_trie(arrays.dictionary, 1, max_id, len(arrays.frequencies) - 1)
    with part_of(folder, "terms.u64"):
        check_trie(arrays.terms, len(fields), max_id, len(arrays.rows))


def _fields(manifest: Mapping[str, Any]) -> tuple[Field, ...]:
    fields = []
    for root, entry in enumerate(manifest["fields"]):
        spec = FieldSpec(**entry)
        if spec.terms not in ("words", "chars") or not spec.weight > 0 or not 0 <= spec.norm_power <= 1:
            raise ValueError(f"field {spec.name}: a kind of terms, weight or norm_power that does not exist")
        program = FieldProgram(root, spec.terms == "words", float(spec.weight), float(spec.norm_power))
        fields.append(Field(spec, program, int(manifest["terms"][spec.name])))
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
