"""Changes to a labels folder that happen as a whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qclassify.errors import LabelError
from qclassify.rendering.lines import json_line
from training.checking import check_labels
from training.label_files import Fault, sha256

# What is read first comes last, so that a folder cut short by a crash holds more than is used, not less.
_LAST = ("documents/index.toml", "clauses.jsonl", "decisions.jsonl")


@contextmanager
def staged(labels_dir: Path) -> Iterator[Path]:
    """A copy of a labels folder to change; when the block ends well, what changed replaces the originals.

    Raises:
        LabelError: the change would bring faults that `check` finds, the folder cannot be written, or somebody
            else changed it meanwhile. The folder is then as before.
    """
    try:
        room = Path(tempfile.mkdtemp(dir=labels_dir.parent, prefix=f".{labels_dir.name}-draft-"))
    except OSError as error:
        raise LabelError(
            f"{labels_dir.parent}: cannot be written: {error.strerror}",
            "a draft is made beside the labels folder",
        ) from error
    try:
        draft = room / labels_dir.name
        before = _digests(labels_dir)
        shutil.copytree(labels_dir, draft)
        yield draft
        _refuse_new_faults(labels_dir, draft)
        if _digests(labels_dir) != before:
            raise LabelError(f"{labels_dir}: somebody else changed it meanwhile", "run the command again")
        _replace(labels_dir, draft, before)
    except OSError as error:
        raise LabelError(
            f"{error.filename or labels_dir}: {error.strerror}", "free some space, or see who may write there"
        ) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def rewrite_clauses(
    path: Path,
    changes: Mapping[str, Mapping[str, Any]],
    added: Sequence[Mapping[str, Any]] = (),
    dropped: frozenset[str] = frozenset(),
) -> None:
    """Change, add and drop clauses of a file; lines that nothing happens to stay byte for byte.

    Args:
        path: a file of clauses in a draft.
        changes: clause id → the keys that get a new value.
        added: whole records, put at the end.
        dropped: ids.
    """
    lines: list[bytes] = []
    for line in path.read_bytes().split(b"\n"):
        if not line:
            continue
        record = json.loads(line)
        if record.get("id") in dropped:
            continue
        change = changes.get(record.get("id", ""))
        lines.append(json_line({**record, **change}).rstrip("\n").encode("utf-8") if change else line)
    lines += [json_line(record).rstrip("\n").encode("utf-8") for record in added]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _refuse_new_faults(labels_dir: Path, draft: Path) -> None:
    def named(folder: Path, fault: Fault) -> tuple[str, str]:
        return fault.file.relative_to(folder).as_posix(), fault.message

    known = {named(labels_dir, fault) for fault in check_labels(labels_dir)}
    new = [fault for fault in check_labels(draft) if named(draft, fault) not in known]
    if new:
        file, message = named(draft, new[0])
        others = f" (and {len(new) - 1} more faults)" if len(new) > 1 else ""
        raise LabelError(
            f"{labels_dir}: nothing was changed, for `check` would find in {file}: {message}{others}",
            "see the fault; written clauses that resemble new ones go with --drop-near-written"
            if "too near to" in message
            else "mend the file that is imported, and run the command again",
        )


def _replace(labels_dir: Path, draft: Path, before: Mapping[str, str]) -> None:
    changed = [name for name, digest in _digests(draft).items() if before.get(name) != digest]
    for name in sorted(changed, key=lambda name: (_LAST.index(name) + 1 if name in _LAST else 0, name)):
        (labels_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).replace(labels_dir / name)
