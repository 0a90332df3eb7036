"""Rows for people to work on: as JSON lines, csv or a workbook, whichever the file's name says."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from qclassify.errors import LabelError
from qclassify.rendering.lines import csv_lines, json_line
from qclassify.rendering.sinks import binary_sink, text_sink


def write_rows(
    output: Path | None,
    what: str,
    rows: Sequence[Mapping[str, Any]],
    csv_rows: Sequence[Mapping[str, Any]],
    workbook: Callable[[BinaryIO], None],
) -> None:
    """Write rows in the form that the suffix names; jsonl to standard output without a file.

    Args:
        output: a .jsonl, .csv or .xlsx file.
        what: is written, for errors.
        rows: for JSON lines.
        csv_rows: the same for csv.
        workbook: writes the same as a workbook; called before the file is touched.

    Raises:
        LabelError: the suffix names no form.
        QClassifyError: the file cannot be written, or what `workbook` raises.
    """
    suffix = output.suffix.lower() if output else ".jsonl"
    if suffix == ".jsonl":
        with text_sink(output) as stream:
            stream.writelines(map(json_line, rows))
    elif suffix == ".csv":
        with text_sink(output, byte_order_mark=True) as stream:
            stream.writelines(csv_lines(csv_rows))
    elif suffix == ".xlsx":
        content = io.BytesIO()
        workbook(content)
        with binary_sink(output) as target:
            target.write(content.getvalue())
    else:
        raise LabelError(f"{output}: no {what} is written as {suffix!r}", "name a .jsonl, .csv or .xlsx file")
