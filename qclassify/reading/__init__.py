"""Bytes → `Document`: every file that an analyst is handed, and none that hurts the machine."""

from qclassify.reading.clauses import ClauseRow, read_clauses
from qclassify.reading.documents import read, text_document
from qclassify.reading.folders import walk
from qclassify.reading.isolated import IsolatedReader
from qclassify.reading.limits import DEFAULT_LIMITS, Limits
from qclassify.reading.metadata import visible_metadata
from qclassify.reading.tables import read_documents, read_table

__all__ = [
    "DEFAULT_LIMITS",
    "ClauseRow",
    "IsolatedReader",
    "Limits",
    "read",
    "read_clauses",
    "read_documents",
    "read_table",
    "text_document",
    "visible_metadata",
    "walk",
]
