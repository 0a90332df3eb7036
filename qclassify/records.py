"""The frozen records that flow from bytes to tagged clauses.

Offsets are half-open code-point positions in `Document.text`, which is exactly what was decoded:
`document.text[unit.start:unit.end] == unit.text`, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

UnitKind = Literal[
    "boilerplate",
    "meta",
    "title",
    "doc_number",
    "addressee",
    "notice",
    "issuer",
    "date",
    "note",
    "preamble",
    "heading",
    "clause",
    "responsibility",
    "validity",
    "attachment",
    "table_row",
    "cc",
    "imprint",
    "other",
]
UNIT_KINDS: tuple[str, ...] = get_args(UnitKind)

FieldSource = Literal["clause", "heading"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document as text.

    Attributes:
        text: what was decoded, unaltered; all offsets refer to it.
        name: how the user named it: a path, a table row's id, or `-` for standard input.
        source_format: `text`, `docx`, `pdf`, … as found in the content.
        encoding: the text encoding used, None where the format has no choice of one.
        warnings: one line each; things the user should know but that stopped nothing.
        meta: what was visible about the document: `title`, `issuer`, `number`, `date`, …
    """

    text: str
    name: str = "-"
    source_format: str = "text"
    encoding: str | None = None
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a document with one role; a *clause* is a unit of kind `clause`.

    Attributes:
        start: offset of the first character.
        end: offset after the last character.
        text: `document.text[start:end]`, never empty, no white space at either end.
        kind: what the unit is.
        heading_path: titles of the enclosing numbered items without their numbers, outermost first;
            an untitled item gives `""`.
        heading_nos: their numbers as written, without the trailing 、 or dot; as long as `heading_path`.
        item_no: the innermost number (a heading's own), None outside numbered items.
        title: a heading's title without number and stop; None for other kinds.
        level: a heading's rank (0 编, 1 章, 2 节, 3 条, 4 一、, 5 （一）, 6 1., 7 (1), 8 ①, 9 ——); else None.
        sent: number of the sentence in the document, from 0; None for units that are not prose.
        part: position among the `；`-separated parts of that sentence, from 0.
        flags: any of `lead`, `path_uncertain`, `forced`, `glued`, `numbering_gap`.
    """

    start: int
    end: int
    text: str
    kind: UnitKind = "clause"
    heading_path: tuple[str, ...] = ()
    heading_nos: tuple[str, ...] = ()
    item_no: str | None = None
    title: str | None = None
    level: int | None = None
    sent: int | None = None
    part: int | None = None
    flags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.text) != self.end - self.start:
            raise ValueError(
                f"unit [{self.start}:{self.end}] does not fit its text of {len(self.text)} characters"
            )
        if len(self.heading_path) != len(self.heading_nos):
            raise ValueError(
                f"heading path {self.heading_path} and numbers {self.heading_nos} differ in length"
            )


@dataclass(frozen=True, slots=True)
class Contribution:
    """One term's share of a category's score.

    Attributes:
        field: name of the feature field, as in the recipe (`words`, `chars`, `heading`, …).
        source: whether the term stands in the clause or in its heading.
        term: the term after normalisation.
        value: TF-IDF value × weight; contributions plus `Evidence.bias` sum to `Evidence.score`.
        spans: where it stands, as offsets in `Document.text`; empty for heading terms.
    """

    field: str
    source: FieldSource
    term: str
    value: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one category got its score: `score == bias + sum(c.value for c in contributions)`."""

    category: str
    score: float
    bias: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One tagged clause.

    Attributes:
        unit: the clause.
        scores: category id → calibrated probability in [0, 1], every category, in taxonomy order.
        labels: the chosen categories in taxonomy order; may be empty.
        primary: the main one; None only when `labels` is empty.
        review: True when the decision is uncertain and a person should look.
        model: id of the model that decided.
        evidence: one per category when asked for, else empty.
    """

    unit: Unit
    scores: Mapping[str, float]
    labels: tuple[str, ...]
    primary: str | None
    review: bool
    model: str
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if (self.primary is None) != (not self.labels) or (self.labels and self.primary not in self.labels):
            raise ValueError(f"primary {self.primary!r} does not belong to labels {self.labels}")


@dataclass(frozen=True, slots=True)
class TaggedDocument:
    """A document with all its units and a prediction for every clause, both in document order."""

    document: Document
    units: tuple[Unit, ...]
    predictions: tuple[Prediction, ...]
