"""What is said of an archive as a whole once all its parts are committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qclassify.archive.columns import columns_of, document_row, document_schema
from qclassify.archive.ledger import Ledger
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.shards import shard_writer
from qclassify.bundle import Bundle


def finish(ledger: Ledger, total: int, model: Bundle, options: ArchiveOptions) -> None:
    """Add up the records of all `total` parts and close the ledger with the sums."""
    categories = model.taxonomy.ids
    counts: dict[str, int] = {"documents": 0, "failed": 0}
    tables: dict[str, dict[str, Any]] = {}
    for record in ledger.records():
        for name, count in (
            {"documents": record["documents"], "failed": record["failed"]} | record["counts"]
        ).items():
            counts[name] = counts.get(name, 0) + count
        for name, table in record["tables"].items():
            _merge_table(tables, name, table)
    if not options.clauses:
        ledger.finish(total, counts, None)
        return
    counts["documents"] = len(tables)
    schema = document_schema(categories)
    rows = [_table_row(name, table) for name, table in tables.items()]

    def write_documents(path: Path) -> None:
        with shard_writer(path, options.format, schema) as shard:
            shard.write(columns_of(rows, schema))

    ledger.finish(total, counts, write_documents)


def _merge_table(tables: dict[str, dict[str, Any]], name: str, table: dict[str, Any]) -> None:
    before = tables.setdefault(name, {"counts": {}, "failed": 0, "reason": None})
    before["counts"] = {key: before["counts"].get(key, 0) + count for key, count in table["counts"].items()}
    before["failed"] += table["failed"]
    before["reason"] = before["reason"] or table["reason"]


def _table_row(name: str, table: dict[str, Any]) -> dict[str, Any]:
    failed, clauses = table["failed"], table["counts"]["clauses"]
    status = "ok" if not failed else "rows_failed" if clauses else "failed"
    reason = f"{failed} could not be used; the first: {table['reason']}" if failed else None
    return document_row(name, name, table["counts"], status=status, reason=reason)
