"""The formats of tasks by name: what files each writes, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from qclassify.rendering.sinks import binary_sink, text_sink
from qclassify.segmenter import Segmenter
from qclassify.taxonomy import Taxonomy
from training.label_files import Parsed
from training.labelling import doccano, fasttext, label_studio, prodigy, workbook
from training.labelling.answers import MissingPrimary
from training.labelling.tasks import Returned, Task

Reader = Callable[[Path, Taxonomy, MissingPrimary], Parsed[Returned]]


@dataclass(frozen=True, slots=True)
class TaskFormat:
    """A format.

    Attributes:
        write: writes the file and what belongs beside it; gives all paths, the file itself first.
        read: reads the tasks back with their answers, and a fault for all that cannot be read.
        lost: what the file itself has no room for, "" when it has room for everything.
    """

    write: Callable[[Sequence[Task], Taxonomy, Path, str], list[Path]]
    read: Reader
    lost: str = ""


def _write_doccano(tasks: Sequence[Task], taxonomy: Taxonomy, output: Path, _: str) -> list[Path]:
    labels = output.with_name(output.name + ".labels.json")
    return [_write(output, doccano.lines(tasks, taxonomy)), _write(labels, [doccano.label_file(taxonomy)])]


def _write_label_studio(tasks: Sequence[Task], taxonomy: Taxonomy, output: Path, _: str) -> list[Path]:
    interface = output.with_name(output.name + ".interface.xml")
    return [
        _write(output, [label_studio.tasks_file(tasks)]),
        _write(interface, [label_studio.interface(taxonomy)]),
    ]


def _write_prodigy(tasks: Sequence[Task], taxonomy: Taxonomy, output: Path, _: str) -> list[Path]:
    return [_write(output, prodigy.lines(tasks, taxonomy))]


def _write_fasttext(tasks: Sequence[Task], _taxonomy: Taxonomy, output: Path, _: str) -> list[Path]:
    kept = _write(fasttext.companion(output), fasttext.companion_lines(tasks))
    return [_write(output, fasttext.lines(tasks, _segmenter().cut)), kept]


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def _write_workbook(tasks: Sequence[Task], taxonomy: Taxonomy, output: Path, annotator: str) -> list[Path]:
    with binary_sink(output) as stream:
        workbook.write(tasks, taxonomy, stream, annotator)
    return [output]


def _write(path: Path, pieces: Iterable[str]) -> Path:
    with text_sink(path) as stream:
        stream.writelines(pieces)
    return path


FORMATS: Final[Mapping[str, TaskFormat]] = {
    "doccano": TaskFormat(_write_doccano, doccano.read),
    "label-studio": TaskFormat(_write_label_studio, label_studio.read),
    "prodigy": TaskFormat(_write_prodigy, prodigy.read),
    "fasttext": TaskFormat(
        _write_fasttext,
        fasttext.read,
        "ids, places, headings, annotators, suggestions and the uncut text; keep the companion file for import",
    ),
    "xlsx": TaskFormat(_write_workbook, workbook.read),
}
