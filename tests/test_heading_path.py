"""Heading levels of clause tables and written clauses come apart as segmentation takes documents apart."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qclassify.heading_path import parse_heading_path

LABELS = Path(__file__).parent.parent / "labels"

CASES = [
    # level as written, title, number
    ("三、重点任务", "重点任务", "三"),
    ("二 主要目标", "主要目标", "二"),
    ("二十一、加强领导", "加强领导", "二十一"),
    ("一．总体要求", "总体要求", "一"),
    ("一、五年来的主要成就", "五年来的主要成就", "一"),
    ("三、2025年度工作要点", "2025年度工作要点", "三"),
    ("五 5G应用", "5G应用", "五"),
    ("(二)实施品牌强市战略", "实施品牌强市战略", "(二)"),
    ("（二） 整治突出问题", "整治突出问题", "（二）"),
    ("（ 二 ）整治突出问题", "整治突出问题", "（二）"),
    ("(三) “双随机”监管", "“双随机”监管", "(三)"),
    ("(十一)一次性卫生用品", "一次性卫生用品", "(十一)"),
    ("(一)指导思想。", "指导思想", "(一)"),
    ("（三十三）附则：", "附则", "（三十三）"),
    ("1.完善品牌培育梯队", "完善品牌培育梯队", "1"),
    ("1. 光电子信息", "光电子信息", "1"),
    ("1．光电子信息", "光电子信息", "1"),
    ("3、丝绸服装", "丝绸服装", "3"),
    ("12.开展“问题灶具”清查", "开展“问题灶具”清查", "12"),
    ("3 四库一平台", "四库一平台", "3"),
    ("5 节水灌溉", "节水灌溉", "5"),
    ("1.1 适用范围", "适用范围", "1.1"),
    ("1.1.2总则", "总则", "1.1.2"),
    ("(6) 品牌建设", "品牌建设", "(6)"),
    ("（5） 生态环境", "生态环境", "（5）"),
    ("2）线路建设", "线路建设", "2）"),
    ("①体系建设", "体系建设", "①"),
    ("㈠体系建设", "体系建设", "㈠"),
    ("—— 品牌影响力显著增强", "品牌影响力显著增强", "——"),
    ("——工程质量过硬", "工程质量过硬", "——"),
    ("●品牌建设", "品牌建设", "●"),
    ("第二章 总则", "总则", "第二章"),
    ("第 二 章　总则", "总则", "第二章"),
    ("第十一条", "", "第十一条"),
    ("第3节 提升服务", "提升服务", "第3节"),
    ("第五条之一", "", "第五条之一"),
    ("第五条【适用范围】", "适用范围", "第五条"),
    ("第五条（适用范围）", "适用范围", "第五条"),
    ("第一部分 发展基础", "发展基础", "第一部分"),
    ("第三阶段 总结提升", "总结提升", "第三阶段"),
    ("专栏3 老字号焕新工程", "老字号焕新工程", "专栏3"),
    ("专栏8 “双提升”工程", "“双提升”工程", "专栏8"),
    ("附件1 考核指标及分值", "考核指标及分值", "附件1"),
    ("二", "", "二"),
    ("（一）", "", "（一）"),
    ("12", "", "12"),
    ("——", "", "——"),
    # No number at all:
    ("附则", "附则", ""),
    ("附件 名词解释", "附件 名词解释", ""),
    ("2018年工作要点", "2018年工作要点", ""),
    ("5 月重点工作", "5 月重点工作", ""),
    ("到2025年", "到2025年", ""),
    ("五一 黄金周旅游", "五一 黄金周旅游", ""),
    ("五一", "五一", ""),
    ("十四五规划", "十四五规划", ""),
    ("十四五 规划", "十四五 规划", ""),
    ("一、二、三产业融合发展", "一、二、三产业融合发展", ""),
    ("一流企业培育", "一流企业培育", ""),
    ("三品一标", "三品一标", ""),
    ("5G应用", "5G应用", ""),
    ("1.5万吨项目", "1.5万吨项目", ""),
    ("突出“三个重点”", "突出“三个重点”", ""),
    ("行动三 交通运输节能", "行动三 交通运输节能", ""),
    ("第三产业", "第三产业", ""),
    ("(试行)", "(试行)", ""),
    ("Quality infrastructure", "Quality infrastructure", ""),
]


@pytest.mark.parametrize(("level", "title", "number"), CASES, ids=[case[0] for case in CASES])
def test_a_level_comes_apart(level, title, number):
    assert parse_heading_path([level]) == ((title,), (number,))


def test_a_joined_path_is_split_at_its_separator():
    joined = "三 主要措施 > （四） 打造优质工程 > 12 推广装配式建筑"
    assert parse_heading_path(joined) == parse_heading_path(joined.split(" > "))
    assert parse_heading_path("第三章 建设单位 > 第十条 > （三）") == (
        ("建设单位", "", ""),
        ("第三章", "第十条", "（三）"),
    )
    assert parse_heading_path("二 > （三） > ——") == (("", "", ""), ("二", "（三）", "——"))


@pytest.mark.parametrize("nothing", ["", "   ", [], [""], ["\u3000", "\ufeff"]])
def test_no_levels_give_an_empty_path(nothing):
    assert parse_heading_path(nothing) == ((), ())


def gold_levels():
    for line in (LABELS / "clauses.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield from zip(row["heading_nos"], row["heading_path"], strict=True)


@pytest.mark.parametrize("join", ["{0}{1}{2}", "{0}{1} {2}", "{0} {2}"])
def test_every_heading_of_the_source_documents_survives_being_written_as_one_string(join):
    for number, title in sorted(set(gold_levels())):
        mark = "、" if re.fullmatch(r"[一二三四五六七八九十]+", number) else "." if number.isdecimal() else ""
        assert parse_heading_path([join.format(number, mark, title)]) == ((title,), (number,))


@given(
    st.lists(
        st.text(alphabet=st.one_of(st.characters(), st.sampled_from("一二十第章条(（)）1.、 ——专栏"))),
        max_size=5,
    )
)
def test_any_strings_give_equally_long_trimmed_titles_and_numbers(levels):
    titles, numbers = parse_heading_path(levels)
    assert len(titles) == len(numbers) <= len(levels)
    assert all(title == title.strip() for title in titles)
    assert all(not re.search(r"\s", number) for number in numbers)


@given(st.text(alphabet="一二十第章条(（)）1.、 —专栏五品牌", max_size=12))
def test_nothing_of_a_level_is_lost_but_blanks_and_stops(level):
    titles, numbers = parse_heading_path([level])
    kept = "".join((*numbers, *titles))
    assert re.sub(r"[\s、.()（）]", "", kept) == re.sub(r"[\s、.()（）]", "", level)
