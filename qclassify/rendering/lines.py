"""Rows → JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# A cell that begins so may be run as a formula by a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def json_line(row: Mapping[str, Any]) -> str:
    """One row as JSON without ASCII escapes, unless a lone surrogate could not be encoded otherwise."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row)
    return line + "\n"


def csv_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and one record a row; lists are joined, scores get a column each, formulas are disarmed."""
    header: list[str] | None = None
    for row in rows:
        flat = _flat(row)
        if header is None:
            header = list(flat)
            yield _record(header)
        yield _record([guarded(_cell(flat.get(column))) for column in header])


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key == "scores":
            flat |= {f"score_{category}": score for category, score in value.items()}
        elif key == "evidence":
            flat[key] = json.dumps(value, ensure_ascii=False)
        elif key in ("heading_path", "heading_nos"):
            flat[key] = " > ".join(value)
        elif key == "labels":
            flat[key] = ",".join(value)
        else:
            flat[key] = value
    return flat


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def guarded(cell: str) -> str:
    """The cell with an apostrophe before anything that a spreadsheet would take for a formula.

    >>> guarded("=1+1"), guarded("质量"), guarded("-0.5")
    ("'=1+1", '质量', '-0.5')
    """
    if not cell.startswith(_FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def _record(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(
        [cell.encode("utf-8", "replace").decode("utf-8") for cell in cells]
    )
    return buffer.getvalue()
