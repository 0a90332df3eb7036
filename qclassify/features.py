"""From a clause to the terms that a linear model counts; training and serving share this module.

A *field* is one block of the feature vector: the terms of one kind, taken from the clause or from its
headings. Normalisation maps one character to one character, so a term's offsets in the normalised
text are its offsets in the clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

TermKind = Literal["words", "chars"]
TextSource = Literal["clause", "heading", "path"]


class WordCutter(Protocol):
    """Anything that cuts normalised text into words which joined give the text again."""

    @property
    def cut(self) -> Callable[[str], list[str]]:
        """The words of a text."""


class ClauseText(NamedTuple):
    """All that the model sees of a clause: its text and the titles of its headings, outermost first."""

    text: str
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One block of features.

    Attributes:
        name: unique in the recipe; names the vocabulary file.
        source: `clause`, `heading` (the nearest heading that has a title) or `path` (all titles).
        terms: `words` (word n-grams) or `chars` (character n-grams).
        low: shortest n-gram, at least 1.
        high: longest n-gram, at least `low`.
        weight: factor on the block, positive.
        min_count: in how many training clauses a term must occur.
        norm_power: p in `weight · x / ‖x‖₂^p`, in [0, 1]. 1 is plain L2 normalisation, which makes every
            phrase of a long clause count for less; a smaller power lets a long clause say more, so that
            its second and third category are not drowned.
    """

    name: str
    source: TextSource
    terms: TermKind
    low: int
    high: int
    weight: float
    min_count: int
    norm_power: float = 1.0


class Term(NamedTuple):
    """A term and where it stands in the normalised source text."""

    text: str
    start: int
    end: int


def _character_map() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    table.update({code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)})
    table.update({base + digit: "0" for base in (0x30, 0xFF10) for digit in range(10)})
    # Everything that any reader may take for white space or a line end becomes a plain space.
    spaces = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000\ufeff\u200b"
    table.update({ord(character): " " for character in spaces})
    return table


_CHARACTERS = _character_map()
_SURROGATES = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\w")


def normalise(text: str) -> str:
    """Fold width, ASCII case, digits (to `0`) and white space; the length never changes.

    >>> normalise("ＧＢ／Ｔ 19001，达到９８%")
    'gb/t 00000,达到00%'
    """
    return _SURROGATES.sub("\ufffd", text.translate(_CHARACTERS))


def source_text(clause: ClauseText, source: TextSource) -> str:
    """The text that a field reads, not normalised; titles of a path are joined by a space."""
    if source == "clause":
        return clause.text
    titles = [title for title in clause.heading_path if title]
    return " ".join(titles if source == "path" else titles[-1:])


def vocabulary_field(fields: Sequence[FieldSpec]) -> FieldSpec | None:
    """The field whose shortest terms tell how much of a clause is known: words of the clause before characters."""
    own = [field for field in fields if field.source == "clause"]
    return next((field for field in own if field.terms == "words"), own[0] if own else None)


def analyser(spec: FieldSpec, segmenter: WordCutter) -> Callable[[ClauseText], list[str]]:
    """The function that lists a clause's terms for one field (a picklable object)."""
    return _Analyser(spec, segmenter)


class _Analyser:
    def __init__(self, spec: FieldSpec, segmenter: WordCutter) -> None:
        self.spec = spec
        self.segmenter = segmenter

    def __call__(self, clause: ClauseText) -> list[str]:
        text = normalise(source_text(clause, self.spec.source))
        if self.spec.terms == "chars":  # by far the most terms, and no offsets wanted here
            low, high = self.spec.low, self.spec.high
            return [text[i : i + n] for n in range(low, high + 1) for i in range(len(text) - n + 1)]
        return [term.text for term in located_terms(self.spec, self.segmenter, text)]


def located_terms(spec: FieldSpec, segmenter: WordCutter, text: str) -> Iterator[Term]:
    """The terms of a normalised text with their offsets; the same terms as `analyser` gives."""
    if spec.terms == "chars":
        for n in range(spec.low, spec.high + 1):
            for start in range(len(text) - n + 1):
                yield Term(text[start : start + n], start, start + n)
    else:
        yield from _word_ngrams(_words(text, segmenter), spec.low, spec.high)


def _words(text: str, segmenter: WordCutter) -> list[Term]:
    words: list[Term] = []
    start = 0
    for word in segmenter.cut(text):
        end = start + len(word)
        if _WORD.search(word):
            words.append(Term(word, start, end))
        start = end
    return words


def _word_ngrams(words: Sequence[Term], low: int, high: int) -> Iterator[Term]:
    for n in range(low, high + 1):
        for i in range(len(words) - n + 1):
            run = words[i : i + n]
            yield Term(" ".join(word.text for word in run), run[0].start, run[-1].end)
