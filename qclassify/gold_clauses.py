"""Labelled clauses, as examples beside a decision."""

from __future__ import annotations

import json
from pathlib import Path

from qclassify.errors import ReadError
from qclassify.taxonomy import Taxonomy


def read_gold_clauses(path: Path, taxonomy: Taxonomy) -> list[tuple[str, frozenset[str]]]:
    """(text, labels) of every line of a jsonl file whose objects have `text` and `labels`.

    Raises:
        ReadError: the file cannot be read, or a line is not such an object (named by its number).
    """
    hint = "give JSON lines with a text and a list of labels, such as labels/clauses.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError("not_found", f"{path}: cannot be read as utf-8: {error}", hint) from error
    clauses = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            text, labels = str(record["text"]), frozenset(map(str, record["labels"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ReadError("bad_table", f"{path}: line {number} is no labelled clause", hint) from error
        if unknown := sorted(labels - set(taxonomy.ids)):
            raise ReadError(
                "bad_table", f"{path}: line {number} has the unknown category {unknown[0]!r}", hint
            )
        clauses.append((text, labels))
    return clauses
