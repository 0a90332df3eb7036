"""Which clauses are equal or nearly equal: Jaccard similarity of character 5-grams, exactly.

    J(a, b) = |A ∩ B| / |A ∪ B|,  A and B the sets of 5-grams of the two normalised texts
    (Broder, “On the resemblance and containment of documents”, 1997, with k = 5 characters).

An inverted index from 5-gram to clauses counts |A ∩ B| for every pair that shares a 5-gram at all;
10,000 clauses against 700 take about a second, so no sketch such as MinHash is needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qclassify.features import normalise

SHINGLE = 5
THRESHOLD = 0.5
_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}


@dataclass(frozen=True, slots=True)
class Match:
    """Two texts that are alike.

    Attributes:
        query, target: their positions in the two sequences.
        similarity: Jaccard similarity in (0, 1]; 1.0 when they differ in width, space or digits at most.
    """

    query: int
    target: int
    similarity: float


def comparable(text: str) -> str:
    """The text without differences of width, ASCII case, digits and white space."""
    return "".join(normalise(text).split())


def wording(text: str) -> str:
    """The text without differences of width and white space; digits and case stay."""
    return "".join(text.translate(_WIDTH).split())


def shingles(text: str) -> frozenset[str]:
    """The 5-grams of the comparable text; a shorter text is its own only one.

    >>> sorted(shingles("合格率 达到98%"))
    ['合格率达到', '格率达到0', '率达到00', '达到00%']
    """
    folded = comparable(text)
    return frozenset(folded[i : i + SHINGLE] for i in range(max(1, len(folded) - SHINGLE + 1)))


def near_duplicates(
    queries: Sequence[str], targets: Sequence[str], threshold: float = THRESHOLD
) -> Iterator[Match]:
    """Every pair of a query and a target with Jaccard similarity ≥ `threshold`.

    Args:
        queries: texts, each looked up.
        targets: texts to look among.
        threshold: above 0, at most 1.

    Yields:
        matches in the order of the queries, the most similar target of each first.
    """
    index: defaultdict[str, list[int]] = defaultdict(list)
    target_sizes: list[int] = []
    for position, target in enumerate(targets):
        grams = shingles(target)
        target_sizes.append(len(grams))
        for gram in grams:
            index[gram].append(position)
    for position, query in enumerate(queries):
        grams = shingles(query)
        shared = Counter(other for gram in grams for other in index.get(gram, ()))
        found = []
        for other, count in shared.items():
            similarity = count / (len(grams) + target_sizes[other] - count)
            if similarity >= threshold:
                found.append(Match(position, other, similarity))
        yield from sorted(found, key=lambda match: (-match.similarity, match.target))
