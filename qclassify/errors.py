"""The one error family: every message says what, where and what to do next."""

from __future__ import annotations


class QClassifyError(Exception):
    """Something the caller can act on.

    Args:
        message: what went wrong and where (file, line or offset), one line.
        hint: what to do next, one line; may be empty only when `message` already says it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ReadError(QClassifyError):
    """A document could not be turned into text. `kind` says why, for machines.

    `kind` is one of: not_found, not_a_file, unsupported, encrypted, scanned, broken_font, corrupt,
    too_large, undecodable, binary, empty, missing_extra, bad_table.
    """

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind


class TaxonomyError(QClassifyError):
    """A taxonomy file is malformed, or a category is not in it."""


class ModelError(QClassifyError):
    """A model folder is missing, damaged, foreign or of an unknown format."""


class LabelError(QClassifyError):
    """Labels or recipes on the training side do not hold what they must."""
