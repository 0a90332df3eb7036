"""Hand-made documents with hand-written units, and tables of single cases.

The documents in `golden/segmentation` hold what the seed documents lack. Every `NAME.txt` has a `NAME.jsonl` with
one unit per line: `kind`, `text`, `heading_nos`, `heading_path` and, where they are not None or empty, `item_no`,
`title`, `level`, `sent`, `part`, `flags`. `sent` and `part` are checked where a line gives them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qclassify.records import Document, Unit
from qclassify.segmentation import segment

GOLDEN = Path(__file__).parent / "golden" / "segmentation"
PAIRS = sorted(path.stem for path in GOLDEN.glob("*.txt"))


def readable(unit: Unit) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": unit.kind, "text": unit.text}
    row |= {"heading_nos": list(unit.heading_nos), "heading_path": list(unit.heading_path)}
    row |= {
        name: value for name in ("item_no", "title", "level") if (value := getattr(unit, name)) is not None
    }
    return row | ({"flags": sorted(unit.flags)} if unit.flags else {})


def test_every_golden_document_has_its_units_and_the_other_way_round() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.jsonl")) == PAIRS
    assert len(PAIRS) >= 15


@pytest.mark.parametrize("name", PAIRS)
def test_golden_document(name: str) -> None:
    text = (GOLDEN / f"{name}.txt").read_bytes().decode("utf-8")
    expected = [
        json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    units = segment(Document(text, name))
    numbered = [{key: row.pop(key) for key in ("sent", "part") if key in row} for row in expected]
    assert [readable(unit) for unit in units] == expected
    for unit, numbers in zip(units, numbered, strict=True):
        assert {key: getattr(unit, key) for key in numbers} == numbers, unit.text


def kinds(text: str) -> list[tuple[str, str]]:
    return [(unit.kind, unit.text) for unit in segment(Document(text))]


@pytest.mark.parametrize(
    "text",
    [
        "加快标准体系建设。",
        "实施产业基础再造工程,改进零部件(元器件)等关键质量性能指标",
        "各县(市、区)财政要根据工作需要统筹安排质量工作经费,为质量强市工作提供必要的经费保障和支持。",
        "为加强质量监管,根据《中华人民共和国产品质量法》,制定监督抽查计划。",
        "制定质量提升三年行动方案",
        "各部门要做好以下工作:",
        "3.推动科技自主创新。",
        "一、加强质量监管",
        "第三条规定的企业应当建立质量档案。",
        "附件1中的企业应当按期整改。",
        "2023年12月14日前完成整改。",
        "2.5产业增加值增长9.2%",
        "提高产品质量(市级以上),完善“6.18”平台。",
        "注重质量,重视品牌。",
        "温州市洞头区人民政府高度重视",
    ],
)
def test_a_plain_paragraph_given_alone_is_one_clause(text: str) -> None:
    assert kinds(text) == [("clause", text)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("信息公开 | 政策文件 | 区政府文件 |", "boilerplate"),
        ("返回顶部", "boilerplate"),
        ("发布时间：2022-11-21", "meta"),
        ("政策文件 2019-02-04 00:00:00", "meta"),
        ("(2021年4月29日某市第六届人民代表大会常务委员会第十次会议通过)", "meta"),
        ("(宁政办〔2015〕127号)", "doc_number"),
        ("二〇二二年三月一日", "date"),
        ("（此件公开发布）", "note"),
        ("附件：1.申报表", "attachment"),
        ("附件2", "attachment"),
        ("抄送：市委各部门，市人大常委会。", "cc"),
        ("某市人民政府办公室2022年3月1日印发", "imprint"),
        ("关于印发质量强市实施方案的通知", "title"),
        ("某市质量促进条例（草案）", "title"),
        ("（责任单位：市科技局、市工信局）", "responsibility"),
        ("〔市委组织部,市效能办、市场监管局等按职责分工落实〕", "responsibility"),
        ("牵头单位：市发展改革委", "responsibility"),
        ("本办法自2020年1月1日起施行，有效期五年。", "validity"),
        ("第四十条 本条例自公布之日起施行。", "validity"),
        ("序号\t指标\t责任单位", "table_row"),
        ("一、总则............3", "other"),
        ("——", "other"),
    ],
)
def test_a_line_is_known_by_its_own_text(line: str, kind: str) -> None:
    assert kinds(line) == [(kind, line)]


@pytest.mark.parametrize(
    "sentence",
    [
        "工业增加值增长2.5%，PM2.5浓度下降，抽检1.1万批次。",
        "促进一、二、三产业融合，四、五线城市同步推进。",
        "整合12315、12365、12358热线。",
        "加快“6.18”和(1)类项目建设。",
        "第二届质量大会、第102号令和1—5级养老机构。",
        "见http://www.gov.cn/a.1.b?c=1:2。",
        "按1:1.5比例配套，每年2、3月份开展。",
        "落实前款第（一）项、第（二）项规定。",
    ],
)
def test_look_alikes_open_no_item(sentence: str) -> None:
    units = segment(Document(f"一、重点任务\n{sentence}"))
    assert [(unit.kind, unit.heading_nos) for unit in units] == [("heading", ()), ("clause", ("一",))]


@pytest.mark.parametrize(
    ("sentence", "note"),
    [
        ("表彰名菜、名厨、名店。", "(名菜、名厨、名店)"),
        ("推广区域品牌。", "(“苏米”十大区域品牌)"),
        ("支持首台套。", "(套)"),
        ("落实采购办法。", "(财政部令第102号)"),
    ],
)
def test_other_brackets_after_a_stop_are_no_responsibility_notes(sentence: str, note: str) -> None:
    assert {kind for kind, _ in kinds(sentence + note)} == {"clause"}


def test_responsibility_notes_stand_before_or_after_the_stop() -> None:
    assert kinds("加强监管（市科技局、市工信局）。推进共治。（市公安局）") == [
        ("clause", "加强监管"),
        ("responsibility", "（市科技局、市工信局）。"),
        ("clause", "推进共治。"),
        ("responsibility", "（市公安局）"),
    ]


def test_the_header_of_a_plain_list_swallows_no_text() -> None:
    lines = [
        "落实食品安全战略",
        "推广先进质量管理方案",
        "各单位要加强协作",
        "温州市人民政府牵头",
        "开展质量月活动",
    ]
    assert kinds("\n".join(lines)) == [("clause", line) for line in lines]


def test_a_long_introduction_is_text_and_a_short_one_is_the_preamble() -> None:
    title, body = "某市质量提升行动方案\n", "\n一、工作目标\n质量水平明显提升。"
    short = "为提升质量水平,制定本方案。"
    assert ("preamble", short) in kinds(title + short + body)
    paragraphs = [f"过去一年,全市完成第{number}项质量工作。" for number in "一二三四五六"]
    assert [text for kind, text in kinds(title + "\n".join(paragraphs) + body) if kind == "clause"][
        :6
    ] == paragraphs


def test_an_action_between_title_and_first_number_is_no_preamble() -> None:
    action = "加强产品质量监管,开展监督抽查。"
    assert ("clause", action) in kinds(f"质量强市工作要点\n{action}\n一、提升工程质量\n落实五方主体责任。")


def test_a_number_without_dot_needs_its_place_in_the_order() -> None:
    text = "1 总则\n1.1 目的\n规范案例征集。\n80 项典型案例已经入选。\n2 附则\n由市局解释。"
    assert [unit.item_no for unit in segment(Document(text))] == ["1", "1.1", "1.1", "1.1", "2", "2"]


def test_a_circled_number_is_no_bare_number() -> None:
    text = "1.1 目的\n规范案例征集。\n②组织评审。评选典型案例。"
    assert [unit.item_no for unit in segment(Document(text))] == ["1.1", "1.1", "②", "②"]


def test_closing_lines_after_the_last_note_belong_to_the_document() -> None:
    text = "一、保障措施\n加强领导。(责任单位:市政府办)\n各地要抓好落实。\n本意见自发布之日起施行。"
    places = [(unit.kind, unit.heading_nos) for unit in segment(Document(text))][2:]
    assert places == [("responsibility", ("一",)), ("clause", ()), ("validity", ())]


def test_a_gap_in_the_numbers_makes_paths_uncertain_up_to_its_end() -> None:
    text = "一、任务\n(一)提升产品质量\n1.推进攻关。扩大试点。\n2.推进共享。完善平台。\n(四)提升服务质量\n3.优化养老。扩大供给。"
    found = {unit.title: unit.flags for unit in segment(Document(text)) if unit.title}
    assert found == {
        "任务": frozenset(),
        "提升产品质量": frozenset(),
        "推进攻关": frozenset(),
        "推进共享": {"path_uncertain"},
        "提升服务质量": {"numbering_gap"},
        "优化养老": frozenset(),
    }


def test_only_a_clause_above_the_hard_cap_is_cut_at_a_comma() -> None:
    part = "推动产业链供应链质量联动提升,"
    fits, too_long = part * 31 + "。", part * 33 + "。"
    assert [unit.flags for unit in segment(Document(fits))] == [frozenset()]
    cut = segment(Document(too_long))
    assert [(unit.sent, unit.part, unit.flags) for unit in cut] == [(0, 0, {"forced"}), (0, 1, {"forced"})]
    assert max(len(unit.text) for unit in cut) <= 480
    assert cut[0].text.endswith(",")


def test_no_text_gives_no_units() -> None:
    assert segment(Document("")) == segment(Document(" \n\t\ufeff\u3000\r\n")) == ()
