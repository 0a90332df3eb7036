"""What a line is by its own text alone: portal metadata, dates, titles, attachment lists and the like.

These patterns need no context, so a line means the same in the header, in the tail and given alone.
Anything they do not recognise is text.
"""

from __future__ import annotations

import re
from typing import Final

from qclassify.records import UnitKind
from qclassify.segmentation.characters import BLANKS, HAN, skip_blanks, squeeze, trim

_CN_YEAR: Final = "[〇零一二三四五六七八九0O]{4}"
_CN_NUMBER: Final = "[一二三四五六七八九十]{1,3}"
DATE: Final = rf"(?:(?:19|20)\d\d年\d{{1,2}}月\d{{1,2}}日|{_CN_YEAR}年{_CN_NUMBER}月{_CN_NUMBER}日)"

_META_LABELS: Final = (
    "索引号|信息索引|统一编号|文号|政策文号|发文字号|发文文号|发文机关|发文单位|发文日期|发布部门|发布机构|发布机关|"
    "发布单位|发布日期|发布时间|公开日期|公开时间|公开方式|公开范围|公开类别|公开形式|公开属性|成文日期|成文时间|"
    "生成日期|印发日期|实施日期|生效日期|废止日期|失效日期|主题分类|主题词|关键词|体裁分类|组配分类|公文种类|公文时效|"
    "有效性|时效性|效力状态|信息来源|信息分类|文章来源|来源|责任编辑|浏览次数|浏览量|点击数|点击量|阅读次数|访问量"
)
_NAVIGATION: Final = (
    "返回顶部|返回首页|回到顶部|首页|打印|打印本页|关闭|关闭窗口|关闭本页|收藏|分享|分享到|上一篇|下一篇|相关链接|"
    "政策|政策文件|信息公开|政务公开|政策解读|通知公告|扫一扫在手机打开当前页|扫一扫|字体大中小|文件下载|附件下载"
)
_EVENTS: Final = "公布|通过|批准|修订|修正|修改|废止|发布|施行|第[一二三四五六七八九十]+次"
# Headings that documents leave un-numbered.
_PLAIN_HEADINGS: Final = "目录|摘要|前言|序言|引言|导言|正文|文件"

# Checked in order, on folded text without blanks; the whole line has to match.
_PATTERNS: Final[tuple[tuple[UnitKind, re.Pattern[str]], ...]] = (
    (
        "boilerplate",
        re.compile(rf"(?:{_NAVIGATION})[:|]?|(?:当前位置|您的位置|您现在的位置|字号|字体)[:][^。]{{0,60}}"),
    ),
    ("boilerplate", re.compile(r"(?:[^|>»。,;]{1,14}[|>»]){2,8}[^|>»。,;]{0,14}|[^|>»。,;]{1,14}[|»]")),
    ("meta", re.compile(rf"(?:{_META_LABELS})[:][^。;]{{0,80}}")),
    ("meta", re.compile(r"[^。,;:]{0,12}(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:\d{1,2}:\d{2}(?::\d{2})?)?")),
    ("meta", re.compile(rf"\(?{DATE}[^。;]{{0,120}}(?:{_EVENTS})(?:根据)?\)?")),
    ("meta", re.compile(rf"\(?—{{0,2}}{DATE}在[^。;]{{2,60}}会议?上?\)?")),
    (
        "doc_number",
        re.compile(rf"\(?[{HAN}]{{1,16}}[〔\[(【](?:19|20)\d\d[〕\])】]第?\d{{1,5}}号\)?|第\d{{1,5}}号"),
    ),
    ("date", re.compile(DATE)),
    ("imprint", re.compile(rf"[{HAN}、,]{{0,40}}{DATE}印发?")),
    ("cc", re.compile(r"(?:抄送|抄报|主送|分送|发送)[:].{1,300}")),
    (
        "note",
        re.compile(
            r"\([^()]{0,20}(?:公开|删减|删节|不予公开)[^()]{0,20}\)|\((?:联系人|联系电话)[^()]{0,60}\)"
        ),
    ),
    ("note", re.compile(r"\*?(?:注|备注)[:].{1,300}")),
    (
        "attachment",
        re.compile(
            r"附[件表图录]?[一二三四五六七八九十\d]{0,2}[:][^。;]{0,200}|附[件表图录][一二三四五六七八九十\d-]{0,4}"
        ),
    ),
    # Page numbers, and the lines of a table of contents with the dots that lead to them.
    ("other", re.compile(r"[-—·.]{0,3}\d{1,4}[-—·.]{0,3}|第\d{1,4}页(?:[,/]?共\d{1,4}页)?")),
    ("other", re.compile(r"[^。;]{1,60}?[.…·]{6,300}-?\d{0,4}-?")),
    (
        "other",
        re.compile(
            rf"{_PLAIN_HEADINGS}|(?:19|20)\d\d年(?:度|上半年|下半年)?(?:政府)?工作(?:回顾|总结|安排|打算|任务|目标|要点)"
        ),
    ),
)

_LEADER: Final = "......"
_LONGEST: Final = 310
_MAY_STOP: Final = re.compile(r"(?:抄送|抄报|主送|分送|发送|\*?注|\*?备注)[:]")

# 本办法自…起施行, 有效期五年
_IN_FORCE: Final = "(?:施行|实施|执行|生效)"
_VALIDITY: Final = re.compile(
    rf"本[^,。]{{0,14}}(?:自[^,。]{{1,30}}{_IN_FORCE}|(?:的)?有效期|从[^,。]{{1,30}}{_IN_FORCE})|自[^,。]{{1,24}}起{_IN_FORCE}"
)

