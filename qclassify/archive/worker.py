"""A worker process: requests for parts on standard input, what it is doing and its records on standard output.

Both ways one JSON object a line. The first request sets it up; its end of life is the end of standard
input, so that no worker outlives the run that started it, however that ended.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from qclassify.archive.options import ArchiveOptions
from qclassify.archive.tagged_part import Drafts, PartTagger
from qclassify.errors import QClassifyError
from qclassify.models import load_model


def serve() -> None:
    """Answer requests until standard input closes; the worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run, which then closes our input
    # Whatever prints to standard output must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def answer(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content).encode() + b"\n")
        answers.flush()

    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    try:
        _work(requests, answer)
    except QClassifyError as error:
        answer({"error": error.message, "hint": error.hint})
    except BaseException:  # noqa: BLE001 - the run reports it; nobody reads our standard error
        answer({"error": "a worker failed: " + traceback.format_exc(), "hint": "please report it"})


def _work(requests: queue.SimpleQueue[bytes], answer: Callable[[dict[str, Any]], None]) -> None:
    setup = json.loads(requests.get())
    options = ArchiveOptions(**{**setup["options"], "only": tuple(setup["options"]["only"])})
    tagger = PartTagger(load_model(setup["model"]), options, setup["retry"])
    if options.format == "parquet":
        _load_pyarrow()
    _limit_memory(options.memory)
    answer({"ready": True})
    while True:
        request = json.loads(requests.get())
        record = tagger.tag(
            Path(request["spool"]),
            Drafts(*map(Path, request["drafts"])),
            {int(position): failure for position, failure in request["skip"].items()},
            lambda position: answer({"at": position}),
        )
        answer({"record": record})


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[bytes]) -> None:
    for line in stream:
        requests.put(line)
    os._exit(0)


def _load_pyarrow() -> None:
    """Before the memory limit is set, and with one thread: there is a process for every core."""
    import pyarrow as pa
    import pyarrow.parquet

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _limit_memory(size: int) -> None:
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return
    cap = pages * resource.getpagesize() + size
    resource.setrlimit(resource.RLIMIT_AS, (cap, cap))
