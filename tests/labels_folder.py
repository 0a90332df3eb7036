"""A small labels folder, faultless and of another taxonomy than the shipped one, for tests to damage."""

import hashlib
import json

TAXONOMY = """version = "0.1"
[[category]]
id = "price"
name = "价格"
name_en = "Prices"
definition = "价格"
includes = "价格"
excludes = "质量"
colour = "#0918a4"
example = "稳定蔬菜价格。"

[[category]]
id = "supply"
name = "供给"
name_en = "Supply"
definition = "供给"
includes = "供给"
excludes = "质量"
colour = "#996b17"
example = "增加粮食供给。"
"""
TEXT = "保供稳价方案\n一、目标\n稳定蔬菜价格。增加粮食供给,稳定粮食价格。\n"
INDEX = """[[document]]
id = "plan"
file = "plan.txt"
title = "保供稳价方案"
issuer = ""
date = ""
number = ""
sha256 = "{}"
"""
GOLD = [
    {
        "id": "plan:12",
        "doc": "plan",
        "start": 12,
        "end": 19,
        "heading_nos": ["一"],
        "heading_path": ["目标"],
        "text": "稳定蔬菜价格。",
        "labels": ["price"],
        "primary": "price",
        "annotations": {
            "A": {"labels": ["price"], "primary": "price", "sure": True},
            "B": {"labels": ["price", "supply"], "primary": "price"},
        },
    },
    {
        "id": "plan:19",
        "doc": "plan",
        "start": 19,
        "end": 33,
        "heading_nos": ["一"],
        "heading_path": ["目标"],
        "text": "增加粮食供给,稳定粮食价格。",
        "labels": ["price", "supply"],
        "primary": "supply",
    },
]
WRITTEN = [
    {
        "id": "w:1",
        "origin": "written",
        "headings": ["二 措施", "(一)储备"],
        "text": "扩大成品油储备规模，轮换陈粮。",
        "labels": ["supply"],
        "primary": "supply",
    },
    {"id": "w:2", "origin": "written", "headings": [], "text": "特此通知。", "labels": [], "primary": None},
]


def json_lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_labels(folder):
    """Write the folder and return it."""
    for room in ("documents", "written", "lexicon"):
        (folder / room).mkdir(parents=True)
    (folder / "taxonomy.toml").write_text(TAXONOMY, "utf-8")
    (folder / "documents/plan.txt").write_bytes(TEXT.encode())
    (folder / "documents/index.toml").write_text(
        INDEX.format(hashlib.sha256(TEXT.encode()).hexdigest()), "utf-8"
    )
    (folder / "clauses.jsonl").write_text(json_lines(GOLD), "utf-8")
    (folder / "written/b.jsonl").write_text(json_lines(WRITTEN[1:]), "utf-8")
    (folder / "written/a.jsonl").write_text(json_lines(WRITTEN[:1]), "utf-8")
    (folder / "lexicon/words.txt").write_text("# 词 词频\n成品油储备 10  # comment\n\n保供稳价 20\n", "utf-8")
    return folder
