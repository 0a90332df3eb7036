"""The output folder: what has been committed, whether a run may go on there, and what it holds in the end.

    manifest.json      what was asked of which model and input; counts when complete
    clauses/           part-000000.parquet, … in the order of the input
    documents/         the same for the documents
    failures.jsonl     one line for each document or row that could not be used
    checksums.txt      SHA-256 of all of these, for `sha256sum -c`
    .work/             only while a run is not complete: spooled items, drafts, records of committed parts

A part is committed when its record is in `.work/done`. Its shards are in place by then, and a shard that is
written once more has the same bytes, so a run may be killed between any two steps.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qclassify.archive.tagged_part import Drafts, fingerprint
from qclassify.errors import QClassifyError

FORMAT = 1
_OURS = "qclassify_archive"


@dataclass(slots=True)
class Ledger:
    """An output folder that this run alone may write to; see the module's text for what is in it.

    Attributes:
        folder: OUT.
        suffix: of the shards, `parquet` or `jsonl`.
        manifest: as it stands on disk.
    """

    folder: Path
    suffix: str
    manifest: dict[str, Any]
    _done: set[int] = field(default_factory=set)
    # A worker of a killed run may still be writing for a moment: it must not meet this run's drafts.
    _drafts: str = field(default_factory=lambda: f"drafts-{secrets.token_hex(8)}")

    @property
    def work(self) -> Path:
        """The folder for whatever is not yet a result."""
        return self.folder / ".work"

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self.manifest["complete"])

    @property
    def done_parts(self) -> int:
        """How many parts are committed by now; of a complete run, all."""
        return self.manifest["shards"] if self.is_complete else len(self._done)

    def is_done(self, number: int) -> bool:
        """Whether a part was committed, by this run or one before."""
        return number in self._done

    def drafts(self, number: int) -> Drafts:
        """Files to write a part's shards to."""
        folder = self.work / self._drafts
        return Drafts(*(folder / f"{number:06}.{table}" for table in ("clauses", "documents", "failures")))

    def commit(self, number: int, record: Mapping[str, Any]) -> None:
        """Put a part's shards in place, then its record."""
        drafts = self.drafts(number)
        _move(drafts.clauses, self.shard("clauses", number))
        if record["tables"]:  # one row a table, over all parts: written in the end
            drafts.documents.unlink()
        else:
            _move(drafts.documents, self.shard("documents", number))
        _move(drafts.failures, self._failures(number))
        write_atomically(self._record(number), json.dumps(record, sort_keys=True) + "\n")
        self._done.add(number)

    def records(self) -> Iterator[dict[str, Any]]:
        """Records of the committed parts, in order."""
        for number in sorted(self._done):
            yield json.loads(self._record(number).read_text("utf-8"))

    def finish(
        self, parts: int, counts: Mapping[str, Any], write_documents: Callable[[Path], None] | None
    ) -> None:
        """Write what covers all parts, then say that the run is complete.

        Args:
            parts: how many there are.
            counts: for the manifest.
            write_documents: writes the table of documents, when no part has one.
        """
        if self._done != set(range(parts)):
            raise QClassifyError(
                f"{self.folder}: holds other parts than the input has", "give --restart to begin anew"
            )
        if write_documents is not None:
            draft = self.work / self._drafts / "documents"
            write_documents(draft)
            _move(draft, self.shard("documents", 0))
        draft = self.work / self._drafts / "failures"
        with draft.open("wb") as all_failures:
            for number in range(parts):
                with self._failures(number).open("rb") as failures:
                    shutil.copyfileobj(failures, all_failures)
        _move(draft, self.folder / "failures.jsonl")
        self._write_checksums(write_documents is not None)
        self.manifest = {**self.manifest, "complete": True, "shards": parts, "counts": dict(counts)}
        self._write_manifest()
        shutil.rmtree(self.work, ignore_errors=True)

    def shard(self, table: str, number: int) -> Path:
        """The final place of a shard; `table` is `clauses` or `documents`."""
        return self.folder / table / f"part-{number:06}.{self.suffix}"

    def _write_checksums(self, documents_at_end: bool) -> None:  # noqa: FBT001
        draft = self.work / self._drafts / "checksums"
        with draft.open("w", encoding="ascii", newline="\n") as lines:
            for number, record in enumerate(self.records()):
                for table in ("clauses",) if documents_at_end else ("clauses", "documents"):
                    shard = self.shard(table, number).relative_to(self.folder).as_posix()
                    lines.write(f"{record['files'][table]['sha256']}  {shard}\n")
            whole = [self.shard("documents", 0)] if documents_at_end else []
            for path in (*whole, self.folder / "failures.jsonl"):
                lines.write(f"{fingerprint(path)['sha256']}  {path.relative_to(self.folder).as_posix()}\n")
        _move(draft, self.folder / "checksums.txt")

    def _record(self, number: int) -> Path:
        return self.work / "done" / f"{number:06}.json"

    def _failures(self, number: int) -> Path:
        return self.work / "failures" / f"{number:06}.jsonl"

    def _write_manifest(self) -> None:
        text = json.dumps(self.manifest, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
        write_atomically(self.folder / "manifest.json", text)

    def prepare(self, *, anew: bool) -> None:
        """Make the folders, forget drafts, and count which parts are done; `anew` forgets those as well."""
        if anew:
            # In this order: killed in between, the folder never claims to hold more than it does.
            self.manifest = {**self.manifest, "complete": False}
            self._write_manifest()
            for name in (".work", "clauses", "documents"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            for name in ("failures.jsonl", "checksums.txt"):
                (self.folder / name).unlink(missing_ok=True)
        if self.is_complete:
            shutil.rmtree(self.work, ignore_errors=True)
            return
        for leftover in (self.work / "spool", *self.work.glob("drafts-*")):
            shutil.rmtree(leftover, ignore_errors=True)
        for folder in ("clauses", "documents"):
            (self.folder / folder).mkdir(exist_ok=True)
        for folder in ("spool", "failures", "done", self._drafts):
            (self.work / folder).mkdir(parents=True, exist_ok=True)
        self._done = {int(path.stem) for path in (self.work / "done").glob("*.json") if self._is_whole(path)}

    def _is_whole(self, record_path: Path) -> bool:
        """Whether the shards that a record speaks of are there, as long as they were."""
        record = json.loads(record_path.read_text("utf-8"))
        number = int(record_path.stem)
        paths = {"clauses": self.shard("clauses", number), "failures": self._failures(number)}
        if not record["tables"]:
            paths["documents"] = self.shard("documents", number)
        return all(
            path.is_file() and path.stat().st_size == record["files"][table]["bytes"]
            for table, path in paths.items()
        )


@contextmanager
def open_ledger(folder: Path, settings: Mapping[str, Any], *, suffix: str, restart: bool) -> Iterator[Ledger]:
    """Take an output folder for a run: a new one, or one in which the same run was begun.

    Args:
        folder: OUT; made when it is not there.
        settings: all that the result depends on, JSON-ready: groups of names and values.
        suffix: of the shards.
        restart: forget what a run has left there.

    Raises:
        QClassifyError: the folder holds something else, or a run with other settings, or another
            process is working there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QClassifyError(
            f"{folder}: cannot be made: {error.strerror}", "name a folder that does not exist yet"
        ) from error
    with _locked(folder):
        begun = _begun(folder)
        ledger = Ledger(folder, suffix, {_OURS: FORMAT, "complete": False, **settings})
        if begun is not None and not restart:
            changes = list(_changes(begun, settings))
            if changes:
                raise QClassifyError(
                    f"{folder}: was begun with something else: {'; '.join(changes)}",
                    "name another folder, or give --restart to begin anew",
                )
            ledger.manifest = begun
        ledger.prepare(anew=begun is None or restart)
        yield ledger


def _begun(folder: Path) -> dict[str, Any] | None:
    """The manifest of the run that was begun in a folder, None when the folder is empty."""
    path = folder / "manifest.json"
    if not path.exists():
        drafts = (".work", _draft_of(path).name)
        others = [entry.name for entry in folder.iterdir() if entry.name not in drafts]
        if others:
            raise QClassifyError(
                f"{folder}: holds other files ({', '.join(sorted(others)[:3])})",
                "name an empty folder, or one that does not exist yet",
            )
        return None
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise QClassifyError(f"{path}: cannot be read: {error}", "name another folder") from error
    if not isinstance(manifest, dict) or manifest.get(_OURS) != FORMAT:
        raise QClassifyError(f"{path}: was not written by this version of `archive`", "name another folder")
    return manifest


def _changes(begun: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[str]:
    for group, values in settings.items():
        before = begun.get(group) or {}
        for name, value in values.items():
            if before.get(name) != value and (group, name) != ("input", "source"):
                yield f"{group} {name} {_short(before.get(name))} → {_short(value)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:16] + '…"'  # noqa: PLR2004 - a digest's beginning says enough


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however that ends."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _take_lock(folder, handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _take_lock(folder: Path, handle: int, how: int) -> None:
    import fcntl

    try:
        fcntl.flock(handle, how)
    except BlockingIOError as error:
        raise QClassifyError(
            f"{folder}: another process is writing to it", "wait for it, or name another folder"
        ) from error
    except OSError:
        pass  # a file system without locks


def write_atomically(path: Path, text: str) -> None:
    """Write a file that is either not there or whole."""
    draft = _draft_of(path)
    draft.write_text(text, "utf-8", newline="\n")
    _move(draft, path)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _move(draft: Path, path: Path) -> None:
    """Put a complete file in place, so that it is still complete after a power cut."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    with suppress(OSError):  # not every system can sync a folder
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
