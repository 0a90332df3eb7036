"""Tagged documents → Markdown, for notes and mails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from qclassify.correcting import ErrorRates
from qclassify.records import Prediction, TaggedDocument
from qclassify.rendering.titles import document_title
from qclassify.rendering.wording import Language, estimate_text, heading_line, percent, short_name, words
from qclassify.summarising import Section, Summary, summarise
from qclassify.taxonomy import Taxonomy

_DEEPEST = 6
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_LIST_START = re.compile(r"^(\d+)([.)])|^([-+=])")


def markdown_document(
    tagged: TaggedDocument,
    ids: Sequence[str],
    taxonomy: Taxonomy,
    rates: Mapping[str, ErrorRates] | None,
    language: Language,
) -> Iterator[str]:
    """Lines of one document: shares, then clauses under their headings."""
    phrases = words(language)
    yield f"# {escaped(document_title(tagged))}\n\n"
    yield from share_lines(summarise(tagged.predictions, taxonomy.ids, rates), taxonomy, language)
    yield f"\n{phrases['shares_note' if rates else 'no_correction']}\n"
    position, in_list = 0, False
    for unit in tagged.units:
        if unit.kind == "heading":
            level = min(len(unit.heading_path) + 2, _DEEPEST)
            yield f"\n{'#' * level} {escaped(unit.text)}\n"
            in_list = False
        elif unit.kind == "clause":
            if not in_list:
                yield "\n"
            in_list = True
            number = ids[position] if ids else str(position + 1)
            yield clause_line(number, tagged.predictions[position], taxonomy, language)
            position += 1
    yield "\n"


def clause_line(number: str, prediction: Prediction, taxonomy: Taxonomy, language: Language) -> str:
    """`- **41** text 【产品 99% · 服务 98%】`."""
    phrases = words(language)
    first = prediction.primary
    tags = [
        ("**{}** {}" if label == first else "{} {}").format(
            short_name(taxonomy[label], language), percent(prediction.scores[label])
        )
        for label in sorted(prediction.labels, key=lambda label: label != first)
    ] or [phrases["none"]]
    if prediction.review:
        tags.append(f"*{phrases['review']}*")
    return f"- {escaped(number)} {escaped(prediction.unit.text)} 【{' · '.join(tags)}】\n"


def share_lines(summary: Summary, taxonomy: Taxonomy, language: Language) -> Iterator[str]:
    """A table with a row a category."""
    phrases = words(language)
    heads = ("category", "count", "primary", "share", "characters", "share_of_characters", "corrected")
    yield row_line(phrases[head] for head in heads)
    yield row_line("---" if n == 0 else "---:" for n in range(len(heads)))
    for category in taxonomy.categories:
        numbers = summary.categories[category.id]
        yield row_line(
            (
                short_name(category, language),
                str(numbers.clauses),
                str(numbers.primary),
                percent(numbers.share, 1),
                f"{numbers.characters:,}",
                percent(numbers.share_of_characters, 1),
                estimate_text(numbers.corrected),
            )
        )


def document_lines(
    rollups: Iterable[tuple[str, Section | None, Summary]], taxonomy: Taxonomy, language: Language
) -> Iterator[str]:
    """A table a document: counts, shares, and corrected shares as estimates."""
    phrases = words(language)
    for name, _, summary in rollups:
        yield f"# {escaped(name)}\n\n"
        yield from share_lines(summary, taxonomy, language)
        corrected = any(numbers.corrected for numbers in summary.categories.values())
        yield f"\n{_totals(summary, language)}\n"
        yield f"\n{phrases['shares_note' if corrected else 'no_correction']}\n\n"


def _totals(summary: Summary, language: Language) -> str:
    phrases = words(language)
    figures = (
        ("clauses", summary.clauses),
        ("characters", summary.characters),
        ("none", summary.untagged),
        ("review", summary.review),
    )
    return " · ".join(f"{phrases[key]} {figure:,}" for key, figure in figures)


def item_lines(
    rollups: Iterable[tuple[str, Section | None, Summary]], taxonomy: Taxonomy, language: Language
) -> Iterator[str]:
    """One table with a row a numbered item and the share of its clauses of every category."""
    phrases = words(language)
    heads = [phrases[key] for key in ("document", "heading", "clauses", "characters", "review")]
    heads += [short_name(category, language) for category in taxonomy.categories]
    yield row_line(heads)
    yield row_line("---" if n < 2 else "---:" for n in range(len(heads)))  # noqa: PLR2004 - two of text
    for document, section, summary in rollups:
        yield row_line(
            [
                escaped(document),
                _heading(section, phrases["no_section"]),
                str(summary.clauses),
                f"{summary.characters:,}",
                str(summary.review),
                *(
                    f"{numbers.clauses} ({percent(numbers.share)})" if numbers.clauses else "–"
                    for numbers in summary.categories.values()
                ),
            ]
        )


def _heading(section: Section | None, untitled: str) -> str:
    if section is None:
        return ""
    return escaped(heading_line(section.heading_nos, section.heading_path) or untitled)


def row_line(cells: Iterable[str]) -> str:
    """One row of a table."""
    return "| " + " | ".join(cells) + " |\n"


def escaped(text: str) -> str:
    r"""Text on one line that Markdown shows as it is.

    >>> escaped("a*b|c\n1. d")
    'a\\*b\\|c 1. d'
    """
    line = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    line = _SPECIAL.sub(r"\\\1", line)
    return _LIST_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)
