"""Rows → JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qclassify.heading_path import LEVEL_SEPARATOR

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
        flat = {key: _joined(key, value) for key, value in flat_row(row).items()}
        if header is None:
            header = list(flat)
            yield _record(header)
        yield _record([guarded(_cell(flat.get(column))) for column in header])


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with a column for every number: `score_brand`, or in a roll-up `brand_share`."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key == "scores":
            flat |= {f"score_{category}": score for category, score in value.items()}
        elif key == "categories":
            for category, numbers in value.items():
                flat |= {f"{category}_{name}": number for name, number in numbers.items()}
        elif key == "evidence":
            flat[key] = json.dumps(value, ensure_ascii=False)
        else:
            flat[key] = value
    return flat


def _joined(key: str, value: object) -> object:
    if not isinstance(value, list):
        return value
    return ("," if key == "labels" else LEVEL_SEPARATOR).join(value)


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
