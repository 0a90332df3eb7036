"""The files of a model folder: read, bounded and checked against the manifest. `bundle.py` says what they are."""

from __future__ import annotations

import hashlib
import json
import mmap
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qclassify.errors import ModelError, TaxonomyError
from qclassify.segmenter import SEGMENTER_ID

FORMAT = 2
MAX_FILE_BYTES = 64 * 1024 * 1024
MODELS_ADVICE = "name a folder made by `python -m training train`, or leave --model out for the shipped one"
FETCH_ADVICE = "get the model again from where it came"
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# File → type of its items. Each is an attribute of `Arrays` but the bias, which no kernel needs.
ARRAY_FILES = {
    "pages.u16": "<u2",
    "characters.u32": "<u4",
    "dictionary.u64": "<u8",
    "frequencies.f64": "<f8",
    "terms.u64": "<u8",
    "rows.i16": "<i2",
    "idf.f64": "<f8",
    "scales.f64": "<f8",
    "bias.f64": "<f8",
}
Content = bytes | mmap.mmap
_TEXT_FILES = ("taxonomy.toml", "lexicon.txt", "decision.json", "recipe.toml", "CARD.md", "provenance.json")


def canonical_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON with one spelling for one value: sorted keys, no ASCII escapes, two-space indent."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n"


def checksum(record: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON record without its own `checksum` key."""
    body = {key: value for key, value in record.items() if key != "checksum"}
    return hashlib.sha256(canonical_json(body).encode("utf-8")).hexdigest()


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, Content]]:
    """The manifest, and the content of every file that it lists; arrays are mapped, not read.

    Raises:
        ModelError: the folder is missing or foreign, the format number is unknown, or a file is missing,
            altered or too large.
    """
    manifest = _read_manifest(folder)
    contents = {name: _read_file(folder, name, manifest["files"][name]) for name in sorted(manifest["files"])}
    _check_provenance(folder, contents["provenance.json"])
    return manifest, contents


@contextmanager
def part_of(folder: Path, name: str) -> Iterator[None]:
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
            "train it again with `python -m training train`, or install the qclassify that made it",
        )
    if manifest.get("checksum") != checksum(manifest):
        raise ModelError(f"{path}: altered after it was written", FETCH_ADVICE)
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
    if not isinstance(files, dict) or set(files) != {*ARRAY_FILES, *_TEXT_FILES}:
        raise ModelError(f"{path}: the list of files is not the one of format {FORMAT}", MODELS_ADVICE)


def _bounded_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f"{path}: larger than {MAX_FILE_BYTES} bytes", MODELS_ADVICE)
    return data


def _read_file(folder: Path, name: str, digest: object) -> Content:
    """A file's content after its hash was checked; an array is mapped."""
    path = folder / name
    if not path.is_file() or path.is_symlink():
        raise ModelError(f"{path}: missing from the model", FETCH_ADVICE)
    data = _mapped(path) if name in ARRAY_FILES else _bounded_bytes(path)
    if name != "provenance.json" and hashlib.sha256(data).hexdigest() != digest:
        raise ModelError(f"{path}: altered after the model was written", FETCH_ADVICE)
    return data


def _mapped(path: Path) -> Content:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size > MAX_FILE_BYTES:
            raise ModelError(f"{path}: larger than {MAX_FILE_BYTES} bytes", MODELS_ADVICE)
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def _check_provenance(folder: Path, data: Content) -> None:
    try:
        record = json.loads(bytes(data).decode("utf-8"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("checksum") != checksum(record):
        raise ModelError(
            f"{folder / 'provenance.json'}: altered after the model was written",
            FETCH_ADVICE,
        )
