"""One part of an archive: its spooled items in, its shards out. This is what a worker does."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qclassify.archive.columns import Tally, columns_of, document_row
from qclassify.archive.cut_tagger import CutTagger, batches
from qclassify.archive.cuts import Announce, Cut, Failure, clause_cuts, document_cuts, spooled_items
from qclassify.archive.items import item_key
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.shards import shard_writer
from qclassify.bundle import Bundle
from qclassify.rendering.lines import json_line

TAGGING = -1  # what `announce` is told before clauses are tagged


@dataclass(frozen=True, slots=True)
class Drafts:
    """Where the shards of a part are written until they are complete."""

    clauses: Path
    documents: Path
    failures: Path


class PartTagger:
    """Tags parts one after the other, with one model and one memory of repeated clauses.

    Args:
        model: a loaded model.
        options: of the run.
        retry: the command that tags a single item again, as arguments, without `--only`.
    """

    def __init__(self, model: Bundle, options: ArchiveOptions, retry: Sequence[str] = ()) -> None:
        self._tagger = CutTagger(model, options)
        self._options = options
        self._retry = list(retry)

    def tag(
        self,
        spool: Path,
        drafts: Drafts,
        skip: Mapping[int, Failure] = MappingProxyType({}),
        announce: Announce = lambda _: None,
    ) -> dict[str, Any]:
        """Write the shards of a part.

        Args:
            spool: its items, see `qclassify.archive.cuts`.
            drafts: the files to write.
            skip: position of an item → why it is not to be tried again.
            announce: told the position of each document before it is read, and `TAGGING`.

        Returns:
            the record of the part, JSON-ready: counts, and size and SHA-256 of every draft.
        """
        items = spooled_items(spool)
        if self._options.clauses:
            cuts = clause_cuts(items)
        else:
            cuts = document_cuts(items, self._options, skip, announce)
        total, documents, failed = Tally(), 0, 0
        tables: dict[str, dict[str, Any]] = {}
        rows: list[dict[str, Any]] = []
        schema, categories = self._tagger.document_schema, self._tagger.categories
        with (
            shard_writer(drafts.clauses, self._options.format, self._tagger.clause_schema) as clauses,
            drafts.failures.open("w", encoding="utf-8", newline="\n") as failures,
        ):
            for batch in batches(cuts):
                announce(TAGGING)
                columns, tallies = self._tagger.tag(batch)
                clauses.write(columns)
                for cut, tally in zip(batch, tallies, strict=True):
                    total.merge(tally)
                    failed += len(cut.failures)
                    failures.writelines(self._failure_line(cut, *failure) for failure in cut.failures)
                    if self._options.clauses:
                        note_table(tables, cut, tally.row(categories))
                    else:
                        documents += 1
                        rows.append(
                            document_row(cut.source, cut.document, tally.row(categories), **cut.facts)
                        )
        with shard_writer(drafts.documents, self._options.format, schema) as shard:
            shard.write(columns_of(rows, schema))
        return {
            "documents": documents,
            "failed": failed,
            "counts": total.row(categories),
            "tables": tables,
            "files": {
                "clauses": fingerprint(drafts.clauses),
                "documents": fingerprint(drafts.documents),
                "failures": fingerprint(drafts.failures),
            },
        }

    def _failure_line(self, cut: Cut, document: str, failure: Failure) -> str:
        return json_line(failure_record(cut.source, document, failure, self._retry))


def failure_record(source: str, document: str, failure: Failure, retry: Sequence[str]) -> dict[str, str]:
    """A line of failures.jsonl: what, why, and the command that tries it again."""
    return {
        "source": source,
        "document": document,
        "kind": failure["kind"],
        "reason": failure["message"],
        "hint": failure["hint"],
        "retry": shlex.join([*retry, "--only", item_key(source, document)]) if retry else "",
    }


def fingerprint(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def note_table(tables: dict[str, dict[str, Any]], cut: Cut, counts: Mapping[str, int]) -> None:
    """Add a cut to the counts of its table."""
    table = tables.setdefault(cut.source, {"counts": dict.fromkeys(counts, 0), "failed": 0, "reason": None})
    table["counts"] = {name: table["counts"][name] + count for name, count in counts.items()}
    table["failed"] += len(cut.failures)
    table["reason"] = table["reason"] or next((failure["message"] for _, failure in cut.failures), None)
