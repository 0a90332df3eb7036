"""What a labels folder is too poor for: nothing here is a fault, all of it makes figures or models weak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from qclassify.palette import LEAST_CONTRAST, contrast_with_white
from qclassify.taxonomy import Category
from training.dataset import Dataset
from training.folds import is_in_parts

FEW = 10
NEARLY_ALL = 0.9


def label_warnings(dataset: Dataset, *, written: bool = True) -> list[str]:
    """One line for each thing that someone who trusts the figures should know.

    Args:
        dataset: the labels.
        written: whether written clauses are trained on.
    """
    categories = dataset.taxonomy.categories
    return [
        *_about_documents(dataset),
        *_about_numbers(categories, dataset, written),
        *(line for category in categories for line in _about_spread(category, dataset, written)),
        *_about_looks(categories),
    ]


def _about_documents(dataset: Dataset) -> Iterator[str]:
    if is_in_parts(dataset):
        yield (
            "only one document: figures come from holding out parts of it, so they are optimistic for other "
            "documents; label a second document"
        )
    elif len({clause.doc for clause in dataset.gold}) == 2:  # noqa: PLR2004
        yield "only two documents: figures say little about a third; label more documents"


def _about_numbers(
    categories: Sequence[Category],
    dataset: Dataset,
    written: bool,  # noqa: FBT001
) -> Iterator[str]:
    """Categories without or with few clauses, one line a kind: of fifty, many may be so."""
    counts = Counter(label for clause in dataset.gold for label in clause.labels)
    composed = (
        Counter(label for clause in dataset.written for label in clause.labels) if written else Counter()
    )
    unknown = [c.id for c in categories if not counts[c.id] and not composed[c.id]]
    unmeasured = [f"{c.id} ({composed[c.id]})" for c in categories if not counts[c.id] and composed[c.id]]
    few = [f"{c.id} ({counts[c.id]})" for c in categories if 0 < counts[c.id] < FEW]
    if unknown:
        yield f"no labelled clause at all, so the model will never give it: {', '.join(unknown)}"
    if unmeasured:
        yield f"only written clauses, none of a document: learnt and never measured: {', '.join(unmeasured)}"
    if few:
        yield (
            f"fewer than {FEW} clauses of documents, so that figures are little more than chance and no share is "
            f"corrected: {', '.join(few)}"
        )


def _about_spread(category: Category, dataset: Dataset, written: bool) -> Iterator[str]:  # noqa: FBT001
    found = Counter(clause.doc for clause in dataset.gold if category.id in clause.labels)
    count, total = found.total(), len(dataset.gold)
    composed = written and any(category.id in clause.labels for clause in dataset.written)
    name = f"category {category.id!r}"
    if count >= FEW and len(found) == 1 and not is_in_parts(dataset) and not composed:
        yield (
            f"{name}: all {count} clauses stand in {next(iter(found))}: with that document held out nothing is left "
            "to learn it from, so its figures are too low"
        )
    if total >= FEW and count > NEARLY_ALL * total:
        yield f"{name}: on {count} of {total} clauses: a category that nearly all clauses have tells nothing"


def _about_looks(categories: tuple[Category, ...]) -> Iterator[str]:
    for category in categories:
        if (contrast := contrast_with_white(category.colour)) < LEAST_CONTRAST:
            yield (
                f"category {category.id!r}: colour {category.colour} has {contrast:.1f} : 1 of contrast against white, "
                f"too pale to read (at least {LEAST_CONTRAST} : 1); leave `colour` out for a fitting one"
            )
    names = Counter(category.name for category in categories)
    for name, times in names.items():
        if times > 1:
            yield f"{times} categories are called {name!r}: nobody can tell them apart in tables and pages"
