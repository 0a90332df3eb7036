"""A labels folder of three small documents and a recipe, so that a whole training takes two seconds."""

import hashlib

from labels_folder import TAXONOMY, json_lines

RECIPE = """name = "{name}"
seed = 7
[data]
written = true
source_weight = 2.0
[[field]]
name = "chars"
source = "{source}"
terms = "chars"
low = 1
high = 2
weight = 1.0
min_count = 1
[[learner]]
kind = "svm"
c = {c}
nb_smoothing = 0.1
nb_power = 0.5
share = 1.0
[decision]
thresholds = "fixed"
fixed_threshold = 0.5
review_precision = 0.95
"""
INDEX = """[[document]]
id = "{id}"
file = "{id}.txt"
title = "保供稳价方案"
issuer = ""
date = ""
number = ""
sha256 = "{sha256}"

"""
PLACES = ["东城", "西城", "南城"]
THINGS = ["蔬菜", "粮食", "猪肉", "鸡蛋", "食用油", "大米"]
CLAUSES = [
    ("稳定{}{}价格。", ("price",)),
    ("增加{}{}供给。", ("supply",)),
    ("保障{}{}供应,平抑{}价格。", ("price", "supply")),
]
WRITTEN = [("公布{}指导价。", ("price",)), ("扩大{}储备规模。", ("supply",)), ("做好{}工作。", ())]


def write_small_labels(folder):
    """Write the labels folder and return it; every clause stands in the document that it names."""
    for room in ("documents", "written", "lexicon"):
        (folder / room).mkdir(parents=True)
    (folder / "taxonomy.toml").write_text(TAXONOMY, "utf-8")
    (folder / "ORIGIN.md").write_text("## Where the labels come from\n\nComposed for tests.\n", "utf-8")
    gold, index = [], ""
    for number, place in enumerate(PLACES):
        name, text = f"plan-{number}", "一、目标\n"
        for thing in THINGS:
            for pattern, labels in CLAUSES:
                clause = pattern.format(place, thing, thing)
                gold.append(gold_row(name, len(text), clause, labels))
                text += clause
            text += f"{place}{thing}方案自印发之日起施行。"
        (folder / f"documents/{name}.txt").write_bytes(text.encode())
        index += INDEX.format(id=name, sha256=hashlib.sha256(text.encode()).hexdigest())
    (folder / "documents/index.toml").write_text(index, "utf-8")
    (folder / "clauses.jsonl").write_text(json_lines(gold), "utf-8")
    (folder / "written/a.jsonl").write_text(json_lines(written_rows()), "utf-8")
    return folder


def gold_row(document, start, clause, labels):
    return {
        "id": f"{document}:{start}",
        "doc": document,
        "start": start,
        "end": start + len(clause),
        "heading_nos": ["一"],
        "heading_path": ["目标"],
        "text": clause,
        "labels": list(labels),
        "primary": labels[0],
    }


def written_rows():
    rows = [(pattern.format(thing), labels) for pattern, labels in WRITTEN for thing in THINGS]
    return [
        {
            "id": f"w:{n}",
            "origin": "written",
            "headings": [],
            "text": text,
            "labels": list(labels),
            "primary": labels[0] if labels else None,
        }
        for n, (text, labels) in enumerate(rows)
    ]


def write_recipe(path, *, source="clause", c=0.5):
    """Write a recipe and return its path; with source `heading` the model learns nothing."""
    path.write_text(RECIPE.format(name=path.stem, source=source, c=c), "utf-8")
    return path
