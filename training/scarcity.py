"""What a labels folder is too poor for: nothing here is a fault, all of it makes figures or models weak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
    return [
        *_about_documents(dataset),
        *(line for category in dataset.taxonomy.categories for line in _about(category, dataset, written)),
        *_about_looks(dataset.taxonomy.categories),
    ]


def _about_documents(dataset: Dataset) -> Iterator[str]:
    if is_in_parts(dataset):
        yield (
            "only one document: figures come from holding out parts of it, so they are optimistic for other "
            "documents; label a second document"
        )
    elif len({clause.doc for clause in dataset.gold}) == 2:  # noqa: PLR2004
        yield "only two documents: figures say little about a third; label more documents"


def _about(category: Category, dataset: Dataset, written: bool) -> Iterator[str]:  # noqa: FBT001
    found = Counter(clause.doc for clause in dataset.gold if category.id in clause.labels)
    count, total = found.total(), len(dataset.gold)
    composed = sum(category.id in clause.labels for clause in dataset.written) if written else 0
    name = f"category {category.id!r}"
    if not count and not composed:
        yield f"{name}: no labelled clause at all, so the model will never give it"
    elif not count:
        yield f"{name}: {composed} written clauses but none of a document: it is learnt and never measured"
    elif count < FEW:
        yield f"{name}: {count} clauses: its figures are little more than chance; label at least {FEW}"
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
