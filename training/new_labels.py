"""A labels folder for categories of one's own, ready for its first clauses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from qclassify.errors import LabelError
from qclassify.palette import PALETTE
from qclassify.taxonomy import load_taxonomy
from training.checking import MAX_CATEGORIES, MIN_CATEGORIES

_HEAD = """# The categories in their official order; their order in data, tables and pages is this one.
# Write a definition that two people would read alike, with what belongs there and what does not: it is the
# codebook of everybody who labels. Further keys: name_en, includes, excludes, example, colour.
version = "0.1"
exclusive = {exclusive}  # true: every clause has exactly one category
"""
_CATEGORY = """
[[category]]
id = {id}
name = {name}
definition = {definition}
colour = "{colour}"
"""


def write_new_labels(folder: Path, categories: Sequence[tuple[str, str]], *, exclusive: bool = False) -> None:
    """Write `taxonomy.toml` and an empty `clauses.jsonl`.

    Args:
        folder: does not exist yet, or is empty.
        categories: (id, name) in their order; the name stands in for the definition until somebody writes one.
        exclusive: exactly one category a clause.

    Raises:
        LabelError: the folder holds something, or there are too few or too many categories.
        TaxonomyError: an id is no lower-case ASCII word or is used twice.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LabelError(f"{folder}: exists and is not empty", "name a folder that does not exist yet")
    if not MIN_CATEGORIES <= len(categories) <= MAX_CATEGORIES:
        raise LabelError(
            f"{len(categories)} categories; a taxonomy has {MIN_CATEGORIES} to {MAX_CATEGORIES}",
            "give each as --category id=name",
        )
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "taxonomy.toml"
    path.write_text(_taxonomy_text(categories, exclusive=exclusive), "utf-8")
    try:
        load_taxonomy(path)
    except Exception:
        path.unlink()
        if made:
            shutil.rmtree(folder)
        raise
    (folder / "clauses.jsonl").write_text("", "utf-8")


def _taxonomy_text(categories: Sequence[tuple[str, str]], *, exclusive: bool) -> str:
    entries = [
        _CATEGORY.format(id=_toml(name_id), name=_toml(name), definition=_toml(name), colour=PALETTE[n])
        for n, (name_id, name) in enumerate(categories)
    ]
    return _HEAD.format(exclusive=str(exclusive).lower()) + "".join(entries)


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
