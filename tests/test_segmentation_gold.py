"""The segmenter against the 1,020 units marked by hand in the five seed documents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from qclassify.records import Document, Unit
from qclassify.segmentation import segment

HERE = Path(__file__).parent
DOCUMENTS = HERE.parent / "labels" / "documents"
LEVELS = {"L1": 4, "L2": 5, "L3": 6, "bullet": 9}

GOLD: dict[str, list[dict[str, Any]]] = {}
for line in (HERE / "gold" / "segments.jsonl").read_text(encoding="utf-8").splitlines():
    row = json.loads(line)
    GOLD.setdefault(row["doc"], []).append(row)


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[Unit, ...]]:
    texts = {name: (DOCUMENTS / f"{name}.txt").read_bytes().decode("utf-8") for name in GOLD}
    return {name: segment(Document(text, name)) for name, text in texts.items()}


def place(unit: Unit) -> tuple[object, ...]:
    return (unit.heading_path, unit.heading_nos, unit.item_no)


def gold_place(row: dict[str, Any]) -> tuple[object, ...]:
    return (tuple(row["heading_path"]), tuple(row["heading_nos"]), row["item_no"])


def test_the_gold_file_is_complete() -> None:
    counts = {name: len(rows) for name, rows in GOLD.items()}
    assert counts == {
        "dongtou-2023": 153,
        "tianfu-2024": 177,
        "yancheng-2022": 190,
        "xining-2015": 120,
        "quanzhou-2019": 380,
    }


@pytest.mark.parametrize("name", sorted(GOLD))
def test_boundaries_kinds_and_paths_score_one(name: str, found: dict[str, tuple[Unit, ...]]) -> None:
    gold = {(row["start"], row["end"]): row for row in GOLD[name]}
    units = {(unit.start, unit.end): unit for unit in found[name]}
    shared = gold.keys() & units.keys()
    precision, recall = len(shared) / len(units), len(shared) / len(gold)
    scores = {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if shared else 0.0,
        "kinds": sum(gold[span]["kind"] == units[span].kind for span in shared) / len(gold),
        "paths": sum(gold_place(gold[span]) == place(units[span]) for span in shared) / len(gold),
    }
    assert scores == dict.fromkeys(scores, 1.0), f"{name}: {scores}"


@pytest.mark.parametrize("name", sorted(GOLD))
def test_every_unit_is_the_gold_unit_in_every_attribute(
    name: str, found: dict[str, tuple[Unit, ...]]
) -> None:
    for row, unit in zip(GOLD[name], found[name], strict=True):
        assert (unit.start, unit.end, unit.kind, unit.text) == (
            row["start"],
            row["end"],
            row["kind"],
            row["text"],
        )
        assert place(unit) == gold_place(row)
        assert (unit.title, unit.level) == (row.get("title"), LEVELS.get(row.get("level")))
        assert (unit.sent, unit.part) == (row.get("sent"), row.get("part"))
        assert ("lead" in unit.flags) == row.get("lead", False)
        assert ("path_uncertain" in unit.flags) == row.get("path_uncertain", False)


def test_clauses_per_section_are_those_counted_by_hand(found: dict[str, tuple[Unit, ...]]) -> None:
    counted = {
        name: list(Counter(unit.heading_nos[:1] for unit in units if unit.kind == "clause").values())
        for name, units in found.items()
    }
    assert counted == {
        "dongtou-2023": [4, 87, 6],
        "tianfu-2024": [1, 15, 92, 6],
        "yancheng-2022": [1, 14, 107],
        "xining-2015": [5, 6, 21, 29, 16],
        "quanzhou-2019": [25, 83, 47, 53, 33, 32, 15, 3],
    }


def test_missing_heading_lines_are_reported_where_the_numbers_jump(
    found: dict[str, tuple[Unit, ...]],
) -> None:
    gaps = [unit.item_no for unit in found["dongtou-2023"] if "numbering_gap" in unit.flags]
    assert gaps == ["(二)", "(六)"]
    others = [
        unit
        for name, units in found.items()
        if name != "dongtou-2023"
        for unit in units
        if "numbering_gap" in unit.flags
    ]
    assert not others
