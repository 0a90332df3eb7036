"""Tables whose rows already are clauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qclassify.errors import ReadError
from qclassify.heading_path import LEVEL_SEPARATOR
from qclassify.reading.limits import DEFAULT_LIMITS, Limits
from qclassify.reading.rows import Row, Table, bad_row
from qclassify.reading.scripts import text_warnings
from qclassify.reading.sources import Source, name_of
from qclassify.reading.tables import missing_columns, open_table

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMNS = ("id", "text", "heading_path")
_NEEDED = "needed: id, text and optionally heading_path with levels joined by ' > ' · 需要 id 和 text 两列"


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause as a row gives it.

    Attributes:
        id: as in the table, white space around it removed; never empty.
        text: the cell exactly as it is.
        heading_path: outermost first; empty without the column or in an empty cell.
        line: the row's line in the file (record number for xlsx and parquet), the header being 1.
        warnings: one line each; those about the table as a whole stand in its first row.
    """

    id: str
    text: str
    heading_path: tuple[str, ...]
    line: int
    warnings: tuple[str, ...] = ()


def read_clauses(
    source: Source, *, name: str | None = None, encoding: str = "auto", limits: Limits = DEFAULT_LIMITS
) -> Iterator[ClauseRow | ReadError]:
    """Read a csv, tsv, jsonl, xlsx or parquet table with the columns id, text and maybe heading_path.

    Other columns are ignored.

    Args:
        source: as in `read`.
        name: the table's name in messages.
        encoding: as in `read`.
        limits: caps on size.

    Yields:
        a `ClauseRow` for every row, in order; in the place of a row that cannot be used (no id, no
        text, too many cells, malformed quotation marks) a `ReadError` that names file and line.

    Raises:
        ReadError: for the table as a whole (`bad_table` names the columns found and needed), at the
            first step of the iteration.
    """
    name = name_of(source, name)
    table = open_table(source, name, encoding, limits, frozenset(_COLUMNS))
    columns = _columns(table, name)
    pending = table.warnings
    seen: set[str] = set()
    for row in table.rows:
        clause = row if isinstance(row, ReadError) else _clause(row, columns, name)
        if isinstance(clause, ClauseRow):
            repeated = (f"line {clause.line}: id {clause.id!r} was used before",) if clause.id in seen else ()
            seen.add(clause.id)
            found = (*pending, *repeated, *clause.warnings)
            pending = ()
            clause = ClauseRow(clause.id, clause.text, clause.heading_path, clause.line, found)
        yield clause


def _columns(table: Table, name: str) -> dict[str, str]:
    columns: dict[str, str] = {}
    for column in table.columns:
        if column.lower() in _COLUMNS:
            columns.setdefault(column.lower(), column)
    missing = [needed for needed in ("id", "text") if needed not in columns]
    if missing:
        raise missing_columns(table, name, " and ".join(missing), _NEEDED)
    return columns


def _clause(row: Row, columns: dict[str, str], name: str) -> ClauseRow | ReadError:
    own_id = row.cells.get(columns["id"], "").strip()
    text = row.cells.get(columns["text"], "")
    if not own_id:
        return bad_row(name, row.line, "no id")
    if not text.strip():
        return bad_row(name, row.line, f"no text (id {own_id!r})")
    path = row.cells.get(columns.get("heading_path", ""), "")
    levels = tuple(level.strip() for level in path.split(LEVEL_SEPARATOR)) if path.strip() else ()
    warnings = tuple(f"line {row.line}: {warning}" for warning in (*row.warnings, *text_warnings(text)))
    return ClauseRow(own_id, text, levels, row.line, warnings)
