"""Archives of any size → clauses and documents as parquet or JSON lines, on this machine or on Spark."""

from qclassify.archive.options import ArchiveOptions
from qclassify.archive.run import Outcome, Progress, run_archive

__all__ = ["ArchiveOptions", "Outcome", "Progress", "run_archive"]
