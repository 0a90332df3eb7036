"""The categories: their order, names, definitions and colours, read from `taxonomy.toml`."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.errors import TaxonomyError

_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_TEXT_KEYS = ("id", "name", "name_en", "definition", "includes", "excludes", "colour", "example")


@dataclass(frozen=True, slots=True)
class Category:
    """One category as `taxonomy.toml` defines it; `name` is the Chinese (or local) display name."""

    id: str
    name: str
    name_en: str
    definition: str
    includes: str
    excludes: str
    colour: str
    example: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All categories in their official order; `digest` is the SHA-256 of the file's bytes."""

    version: str
    categories: tuple[Category, ...]
    digest: str

    @property
    def ids(self) -> tuple[str, ...]:
        """Category ids in official order."""
        return tuple(category.id for category in self.categories)

    def __getitem__(self, category_id: str) -> Category:
        for category in self.categories:
            if category.id == category_id:
                return category
        raise TaxonomyError(f"unknown category {category_id!r}", f"the taxonomy has: {', '.join(self.ids)}")

    def ordered(self, labels: frozenset[str] | set[str]) -> tuple[str, ...]:
        """The given labels in official order.

        Raises:
            TaxonomyError: a label is not in the taxonomy.
        """
        for label in sorted(labels):
            self[label]
        return tuple(category_id for category_id in self.ids if category_id in labels)


def load_taxonomy(path: Path) -> Taxonomy:
    """Read and check a taxonomy file.

    Raises:
        TaxonomyError: the file is missing, not TOML, or a category is incomplete or repeated.
    """
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise TaxonomyError(f"{path}: cannot be read: {error.strerror}", "name a taxonomy.toml") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TaxonomyError(f"{path}: not a TOML file in utf-8: {error}", "mend the file") from error
    entries = data.get("category")
    if not isinstance(data.get("version"), str) or not isinstance(entries, list) or not entries:
        raise TaxonomyError(
            f"{path}: needs a `version` string and [[category]] tables", "see labels/taxonomy.toml"
        )
    categories = tuple(_category(entry, f"{path}: category {n}") for n, entry in enumerate(entries, 1))
    ids = [category.id for category in categories]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        raise TaxonomyError(f"{path}: category {repeated!r} stands twice", "give every category its own id")
    return Taxonomy(version=data["version"], categories=categories, digest=hashlib.sha256(raw).hexdigest())


def _category(entry: Any, where: str) -> Category:  # noqa: ANN401 - raw TOML, checked here
    if not isinstance(entry, dict):
        raise TaxonomyError(f"{where}: is not a table", "write it as [[category]]")
    unknown = sorted(set(entry) - set(_TEXT_KEYS))
    missing = [key for key in _TEXT_KEYS if not isinstance(entry.get(key), str) or not entry[key].strip()]
    if unknown or missing:
        raise TaxonomyError(
            f"{where}: unknown keys {unknown}, missing or empty keys {missing}",
            f"every category has exactly: {', '.join(_TEXT_KEYS)}",
        )
    if not _ID.fullmatch(entry["id"]) or not _COLOUR.fullmatch(entry["colour"]):
        raise TaxonomyError(
            f"{where}: bad id {entry['id']!r} or colour {entry['colour']!r}",
            "ids are lower-case ASCII words, colours are like #1f77b4",
        )
    return Category(**entry)
