"""`labels/` → checked records: taxonomy, gold clauses, written clauses, documents, lexicon.

Nothing here knows the seven categories: any folder of the same shape loads, whatever its taxonomy.
Order is the files' own, files by name, so that equal folders give equal datasets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from qclassify.errors import LabelError, ReadError
from qclassify.heading_path import parse_heading_path
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.rows import Row
from qclassify.reading.tables import open_table
from qclassify.taxonomy import Taxonomy, load_taxonomy
from training.documents import SourceDocument, read_documents
from training.label_files import Fault, Parsed
from training.labelled_clauses import Annotation, LabelledClause, check_answer, read_clauses
from training.lexicon import read_lexicon

__all__ = ["Annotation", "Dataset", "LabelledClause", "load_dataset", "load_labelled_table"]

_TABLE_COLUMNS = ("id", "text", "labels", "primary")
_NO_LABEL = "-"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything that a labels folder holds.

    Attributes:
        taxonomy: the categories; `taxonomy_file` is where they are defined.
        gold: clauses of real documents, the only ones ever tested on.
        written: clauses composed for training.
        documents: by id.
        lexicon: domain words with their frequencies.
        origin: Markdown of `ORIGIN.md`, for the model card: where the labels come from, what they are not
            for; empty when there is none.
        digests: SHA-256 of `taxonomy`, `clauses`, `written`, `documents`, `lexicon` and `origin`, for
            manifests.
    """

    taxonomy: Taxonomy
    taxonomy_file: Path
    gold: tuple[LabelledClause, ...]
    written: tuple[LabelledClause, ...]
    documents: Mapping[str, SourceDocument]
    lexicon: tuple[tuple[str, int], ...]
    origin: str
    digests: Mapping[str, str]


def clause_files(labels_dir: Path) -> tuple[Path, tuple[Path, ...]]:
    """The file of gold clauses and the files of written ones, by name."""
    return labels_dir / "clauses.jsonl", tuple(sorted((labels_dir / "written").glob("*.jsonl")))


def load_dataset(labels_dir: Path) -> Dataset:
    """Load a labels folder; each file is checked by itself (`checking.check_labels` checks across files).

    Raises:
        TaxonomyError: `taxonomy.toml` is missing or malformed.
        LabelError: anything else is; the message names file and line.
    """
    taxonomy_file = labels_dir / "taxonomy.toml"
    taxonomy = load_taxonomy(taxonomy_file)
    gold_file, written_files = clause_files(labels_dir)
    documents = read_documents(labels_dir / "documents").checked()
    return Dataset(
        taxonomy=taxonomy,
        taxonomy_file=taxonomy_file,
        gold=read_clauses(gold_file, taxonomy, "source").checked(),
        written=tuple(
            clause for path in written_files for clause in read_clauses(path, taxonomy, "written").checked()
        ),
        documents=MappingProxyType({document.id: document for document in documents}),
        lexicon=read_lexicon(labels_dir / "lexicon").checked(),
        origin=_origin(labels_dir / "ORIGIN.md"),
        digests=MappingProxyType(
            {
                "taxonomy": _digest(labels_dir, [taxonomy_file]),
                "clauses": _digest(labels_dir, [gold_file]),
                "written": _digest(labels_dir, written_files),
                "documents": _digest(labels_dir, [document.file for document in documents]),
                "lexicon": _digest(labels_dir, sorted((labels_dir / "lexicon").glob("*.txt"))),
                "origin": _digest(labels_dir, sorted(labels_dir.glob("ORIGIN.md"))),
            }
        ),
    )


def _origin(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}:1: cannot be read as utf-8: {error}", "mend the file") from error


def _digest(labels_dir: Path, paths: Sequence[Path]) -> str:
    """One file: its SHA-256. Several: that of their names and SHA-256s, so that order and names count."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    if len(paths) == 1:
        return digests[0]
    lines = [
        f"{digest}  {path.relative_to(labels_dir).as_posix()}\n"
        for digest, path in zip(digests, paths, strict=True)
    ]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def load_labelled_table(path: Path, taxonomy: Taxonomy) -> tuple[LabelledClause, ...]:
    """Read labelled clauses from a table (csv, tsv, jsonl) outside any labels folder.

    Columns: `id` (`document:place`; the part before the last colon becomes `doc`), `text`, `labels`
    (categories separated by commas, `-` or empty for none), `primary` (likewise), and optionally
    `heading_path` with its levels joined by ` > `. White space around a text is left out.

    Raises:
        ReadError: the table cannot be read.
        LabelError: a column is missing, or a row is no labelled clause; file and line are named.
    """
    table = open_table(path, str(path), "auto", DEFAULT_LIMITS, frozenset((*_TABLE_COLUMNS, "heading_path")))
    missing = [column for column in _TABLE_COLUMNS if column not in table.columns]
    if missing:
        raise LabelError(
            f"{path}:1: no column {missing[0]!r}; columns found: {', '.join(table.columns)}",
            f"needed: {', '.join(_TABLE_COLUMNS)} and optionally heading_path",
        )
    clauses: list[LabelledClause] = []
    faults: list[Fault] = []
    for row in table.rows:
        if isinstance(row, ReadError):
            raise row
        try:
            clauses.append(_table_clause(path, row, taxonomy))
        except ValueError as error:
            faults.append(Fault(path, row.line, str(error)))
    return Parsed(tuple(clauses), tuple(faults)).checked()


def _table_clause(path: Path, row: Row, taxonomy: Taxonomy) -> LabelledClause:
    cells = {key: value.strip() for key, value in row.cells.items()}
    own_id, text = cells.get("id", ""), cells.get("text", "")
    if not own_id or not text:
        raise ValueError("no id or no text")
    # A list in a jsonl table arrives joined like a heading path.
    names = cells.get("labels", "").replace(" > ", ",").split(",")
    labels = [name.strip() for name in names if name.strip() not in ("", _NO_LABEL)]
    primary = None if cells.get("primary", "") in ("", _NO_LABEL) else cells["primary"]
    titles, numbers = parse_heading_path(cells.get("heading_path", ""))
    return LabelledClause(
        id=own_id,
        text=text,
        labels=check_answer(labels, primary, taxonomy),
        primary=primary,
        heading_path=titles,
        heading_nos=numbers,
        origin="source",
        doc=own_id.rpartition(":")[0] or own_id,
        start=None,
        end=None,
        file=path,
        line=row.line,
    )
