"""What holds for the units of any text: the invariants of the segmentation design, on generated policy text.

The default run is short; `QCLASSIFY_FUZZ=25000` in the environment sets the number of examples per property.
Invariant 9 (the same document in every format gives the same units) is tested with the readers.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qclassify.records import Document, Unit
from qclassify.segmentation import segment
from qclassify.segmentation.characters import fold
from qclassify.segmentation.lines import is_hard_wrapped, split_lines

FUZZ = settings(
    max_examples=int(os.environ.get("QCLASSIFY_FUZZ", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

BLANK = re.compile(r"[\s\ufeff\u00ad\u200b-\u200f\u2060]*")

MARKERS = (
    *(
        "第一编 ",
        "第一章 ",
        "第二章",
        "第三节 ",
        "第一条 ",
        "第五条",
        "第十条【定义】",
        "第六条(目的)",
        "一、",
        "二、",
        "三、",
        "七、",
    ),
    *(
        "(一)",
        "（二）",
        "(三)",
        "（五）、",
        "1.",
        "2．",
        "3、",
        "1. ",
        "12.",
        "1.1 ",
        "1.2",
        "2.3.1 ",
        "(1)",
        "（2）",
        "3)",
        "①",
        "②",
        "——",
        "●",
        "4 ",
    ),
)
HEADINGS = (
    *(
        "总则",
        "指导思想",
        "总体要求",
        "工作目标",
        "主要任务",
        "推动科技自主创新",
        "推进质量变革，增强产业质量竞争力",
        "保障措施",
    ),
    *("提升“洞头产品”品质", "适用范围：", "坚持质量第一、效益优先的原则", "申报材料"),
)
SENTENCES = (
    *(
        "以质量强国战略为指引,牢固树立质量第一意识",
        "加快标准体系建设",
        "到2025年,合格率达到97.5%以上",
        "企业应当建立质量档案",
    ),
    *(
        "支持企业争创“江苏精品”、省长质量奖",
        "推动一、二、三产业融合发展",
        "四、五线城市要加强监管",
        "第三条规定的情形除外",
        "提高PM2.5治理水平",
    ),
    *(
        "热线12315、12365、12358整合",
        "符合下列条件之一的:",
        "工作要求如下：",
        "“这是对的。”他说",
        "一是加强领导，落实责任",
        "见http://www.gov.cn/a.b?c=1",
    ),
    *(
        "(名菜、名厨、名店)全覆盖",
        "落实《质量强国建设纲要〈2023〉》",
        "建设5G基站1.1万个",
        "本办法自2020年1月1日起施行",
        "自公布之日起执行",
        "2、3月份开展",
        "由市局负责",
    ),
)
NOTES = (
    *(
        "(责任单位:市科技局、市工信局)",
        "〔责任单位：各县(市、区)人民政府〕",
        "（市市场监管局、市教育局）",
        "(市发改委、财政局等按职责分工落实)",
    ),
    *("【牵头单位：党校(行政学院)】", "责任单位：市财政局", "(市工信局牵头,市财政局配合)", "（试行）"),
)
LINES = (
    *(
        "关于印发质量强市实施方案的通知",
        "关于深入贯彻《质量强国建设纲要》",
        "加快建设质量强区的实施方案",
        "深入开展质量提升行动方案",
        "的实施意见",
    ),
    *(
        "各县(市、区)人民政府,市各委、办、局:",
        "各有关单位：",
        "盐城市人民政府办公室",
        "2022年11月19日",
        "二〇二二年三月一日",
        "(此件公开发布)",
    ),
    *(
        "发布时间:2022-11-21",
        "信息公开 | 政策文件 |",
        "川天管办发〔2024〕12号",
        "返回顶部",
        "目 录",
        "前 言",
        "附件：1.名单",
        "附件2",
        "抄送：市委各部门。",
    ),
    *(
        "市政府2022年1月1日印发",
        "温州市人民政府2023年1月2日",
        "序号\t指标\t单位",
        "1\t合格率\t%",
        "《方案》已经市政府同意,现印发给你们,请认真贯彻执行",
        "第一章 总则......1",
        "——2024年1月15日在市人大会议上",
    ),
)
STOPS = ("。", "！", "？", "；", ";", "……", "。”", "，", ",", "、", "：", "", "。。", "?", "!")
BRACKETS = tuple('()（）〔〕【】[]《》〈〉“”‘’"「」')
BREAKS = ("\n", "\n\n", "\r\n", "\r", "\n　　", " \n", "\u2028", "\f", "\n\ufeff", "\n\t")
ODD = (
    "\ud800",
    "\udfff",
    "\x00",
    "😀",
    "\u200b",
    "\xa0",
    "　",
    " ",
    "\t",
    "·",
    "—",
    "a",
    "Z",
    "9",
    ".",
    "。",
    "、",
    "々",
    "𠀀",
)

pieces = st.one_of(
    *map(
        st.sampled_from,
        (MARKERS, HEADINGS, SENTENCES, SENTENCES, STOPS, STOPS, NOTES, LINES, BRACKETS, BREAKS, ODD),
    ),
    st.text(alphabet=st.characters(), max_size=5),
)
paragraph = st.builds(
    "".join,
    st.lists(
        st.builds("{}{}".format, st.sampled_from(SENTENCES), st.sampled_from(STOPS)), min_size=1, max_size=4
    ),
)
item = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(MARKERS),
    st.sampled_from(HEADINGS),
    st.sampled_from(("", "。", " ", "\n", "。 ")),
    st.one_of(st.just(""), paragraph),
    st.sampled_from(("", "", *NOTES)),
)
line = st.one_of(
    item, item, paragraph, st.sampled_from(LINES), st.builds("".join, st.lists(pieces, max_size=8))
)
policies = st.builds(
    lambda lines, br: br.join(lines),
    st.lists(line, max_size=14),
    st.sampled_from(("\n", "\n", "\r\n", "\n\n", "")),
)
noise = st.builds("".join, st.lists(pieces, max_size=30))
texts = st.one_of(policies, policies, noise, st.text(alphabet=st.characters(), max_size=60))


def cut(text: str) -> tuple[Unit, ...]:
    return segment(Document(text))


def is_wrapped(text: str) -> bool:
    folded = fold(text)
    return is_hard_wrapped(folded, split_lines(folded))


def plain(text: str) -> str:
    """Fold widths and drop blanks, independently of the segmenter's own folding."""
    return re.sub(r"[\s\ufeff\u00ad\u200b-\u200f\u2060]+", "", unicodedata.normalize("NFKC", text))


