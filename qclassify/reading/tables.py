"""Tables of documents: one document a row, its columns found by name or named by the caller."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from qclassify.errors import ReadError
from qclassify.reading.decoding import decode
from qclassify.reading.documents import document_from, read
from qclassify.reading.extract import Extract
from qclassify.reading.limits import DEFAULT_LIMITS, Limits, refusal
from qclassify.reading.rows import Row, Table, bad_row, delimited, json_lines
from qclassify.reading.sniffing import TABLE_FORMATS, mismatch_warning, sniff
from qclassify.reading.sources import Source, load, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qclassify.records import Document

TEXT_COLUMNS = ("text", "content", "body", "正文", "内容", "全文")
TITLE_COLUMNS = ("title", "标题", "名称")
ID_COLUMNS = ("id", "编号", "索引号", "url")
_KNOWN = frozenset((*TEXT_COLUMNS, *TITLE_COLUMNS, *ID_COLUMNS))
_PACKED = {"xlsx": "qclassify.reading.xlsx", "parquet": "qclassify.reading.parquet"}


class _PackedTable(Protocol):
    def __call__(self, data: bytes, name: str, limits: Limits) -> Table: ...


def read_table(
    source: Source,
    *,
    text_column: str | None = None,
    title_column: str | None = None,
    id_column: str | None = None,
    name: str | None = None,
    encoding: str = "auto",
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Document | ReadError]:
    """Read a csv, tsv, jsonl, xlsx or parquet table with one document a row.

    Args:
        source: as in `read`; bytes without a telling name are taken for csv or tsv by their header.
        text_column: the column with the text; by default the only one called text, content, body,
            正文, 内容 or 全文.
        title_column: goes to `Document.meta["title"]`; by default title, 标题 or 名称 if there.
        id_column: goes to `Document.name`; by default id, 编号, 索引号 or url if there, else
            `<name>:<line>`.
        name: the table's name in messages.
        encoding: as in `read`.
        limits: caps on size; the cap on characters holds for each row.

    Yields:
        one `Document` a row, its text the cell's text exactly; a `ReadError` in the place of a row
        that cannot be used.

    Raises:
        ReadError: for the table as a whole, at the first step of the iteration.
    """
    name = name_of(source, name)
    table = open_table(source, name, encoding, limits, _KNOWN)
    text_in = _column(table, name, "text", TEXT_COLUMNS, text_column)
    if text_in is None:
        raise _no_column(table, name, "text", TEXT_COLUMNS)
    title_in = _column(table, name, "title", TITLE_COLUMNS, title_column)
    id_in = _column(table, name, "id", ID_COLUMNS, id_column)
    for row in table.rows:
        if isinstance(row, ReadError):
            yield row
        elif not row.cells.get(text_in, "").strip():
            yield bad_row(name, row.line, f"no text in column {text_in!r}")
        else:
            yield _document(row, table, name, (text_in, title_in, id_in), limits)


def read_documents(
    source: Source,
    *,
    text_column: str | None = None,
    title_column: str | None = None,
    id_column: str | None = None,
    name: str | None = None,
    encoding: str = "auto",
    limits: Limits = DEFAULT_LIMITS,
    soffice: bool = False,
) -> Iterator[Document | ReadError]:
    """Read whatever a path holds: the one document of a file, or each row of a table of documents.

    Arguments as in `read` and `read_table`. Naming a text column makes a text file a table.

    Yields:
        `Document`s; a `ReadError` in the place of a table row that cannot be used.

    Raises:
        ReadError: for the file as a whole, at the first step of the iteration.
    """
    name = name_of(source, name)
    data = load(source, name, limits)
    found = sniff(data, name, limits)
    if found in TABLE_FORMATS or (found == "text" and text_column is not None):
        yield from read_table(
            data,
            text_column=text_column,
            title_column=title_column,
            id_column=id_column,
            name=name,
            encoding=encoding,
            limits=limits,
        )
    else:
        yield read(data, name=name, encoding=encoding, limits=limits, soffice=soffice)


def open_table(source: Source, name: str, encoding: str, limits: Limits, known: frozenset[str]) -> Table:
    """Find out which kind of table a source is and read its header.

    Raises:
        ReadError: `bad_table` when it is a document, and whatever the format's reader raises.
    """
    data = load(source, name, limits)
    found = sniff(data, name, limits)
    if found in _PACKED:
        module = importlib.import_module(_PACKED[found])
        table = cast("_PackedTable", module.open_table)(data, name, limits)
    elif found in ("csv", "tsv", "jsonl", "text"):
        decoded = decode(data, name, encoding)
        if found == "jsonl" or (found == "text" and decoded.text.lstrip().startswith("{")):
            table = json_lines(decoded.text, name, decoded.encoding)
        else:
            table = delimited(decoded.text, name, None if found == "text" else found, known, decoded.encoding)
    else:
        what = f"is a document ({found}), not a table"
        raise refusal("bad_table", name, what, "give csv, tsv, jsonl, xlsx or parquet · 请给出表格文件")
    if {found, table.source_format} & set(_PACKED):
        mismatch = mismatch_warning(name, found)
        return Table(table.columns, table.rows, found, None, (*mismatch, *table.warnings))
    return table


def missing_columns(table: Table, name: str, needed: str, hint: str) -> ReadError:
    """Build the error for a header that lacks a column: what was found and what is needed."""
    found = ", ".join(repr(column) for column in table.columns) or "none"
    return refusal("bad_table", name, f"no column for {needed}; columns found: {found}", hint)


def _column(table: Table, name: str, role: str, usual: tuple[str, ...], wanted: str | None) -> str | None:
    if wanted is not None:
        if wanted in table.columns:
            return wanted
        raise missing_columns(
            table, name, f"the {role} ({wanted!r})", f"name one of them with --{role}-column"
        )
    matching = [column for column in table.columns if column.lower() in usual]
    if len(matching) > 1:
        what = f"several columns may be the {role}: {', '.join(matching)}"
        raise refusal("bad_table", name, what, f"name one with --{role}-column · 请用 --{role}-column 指明")
    return matching[0] if matching else None


def _no_column(table: Table, name: str, role: str, usual: tuple[str, ...]) -> ReadError:
    hint = f"call it one of {', '.join(usual)}, or name it with --{role}-column"
    return missing_columns(table, name, f"the {role}", hint)


def _document(
    row: Row, table: Table, name: str, columns: tuple[str, str | None, str | None], limits: Limits
) -> Document | ReadError:
    text_in, title_in, id_in = columns
    title = row.cells.get(title_in, "").strip() if title_in else ""
    own_name = row.cells.get(id_in, "").strip() if id_in else ""
    extract = Extract(
        row.cells[text_in], table.encoding, row.warnings, MappingProxyType({"title": title} if title else {})
    )
    try:
        document = document_from(
            extract, own_name or f"{name}:{row.line}", table.source_format, limits, table.warnings
        )
    except ReadError as error:
        return bad_row(name, row.line, error.message)
    return document
