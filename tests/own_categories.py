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
LINES = {
    "transit": """
        开通{}至火车站的公交快线。 增加{}地铁早晚高峰班次。 更新{}新能源公交车三十辆。 优化{}公交站点布局。
        延长{}地铁末班车时间。 推行{}公交移动支付。 新建{}公交首末站两处。 恢复{}至江北的轮渡航线。
        开设{}学生定制公交线路。 完善{}公交专用道网络。 实行{}公交地铁换乘优惠。 提高{}公交准点率。
        开展{}公交驾驶员服务培训。 发布{}公交实时到站信息。 改造{}老旧候车亭。""",
    "roads": """
        改造{}主干道路面。 新建{}跨河桥梁一座。 拓宽{}路口进口车道。 修复{}破损人行道。 打通{}断头路。
        完善{}道路排水设施。 加固{}危旧桥梁。 铺设{}沥青路面两万平方米。 建设{}绕城快速路。
        更换{}主要道路路灯。 养护{}背街小巷路面。 增设{}过街天桥。 新建{}非机动车道十公里。
        整修{}隧道照明和通风设施。 清理{}道路两侧杂物。""",
    "parking": """
        新增{}公共停车位五百个。 建设{}地下停车场。 调整{}停车收费标准。 开放{}机关停车场错时共享。
        规范{}路内停车泊位。 推广{}智慧停车系统。 清理{}占用消防通道的车辆。 建成{}立体车库三座。
        公布{}停车场空余车位信息。 补建{}老旧小区车位。 治理{}医院周边停车难。 统一{}停车缴费平台。
        设置{}临时停靠区。 配建{}充电车位。 核定{}停车场经营资质。""",
    "safety": """
        严查{}酒后驾驶行为。 治理{}事故多发路段隐患。 开展{}文明交通宣传。 查处{}渣土车超载违法行为。
        排查{}校车安全隐患。 加强{}非机动车违法整治。 完善{}交通事故快速处理机制。 劝导{}行人闯红灯行为。
        组织{}交通安全进校园活动。 增设{}电子警察抓拍点。 督促{}客运企业落实安全责任。 开展{}头盔佩戴检查。
        曝光{}严重交通违法案例。 建立{}事故预警机制。 检查{}危险品运输车辆。""",
}
MIXED = [
    ("改造{}道路路面,增加公共停车位。", ["roads", "parking"]),
    ("建设{}公交专用道,改善道路通行条件。", ["transit", "roads"]),
    ("规范{}停车秩序,查处违法停放行为。", ["parking", "safety"]),
]
PLACES = ["东城", "西湖", "南山"]
TITLES = {"transit": "公共交通", "roads": "道路建设", "parking": "停车管理", "safety": "交通安全"}


def plan(number, place):
    """(text, clauses) of one document: four sections with five clauses of its own each, then mixed ones."""
    text, clauses = f"{place}交通提升方案\n", []
    for mark, (category, lines) in zip("一二三四", LINES.items(), strict=True):
        text += f"{mark}、{TITLES[category]}\n"
        for line in lines.split()[number % 3 :: 3]:
            clauses.append(row(text, line.format(place), mark, TITLES[category], [category]))
            text += line.format(place)
        text += "\n"
    text += "五、综合措施\n"
    for line, labels in MIXED:
        clauses.append(row(text, line.format(place), "五", "综合措施", labels))
        text += line.format(place)
    return text + "\n", clauses


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
        text, clauses = plan(number, place)
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
