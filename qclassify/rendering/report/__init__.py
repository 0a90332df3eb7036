"""The self-contained web page: documents as a reader knows them, with categories and reasons."""

from qclassify.rendering.report.page import write_report

__all__ = ["write_report"]
