"""Which columns of a table hold what, as the caller names them or by their usual names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qclassify.archive.options import ArchiveOptions
from qclassify.errors import ReadError
from qclassify.reading.limits import refusal
from qclassify.reading.rows import Row, bad_row
from qclassify.reading.tables import ID_COLUMNS, TEXT_COLUMNS, TITLE_COLUMNS

CLAUSE_COLUMNS = ("id", "text", "heading_path")
DOCUMENT_COLUMNS = (*TEXT_COLUMNS, *TITLE_COLUMNS, *ID_COLUMNS)


def document_columns(
    columns: tuple[str, ...], name: str, options: ArchiveOptions
) -> tuple[str, str | None, str | None]:
    """The columns of a table of documents with the text, the title and the id.

    Raises:
        ReadError: `bad_table`, when there is no text, a column named is missing, or several would do.
    """
    text_in = _document_column(columns, name, "text", TEXT_COLUMNS, options.text_column)
    title_in = _document_column(columns, name, "title", TITLE_COLUMNS, options.title_column)
    id_in = _document_column(columns, name, "id", ID_COLUMNS, options.id_column)
    if text_in is None:
        hint = f"call it one of {', '.join(TEXT_COLUMNS)}, or name it with --text-column"
        raise _no_column(columns, name, "the text", hint)
    return text_in, title_in, id_in


def clause_record(row: Row, columns: Mapping[str, str], name: str) -> dict[str, Any] | ReadError:
    """The id, text and heading path of a row, or why it cannot be used."""
    own_id = row.cells.get(columns["id"], "").strip()
    text = row.cells.get(columns["text"], "")
    if not own_id:
        return bad_row(name, row.line, "no id")
    if not text.strip():
        return bad_row(name, row.line, f"no text (id {own_id!r})")
    return {"id": own_id, "text": text, "heading_path": row.cells.get(columns.get("heading_path", ""), "")}


def clause_columns(found: tuple[str, ...], name: str) -> dict[str, str]:
    """Which column is the id, the text and, if it is there, the heading path.

    Raises:
        ReadError: `bad_table`, when id or text is missing.
    """
    columns: dict[str, str] = {}
    for column in found:
        if column.lower() in CLAUSE_COLUMNS:
            columns.setdefault(column.lower(), column)
    missing = [needed for needed in ("id", "text") if needed not in columns]
    if missing:
        hint = (
            "needed: id, text and optionally heading_path with levels joined by ' > ' · 需要 id 和 text 两列"
        )
        raise _no_column(found, name, " and ".join(missing), hint)
    return columns


def _document_column(
    columns: tuple[str, ...], name: str, role: str, usual: tuple[str, ...], wanted: str | None
) -> str | None:
    """The column for a role: the one named, else the only one with a usual name, else None.

    Raises:
        ReadError: `bad_table`, when the column named is not there or several have a usual name.
    """
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise _no_column(columns, name, f"the {role} ({wanted!r})", f"name one of them with --{role}-column")
    matching = [column for column in columns if column.lower() in usual]
    if len(matching) > 1:
        what = f"several columns may be the {role}: {', '.join(matching)}"
        raise refusal("bad_table", name, what, f"name one with --{role}-column · 请用 --{role}-column 指明")
    return matching[0] if matching else None


def _no_column(columns: tuple[str, ...], name: str, needed: str, hint: str) -> ReadError:
    found = ", ".join(repr(column) for column in columns) or "none"
    return refusal("bad_table", name, f"no column for {needed}; columns found: {found}", hint)
