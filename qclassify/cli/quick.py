"""The plainest `tag` commands, without a command-line framework: half of a short run would be its start.

Only what is certain is understood here: `tag`, paths, and `--format`, `--output`, `--model`, `--quiet`
in their plain forms. Everything else, every mistake included, is left to `app`. A test compares both.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from qclassify.cli.tag_request import TagRequest

OPTIONS = {
    "--format": "format",
    "-f": "format",
    "--output": "output",
    "-o": "output",
    "--model": "model",
}
ROW_FORMATS = ("jsonl", "csv")


def understood(arguments: Sequence[str], environment: Mapping[str, str]) -> TagRequest | None:
    """The request that the arguments make, None when it takes `app` to say."""
    if arguments[:1] != ["tag"] or any(name.endswith("_COMPLETE") for name in environment):
        return None
    paths: list[str] = []
    values: dict[str, str] = {}
    quiet = False
    rest = iter(arguments[1:])
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument in ("--quiet", "-q"):
            quiet = True
        elif name in OPTIONS and (not equals or name.startswith("--")):
            value = value if equals else next(rest, "")
            if not value or value.startswith("-"):
                return None
            values[OPTIONS[name]] = value
        elif argument.startswith("-"):
            return None
        else:
            paths.append(argument)
    form = _row_format(values)
    if not paths or form is None:
        return None
    model = values.get("model") or environment.get("QCLASSIFY_MODEL")
    return TagRequest(
        tuple(paths),
        form,
        output=Path(values["output"]) if "output" in values else None,
        model=Path(model) if model else None,
        quiet=quiet,
    )


def _row_format(values: Mapping[str, str]) -> str | None:
    """The format when it is one of rows and was said or follows from where the output goes."""
    if "format" in values:
        form = values["format"]
    elif "output" in values:
        form = Path(values["output"]).suffix.lower().lstrip(".")
    else:
        form = "" if sys.stdout.isatty() else "jsonl"
    return form if form in ROW_FORMATS else None
