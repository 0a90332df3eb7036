"""What a run over an archive may be told, and which of it the result depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

ShardFormat = Literal["parquet", "jsonl"]

DOCUMENTS_A_SHARD: Final = 256
CLAUSES_A_SHARD: Final = 20_000
BYTES_A_SHARD: Final = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """How an archive is read, tagged and written.

    Attributes:
        format: of the shards.
        clauses: the inputs are tables whose rows already are clauses.
        min_score: one threshold in (0, 1) for every category instead of the model's own.
        encoding: of text files and tables as text: `auto` or a name.
        text_column, id_column, title_column: columns of tables of documents, found by name when None.
        soffice: let LibreOffice, when it is on PATH, convert legacy Word files.
        only: keys of the documents to take (see `Item.key`), all when empty.
        shard_items: documents (with `clauses`: rows) a shard, None for the usual number; a shard also ends
            when its documents have `BYTES_A_SHARD`.
        seconds: time for reading and cutting one document, in a worker process.
        memory: bytes that a worker process may take beyond what it has when it starts.
        workers: worker processes; 0 works in this process, without limits of time and memory.
        cache: clauses whose scores each worker remembers, 0 for none; never changes a result.
    """

    format: ShardFormat = "parquet"
    clauses: bool = False
    min_score: float | None = None
    encoding: str = "auto"
    text_column: str | None = None
    id_column: str | None = None
    title_column: str | None = None
    soffice: bool = False
    only: tuple[str, ...] = ()
    shard_items: int | None = None
    seconds: float = 60.0
    memory: int = 2 * 1024**3
    workers: int = 1
    cache: int = 8_192

    @property
    def items_a_shard(self) -> int:
        """Documents or clauses a shard."""
        return self.shard_items or (CLAUSES_A_SHARD if self.clauses else DOCUMENTS_A_SHARD)

    def settings(self) -> dict[str, Any]:
        """All that the shards depend on; a run is only resumed with the same."""
        return {
            "format": self.format,
            "rows": "clauses" if self.clauses else "documents",
            "min_score": self.min_score,
            "encoding": self.encoding,
            "text_column": self.text_column,
            "id_column": self.id_column,
            "title_column": self.title_column,
            "soffice": self.soffice,
            "only": sorted(self.only),
            "shard_items": self.items_a_shard,
            "seconds": self.seconds,
            "memory": self.memory,
        }
