"""A folder of any file system that Spark knows, written from the driver."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qclassify.errors import QClassifyError

_OURS = ("manifest.json", ".work")
_PIECE = 1024 * 1024


class SparkFolder:
    """An output folder, by Hadoop's file system interface.

    Args:
        spark: a session.
        folder: a path or URI.
    """

    def __init__(self, spark: Any, folder: str) -> None:  # noqa: ANN401 - pyspark is an extra
        jvm = spark.sparkContext._jvm  # noqa: SLF001 - pyspark has no public way to other file systems
        configuration = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001
        self._path = jvm.org.apache.hadoop.fs.Path
        self.name = folder.rstrip("/")
        self._system = self._path(self.name).getFileSystem(configuration)

    def path(self, below: str) -> str:
        """A path in the folder, for Spark."""
        return f"{self.name}/{below}"

    def take(self, *, restart: bool) -> None:
        """Make sure that the folder is free.

        Raises:
            QClassifyError: it holds something, and either that is not ours or it shall not be forgotten.
        """
        top = self._path(self.name)
        if not self._system.exists(top):
            return
        ours = any(self._system.exists(self._path(self.path(name))) for name in _OURS)
        if self._system.listStatus(top) and not (ours and restart):
            hint = "name another folder" + (", or give --restart to begin anew" if ours else "")
            raise QClassifyError(f"{self.name}: is not empty", hint)
        self._system.delete(top, True)  # noqa: FBT003 - Java has no names for arguments

    def write(self, below: str, lines: Iterable[str]) -> None:
        """Write a text file, line after line."""
        stream = self._system.create(self._path(self.path(below)), True)  # noqa: FBT003
        try:
            piece = bytearray()
            for line in lines:
                piece += line.encode("utf-8")
                if len(piece) >= _PIECE:
                    stream.write(bytes(piece))
                    piece.clear()
            stream.write(bytes(piece))
        finally:
            stream.close()

    def remove(self, below: str) -> None:
        """Remove a folder with all that is in it."""
        self._system.delete(self._path(self.path(below)), True)  # noqa: FBT003
