"""What is said on stderr: errors with what to do next, warnings, notes."""

from __future__ import annotations

import sys
from collections.abc import Callable

from qclassify.errors import QClassifyError


def say(line: str) -> None:
    """Talk, on stderr, on one line."""
    sys.stderr.write(line.encode("utf-8", "replace").decode("utf-8").replace("\n", " ") + "\n")
    sys.stderr.flush()


def complain(error: QClassifyError) -> None:
    """What went wrong and what to do, on one line."""
    say(f"error: {error.message}" + (f" → {error.hint}" if error.hint else ""))


def report(what: QClassifyError | str) -> None:
    """Failures and warnings of single inputs while the others go on."""
    if isinstance(what, QClassifyError):
        complain(what)
    else:
        say(f"warning: {what}")


def report_errors(what: QClassifyError | str) -> None:
    """As `report`, without the warnings."""
    if isinstance(what, QClassifyError):
        complain(what)


def reporter(*, quiet: bool) -> Callable[[QClassifyError | str], None]:
    """Where failures and warnings go."""
    return report_errors if quiet else report
