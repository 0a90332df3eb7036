"""Labelled clauses, as examples beside a decision."""

from __future__ import annotations

import json
from pathlib import Path

from qclassify.errors import ReadError
from qclassify.taxonomy import Taxonomy

LabelledClause = tuple[str, frozenset[str]]
_HINT = "give JSON lines with a text and a list of labels, such as labels/clauses.jsonl"


def read_gold_clauses(path: Path, taxonomy: Taxonomy) -> list[LabelledClause]:
    """(text, labels) of every line of a jsonl file whose objects have `text` and `labels`.

    Raises:
        ReadError: the file cannot be read, or a line is not such an object (named by its number).
    """
    clauses = _labelled_clauses(path)
    for number, (_, labels) in enumerate(clauses, 1):
        if unknown := sorted(labels - set(taxonomy.ids)):
            raise ReadError(
                "bad_table", f"{path}: line {number} has the unknown category {unknown[0]!r}", _HINT
            )
    return clauses


def shipped_gold_clauses(taxonomy: Taxonomy) -> list[LabelledClause]:
    """The clauses that the shipped model was trained on; none for a taxonomy that lacks their categories.

    They are inside the installed package, or beside it in a checkout.

    Raises:
        ReadError: the file is damaged.
    """
    package = Path(__file__).resolve().parent
    installed = package / "labelled" / "clauses.jsonl"
    path = installed if installed.is_file() else package.parent / "labels" / "clauses.jsonl"
    clauses = _labelled_clauses(path) if path.is_file() else []
    return clauses if {label for _, labels in clauses for label in labels} <= set(taxonomy.ids) else []


def _labelled_clauses(path: Path) -> list[LabelledClause]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError("not_found", f"{path}: cannot be read as utf-8: {error}", _HINT) from error
    clauses = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            clauses.append((str(record["text"]), frozenset(map(str, record["labels"]))))
        except (ValueError, KeyError, TypeError) as error:
            raise ReadError("bad_table", f"{path}: line {number} is no labelled clause", _HINT) from error
    return clauses
