"""The categories: their order, names, definitions and colours, read from `taxonomy.toml`.

version = "1.0"
exclusive = true      # exactly one category a clause; left out: none, one or several

[[category]]
id = "price"
name = "价格"
definition = "…"
# and, as far as wanted: name_en, includes, excludes, example, colour
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qclassify.errors import TaxonomyError
from qclassify.palette import PALETTE

_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_NEEDED_KEYS = ("id", "name", "definition")
_OPTIONAL_KEYS = ("name_en", "includes", "excludes", "colour", "example")
_TOP_KEYS = {"version", "exclusive", "category"}
# What outputs write for a clause without categories.
_RESERVED = "none"


@dataclass(frozen=True, slots=True)
class Category:
    """One category as `taxonomy.toml` defines it.

    Attributes:
        id: lower-case ASCII word; stands in data.
        name: display name, in Chinese or whatever the reader's language is.
        name_en: display name in English; made from the id where the file gives none.
        definition: what the category is.
        includes, excludes, example: for the codebook; may be empty.
        colour: like `#1f77b4`; from `palette` where the file gives none.
    """

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
    """All categories in their official order.

    Attributes:
        version: as the file says.
        categories: in official order.
        digest: SHA-256 of the file's bytes.
        exclusive: every clause has exactly one category; else none, one or several.
    """

    version: str
    categories: tuple[Category, ...]
    digest: str
    exclusive: bool = False

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
    unknown = sorted(set(data) - _TOP_KEYS)
    exclusive = data.get("exclusive", False)
    if unknown or not isinstance(exclusive, bool):
        raise TaxonomyError(
            f"{path}: unknown keys {unknown}, or `exclusive` is neither true nor false",
            "above the categories stand version and maybe exclusive",
        )
    categories = tuple(
        _category(entry, PALETTE[(n - 1) % len(PALETTE)], f"{path}: category {n}")
        for n, entry in enumerate(entries, 1)
    )
    ids = [category.id for category in categories]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        raise TaxonomyError(f"{path}: category {repeated!r} stands twice", "give every category its own id")
    if exclusive and len(ids) == 1:
        raise TaxonomyError(
            f"{path}: one exclusive category leaves nothing to decide", "add another category"
        )
    return Taxonomy(data["version"], categories, hashlib.sha256(raw).hexdigest(), exclusive)


def _category(entry: Any, colour: str, where: str) -> Category:  # noqa: ANN401 - raw TOML, checked here
    if not isinstance(entry, dict):
        raise TaxonomyError(f"{where}: is not a table", "write it as [[category]]")
    unknown = sorted(set(entry) - {*_NEEDED_KEYS, *_OPTIONAL_KEYS})
    bad = [key for key in (*_NEEDED_KEYS, *_OPTIONAL_KEYS) if not _is_text(entry.get(key, "…"))]
    bad += [key for key in _NEEDED_KEYS if key not in entry]
    if unknown or bad:
        raise TaxonomyError(
            f"{where}: unknown keys {unknown}, missing or empty keys {bad}",
            f"every category has {', '.join(_NEEDED_KEYS)} and maybe {', '.join(_OPTIONAL_KEYS)}",
        )
    filled = {
        "name_en": entry["id"].replace("_", " ").capitalize(),
        "includes": "",
        "excludes": "",
        "example": "",
        "colour": colour,
        **entry,
    }
    if not _ID.fullmatch(filled["id"]) or not _COLOUR.fullmatch(filled["colour"]):
        raise TaxonomyError(
            f"{where}: bad id {filled['id']!r} or colour {filled['colour']!r}",
            "ids are lower-case ASCII words, colours are like #1f77b4",
        )
    if filled["id"] == _RESERVED:
        raise TaxonomyError(
            f"{where}: the id {_RESERVED!r} is taken", "it stands for a clause without categories"
        )
    return Category(**filled)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
