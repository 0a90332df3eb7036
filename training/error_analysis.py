"""Out-of-fold errors, grouped by what was confused with what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qclassify.taxonomy import Taxonomy
from training.dataset import LabelledClause
from training.metrics import Judged

SHOWN_CONFUSIONS = 8


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """All held-out clauses with the same true and the same given label set.

    Attributes:
        truth, chosen: label sets in taxonomy order.
        rows: positions of the clauses, most confident mistake first.
    """

    truth: tuple[str, ...]
    chosen: tuple[str, ...]
    rows: tuple[int, ...]

    @property
    def confusion(self) -> str:
        """`true labels → given labels`, `none` for an empty set."""
        return f"{', '.join(self.truth) or 'none'} → {', '.join(self.chosen) or 'none'}"


def error_groups(judged: Judged, taxonomy: Taxonomy) -> tuple[ErrorGroup, ...]:
    """Groups of wrongly tagged clauses, the largest first."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = defaultdict(list)
    for row in np.flatnonzero((judged.truth != judged.chosen).any(axis=1)):
        truth, chosen = (
            tuple(c for c, member in zip(taxonomy.ids, matrix[row], strict=True) if member)
            for matrix in (judged.truth, judged.chosen)
        )
        groups[truth, chosen].append(int(row))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        ErrorGroup(truth, chosen, tuple(sorted(rows, key=lambda row: -judged.confidence[row])))
        for (truth, chosen), rows in ordered
    )


def error_summary(judged: Judged, clauses: Sequence[LabelledClause], taxonomy: Taxonomy) -> dict[str, Any]:
    """Counts and the most frequent confusions with one example each, JSON-ready, for the model card."""
    groups = error_groups(judged, taxonomy)
    return {
        "clauses_with_errors": sum(len(group.rows) for group in groups),
        "missed": int((judged.truth & ~judged.chosen).sum()),
        "extra": int((~judged.truth & judged.chosen).sum()),
        "confusions": [
            {
                "confusion": group.confusion,
                "count": len(group.rows),
                "example": clauses[group.rows[0]].text,
            }
            for group in groups[:SHOWN_CONFUSIONS]
        ],
    }