def shape(units: tuple[Unit, ...]) -> list[tuple[object, ...]]:
    return [
        (
            plain(u.text),
            u.kind,
            tuple(map(plain, u.heading_path)),
            tuple(map(plain, u.heading_nos)),
            u.level,
            u.sent,
            u.part,
            u.flags,
        )
        for u in units
    ]


CHINESE = "[一二三四五六七八九十百零〇○]"


def rank(number: str) -> float:
    """Place of a number as written among the ranks, told from its form alone."""
    forms = (
        (r"第.+编", 0),
        (r"第.+章", 1),
        (r"第.+节", 2),
        (r"第.+条.*", 3),
        (rf"{CHINESE}+", 4),
        (rf"[(（]{CHINESE}+[)）]|[㈠-㈩]", 5),
    )
    later = (
        (r"\d+|[⒈-⒛]", 6),
        (r"\d+\.\d+", 6.1),
        (r"\d+\.\d+\.\d+", 6.2),
        (r"\d+(\.\d+){3}", 6.3),
        (r"[(（]?\d+[)）]|[⑴-⒇]", 7),
        (r"[①-⑳]", 8),
    )
    for pattern, value in (*forms, *later):
        if re.fullmatch(pattern, number.replace("．", ".").strip()):
            return value
    assert re.fullmatch(r"—+|─+|―+|[●•◆■▪◇]", number), f"{number!r} is no number"
    return 9


@given(texts)
@FUZZ
def test_units_partition_the_text(text: str) -> None:
    """Invariants 1-4: units are exact, trimmed, ordered slices; all that is between them is blank."""
    position = 0
    for unit in cut(text):
        assert text[unit.start : unit.end] == unit.text
        assert unit.text == unit.text.strip()
        assert unit.start >= position
        assert BLANK.fullmatch(text[position : unit.start])
        position = unit.end
    assert BLANK.fullmatch(text[position:])


@given(texts)
@FUZZ
def test_paths_deepen_and_name_every_number(text: str) -> None:
    """Invariant 5."""
    for unit in cut(text):
        assert len(unit.heading_path) == len(unit.heading_nos)
        ranks = [rank(number) for number in unit.heading_nos]
        assert all(outer < inner for outer, inner in pairwise(ranks))
        if unit.kind == "heading":
            assert unit.item_no is not None
            assert unit.level == int(rank(unit.item_no))
            assert unit.title is not None
            assert "\n" not in unit.title
            assert not ranks or ranks[-1] < rank(unit.item_no)
        elif unit.heading_nos:
            assert unit.item_no == unit.heading_nos[-1]
        if unit.kind != "heading":
            assert unit.title is unit.level is None


