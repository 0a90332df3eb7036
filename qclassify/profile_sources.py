"""Where a profile comes from: documents, tables of clauses, a file, or the model's own evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from qclassify.bundle import Bundle
from qclassify.errors import ModelError, QClassifyError, ReadError
from qclassify.features import ClauseText
from qclassify.profiles import Profile, add_up, profile_from_record, profile_predictions, profile_record
from qclassify.records import Unit
from qclassify.scoring import known_terms
from qclassify.segmentation import segment
from qclassify.tagging import tag_units
from qclassify.tagging_inputs import ClauseRows, Documents, clause_unit

_BATCH = 4096


def profile_documents(documents: Documents, model: Bundle) -> Profile:
    """Cut, tag and add up documents."""
    batches = ([unit for unit in segment(document) if unit.kind == "clause"] for document in documents)
    return _added_up(batches, model)


def profile_rows(rows: ClauseRows, model: Bundle) -> Profile:
    """Tag and add up tables whose rows are clauses."""

    def batches() -> Iterable[list[Unit]]:
        found = iter(rows)
        while batch := list(islice(found, _BATCH)):
            yield [clause_unit(row) for _, _, row in batch]

    return _added_up(batches(), model)


def _added_up(batches: Iterable[list[Unit]], model: Bundle) -> Profile:
    ids = model.taxonomy.ids
    profiles = (
        profile_predictions(
            tag_units(units, model),
            known_terms([ClauseText(unit.text, unit.heading_path) for unit in units], model),
            ids,
        )
        for units in batches
    )
    return add_up(profiles, len(ids))


def model_profile(model: Bundle) -> Profile:
    """What the model's evaluation saw: clauses of documents that the tagging model had not seen.

    Raises:
        ModelError: it was made before models kept one.
    """
    record = model.manifest.get("metrics", {}).get("profile")
    if not isinstance(record, dict):
        raise ModelError(
            f"{model.id}: keeps no profile of what it was measured on",
            "give reference documents instead of `model`, or train it again",
        )
    return profile_from_record(record, len(model.taxonomy.ids))


def saved_profile(path: Path, model: Bundle) -> Profile:
    """A profile that `profile_file` has written.

    Raises:
        ReadError: the file cannot be read or is no JSON object.
        QClassifyError: it is no profile, or one of another model.
    """
    try:
        record = json.loads(path.read_text("utf-8"))
        if not isinstance(record, dict):
            raise ValueError("not an object")  # noqa: TRY004, TRY301 - one way out for every bad file
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(
            "bad_table", f"{path}: no profile: {error}", "write one with `qclassify drift … --save-profile`"
        ) from error
    if record.get("model") != model.id:
        raise QClassifyError(
            f"{path}: a profile of model {record.get('model')!r}, this is {model.id}",
            "profiles of two models cannot be compared; make it again with this model",
        )
    return profile_from_record(record.get("profile", {}), len(model.taxonomy.ids))


def profile_file(profile: Profile, model: Bundle) -> str:
    """The profile as the text of a file."""
    record: dict[str, Any] = {
        "model": model.id,
        "categories": list(model.taxonomy.ids),
        "profile": profile_record(profile),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"
