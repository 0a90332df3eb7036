"""What a model has to pass before it may become the champion. Pure: nothing here knows a registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qclassify.bundle import Bundle
from qclassify.errors import QClassifyError
from qclassify.scoring import score
from training.export import PARITY_TOLERANCE
from training.model_comparison import headline_differences
from training.recording import judged_answers, reference_clauses

SMALLER_IS_BETTER = frozenset({"ece"})
# Fewer common clauses say too little about the two models.
COMMON_SHARE = 0.8
SEED = 20261125
CARD_SECTIONS = ("Figures", "By category", "Where it errs", "How it was made")
UNKNOWN_ORIGIN = "The labels folder does not say (ORIGIN.md)"


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: what was looked at, whether it holds, and what was found."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate minus champion of one figure on the same clauses, with its 95 % interval."""

    figure: str
    value: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval lies on the bad side of no difference."""
        return self.low > 0 if self.figure in SMALLER_IS_BETTER else self.high < 0


def score_gates(candidate: pd.DataFrame, champion: pd.DataFrame, ids: Sequence[str]) -> list[Gate]:
    """One gate a headline figure: the candidate is not worse than the champion beyond the interval.

    Args:
        candidate: its held-out answers, see `recording.answers_table`.
        champion: the same of the champion.
        ids: the candidate's categories.
    """
    try:
        differences = paired_differences(candidate, champion, ids)
    except ValueError as error:
        return [Gate("scores", passed=False, detail=str(error))]
    return [
        Gate(
            d.figure,
            not d.is_worse,
            f"{d.value:+.4f} [{d.low:+.4f}, {d.high:+.4f}] against the champion on the same clauses",
        )
        for d in differences
    ]


def paired_differences(
    candidate: pd.DataFrame, champion: pd.DataFrame, ids: Sequence[str], seed: int = SEED
) -> list[Difference]:
    """Differences of all headline figures on the clauses that both tables answer.

    Groups of clauses are drawn with replacement, the same for both models (Efron & Tibshirani, An
    Introduction to the Bootstrap, 1993, ch. 16), so what makes a clause easy or hard cancels out. Truth
    is the candidate's, whose labels are the younger ones.

    Raises:
        ValueError: the two speak of other categories, or share less than four fifths of the champion's
            clauses.
    """
    if [c for c in champion.columns if c.startswith("p.")] != [f"p.{category}" for category in ids]:
        raise ValueError(
            "the champion has other categories; promote this model under a name of its own (--name)"
        )
    key = ["id", "text"]
    common = candidate[key].merge(champion[key], on=key)
    if len(common) < COMMON_SHARE * len(champion):
        raise ValueError(
            f"only {len(common)} of the champion's {len(champion)} test clauses are still the same; "
            "train the champion's recipe on these labels and promote that first"
        )
    new = common.merge(candidate, on=key)
    old = common.merge(champion, on=key)
    old = old.assign(true_labels=new["true_labels"], true_primary=new["true_primary"])
    found = headline_differences(judged_answers(old, ids), judged_answers(new, ids), list(new["group"]), seed)
    return [Difference(name, d.change, d.low, d.high) for name, d in found.items()]


def parity_gate(bundle: Bundle, reference: Mapping[str, Any]) -> Gate:
    """The runtime gives, here and now, the scores that scikit-learn gave when the run was made."""
    found = score(reference_clauses(reference), bundle)
    expected = np.array(reference["scores"], dtype=np.float64)
    if found.shape != expected.shape:
        return Gate(
            "parity", passed=False, detail=f"{found.shape} scores, scikit-learn gave {expected.shape}"
        )
    difference = float(np.abs(found - expected).max())
    return Gate(
        "parity",
        difference <= PARITY_TOLERANCE,
        f"runtime and scikit-learn differ by {difference:.1e}, allowed is {PARITY_TOLERANCE:.0e}",
    )


def card_gate(bundle: Bundle) -> Gate:
    """The model card names the model, tells every figure, and says where its labels come from."""
    card = (bundle.path / "CARD.md").read_text("utf-8")
    gaps = _card_gaps(card, bundle)
    return Gate("model card", not gaps, "; ".join(gaps) or "complete")


def _card_gaps(card: str, bundle: Bundle) -> list[str]:
    title, *parts = card.split("\n## ")
    sections = {part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in parts}
    figures = bundle.manifest["metrics"].get("lodo", {})
    gaps = [] if bundle.id in title.partition("\n")[0] else ["the title does not name the model"]
    gaps += [f"no section {name!r}" for name in CARD_SECTIONS if not sections.get(name)]
    gaps += [
        f"category {category!r} has no row of figures"
        for category in bundle.taxonomy.ids
        if f"| {category} " not in sections.get("By category", "")
    ]
    gaps += [
        f"{name} is not told"
        for name in figures.get("intervals", {"every figure": None})
        if f"{figures.get(name, 0.0):.3f}" not in sections.get("Figures", "")
    ]
    if UNKNOWN_ORIGIN in card:
        gaps.append("where the labels come from is not told; write ORIGIN.md in the labels folder")
    return gaps


def data_gate(bundle: Bundle, labels: Path) -> Gate:
    """The labels are those that the model was made from, and `check` finds no fault in them."""
    from training.checking import check_labels
    from training.dataset import load_dataset

    try:
        faults = check_labels(labels)
        if faults:
            first = faults[0]
            return Gate(
                "data check", passed=False, detail=f"{len(faults)} faults, first {first.file}:{first.line}"
            )
        digests = load_dataset(labels).digests
    except QClassifyError as error:
        return Gate("data check", passed=False, detail=error.message)
    changed = sorted(name for name, digest in bundle.manifest["data"].items() if digests.get(name) != digest)
    if changed:
        return Gate(
            "data check",
            passed=False,
            detail=f"{labels} is not what the model was made from: {', '.join(changed)} differ; train again",
        )
    return Gate("data check", passed=True, detail="no faults")
