"""`drift`: do new documents still look like those that the model was measured on?"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qclassify.cli.options import (
    EncodingOption,
    Lang,
    LangOption,
    ModelOption,
    OutputOption,
    QuietOption,
    SofficeOption,
    TextColumnOption,
    check_stdin_once,
    chosen_format,
)

if TYPE_CHECKING:
    from qclassify.bundle import Bundle
    from qclassify.profiles import Profile
    from qclassify.tagging_inputs import Report

DRIFTED = 5


class DriftFormat(StrEnum):
    """Output formats of `drift`."""

    TABLE = "table"
    JSON = "json"


def drift(
    reference: Annotated[
        str,
        typer.Argument(
            help="Documents to compare with: a folder, file or table; a saved profile (json); or `model` for what "
            "the model was measured on."
        ),
    ],
    new: Annotated[str, typer.Argument(help="The new documents: a folder, file or table.")],
    format_: Annotated[
        DriftFormat | None,
        typer.Option("--format", "-f", help="Default: table in a terminal, json elsewhere."),
    ] = None,
    output: OutputOption = None,
    lang: LangOption = Lang.ZH,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="Tables hold clauses (id, text, heading_path), not documents.")
    ] = False,
    max_unseen: Annotated[float, typer.Option(help="Rise of the share of unseen terms.")] = 0.1,
    max_review: Annotated[float, typer.Option(help="Rise of the share of clauses for review.")] = 0.1,
    max_share: Annotated[float, typer.Option(help="Change of any category's share of clauses.")] = 0.15,
    max_psi: Annotated[
        float, typer.Option(help="Population stability index of any category's probabilities.")
    ] = 0.25,
    max_mix: Annotated[
        float, typer.Option(help="Jensen-Shannon divergence of the primary categories, in bits.")
    ] = 0.1,
    max_f1_drop: Annotated[float, typer.Option(help="Fall of the expected micro-F1 (an estimate).")] = 0.05,
    save_profile: Annotated[
        Path | None, typer.Option(help="Keep the new documents' profile here, as a reference for later.")
    ] = None,
    model: ModelOption = None,
    encoding: EncodingOption = "auto",
    text_column: TextColumnOption = None,
    soffice: SofficeOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare documents with a reference, without labels; exit code 5 when a limit is exceeded.

    Watched are unseen terms, probabilities, labels, the share for review, and the F1 to expect, which is an
    estimate. A change counts only when it is beyond its limit and beyond what chance explains.

    Example: qclassify drift model labels/documents --max-psi 0.3
    """
    from qclassify.cli.talk import reporter
    from qclassify.drifting import Limits, compare_profiles
    from qclassify.models import load_model
    from qclassify.profile_sources import profile_file
    from qclassify.rendering.drift import drift_record, print_drift
    from qclassify.rendering.sinks import text_sink
    from qclassify.row_output import console_on

    check_stdin_once([reference, new])
    form = _form(format_, output)
    limits = Limits(max_unseen, max_review, max_share, max_psi, max_mix, max_f1_drop)
    bundle, report = load_model(model), reporter(quiet=quiet)

    def profile(path: str) -> tuple[Profile, int]:
        return _profile(path, bundle, report, encoding, text_column, clauses=clauses, soffice=soffice)

    before, failed_before = _known_profile(reference, bundle) or profile(reference)
    after, failed_after = profile(new)
    signals = compare_profiles(before, after, limits)
    with text_sink(output) as stream:
        if form == "json":
            record = drift_record(signals, before, after, bundle.taxonomy, bundle.id)
            stream.write(json.dumps(record, ensure_ascii=False, indent=1) + "\n")
        else:
            print_drift(console_on(stream), signals, before, after, bundle.taxonomy, lang.value)
    if save_profile is not None:
        with text_sink(save_profile) as stream:
            stream.write(profile_file(after, bundle))
    if any(signal.exceeded for signal in signals):
        raise typer.Exit(DRIFTED)
    raise typer.Exit(1 if failed_before or failed_after else 0)


def _form(asked: DriftFormat | None, output: Path | None) -> str:
    if asked is None and output is None:
        import sys

        return "table" if sys.stdout.isatty() else "json"
    return chosen_format(asked, output, DriftFormat).value


def _known_profile(reference: str, model: Bundle) -> tuple[Profile, int] | None:
    """A profile that need not be made: the model's own, or a saved one; None for documents."""
    from qclassify.profile_sources import model_profile, saved_profile

    if reference == "model":
        return model_profile(model), 0
    if reference.lower().endswith(".json"):
        return saved_profile(Path(reference), model), 0
    return None


def _profile(
    path: str,
    model: Bundle,
    report: Report,
    encoding: str,
    text_column: str | None,
    *,
    clauses: bool,
    soffice: bool,
) -> tuple[Profile, int]:
    """The profile of documents or clauses, and how many could not be read."""
    from qclassify.cli.sources import inputs
    from qclassify.profile_sources import profile_documents, profile_rows
    from qclassify.tagging_inputs import ClauseRows, Columns, Documents

    if clauses:
        rows = ClauseRows(inputs([path]), encoding, report)
        return profile_rows(rows, model), rows.failed
    documents = Documents(inputs([path]), encoding, report, Columns(text_column), soffice=soffice)
    return profile_documents(documents, model), documents.failed
