"""The command line: parse, call, render.

stdout is data, stderr is talk; exit codes: 0 done, 1 some inputs failed, 2 wrong usage, 5 drift.
`app` holds all commands; `quick` runs the plainest of them without loading a command-line framework.
"""

from __future__ import annotations

import codecs
import os
import sys

from qclassify.errors import QClassifyError

# Tagging multiplies no large matrices. Threads that wait for some cost 50 ms of processor time a start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run the command line; an error of the family becomes a line on stderr and exit code 1."""
    from qclassify.cli import quick
    from qclassify.cli.tag_request import perform
    from qclassify.cli.talk import complain

    for stream in (sys.stdout, sys.stderr):
        # A locale that nobody set (cron, containers) says ASCII and means nothing by it.
        ascii_only = codecs.lookup(stream.encoding).name == "ascii"
        # A terminal that cannot show a character shows a question mark; it is no reason to fail.
        stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="replace")  # type: ignore[union-attr]
    try:
        plain = quick.understood(sys.argv[1:], os.environ)
        if plain is not None:
            sys.exit(perform(plain))
        from qclassify.cli.app import app

        app()
    except QClassifyError as error:
        complain(error)
        sys.exit(1)
