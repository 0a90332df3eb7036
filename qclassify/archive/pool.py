"""Worker processes as the run sees them: a part in, its record out, and a bad document costs itself only."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from qclassify.archive.cuts import Failure
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.tagged_part import TAGGING, Drafts
from qclassify.errors import QClassifyError

SERVE = (sys.executable, "-P", "-c", "from qclassify.archive.worker import serve; serve()")
_START_SECONDS = 120.0
_TAGGING_SECONDS = 600.0  # for a batch of clauses; much more than any takes
_CRASHES = 2  # that one document may cause before it is left out
# One process a core: libraries that start threads of their own, or a heap for each, only get in the way.
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONIOENCODING": "utf-8",
}


class Worker:
    """One worker process, replaced when a document has killed it or kept it too long.

    Args:
        model: the model's folder.
        options: of the run.
        retry: see `PartTagger`.
        command: what to start; it speaks as `qclassify.archive.worker` does.
    """

    def __init__(
        self, model: Path, options: ArchiveOptions, retry: Sequence[str], command: Sequence[str] = SERVE
    ) -> None:
        self._setup = {"model": str(model), "options": asdict(options), "retry": list(retry)}
        self._seconds = options.seconds
        self._command = list(command)
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def tag(self, spool: Path, drafts: Drafts) -> dict[str, Any]:
        """Have a part tagged; see `PartTagger.tag`.

        A document that takes longer than it may, or twice ends the process, is left out with the
        reason, and the part is begun again without it.

        Raises:
            QClassifyError: the part cannot be tagged for a reason that lies in no document.
        """
        skip: dict[int, Failure] = {}
        crashes: dict[int, int] = {}
        while True:
            outcome = self._try(spool, drafts, skip)
            if isinstance(outcome, dict):
                return outcome
            position, failure = outcome
            if position == TAGGING:
                raise QClassifyError(
                    f"a worker stopped while it tagged clauses: {failure['message']}", failure["hint"]
                )
            crashes[position] = crashes.get(position, 0) + 1
            if failure["kind"] == "too_large" or crashes[position] >= _CRASHES:
                skip[position] = failure

    def close(self) -> None:
        """End the process for good; a call of `tag` that waits for it ends with an error."""
        self._closed = True
        self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):  # what was still in the pipe has no reader any more
                process.stdin.close()

    def _try(
        self, spool: Path, drafts: Drafts, skip: Mapping[int, Failure]
    ) -> dict[str, Any] | tuple[int, Failure]:
        """The record of the part, or the item at which the worker stopped and why."""
        process = self._started()
        paths = [str(path) for path in (drafts.clauses, drafts.documents, drafts.failures)]
        _send(process, {"spool": str(spool), "drafts": paths, "skip": skip})
        at = TAGGING
        while True:
            try:
                answer = self._answers.get(timeout=_TAGGING_SECONDS if at == TAGGING else self._seconds)
            except queue.Empty:
                self._stop()
                return at, _too_slow(self._seconds)
            if not answer:
                code = process.wait()
                self._stop()
                return at, _crash(code)
            content = json.loads(answer)
            if "record" in content:
                record: dict[str, Any] = content["record"]
                return record
            if "error" in content:
                self._stop()
                raise QClassifyError(content["error"].strip(), content["hint"])
            at = content["at"]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        if self._closed:
            raise QClassifyError("the run was stopped", "the same command goes on where it stopped")
        self._process = process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self._answers = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(process.stdout, self._answers), daemon=True).start()
        _send(process, self._setup)
        try:
            answer = self._answers.get(timeout=_START_SECONDS)
        except queue.Empty:
            answer = b""
        content = json.loads(answer) if answer else {"error": "a worker process did not start", "hint": ""}
        if "error" in content:
            self._stop()
            raise QClassifyError(content["error"], content["hint"] or "try --workers 0 to see why")
        return process


def _environment() -> dict[str, str]:
    """Ours, with this package found first: the run may have been started from a checkout."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": root + (os.pathsep + path if path else "")}


def _send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe
    with suppress(OSError):  # a process that has ended is noticed by its silence
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()


def _pump(stream: IO[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    with stream:
        for line in stream:
            answers.put(line)
    answers.put(b"")


def _too_slow(seconds: float) -> Failure:
    return {
        "kind": "too_large",
        "message": f"reading and cutting it took more than {seconds:g} s",
        "hint": "raise --seconds · 请提高 --seconds",
    }


def _crash(code: int) -> Failure:
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return {
        "kind": "corrupt",
        "message": f"reading it ended the worker process ({how})",
        "hint": "fetch the file again, or raise --memory · 请重新获取文件或提高 --memory",
    }
