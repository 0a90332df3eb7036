"""A SQLite store that was moved: its database holds absolute paths of artefacts, which are rewritten.

MLflow makes relative places of artefacts absolute when it notes them (`db move-resources` moves between
workspaces, not between folders), so a moved store finds none of its files until this is done.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from qclassify.errors import LabelError

COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


def relocate_store(database: Path, old: str, new: Path, *, dry_run: bool) -> dict[str, int]:
    """Rewrite every path of the store that is `old` or lies below it, in one transaction.

    Args:
        database: the SQLite file, where it is now.
        old: the folder as the store remembers it, absolute.
        new: the same folder now.
        dry_run: count only.

    Returns:
        `table.column` → how many values change; columns without any are left out.

    Raises:
        LabelError: the database is missing, is in use, or is no MLflow store; `old` is not absolute; no
            path begins with it.
    """
    before, after = old.rstrip("/\\"), str(new.resolve())
    if not before.startswith("/") and before[1:2] != ":":
        raise LabelError(f"{old}: not an absolute path", "name the folder as it was before it was moved")
    if not database.is_file():
        raise LabelError(f"{database}: no such file", "name the store's SQLite file with --store")
    try:
        with closing(sqlite3.connect(database)) as connection, connection:
            changes = _rewrite(connection, before, after)
            if dry_run:
                connection.rollback()
    except sqlite3.Error as error:
        raise LabelError(
            f"{database}: {error}", "close what uses the store; only MLflow's SQLite stores can be moved"
        ) from error
    if not changes:
        raise LabelError(f"{database}: no path begins with {before}", "OLD is the folder as it was before")
    return changes


def _rewrite(connection: sqlite3.Connection, before: str, after: str) -> dict[str, int]:
    changes: dict[str, int] = {}
    for table, column in COLUMNS:
        known = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if column not in known and known:
            continue  # older layouts lack some columns
        values = connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall()  # noqa: S608 - constants
        moved = [(new, rowid) for rowid, value in values if (new := _moved(value, before, after)) != value]
        connection.executemany(
            f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608 - constants
            moved,
        )
        if moved:
            changes[f"{table}.{column}"] = len(moved)
    return changes


def _moved(value: str | None, before: str, after: str) -> str | None:
    """The value with its prefix replaced, as a plain path or a `file://` address.

    >>> _moved("file:///old%20place/mlruns/1", "/old place", "/new place")
    'file:///new%20place/mlruns/1'
    >>> _moved("/older/mlruns", "/old", "/new")
    '/older/mlruns'
    """
    if value is None:
        return None
    for old, new in (
        (before, after),
        *((f"{scheme}{quote(before)}", f"{scheme}{quote(after)}") for scheme in ("file://", "file:")),
    ):
        if value == old or value.startswith(old + "/"):
            return new + value.removeprefix(old)
    return value
