"""Known clauses beside a decision: for each clause and category the most alike labelled one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qclassify.comparing import clause_likeness
from qclassify.gold_clauses import LabelledClause
from qclassify.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Example:
    """A clause that is known to have the category; `likeness` in [0, 1], None for the codebook's own."""

    text: str
    likeness: float | None = None


def nearest_examples(
    texts: Sequence[str], labelled: Sequence[LabelledClause], taxonomy: Taxonomy
) -> list[dict[str, Example]]:
    """For each text the most alike labelled clause of every category.

    The text itself is no example of itself. Without a labelled clause that has anything in common with the
    text, the example is that of the category's definition; a category without one is left out.

    Args:
        texts: of clauses.
        labelled: (text, categories) of known clauses.
        taxonomy: the categories.
    """
    likeness = clause_likeness(texts, [text for text, _ in labelled])
    own = {c.id: Example(c.example) for c in taxonomy.categories if c.example}
    having = {
        category: np.array([category in labels for _, labels in labelled], dtype=bool)
        for category in taxonomy.ids
    }
    examples = []
    for row, text in enumerate(texts):
        others = np.array([known != text for known, _ in labelled], dtype=bool)
        found = dict(own)
        for category, has in having.items():
            candidates = np.where(has & others, likeness[row], 0.0)
            if candidates.any():
                best = int(candidates.argmax())
                found[category] = Example(labelled[best][0], float(candidates[best]))
        examples.append(found)
    return examples
