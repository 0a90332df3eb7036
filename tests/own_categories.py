"""A labels folder of other categories than the shipped ones: three plans for a city's traffic, no lexicon,
no written clauses, no annotators. Tests vary it; training/README.md shows the same way."""

import hashlib
import json

TAXONOMY = """version = "1"
{exclusive}
[[category]]
id = "transit"
name = "Bus und Bahn"
definition = "公交、地铁、轮渡等公共交通的线路、车辆和服务。"

[[category]]
id = "roads"
name = "Straßen"
definition = "道路、桥梁、路口的建设和养护。"
example = "改造人民路与解放路交叉口。"

[[category]]
id = "parking"
name = "Parken"
definition = "停车位、停车场、停车收费。"
colour = "#005f73"

[[category]]
id = "safety"
name = "Verkehrssicherheit"
definition = "交通违法查处、事故预防、安全宣传。"
"""
CLAUSES = {
    "transit": [
        "开通{}至火车站的公交快线。",
        "增加{}地铁早晚高峰班次。",
        "更新{}新能源公交车三十辆。",
        "优化{}公交站点布局。",
        "延长{}地铁末班车时间。",
        "推行{}公交移动支付。",
    ],
    "roads": [
        "改造{}主干道路面。",
        "新建{}跨河桥梁一座。",
        "拓宽{}路口进口车道。",
        "修复{}破损人行道。",
        "打通{}断头路。",
        "完善{}道路排水设施。",
    ],
    "parking": [
        "新增{}公共停车位五百个。",
        "建设{}地下停车场。",
        "调整{}停车收费标准。",
        "开放{}机关停车场错时共享。",
        "规范{}路内停车泊位。",
        "推广{}智慧停车系统。",
    ],
    "safety": [
        "严查{}酒后驾驶行为。",
        "治理{}事故多发路段隐患。",
        "开展{}文明交通宣传。",
        "查处{}渣土车超载违法行为。",
        "排查{}校车安全隐患。",
        "加强{}非机动车违法整治。",
    ],
}
PLACES = ["东城", "西湖", "南山"]
TITLES = {"transit": "公共交通", "roads": "道路建设", "parking": "停车管理", "safety": "交通安全"}


def plan(place):
    """(text, clauses) of one document: four sections, each with its six clauses and one of two categories."""
    text, clauses = f"{place}交通提升方案\n", []
    for number, (category, lines) in zip("一二三四", CLAUSES.items(), strict=True):
        text += f"{number}、{TITLES[category]}\n"
        for line in lines:
            clauses.append(row(text, line.format(place), number, TITLES[category], [category]))
            text += line.format(place)
        text += "\n"
    mixed = f"改造{place}道路路面,增加公共停车位。"
    clauses.append(row(text, mixed, "四", TITLES["safety"], ["roads", "parking"]))
    return text + mixed + "\n", clauses


def row(text, clause, number, title, labels):
    return {
        "start": len(text),
        "end": len(text) + len(clause),
        "heading_nos": [number],
        "heading_path": [title],
        "text": clause,
        "labels": labels,
        "primary": labels[0],
    }


def write_own_labels(folder, *, places=PLACES, exclusive=False, keep=lambda row: True):
    """Write the folder and return it.

    Args:
        places: a document each.
        exclusive: exactly one category a clause; the clauses with two then keep the first.
        keep: which clauses are labelled.
    """
    (folder / "documents").mkdir(parents=True)
    index, lines = "", []
    for number, place in enumerate(places):
        text, clauses = plan(place)
        (folder / f"documents/plan-{number}.txt").write_bytes(text.encode())
        digest = hashlib.sha256(text.encode()).hexdigest()
        index += (
            f'[[document]]\nid = "plan-{number}"\nfile = "plan-{number}.txt"\ntitle = "{place}"\n'
            f'issuer = ""\ndate = ""\nnumber = ""\nsha256 = "{digest}"\n\n'
        )
        for clause in filter(keep, clauses):
            labels = clause["labels"][:1] if exclusive else clause["labels"]
            known = {"id": f"plan-{number}:{clause['start']}", "doc": f"plan-{number}"}
            lines.append(json.dumps({**known, **clause, "labels": labels}, ensure_ascii=False) + "\n")
    (folder / "documents/index.toml").write_text(index, "utf-8")
    (folder / "clauses.jsonl").write_text("".join(lines), "utf-8")
    (folder / "taxonomy.toml").write_text(
        TAXONOMY.format(exclusive="exclusive = true" if exclusive else ""), "utf-8"
    )
    return folder
