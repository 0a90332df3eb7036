"""How far a run is, how fast it goes and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qclassify.archive.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        documents: tagged by now, by this run and those it resumes; tables when rows are clauses.
        clauses: tagged by now.
        failed: documents or rows that could not be used.
        share: of the bytes of the input, 0 to 1.
        clauses_a_second: by this run.
        seconds_left: None until something can be said.
    """

    documents: int
    clauses: int
    failed: int
    share: float
    clauses_a_second: float
    seconds_left: float | None


class Meter:
    """Adds up what is done and reports it."""

    def __init__(self, ledger: Ledger, size: int, on_progress: Callable[[Progress], None]) -> None:
        self._documents = self._clauses = self._failed = 0
        for record in ledger.records():
            self._count(record)
        self._size, self._report = max(1, size), on_progress
        self._clauses_before = self._clauses
        self._weight_before = self._weight = 0
        self._started = time.monotonic()

    def skip(self, weight: int) -> None:
        """Note a part that was done before."""
        self._weight_before += weight
        self._weight += weight

    def add(self, record: dict[str, Any], weight: int) -> None:
        """Note a part that this run has committed."""
        self._count(record)
        self._weight += weight
        seconds = max(1e-9, time.monotonic() - self._started)
        tagged = self._weight - self._weight_before
        self._report(
            Progress(
                self._documents,
                self._clauses,
                self._failed,
                min(1.0, self._weight / self._size),
                (self._clauses - self._clauses_before) / seconds,
                (self._size - self._weight) * seconds / tagged if tagged else None,
            )
        )

    def _count(self, record: dict[str, Any]) -> None:
        self._documents += record["documents"]
        self._clauses += record["counts"]["clauses"]
        self._failed += record["failed"]