@given(texts)
@FUZZ
def test_sentences_and_their_parts_are_numbered_without_gaps(text: str) -> None:
    """Invariant 6."""
    sentence, parts = -1, []
    for unit in cut(text):
        assert (
            (unit.sent is None)
            == (unit.part is None)
            == (unit.kind not in {"clause", "notice", "preamble", "validity"})
        )
        if unit.sent is None:
            continue
        if unit.sent != sentence:
            assert (unit.sent, unit.part) == (sentence + 1, 0)
            sentence, parts = unit.sent, [unit]
            continue
        assert unit.part == len(parts)
        assert (unit.heading_path, unit.heading_nos) == (parts[0].heading_path, parts[0].heading_nos)
        parts.append(unit)


@given(texts)
@FUZZ
def test_the_same_text_gives_the_same_units(text: str) -> None:
    """Invariant 7; that no text raises is shown by every property here."""
    assert cut(text) == cut(text)


VARIANTS = {
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "extra blank lines": lambda text: text.replace("\n", "\n \n\n"),
    "first-line indents": lambda text: "　　" + text.replace("\n", "\n　　"),
    "full-width punctuation": lambda text: text.translate(str.maketrans(",;:()!?", "，；：（）！？")),
    "half-width punctuation": lambda text: text.translate(str.maketrans("，；：（）！？", ",;:()!?")),
    "spaces after stops": lambda text: re.sub(r"。(?![。！？!?…”’」』\"])", "。  ", text),
}


@pytest.mark.parametrize("variant", VARIANTS)
@given(text=texts)
@FUZZ
def test_layout_and_width_do_not_change_the_units(variant: str, text: str) -> None:
    """Invariant 8."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    changed = VARIANTS[variant](text)
    assume(not is_wrapped(text) and not is_wrapped(changed))
    assert shape(cut(changed)) == shape(cut(text))


@given(texts)
@FUZZ
def test_an_appended_paragraph_changes_nothing_before_the_last_unit(text: str) -> None:
    """Invariant 10: unless it tips the scales on whether the text is hard-wrapped."""
    longer = text + "\n各地各部门要结合实际认真抓好本轮工作的落实，确保取得实效。"
    assume(is_wrapped(text) == is_wrapped(longer))
    before, after = cut(text), cut(longer)
    assert after[: len(before) - 1] == before[:-1]
    assert after[-1].text.endswith("确保取得实效。")


@given(texts)
@FUZZ
def test_a_clause_given_alone_is_one_clause(text: str) -> None:
    """Invariant 12; line breaks inside a clause (hard-wrapped text) are joined first."""
    for unit in cut(text):
        if unit.kind == "clause":
            alone = "".join(part.strip() for part in unit.text.splitlines())
            assert [(again.kind, again.text) for again in cut(alone)] == [("clause", alone)], alone


def seconds(text: str) -> float:
    """Processor time of one segmentation, the best of three: other processes must not decide a test."""
    times = []
    for _ in range(3):
        start = time.process_time()
        cut(text)
        times.append(time.process_time() - start)
    return min(times)


POLICY = "一、主要任务\n(一)加强监管。推进质量基础设施建设;支持企业争创“精品”(含提名奖),强化保障。(责任单位:市市场监管局)\n1.开展行动。提升水平。\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [
        "(",
        "“",
        "1.",
        ";",
        "(“",
        ")",
        "一、",
        "(一)",
        "1.\n",
        "。",
        "a,",
        "《〈",
        "《〈〉〈〉",
        "附件:..",
        ".",
        "|a",
        "2020年1月1日市政府",
        "各局",
        "http://a",
        "①",
        ":1.",
        "附件:\n",
        "2020年1月1日\n",
        "市政府\n",
        '"',
        "…",
        "—",
        "第一条 ",
        POLICY,
    ],
)
def test_time_grows_linearly(seed: str) -> None:
    """Invariant 11: doubling a hostile text must not quadruple the time (with room for a busy machine)."""
    size = 20_000 // len(seed)
    once, twice = seconds(seed * size), seconds(seed * (2 * size))
    assert twice < 3.2 * once + 0.05, f"{once:.3f} s, then {twice:.3f} s"
