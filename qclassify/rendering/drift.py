"""What has changed between two profiles: as one JSON record, and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qclassify.drifting import Signal
from qclassify.profiles import Profile
from qclassify.rendering.wording import Language, category_name
from qclassify.taxonomy import Taxonomy

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "unseen": ("未见词占比", "Unseen terms"),
    "review": ("待复核占比", "Share for review"),
    "mix": ("主类别构成（JS 散度，比特）", "Mix of primary categories (JS divergence, bits)"),
    "f1": ("预期 micro-F1（无标注估计）", "Expected micro-F1 (estimate without labels)"),
    "share": ("类别占比", "Share"),
    "psi": ("概率分布（PSI）", "Spread of probabilities (PSI)"),
    "signal": ("指标", "Signal"),
    "reference": ("参照", "Reference"),
    "new": ("新文件", "New"),
    "change": ("变化", "Change"),
    "chance": ("偶然波动上限", "Chance"),
    "limit": ("限值", "Limit"),
    "clauses": ("条款：参照 {reference}，新文件 {new}", "Clauses: reference {reference}, new {new}"),
    "drift": ("有漂移：{n} 项超限", "Drift: {n} signals beyond their limits"),
    "steady": ("未见漂移", "No drift"),
    "note": (
        (
            "“偶然波动上限”：若无变化，同等条数的样本中 95% 不超过此值（按条款相互独立计，偏低）。超过限值且超过偶然波动才算漂移。"
            "预期 F1 由校准概率推算，只在校准仍然成立时有效，不能代替标注。"
        ),
        (
            "Chance: what 95 % of samples of this size stay below if nothing has changed (clauses taken as independent, so "
            "rather too low). Drift is a change beyond both its limit and chance. The expected F1 follows from the "
            "calibrated probabilities; it holds only as long as the calibration does and is no substitute for labels."
        ),
    ),
}
_PERCENT: Final = frozenset({"unseen", "review", "share"})


def drift_record(
    signals: Sequence[Signal], reference: Profile, new: Profile, taxonomy: Taxonomy, model: str
) -> dict[str, Any]:
    """Everything as one JSON-ready record; keys are the same in every language."""
    return {
        "model": model,
        "drift": any(signal.exceeded for signal in signals),
        "clauses": {"reference": reference.clauses, "new": new.clauses},
        "expected_micro_f1_estimate": {
            "reference": round(reference.expected_f1, 6),
            "new": round(new.expected_f1, 6),
        },
        "signals": [
            {
                "signal": signal.kind,
                "category": None if signal.category is None else taxonomy.ids[signal.category],
                "reference": _rounded(signal.reference),
                "new": _rounded(signal.new),
                "change": _rounded(signal.change),
                "chance": _rounded(signal.chance),
                "limit": signal.limit,
                "exceeded": signal.exceeded,
            }
            for signal in signals
        ],
    }


def print_drift(
    console: Console,
    signals: Sequence[Signal],
    reference: Profile,
    new: Profile,
    taxonomy: Taxonomy,
    language: Language,
) -> None:
    """All signals, those beyond their limits marked; then what the columns mean."""
    words = {key: pair[0 if language == "zh" else 1] for key, pair in _WORDS.items()}
    console.print(words["clauses"].format(reference=reference.clauses, new=new.clauses))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(words["signal"], overflow="fold")
    for key in ("reference", "new", "change", "chance", "limit"):
        table.add_column(words[key], justify="right", no_wrap=True)
    for signal in signals:
        name = words[signal.kind]
        if signal.category is not None:
            name = f"{category_name(taxonomy.categories[signal.category], language)} · {name}"
        figures = (signal.reference, signal.new, signal.change, signal.chance, signal.limit)
        cells = [_shown(figure, percent=signal.kind in _PERCENT) for figure in figures]
        cells[2] += " !" if signal.exceeded else "  "
        table.add_row(Text(name), *cells, style="bold yellow" if signal.exceeded else "")
    console.print(table)
    exceeded = sum(signal.exceeded for signal in signals)
    verdict = words["drift"].format(n=exceeded) if exceeded else words["steady"]
    console.print(Text(verdict, style="bold yellow" if exceeded else "bold"))
    console.print(Text(words["note"], style="dim"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _shown(value: float | None, *, percent: bool) -> str:
    if value is None:
        return ""
    return f"{value * 100:.1f}%" if percent else f"{value:.3f}"
