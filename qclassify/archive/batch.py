"""Clauses → tags, many at a time, each repeated clause scored once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qclassify.bundle import Bundle
from qclassify.deciding import decide, probabilities
from qclassify.features import ClauseText
from qclassify.scoring import score

_DIGITS = 6  # of a probability in every output


@dataclass(frozen=True, slots=True)
class Tags:
    """What the model says of one clause.

    Attributes:
        scores: a probability in [0, 1] for each category in taxonomy order, six decimals.
        labels: the chosen categories, in taxonomy order; may be empty.
        primary: the main one; None only when there are no labels.
        review: the decision is uncertain and a person should look.
    """

    scores: tuple[float, ...]
    labels: tuple[str, ...]
    primary: str | None
    review: bool


class BatchTagger:
    """Tags clauses and remembers the latest, by text and heading path.

    A clause's scores do not depend on those beside it, so remembering never changes a result.

    Args:
        model: a loaded model.
        min_score: one threshold in (0, 1) for every category instead of the model's own.
        cache: how many clauses to remember at most, 0 for none.
    """

    def __init__(self, model: Bundle, *, min_score: float | None = None, cache: int = 8_192) -> None:
        self.model = model
        self._min_score = min_score
        # Two generations: when the young one is full it becomes the old one, whose clauses are forgotten.
        self._generation = cache // 2
        self._young: dict[ClauseText, Tags] = {}
        self._old: dict[ClauseText, Tags] = {}

    def tag(self, clauses: Sequence[ClauseText]) -> list[Tags]:
        """Tags of each clause, same order."""
        found: dict[ClauseText, Tags] = {}
        unknown: list[ClauseText] = []
        for clause in dict.fromkeys(clauses):
            tags = self._young.get(clause) or self._old.get(clause)
            if tags is None:
                unknown.append(clause)
            else:
                found[clause] = tags
        found.update(zip(unknown, self._scored(unknown), strict=True))
        self._remember(found)
        return [found[clause] for clause in clauses]

    def _scored(self, clauses: list[ClauseText]) -> list[Tags]:
        if not clauses:
            return []
        scores = score(clauses, self.model)
        ids = self.model.taxonomy.ids
        rows = probabilities(scores, self.model.decision).tolist()
        decided = decide(scores, self.model.decision, self._min_score)
        return [
            Tags(
                scores=tuple([round(value, _DIGITS) for value in row]),
                labels=tuple([ids[column] for column in one.labels]),
                primary=None if one.primary is None else ids[one.primary],
                review=one.review,
            )
            for row, one in zip(rows, decided, strict=True)
        ]

    def _remember(self, found: dict[ClauseText, Tags]) -> None:
        if not self._generation:
            return
        for clause, tags in found.items():
            if len(self._young) >= self._generation:
                self._old, self._young = self._young, {}
            self._young[clause] = tags
