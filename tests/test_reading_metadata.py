"""What the head of a document shows, and what it does not show."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.reading import read, visible_metadata
from qclassify.reading.metadata import iso_date

DOCUMENTS = Path(__file__).parent.parent / "labels" / "documents"
VISIBLE = {
    "dongtou-2023": (
        "关于深入贯彻《质量强国建设纲要》加快建设质量强区的实施方案",
        "温州市洞头区人民政府",
        None,
        "2023-12-14",
    ),
    "quanzhou-2019": (
        "中共泉州市委 泉州市人民政府印发《关于深入开展质量提升行动加快建设质量强市的实施意见》的通知",
        "中共泉州市委 泉州市人民政府",
        None,
        "2019-01-05",
    ),
    "tianfu-2024": (
        "四川天府新区管委会办公室关于印发深入开展质量提升行动推动高质量发展实施方案的通知",
        "四川天府新区管委会办公室",
        "川天管办发〔2024〕12号",
        "2024-07-19",
    ),
    "xining-2015": (
        "西宁市人民政府办公厅关于印发西宁市推进质量强市战略促进全市经济提质增效实施方案的通知",
        "西宁市人民政府办公厅",
        "宁政办〔2015〕127号",
        "2015-08-21",
    ),
    "yancheng-2022": (
        "盐城市人民政府办公室关于印发进一步加强质量强市建设的实施意见的通知",
        "盐城市人民政府办公室",
        None,
        "2022-11-19",
    ),
}


@pytest.mark.parametrize("stem", VISIBLE)
def test_the_five_documents_show_title_issuer_number_and_date(stem):
    found = read(DOCUMENTS / f"{stem}.txt").meta
    assert tuple(found.get(key) for key in ("title", "issuer", "number", "date")) == VISIBLE[stem]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("质量第一。", {}),
        ("根据《质量发展纲要》(国发〔2012〕9号)精神,制定本方案。", {}),
        ("国发〔2012〕9号\n质量发展纲要", {"title": "质量发展纲要", "number": "国发〔2012〕9号"}),
        ("质量发展规划（草案）\n二〇一二年二月六日", {"title": "质量发展规划（草案）", "date": "2012-02-06"}),
        (
            "索引号：0001\n标题：质量强县工作要点\n发布日期：2020/3/1 08:00",
            {"title": "质量强县工作要点", "date": "2020-03-01"},
        ),
        ("一、质量提升实施方案", {}),
    ],
)
def test_only_what_stands_on_its_own_line_or_behind_a_label_is_taken(text, expected):
    assert visible_metadata(text) == expected


@pytest.mark.parametrize("text", ["2020年13月1日", "2020-02-40", "二〇二〇年十三月一日", "12315"])
def test_an_impossible_date_is_no_date(text):
    assert iso_date(text) == ""


@given(st.text(st.sampled_from("《》关于印发的通知方案()（）〔〕2019年1月日号一、：:\n 政府"), max_size=200))
def test_any_head_is_looked_at_without_an_error(text):
    assert set(visible_metadata(text)) <= {"title", "issuer", "number", "date"}
