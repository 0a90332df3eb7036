"""What the shards hold: a table of clauses and a table of documents, column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from qclassify.archive.batch import Tags
from qclassify.records import Unit

Kind = Literal["text", "texts", "integer", "number", "flag"]
Columns = dict[str, list[Any]]

META = ("title", "issuer", "number", "date")


def clause_schema(categories: Sequence[str], *, rows_are_clauses: bool) -> dict[str, Kind]:
    """Names and kinds of the columns of the table of clauses."""
    where: dict[str, Kind] = {"source": "text", "document": "text", "index": "integer"}
    if rows_are_clauses:
        where = {"id": "text", "source": "text", "index": "integer"}
    meta: dict[str, Kind] = {} if rows_are_clauses else dict.fromkeys(META, "text")
    scores: dict[str, Kind] = {f"score_{category}": "number" for category in categories}
    return {
        **where,
        "start": "integer",
        "end": "integer",
        "item_no": "text",
        "heading_path": "texts",
        "heading_nos": "texts",
        "text": "text",
        "labels": "texts",
        "primary": "text",
        **scores,
        "review": "flag",
        "model": "text",
        **meta,
    }


def document_schema(categories: Sequence[str]) -> dict[str, Kind]:
    """Names and kinds of the columns of the table of documents."""
    counts: dict[str, Kind] = {f"label_{category}": "integer" for category in categories}
    return {
        "source": "text",
        "document": "text",
        **dict.fromkeys(META, "text"),
        "format": "text",
        "encoding": "text",
        "characters": "integer",
        "clauses": "integer",
        **counts,
        "unlabelled": "integer",
        "review": "integer",
        "warnings": "texts",
        "status": "text",
        "reason": "text",
    }


@dataclass(slots=True)
class Tally:
    """Counts over tagged clauses.

    Attributes:
        characters: of the documents' texts.
        clauses: how many.
        labels: category → clauses that have it.
        unlabelled: clauses without any.
        review: clauses that a person should look at.
    """

    characters: int = 0
    clauses: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    unlabelled: int = 0
    review: int = 0

    def add(self, tags: Iterable[Tags]) -> None:
        """Count some clauses."""
        for one in tags:
            self.clauses += 1
            for label in one.labels:
                self.labels[label] += 1
            self.unlabelled += not one.labels
            self.review += one.review

    def merge(self, other: Tally) -> None:
        """Add the counts of another."""
        self.characters += other.characters
        self.clauses += other.clauses
        self.labels.update(other.labels)
        self.unlabelled += other.unlabelled
        self.review += other.review

    def row(self, categories: Sequence[str]) -> dict[str, int]:
        """The counts as columns of the table of documents."""
        return {
            "characters": self.characters,
            "clauses": self.clauses,
            **{f"label_{category}": self.labels[category] for category in categories},
            "unlabelled": self.unlabelled,
            "review": self.review,
        }


def document_row(
    source: str,
    document: str,
    counts: Mapping[str, int],
    *,
    meta: Mapping[str, str] | None = None,
    format_: str | None = None,
    encoding: str | None = None,
    warnings: Sequence[str] = (),
    status: str = "ok",
    reason: str | None = None,
) -> dict[str, Any]:
    """One row of the table of documents.

    `status` is `ok`, `no_clauses` (nothing in it is a clause), `failed`, or for a table of clauses
    `rows_failed` (some rows could not be used).
    """
    known = meta or {}
    return {
        "source": source,
        "document": document,
        **{key: known.get(key) or None for key in META},
        "format": format_,
        "encoding": encoding,
        **counts,
        "warnings": list(warnings),
        "status": status,
        "reason": reason,
    }


def add_clauses(
    columns: Columns,
    units: Sequence[Unit],
    tags: Sequence[Tags],
    categories: Sequence[str],
    shared: Mapping[str, Any],
    own: Mapping[str, Sequence[Any]],
) -> None:
    """Append clauses to columns.

    Args:
        columns: of `clause_schema`; changed in place.
        units: the clauses.
        tags: theirs.
        categories: ids in taxonomy order.
        shared: columns with one value for all of them.
        own: columns with a value for each.
    """
    count = len(units)
    columns["start"] += [unit.start for unit in units]
    columns["end"] += [unit.end for unit in units]
    columns["item_no"] += [unit.item_no for unit in units]
    columns["heading_path"] += [unit.heading_path for unit in units]
    columns["heading_nos"] += [unit.heading_nos for unit in units]
    columns["text"] += [unit.text for unit in units]
    columns["labels"] += [one.labels for one in tags]
    columns["primary"] += [one.primary for one in tags]
    columns["review"] += [one.review for one in tags]
    for position, category in enumerate(categories):
        columns[f"score_{category}"] += [one.scores[position] for one in tags]
    for name, value in shared.items():
        columns[name] += [value] * count
    for name, values in own.items():
        columns[name] += values


def empty_columns(schema: Mapping[str, Kind]) -> Columns:
    """Columns without rows."""
    return {name: [] for name in schema}


def columns_of(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Kind]) -> Columns:
    """Rows turned by a quarter."""
    return {name: [row[name] for row in rows] for name in schema}
