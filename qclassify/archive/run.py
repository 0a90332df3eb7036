"""A run over an archive on this machine: list, spool, tag in worker processes, commit, finish."""

from __future__ import annotations

import platform
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import qclassify
from qclassify.archive.inputs import Listing, ListingDigest, Survey
from qclassify.archive.items import items
from qclassify.archive.ledger import Ledger, open_ledger
from qclassify.archive.options import ArchiveOptions
from qclassify.archive.parts import Part, parts
from qclassify.archive.pool import Worker
from qclassify.archive.progress import Meter, Progress
from qclassify.archive.shards import require_format
from qclassify.archive.summing_up import finish
from qclassify.archive.tagged_part import Drafts, PartTagger
from qclassify.bundle import Bundle
from qclassify.errors import QClassifyError

# One part: spool and drafts in, its record out.
TagPart = Callable[[Path, Drafts], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an archive holds when it is complete, `resumed` parts of it from before."""

    folder: Path | str
    documents: int
    clauses: int
    failed: int
    parts: int
    resumed: int


def run_archive(
    source: str,
    out: Path,
    model: Bundle,
    options: ArchiveOptions,
    *,
    restart: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    """Tag an archive into a folder, going on where an earlier run with the same settings stopped.

    Args:
        source: a folder, a file, or a pattern; tar and zip files and tables in it are opened.
        out: the folder to write; see `qclassify.archive.ledger` for what it will hold.
        model: a loaded model.
        options: how; see there.
        restart: forget what an earlier run has left in `out`.
        on_progress: called after every part, from any thread, one call at a time.

    Returns:
        counts over the whole archive; single failures are in `failures.jsonl`, not raised.

    Raises:
        QClassifyError: nothing is there to read, `out` holds something else, or the run cannot go on.
    """
    require_format(options.format)
    _check_apart(source, out)
    listing = Listing(source)
    survey = listing.survey()
    if not survey.files:
        raise QClassifyError(
            f"{source}: holds no documents", "hidden files, lock files and links do not count"
        )
    settings = _settings(source, survey, model, options)
    with open_ledger(out, settings, suffix=options.format, restart=restart) as ledger:
        resumed = ledger.done_parts
        if not ledger.is_complete:
            _work_off(listing, survey, ledger, model, options, on_progress, source)
        counts = ledger.manifest["counts"]
        return Outcome(
            out, counts["documents"], counts["clauses"], counts["failed"], ledger.manifest["shards"], resumed
        )


def _work_off(
    listing: Listing,
    survey: Survey,
    ledger: Ledger,
    model: Bundle,
    options: ArchiveOptions,
    on_progress: Callable[[Progress], None],
    source: str,
) -> None:
    digest = ListingDigest()
    stream = parts(
        items(listing, options, digest), options.items_a_shard, ledger.work / "spool", ledger.is_done
    )
    meter = Meter(ledger, survey.size, on_progress)
    with _tagging(model, options, retry_command(source, ledger.folder, model, options)) as tag_part:
        total = _tag_all(stream, ledger, tag_part, meter, max(1, options.workers))
    if digest.survey() != survey:
        raise QClassifyError(
            f"{source}: files changed while the archive was tagged", "run it again with --restart"
        )
    finish(ledger, total, model, options)


def _tag_all(stream: Iterator[Part], ledger: Ledger, tag_part: TagPart, meter: Meter, workers: int) -> int:
    """Tag and commit the parts that are not done; returns how many parts there are.

    Parts are spooled a little ahead of the workers and no further, so that disk and memory stay flat.
    """
    lock = threading.Lock()

    def tag_and_commit(part: Part) -> None:
        record = tag_part(part.spool, ledger.drafts(part.number))
        part.discard()
        with lock:
            ledger.commit(part.number, record)
            meter.add(record, part.weight)

    total = 0
    pending: deque[Future[None]] = deque()
    with ThreadPoolExecutor(workers) as executor:
        try:
            for part in stream:
                total += 1
                if part.folder is None:
                    with lock:
                        meter.skip(part.weight)
                    continue
                pending.append(executor.submit(tag_and_commit, part))
                while len(pending) > workers + 1:
                    pending.popleft().result()
            while pending:
                pending.popleft().result()
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
    return total


@contextmanager
def _tagging(model: Bundle, options: ArchiveOptions, retry: list[str]) -> Iterator[TagPart]:
    """A function that tags a part in the next free worker process, or here when there are to be none."""
    if options.workers == 0:
        yield PartTagger(model, options, retry).tag
        return
    workers = [Worker(model.path, options, retry) for _ in range(options.workers)]
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def tag_part(spool: Path, drafts: Drafts) -> dict[str, Any]:
        worker = idle.get()
        try:
            return worker.tag(spool, drafts)
        finally:
            idle.put(worker)

    try:
        yield tag_part
    finally:
        for worker in workers:
            worker.close()


def _settings(
    source: str, survey: Survey, model: Bundle, options: ArchiveOptions
) -> dict[str, dict[str, Any]]:
    return {
        "model": {"id": model.id, "checksum": model.manifest["checksum"], "backend": model.kernel.name},
        "options": options.settings(),
        "input": {"source": source, "files": survey.files, "bytes": survey.size, "digest": survey.digest},
        "versions": versions("numpy", *(["pyarrow"] if options.format == "parquet" else [])),
    }


def versions(*packages: str) -> dict[str, str]:
    """Of this package, of Python and of some packages that the result depends on."""
    return {
        "qclassify": qclassify.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def retry_command(source: str, out: Path | str, model: Bundle, options: ArchiveOptions) -> list[str]:
    """The command that tags single items again, into a folder of its own."""
    command = ["qclassify", "archive", source, f"{out}-retry", "--model", str(model.path)]
    settings = options.settings()
    for name in ("text_column", "id_column", "title_column", "min_score"):
        if settings[name] is not None:
            command += [f"--{name.replace('_', '-')}", str(settings[name])]
    command += ["--clauses"] if options.clauses else []
    command += ["--encoding", options.encoding] if options.encoding != "auto" else []
    command += ["--soffice"] if options.soffice else []
    return [*command, "--format", options.format]


def _check_apart(source: str, out: Path) -> None:
    folder = Path(source)
    if folder.is_dir() and out.resolve().is_relative_to(folder.resolve()):
        raise QClassifyError(
            f"{out}: lies inside the archive {source}",
            "name a folder outside, or it would tag its own output",
        )
