"""Reading in a process of its own, with a time limit and a memory limit, for files from anywhere.

A parser in C may loop or crash on a file made to harm it. Here that costs one file, never the run.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Self

from qclassify.errors import ReadError
from qclassify.reading.documents import read
from qclassify.reading.limits import DEFAULT_LIMITS, Limits, refusal
from qclassify.records import Document

if TYPE_CHECKING:
    from types import TracebackType

_SERVE = "from qclassify.reading.isolated import serve; serve()"
_START_SECONDS = 60.0


class IsolatedReader:
    """Reads one file at a time in a worker process, which is replaced when a file kills it.

    Use it as a context manager. Not for several threads at once; one reader per thread is fine.

    Args:
        seconds: time for one file.
        memory: bytes that the worker may take for a file, beyond what it has when it starts; counted as
            address space, and only where the system can limit that.
    """

    def __init__(self, *, seconds: float = 60.0, memory: int = 2 * 1024**3) -> None:
        self._seconds = seconds
        self._memory = memory
        self._worker: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(
        self,
        path: Path | str,
        *,
        encoding: str = "auto",
        limits: Limits = DEFAULT_LIMITS,
        soffice: bool = False,
    ) -> Document:
        """Read one document, as `qclassify.reading.read` does.

        Raises:
            ReadError: as `read`; `too_large` also when the file takes too much time or memory, and
                `corrupt` when it crashes the worker.
        """
        worker = self._started()
        request = {"path": str(path), "encoding": encoding, "limits": asdict(limits), "soffice": soffice}
        assert worker.stdin is not None  # noqa: S101 - opened as a pipe two lines into _started
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            answer = self._answers.get(timeout=self._seconds)
        except queue.Empty:
            self._stop()
            what = f"reading took more than {self._seconds:g} s"
            raise refusal("too_large", str(path), what) from None
        except OSError:
            answer = b""
        if not answer:
            self._stop()
            raise refusal("corrupt", str(path), "the file made the reader crash")
        return _document(json.loads(answer))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        self._stop()
        self._worker = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
            [sys.executable, "-c", _SERVE, str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self._worker.stdout, self._answers), daemon=True).start()
        # The first answer says that all is imported, so that starting up costs no file its time.
        self._answers.get(timeout=_START_SECONDS)
        return self._worker

    def _stop(self) -> None:
        if self._worker is None:
            return
        self._worker.kill()
        self._worker.wait()
        if self._worker.stdin is not None:
            with suppress(OSError):  # what was still in the pipe has no reader any more
                self._worker.stdin.close()
        self._worker = None


def serve() -> None:
    """Answer requests from standard input until it closes; the worker's whole life."""
    _limit_memory(int(sys.argv[1]))
    # Whatever prints to standard output must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _answer(answers, {"ready": True})
    for line in sys.stdin.buffer:
        _answer(answers, _answered(json.loads(line)))


def _answered(request: dict[str, Any]) -> dict[str, Any]:
    path = request["path"]
    try:
        document = read(
            path, encoding=request["encoding"], limits=Limits(**request["limits"]), soffice=request["soffice"]
        )
    except ReadError as error:
        return _refused(error)
    except MemoryError:
        return _refused(refusal("too_large", path, "reading takes too much memory"))
    return {
        "text": document.text,
        "name": document.name,
        "source_format": document.source_format,
        "encoding": document.encoding,
        "warnings": document.warnings,
        "meta": dict(document.meta),
    }


def _refused(error: ReadError) -> dict[str, Any]:
    return {"kind": error.kind, "message": error.message, "hint": error.hint}


def _document(answer: dict[str, Any]) -> Document:
    if "kind" in answer:
        raise ReadError(answer["kind"], answer["message"], answer["hint"])
    warnings = tuple(answer.pop("warnings"))
    meta = MappingProxyType(answer.pop("meta"))
    return Document(**answer, warnings=warnings, meta=meta)


def _answer(answers: IO[bytes], content: dict[str, Any]) -> None:
    answers.write(json.dumps(content).encode() + b"\n")
    answers.flush()


def _pump(stream: IO[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    with stream:
        for line in stream:
            answers.put(line)
    answers.put(b"")


def _limit_memory(size: int) -> None:
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return
    cap = pages * resource.getpagesize() + size
    resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
