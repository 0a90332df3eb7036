"""Clauses that are new to a labels folder, and the documents that they stand in.

Every clause to be tested on has a document, so that evaluation can hold the document out. New clauses of a
document bring it along; clauses of a table are put together to one document, a line each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qclassify.records import Document
from training.dataset import Dataset
from training.labelled_clauses import Annotation
from training.labelling.decisions import Answer, answer_of
from training.labelling.tasks import Task
from training.near_duplicates import wording


class NewClauses:
    """Clauses to take in, in order, with their documents.

    Args:
        dataset: the labels folder.
        documents: id → document that new clauses may stand in.
        collection: id of the document for clauses that stand in none.
    """

    def __init__(self, dataset: Dataset, documents: Mapping[str, Document], collection: str) -> None:
        self.dataset, self.documents, self.collection = dataset, documents, collection
        self.records: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, tuple[str, Mapping[str, str]]] = {}
        self._lines: list[str] = []
        self._length = 0
        self._standing = {(clause.doc, clause.start, clause.end): clause.id for clause in dataset.gold}
        self._labels = {wording(clause.text): answer_of(clause) for clause in dataset.gold}

    def add(self, task: Task, answer: Annotation) -> Answer:
        """Take a clause in; returns its label: that of an equally worded clause, else the answer.

        Raises:
            ValueError: its document is unknown, or does not read like the clause at its place.
        """
        if task.text != task.text.strip():
            raise ValueError("the text has white space at an end")
        if task.text.encode("utf-8", "replace").decode("utf-8") != task.text:
            raise ValueError("the text holds half a character (a lone surrogate), which no file can")
        doc, start = self._place(task)
        label = self._labels.setdefault(wording(task.text), answer_of(answer))
        self.records[task.id] = {
            "id": task.id,
            "doc": doc,
            "start": start,
            "end": start + len(task.text),
            "heading_nos": list(task.heading_nos),
            "heading_path": list(task.heading_path),
            "text": task.text,
            "labels": list(label[0]),
            "primary": label[1],
        }
        return label

    def write(self, labels_dir: Path) -> tuple[str, ...]:
        """Write the new documents into (a draft of) a labels folder; returns their ids."""
        if self._lines:
            self.texts[self.collection] = ("".join(self._lines), {"title": self.collection})
        folder = labels_dir / "documents"
        folder.mkdir(exist_ok=True)
        index = folder / "index.toml"
        entries = [index.read_text("utf-8").rstrip("\n") + "\n"] if index.exists() else []
        for doc, (text, meta) in self.texts.items():
            data = text.encode("utf-8")
            (folder / f"{doc}.txt").write_bytes(data)
            entries.append(_index_entry(doc, meta, hashlib.sha256(data).hexdigest()))
        if self.texts:
            index.write_text("\n".join(entries), "utf-8")
        return tuple(self.texts)

    def _place(self, task: Task) -> tuple[str, int]:
        if task.doc is None or task.start is None:
            return self._collected(task)
        known = self.dataset.documents.get(task.doc)
        document = self.documents.get(task.doc)
        if known is None and document is None:
            raise ValueError(
                f"document {task.doc!r} is not in the labels folder; give its file with --documents"
            )
        if known is not None and document is not None and known.text != document.text:
            raise ValueError(
                f"the labels folder has another document {task.doc!r}; give the new file another name and export again"
            )
        text = known.text if known is not None else document.text if document is not None else ""
        found = text[task.start : task.end]
        if found != task.text:
            raise ValueError(f"{task.doc}[{task.start}:{task.end}] is {found[:40]!r}, not the clause's text")
        if standing := self._standing.get((task.doc, task.start, task.end)):
            raise ValueError(f"{task.doc}[{task.start}:{task.end}] is clause {standing!r} already")
        if known is None and document is not None:
            self.texts.setdefault(task.doc, (text, document.meta))
        return task.doc, task.start

    def _collected(self, task: Task) -> tuple[str, int]:
        if self.collection in self.dataset.documents:
            raise ValueError(
                f"there is a document {self.collection!r} already; name another one for these clauses with --collection"
            )
        start = self._length
        self._lines.append(task.text + "\n")
        self._length += len(task.text) + 1
        return self.collection, start


def _index_entry(doc: str, meta: Mapping[str, str], digest: str) -> str:
    values = {"id": doc, "file": f"{doc}.txt"}
    values |= {key: meta.get(key, "") for key in ("title", "issuer")}
    values |= {"date": _iso(meta.get("date", "")), "number": meta.get("number", ""), "sha256": digest}
    return "[[document]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _iso(date: str) -> str:
    try:
        return dt.date.fromisoformat(date).isoformat()
    except ValueError:
        return ""


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
