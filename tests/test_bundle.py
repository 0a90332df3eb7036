"""A model folder loads exactly as it was written; anything else is one clear error that names the file."""

import dataclasses
import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_model import export, fitted

from qclassify.bundle import load_bundle
from qclassify.errors import LabelError, ModelError
from qclassify.features import ClauseText
from qclassify.model_files import MAX_FILE_BYTES, canonical_json, checksum
from qclassify.models import default_model, load_model, models_folder
from qclassify.scoring import score
from training.export import check_parity

SHIPPED = default_model()
FILES = sorted(path.name for path in SHIPPED.iterdir())
TEXT_FILES = {"CARD.md", "decision.json", "lexicon.txt", "recipe.toml", "taxonomy.toml", "provenance.json"}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return fitted(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def original(parts, tmp_path_factory):
    return export(tmp_path_factory.mktemp("models"), *parts)


@pytest.fixture
def folder(original, tmp_path):
    return Path(shutil.copytree(original, tmp_path / original.name))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def sign(folder, **changes):
    """Make the manifest fit the files again, as somebody with the tools but not the care would."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8")) | changes
    for name in set(manifest["files"]) - {"provenance.json"}:
        if (folder / name).is_file():
            manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest["checksum"] = checksum(manifest)
    (folder / "manifest.json").write_text(canonical_json(manifest), "utf-8")


def refused(folder, *mentions):
    with pytest.raises(ModelError) as caught:
        load_bundle(folder)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    for mention in (str(folder), *mentions):
        assert mention in caught.value.message


def test_an_exported_model_loads_with_what_was_exported(original, parts):
    _, decision, dataset, recipe = parts
    bundle = load_bundle(original)
    assert bundle.id == original.name
    assert bundle.taxonomy == dataset.taxonomy
    assert bundle.decision == decision
    assert tuple(field.spec for field in bundle.fields) == recipe.fields


def test_training_and_exporting_twice_gives_the_same_bytes(original, tmp_path):
    again = export(tmp_path / "models", *fitted(tmp_path))
    assert again.name == original.name
    assert files(again) == files(original)
    for name in files(original):
        assert (again / name).read_bytes() == (original / name).read_bytes(), name


def test_a_different_model_has_a_different_id(original, parts, tmp_path):
    pipeline, decision, dataset, recipe = parts
    stricter = dataclasses.replace(decision, review_below=decision.review_below / 2)
    assert export(tmp_path, pipeline, stricter, dataset, recipe).name != original.name


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", ["first byte", "last byte"])
def test_one_changed_byte_in_any_file_is_found(folder, name, where):
    if name not in files(folder):
        pytest.skip(f"the small model has no field with the file {name}")
    data = bytearray((folder / name).read_bytes())
    if data:
        data[0 if where == "first byte" else -1] ^= 0x01
    else:
        data = bytearray(b"x")
    (folder / name).write_bytes(data)
    refused(folder, name)


@pytest.mark.parametrize("change", ["truncated", "emptied", "lengthened", "missing", "symlinked", "a folder"])
def test_any_file_that_is_not_as_written_is_named(original, tmp_path, change):
    for name in files(original):
        folder = Path(shutil.copytree(original, tmp_path / name / original.name))
        path = folder / name
        data = path.read_bytes()
        path.unlink()
        if change == "truncated":
            path.write_bytes(data[: len(data) // 2] if data else b"x")
        elif change == "emptied":
            path.write_bytes(b"" if data else b"x")
        elif change == "lengthened":
            path.write_bytes(data + b"x")
        elif change == "symlinked":
            path.symlink_to(original / name)  # the right bytes, but from outside the folder
        elif change == "a folder":
            path.mkdir()
        refused(folder, name)


@pytest.mark.parametrize("name", ["manifest.json", "CARD.md", "bias.f64"])
def test_an_oversized_file_is_refused_without_reading_it_whole(folder, name):
    os.truncate(folder / name, MAX_FILE_BYTES + 1)
    refused(folder, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("[1]", "not a qclassify manifest"),
        ("{}", "not a qclassify manifest"),
        ('{"format": "2"}', "not a qclassify manifest"),
        ('{"format": true}', "not a qclassify manifest"),
        ('{"format": 0}', "model format 0"),
        ('{"format": 99, "id": "x"}', "model format 99"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_foreign_manifest_is_refused(folder, text, message):
    (folder / "manifest.json").write_text(text, "utf-8")
    refused(folder, "manifest.json", message)


def test_a_manifest_that_was_edited_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["metrics"] = {"lodo": {"micro_f1": 1.0}}
    (folder / "manifest.json").write_text(canonical_json(manifest), "utf-8")
    refused(folder, "manifest.json", "altered")


@pytest.mark.parametrize("outside", ["../secret.txt", "/etc/hostname", "sub/x", "", "manifest.json"])
def test_a_signed_manifest_cannot_name_files_outside_the_format(folder, outside):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    sign(folder, files=manifest["files"] | {outside: "0" * 64})
    refused(folder, "list of files")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", 3, None])
def test_a_signed_manifest_cannot_name_fields_that_lead_outside(folder, name):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["fields"][0]["name"] = name
    sign(folder, fields=manifest["fields"])
    refused(folder, "fields")


@pytest.mark.parametrize("fields", [None, [], {}, "x", [1], [{}]])
def test_a_signed_manifest_needs_a_list_of_fields(folder, fields):
    sign(folder, fields=fields)
    refused(folder, "fields")


def test_a_model_for_another_segmenter_is_refused(folder):
    sign(folder, segmenter="jieba-0.43/hmm-on")
    refused(folder, "segmenter")


@pytest.mark.parametrize("change", [b"", b"longer", b"shorter"])
def test_an_array_of_a_wrong_shape_is_named_even_when_it_is_signed(original, tmp_path, change):
    arrays = [name for name in files(original) if name.rpartition(".")[2][0] in "fiu" and name[-1].isdigit()]
    assert len(arrays) >= 3
    for name in arrays:
        folder = Path(shutil.copytree(original, tmp_path / name / original.name))
        data = (folder / name).read_bytes()
        changed = {b"": b"", b"longer": data + b"\0" * 8, b"shorter": data[:-8]}[change]
        (folder / name).write_bytes(changed)
        sign(folder)
        refused(folder, name)


@pytest.mark.parametrize(
    ("name", "dtype", "position", "value"),
    [
        ("pages.u16", "<u2", 0, 0xFFFF),
        ("dictionary.u64", "<u8", 0, 0xFFFFFF << 16),
        ("dictionary.u64", "<u8", -1, 0xFFFFFF << 40),
        ("terms.u64", "<u8", 0, 0xFFFFFF << 16),
        ("terms.u64", "<u8", -1, 0xFFFFFF << 40),
        ("rows.i16", "<i2", 4, -1),
        ("frequencies.f64", "<f8", 1, 0.5),
        ("idf.f64", "<f8", 0, 0.0),
    ],
)
def test_a_number_that_leads_outside_its_array_is_named_even_when_it_is_signed(
    folder, name, dtype, position, value
):
    array = np.fromfile(folder / name, dtype)
    array[position] = value
    array.tofile(folder / name)
    sign(folder)
    refused(folder, name)


@pytest.mark.parametrize(
    "change",
    [
        {"terms": "ends"},
        {"weight": 0},
        {"weight": "heavy"},
        {"norm_power": 2},
        {"extra": 1},
        {"name": "other"},
    ],
    ids=str,
)
def test_a_field_of_a_wrong_form_is_named_even_when_it_is_signed(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    sign(folder, fields=[manifest["fields"][0] | change, *manifest["fields"][1:]])
    refused(folder, "manifest.json")


def test_a_model_of_the_first_format_says_what_to_do(folder):
    sign(folder, format=1)
    with pytest.raises(ModelError, match="model format 1, this qclassify reads format 2") as caught:
        load_bundle(folder)
    assert "python -m training train" in caught.value.hint


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_named_even_when_they_are_signed(original, tmp_path, number):
    floats = [name for name in files(original) if name.endswith((".f64", ".f32"))]
    for name in floats:
        folder = Path(shutil.copytree(original, tmp_path / name / original.name))
        values = np.fromfile(folder / name, "<f8" if name.endswith("f64") else "<f4")
        values[-1] = number
        values.tofile(folder / name)
        sign(folder)
        refused(folder, name)


@pytest.mark.parametrize("name", ["decision.json", "lexicon.txt", "taxonomy.toml"])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"[[]]", b"0 0 0\n"])
def test_a_text_part_of_a_wrong_form_is_named_even_when_it_is_signed(folder, name, data):
    if (name, data) == ("lexicon.txt", b""):
        pytest.skip("a model without domain words is a model")
    (folder / name).write_bytes(data)
    sign(folder)
    refused(folder, name)


def test_categories_of_the_decision_must_be_those_of_the_taxonomy(folder):
    decision = json.loads((folder / "decision.json").read_text("utf-8"))
    decision["categories"]["brand"] = decision["categories"].pop("price")
    (folder / "decision.json").write_text(canonical_json(decision), "utf-8")
    sign(folder)
    refused(folder, "decision.json")


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    refused(tmp_path / "nothing", "no such model folder")
    refused(tmp_path, "no manifest.json")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "no such model folder")


def test_files_that_do_not_belong_to_the_model_are_not_read(folder):
    (folder / "notes.txt").write_text("x")
    (folder / "evil.pkl").symlink_to("/dev/zero")
    assert load_bundle(folder).id == folder.name


def test_provenance_may_differ_but_not_be_damaged(folder):
    record = {"model": folder.name, "commit": "another"}
    path = folder / "provenance.json"
    path.write_text(canonical_json({**record, "checksum": checksum(record)}), "utf-8")
    assert load_bundle(folder).id == folder.name
    path.write_text(canonical_json({**record, "commit": "forged", "checksum": checksum(record)}), "utf-8")
    refused(folder, "provenance.json")


def test_export_refuses_a_model_that_does_not_score_like_the_pipeline(original, parts):
    clauses = [ClauseText("稳定粮食价格。")]
    assert check_parity(parts[0], original, clauses) < 1e-9
    linear = parts[0]["linear"]
    saved = linear.intercept_
    linear.intercept_ = saved + 1e-5
    try:
        with pytest.raises(LabelError, match="nothing was exported"):
            check_parity(parts[0], original, clauses)
    finally:
        linear.intercept_ = saved


def test_a_refused_export_leaves_nothing_behind(parts, tmp_path, monkeypatch):
    monkeypatch.setattr("training.export.MAX_BUNDLE_BYTES", 1000)
    with pytest.raises(LabelError, match="a model may have 1000"):
        export(tmp_path / "models", *parts)
    monkeypatch.undo()
    monkeypatch.setattr("training.export.PARITY_TOLERANCE", -1.0)
    with pytest.raises(LabelError, match="nothing was exported"):
        export(tmp_path / "models", *parts)
    assert list((tmp_path / "models").iterdir()) == []


def test_current_must_name_a_folder_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr("qclassify.models.models_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        load_model()
    for content in ("", "..", "../x", "/etc", "missing", "a/b", "a\nb"):
        (tmp_path / "CURRENT").write_text(content, "utf-8")
        with pytest.raises(ModelError, match="names"):
            load_model()
    (tmp_path / "CURRENT").write_bytes(b"\xff")
    with pytest.raises(ModelError, match="cannot be read"):
        load_model()


def test_the_shipped_model_is_whole_and_small():
    bundle = load_model()
    assert bundle.path.parent == models_folder()
    assert sum(path.stat().st_size for path in bundle.path.iterdir()) < 16 * 1024 * 1024
    assert np.isfinite(score([ClauseText("推行首席质量官制度。")], bundle)).all()
    assert {"manifest.json", *TEXT_FILES} <= set(FILES)