_OFFICE_END: Final = "(?:委|府|局|厅|部|院|办|署|会|室|处|中心|小组|社|司|行|关|集团|指挥部|总队|支队|党组)"
SIGNER: Final = rf"[{HAN}()]{{2,40}}?{_OFFICE_END}"
_ORGANISATION: Final = re.compile(rf"[{HAN}()、]{{2,40}}{_OFFICE_END}(?:\((?:代章|章|盖章)\))?")
_SIGNATURE: Final = re.compile(rf"({SIGNER})[{BLANKS}]*({DATE})")
_NUMBER_AFTER: Final = re.compile(rf"\(?[{HAN}]{{1,16}}[〔\[](?:19|20)\d\d[〕\]]\d{{1,5}}号\)?$")
_LONGEST_NUMBER: Final = 40

# Document types a title ends with. The first group is enough on its own.
_CLEAR_TYPES: Final = (
    "条例|办法|规定|细则|方案|意见|通知|通报|决定|决议|公告|通告|批复|纲要|规划|计划|预案|章程|若干措施|若干政策|"
    "工作要点|工作报告|指南|规程|议案|公约|准则|暂行规则"
)
_OTHER_TYPES: Final = "规则|公报|报告|函|复函|纪要|措施|要点|标准|规范|制度|命令|令|政策|法|目录|清单|解读|说明|分工|体系|要求|政策措施"
_SUFFIX: Final = r"(?:\((?:试行|暂行|修订|修正|草案|[^()]{0,12}稿|[^()]{0,6}版|[^()]{0,12}年[^()]{0,6})\))*"
_CLEAR_END: Final = re.compile(rf"(?:{_CLEAR_TYPES}){_SUFFIX}$")
_ANY_END: Final = re.compile(rf"(?:{_CLEAR_TYPES}|{_OTHER_TYPES}){_SUFFIX}$")
_ABOUT: Final = re.compile("关于|印发|转发|发布")
# A title names; text that starts with one of these asks somebody to do something.
_ASKS: Final = re.compile(
    "制定|出台|落实|贯彻|执行|实施|修订|编制|编写|完善|建立|健全|研究|起草|按照|按|根据|依据|对照|遵守|符合|开展|组织|"
    "推行|提出|提交|发布|印发|报送|严格|认真|切实|抓好|做好|推动|推进|推广|加强|加快|强化|深化|深入|支持|鼓励|引导|"
    "参与|参照|报|由|将|把|以|在|对|到|各|应|须|如|见|因|为"
)
_QUOTED: Final = re.compile("《[^《》]*》")
_MIN_TITLE: Final = 4
_MAX_TITLE: Final = 100
_MAX_PLAIN_TITLE: Final = 45


def line_kind(line: str) -> UnitKind | None:
    """Return the kind of a whole folded line or sentence, None when it is (or may be) text."""
    line = squeeze(line)
    if len(line) > _LONGEST or (line.endswith("。") and not _MAY_STOP.match(line)):
        return None
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(line):
            return kind
    return "title" if is_clear_title(line) else None


def recognise(text: str, start: int, end: int) -> list[tuple[int, int, UnitKind]]:
    """Return the spans and kinds of a line or sentence that its own text gives away; [] when it is text.

    Most are of one kind; a title may carry its document number and an office its date.
    """
    kind = line_kind(text[start:end])
    if kind:
        return [(start, end, kind)]
    number = _NUMBER_AFTER.search(text, max(start, end - _LONGEST_NUMBER), end)
    if number:
        title = trim(text, start, number.start())
        named = is_clear_title(text[slice(*title)])
        return [(*title, "title"), (*number.span(), "doc_number")] if named else []
    signature = _SIGNATURE.match(text, start, end)
    if not signature:
        return []
    rest = skip_blanks(text, signature.end(), end)
    after = line_kind(text[rest:end])
    if rest < end and after not in {"note", "cc"}:
        return []
    spans: list[tuple[int, int, UnitKind]] = [(*signature.span(1), "issuer"), (*signature.span(2), "date")]
    return [*spans, (rest, end, after)] if after else spans


def is_organisation(line: str) -> bool:
    """Tell whether a folded line is the name of an office and nothing else."""
    return _ORGANISATION.fullmatch(squeeze(line)) is not None


def has_leader(line: str) -> bool:
    """Tell whether a folded line holds the dots that lead to a page number in a table of contents."""
    return _LEADER in line or "………" in line


def is_validity(sentence: str) -> bool:
    """Tell whether a folded sentence says from when or how long the document is in force."""
    return _VALIDITY.match(squeeze(sentence[:200])) is not None


def is_clear_title(line: str) -> bool:
    """Tell whether a folded line is a document title wherever it stands."""
    line = squeeze(line)
    if not _names(line):
        return False
    if _ABOUT.search(line) and _ANY_END.search(line):
        return line.startswith("关于") or not _ASKS.match(line)
    return len(line) <= _MAX_PLAIN_TITLE and _CLEAR_END.search(line) is not None and not _ASKS.match(line)


def ends_like_title(line: str) -> bool:
    """Tell whether folded text may be a title, when it stands where a title is expected."""
    line = squeeze(line)
    return _names(line) and _ANY_END.search(line) is not None


def _names(line: str) -> bool:
    """Tell whether a line could name a document: short, no sentence punctuation outside 《》, brackets closed."""
    if not _MIN_TITLE <= len(line) <= _MAX_TITLE:
        return False
    bare = _QUOTED.sub("", line)
    return not re.search(r"[。!?;,:…\t《》〈〉“”]", re.sub(r"“[^“”]*”", "", bare)) and bare.count(
        "("
    ) == bare.count(")")
