"""Archives of any size → clauses and documents as parquet or JSON lines, on this machine or on Spark."""

from qclassify.archive.options import ArchiveOptions
from qclassify.archive.progress import Progress
from qclassify.archive.run import Outcome, run_archive

__all__ = ["ArchiveOptions", "Outcome", "Progress", "run_archive"]
