"""Everything that can be wrong with a labels folder, found in one pass and listed by file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from qclassify.errors import LabelError, ReadError, TaxonomyError
from qclassify.reading.limits import DEFAULT_LIMITS
from qclassify.reading.tables import open_table
from qclassify.taxonomy import Taxonomy, load_taxonomy
from training.dataset import clause_files
from training.documents import SourceDocument, read_documents
from training.label_files import Fault, Parsed, table_line
from training.labelled_clauses import LabelledClause, read_clauses
from training.labelling.decisions import read_decisions
from training.lexicon import read_lexicon
from training.near_duplicates import SHINGLE, THRESHOLD, near_duplicates, wording

MIN_CATEGORIES, MAX_CATEGORIES = 2, 50


def check_labels(labels_dir: Path, against: Path | None = None) -> list[Fault]:
    """Check a whole labels folder.

    Args:
        labels_dir: holds `taxonomy.toml`, `clauses.jsonl` and maybe `written/`, `documents/`, `lexicon/`.
        against: a table (csv, tsv, jsonl; column `text`) that no written clause may resemble either,
            such as clauses that a model is to be measured on.

    Returns:
        all faults by file and line; empty when there is nothing to mend. Of these things:
        files that cannot be parsed; malformed taxonomy, index, lexicon or decisions; altered or unindexed
        documents; unknown, repeated or unordered categories, in labels and in annotators' answers; a
        primary outside the labels; spans that are not their text; an id used twice; equal clauses
        with different labels; equal written clauses; written clauses near a gold clause.

    Raises:
        LabelError: `labels_dir` is no folder, or `against` has no column `text`.
        ReadError: `against` cannot be read.
    """
    if not labels_dir.is_dir():
        raise LabelError(f"{labels_dir}: not a folder", "name the labels folder with --labels")
    documents = read_documents(labels_dir / "documents")
    faults = [*documents.faults, *read_lexicon(labels_dir / "lexicon").faults]
    taxonomy, taxonomy_faults = _read_taxonomy(labels_dir / "taxonomy.toml")
    faults += taxonomy_faults
    if taxonomy is not None:
        gold, written = _read_all_clauses(labels_dir, taxonomy)
        faults += [*gold.faults, *written.faults, *read_decisions(labels_dir, taxonomy).faults]
        faults += _misplaced(gold.items, {document.id: document for document in documents.items})
        faults += _repeated_ids([*gold.items, *written.items])
        faults += _equal_clauses(gold.items, written.items)
        faults += _resembling(
            written.items, [(c.text, f"gold clause {c.id} ({_place(c)})") for c in gold.items]
        )
        if against is not None:
            faults += _resembling(written.items, list(_table_texts(against)))
    return sorted(set(faults))


def _read_taxonomy(path: Path) -> tuple[Taxonomy | None, list[Fault]]:
    try:
        taxonomy = load_taxonomy(path)
    except TaxonomyError as error:
        return None, [
            Fault(path, _taxonomy_line(path, error.message), error.message.removeprefix(f"{path}: "))
        ]
    count = len(taxonomy.categories)
    if not MIN_CATEGORIES <= count <= MAX_CATEGORIES:
        bounds = f"a taxonomy has {MIN_CATEGORIES} to {MAX_CATEGORIES}"
        return taxonomy, [Fault(path, 1, f"{count} categories; {bounds}")]
    return taxonomy, []


def _taxonomy_line(path: Path, message: str) -> int:
    """The line that a taxonomy error speaks of, as far as its message tells."""
    if line := re.search(r"at line (\d+)", message):
        return int(line[1])
    if number := re.search(r": category (\d+)", message):
        return table_line(path, "category", int(number[1]))
    if repeated := re.search(r"category '(\w+)' stands twice", message):
        pattern = re.compile(rf"\s*id\s*=\s*[\"']{repeated[1]}[\"']")
        lines = [n for n, line in enumerate(path.read_text("utf-8").split("\n"), 1) if pattern.match(line)]
        return lines[1] if len(lines) > 1 else 1
    return 1


def _read_all_clauses(
    labels_dir: Path, taxonomy: Taxonomy
) -> tuple[Parsed[LabelledClause], Parsed[LabelledClause]]:
    gold_file, written_files = clause_files(labels_dir)
    written = [read_clauses(path, taxonomy, "written") for path in written_files]
    return read_clauses(gold_file, taxonomy, "source"), Parsed(
        tuple(clause for parsed in written for clause in parsed.items),
        tuple(fault for parsed in written for fault in parsed.faults),
    )


def _misplaced(gold: Iterable[LabelledClause], documents: Mapping[str, SourceDocument]) -> Iterator[Fault]:
    for clause in gold:
        if clause.doc is None:
            continue
        document = documents.get(clause.doc)
        if document is None:
            yield _fault(clause, f"document {clause.doc!r} is not in the index (or faulty there)")
        elif document.text[clause.start : clause.end] != clause.text:
            found = document.text[clause.start : clause.end]
            yield _fault(
                clause, f"{clause.doc}[{clause.start}:{clause.end}] is {found!r}, not the clause's text"
            )


def _repeated_ids(clauses: Iterable[LabelledClause]) -> Iterator[Fault]:
    first: dict[str, LabelledClause] = {}
    for clause in clauses:
        earlier = first.setdefault(clause.id, clause)
        if earlier is not clause:
            yield _fault(clause, f"id {clause.id!r} was used at {_place(earlier)}")


def _equal_clauses(gold: Iterable[LabelledClause], written: Iterable[LabelledClause]) -> Iterator[Fault]:
    """Documents may repeat each other, but then with one answer; written clauses have no reason to repeat."""
    for clauses, may_repeat in ((gold, True), (written, False)):
        first: dict[str, LabelledClause] = {}
        for clause in clauses:
            earlier = first.setdefault(wording(clause.text), clause)
            if earlier is clause:
                continue
            if (earlier.labels, earlier.primary) != (clause.labels, clause.primary):
                yield _fault(
                    clause,
                    f"same text as {_place(earlier)}, but {_answer(clause)} against {_answer(earlier)}",
                )
            elif not may_repeat:
                yield _fault(clause, f"same text as {_place(earlier)}")


def _resembling(written: Sequence[LabelledClause], others: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    for match in near_duplicates([clause.text for clause in written], [text for text, _ in others]):
        _, name = others[match.target]
        likeness = f"{SHINGLE}-gram Jaccard {match.similarity:.2f}, must stay below {THRESHOLD}"
        yield _fault(written[match.query], f"too near to {name}: {likeness}")


def _table_texts(path: Path) -> Iterator[tuple[str, str]]:
    table = open_table(
        path, str(path), "auto", DEFAULT_LIMITS, frozenset({"id", "text", "labels", "primary"})
    )
    if "text" not in table.columns:
        raise LabelError(
            f"{path}:1: no column 'text'; columns found: {', '.join(table.columns)}",
            "the clauses to compare with stand in a column called text",
        )
    for row in table.rows:
        if isinstance(row, ReadError):
            raise row
        yield row.cells.get("text", ""), f"{path.name}:{row.line}"


def _fault(clause: LabelledClause, message: str) -> Fault:
    return Fault(clause.file, clause.line, message)


def _place(clause: LabelledClause) -> str:
    return f"{clause.file.name}:{clause.line}"


def _answer(clause: LabelledClause) -> str:
    return f"[{', '.join(clause.labels)}] with primary {clause.primary}"
