"""What to label next: where the model is least sure, every category in turn, nothing twice.

Uncertainty of a category is 1 on its threshold and 0 at probability 0 or 1 (uncertainty sampling: Lewis and Gale,
“A sequential algorithm for training text classifiers”, SIGIR 1994). The categories take turns, so that the doubts
of a frequent one cannot crowd out the others, and no clause is chosen that resembles a chosen or labelled one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.dataset import Dataset
from training.labelling.answers import headings_line
from training.labelling.tasks import Task
from training.near_duplicates import THRESHOLD, near_duplicates, shingles, wording

Floats = npt.NDArray[np.float64]
# Below this a category is no longer in doubt, and its turn goes to the others.
DOUBT = 0.1


@dataclass(frozen=True, slots=True)
class Queued:
    """A clause to label.

    Attributes:
        task: with the model's guess.
        category: whose turn it was.
        uncertainty: of that category, in [0, 1].
    """

    task: Task
    category: str
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Queue:
    """Clauses to label, the most wanted first, and how many were left out for which reason."""

    chosen: tuple[Queued, ...]
    of_test_documents: int
    like_labelled: int
    like_chosen: int


def uncertainties(tasks: Sequence[Task], thresholds: Sequence[float]) -> Floats:
    """(n, k) uncertainty in [0, 1] of every category for every task; tasks carry suggestions."""
    probability = np.array([list(t.suggestion.scores.values()) for t in tasks if t.suggestion is not None])
    limits = np.array(thresholds)
    distance = np.where(
        probability >= limits, (probability - limits) / (1.0 - limits), (limits - probability) / limits
    )
    return np.asarray(1.0 - distance)


def select(tasks: Sequence[Task], dataset: Dataset, thresholds: Sequence[float], limit: int) -> Queue:
    """Choose up to `limit` clauses.

    Args:
        tasks: with suggestions, whose categories are those of the dataset.
        dataset: what is labelled already; its documents are what models are tested on, so nothing of them
            is chosen, nor of copies of them.
        thresholds: probability from which each category is a label, in (0, 1).
        limit: at least 1.
    """
    ids = dataset.taxonomy.ids
    outside = [task for task in tasks if not _is_of(task, dataset)]
    labelled = [clause.text for clause in (*dataset.gold, *dataset.written)]
    like = {match.query for match in near_duplicates([task.text for task in outside], labelled)}
    free = [task for position, task in enumerate(outside) if position not in like]
    chosen, skipped = _take_turns(free, uncertainties(free, thresholds), limit) if free else ([], set())
    return Queue(
        chosen=tuple(Queued(free[row], ids[column], value) for row, column, value in chosen),
        of_test_documents=len(tasks) - len(outside),
        like_labelled=len(like),
        like_chosen=len(skipped),
    )


def without_test_documents(
    texts: Mapping[str, str], tasks: Sequence[Task], dataset: Dataset
) -> frozenset[str]:
    """Ids of documents that are those of the labels folder: by text, or by more than half of their clauses.

    Args:
        texts: document id → text, of the documents to choose from.
        tasks: their clauses.
        dataset: the labels folder.
    """
    known = {wording(document.text) for document in dataset.documents.values()}
    same = {doc for doc, text in texts.items() if wording(text) in known}
    gold = [clause.text for clause in dataset.gold]
    like = {match.query for match in near_duplicates([task.text for task in tasks], gold)}
    clauses: defaultdict[str, list[bool]] = defaultdict(list)
    for position, task in enumerate(tasks):
        if task.doc is not None:
            clauses[task.doc].append(position in like)
    copies = {doc for doc, alike in clauses.items() if sum(alike) > len(alike) / 2}
    return frozenset(same | copies)


def queue_record(queued: Queued) -> dict[str, Any]:
    """The clause as a row that `export-tasks` reads, with the reasons for choosing it."""
    task, guess = queued.task, queued.task.suggestion
    record: dict[str, Any] = {
        "id": task.id,
        "text": task.text,
        "heading_path": list(task.heading_path),
        "heading_nos": list(task.heading_nos),
        "doc": task.doc or "",
        "start": "" if task.start is None else task.start,
        "end": "" if task.end is None else task.end,
        "headings": headings_line(task),
        "chosen_for": queued.category,
        "uncertainty": round(queued.uncertainty, 4),
    }
    if guess is not None:
        record |= {"suggested": " ".join(guess.labels), "suggested_primary": guess.primary or ""}
        record |= {f"score_{category}": round(score, 4) for category, score in guess.scores.items()}
        record["model"] = guess.model
    return record


def _is_of(task: Task, dataset: Dataset) -> bool:
    """Whether a task stands in a document that is in the labels folder under the same id."""
    return task.doc in dataset.documents


def _take_turns(
    tasks: Sequence[Task], uncertainty: Floats, limit: int
) -> tuple[list[tuple[int, int, float]], set[int]]:
    """(row, column, uncertainty) in the order chosen, and the rows passed over for being like a chosen one.

    A category whose doubts are used up passes; when all have, the rest goes by the widest doubt of any.
    """
    kept = _Kept()
    chosen: list[tuple[int, int, float]] = []
    taken: set[int] = set()
    skipped: set[int] = set()

    def take(row: int, column: int) -> bool:
        if row in taken or row in skipped or len(chosen) == limit:
            return False
        if not kept.add_unless_alike(tasks[row].text):
            skipped.add(row)
            return False
        taken.add(row)
        chosen.append((row, column, float(uncertainty[row, column])))
        return True

    # Stable, so equal doubts go by the order of the tasks.
    orders = [
        (column, iter([row for row in np.argsort(-doubts, kind="stable").tolist() if doubts[row] >= DOUBT]))
        for column, doubts in enumerate(uncertainty.T)
    ]
    while orders and len(chosen) < limit:
        orders = [(column, rows) for column, rows in orders if any(take(row, column) for row in rows)]
    for row in np.argsort(-uncertainty.max(axis=1), kind="stable").tolist():
        take(row, int(uncertainty[row].argmax()))
    return chosen, skipped


class _Kept:
    """Texts kept so far. A pool can be a hundred times what is chosen from it, so only these are indexed."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._index: defaultdict[str, list[int]] = defaultdict(list)

    def add_unless_alike(self, text: str) -> bool:
        """Keep a text unless it resembles one that is kept; whether it was kept."""
        grams = shingles(text)
        shared = Counter(other for gram in grams for other in self._index.get(gram, ()))
        sizes = self._sizes
        if any(n >= THRESHOLD * (len(grams) + sizes[other] - n) for other, n in shared.items()):
            return False
        for gram in grams:
            self._index[gram].append(len(sizes))
        sizes.append(len(grams))
        return True
