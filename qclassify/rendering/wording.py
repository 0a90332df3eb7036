"""What the outputs for people say, in Chinese and English; ids and JSON keys are the same in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from qclassify.correcting import Estimate
from qclassify.taxonomy import Category

Language = Literal["zh", "en"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "report": ("条款分析", "Clauses by category"),
    "document": ("文件", "Document"),
    "documents": ("文件", "Documents"),
    "comparison": ("文件比较", "Documents compared"),
    "contents": ("目录", "Contents"),
    "overview": ("概览", "Overview"),
    "clause": ("条款", "Clause"),
    "clauses": ("条款", "Clauses"),
    "characters": ("字数", "Characters"),
    "category": ("类别", "Category"),
    "categories": ("类别", "Categories"),
    "primary": ("主类别", "Primary"),
    "none": ("无类别", "No category"),
    "review": ("待复核", "Needs review"),
    "any_review": ("全部复核状态", "Any review state"),
    "settled": ("无需复核", "Settled"),
    "closest_call": (
        "{category}的概率 {probability} 离阈值 {threshold} 最近",
        "{category}, probability {probability}, is the closest call (threshold {threshold})",
    ),
    "close_second": (
        "{category} {probability}，其次 {second} {second_probability}",
        "{category} {probability}, then {second} {second_probability}",
    ),
    "to_first": ("到第一条", "To the first"),
    "see_these": ("查看这些条款", "See these clauses"),
    "all": ("全部", "All"),
    "probability": ("概率", "Probability"),
    "threshold": ("阈值", "Threshold"),
    "score": ("得分", "Score"),
    "section": ("章节", "Section"),
    "no_section": ("（无标题）", "(no heading)"),
    "number": ("序号", "No."),
    "heading": ("所在标题", "Heading"),
    "text": ("正文", "Text"),
    "count": ("条数", "Clauses"),
    "share": ("占条数", "Share of clauses"),
    "share_of_characters": ("占字数", "Share of characters"),
    "corrected": ("校正占比（估计）", "Corrected share (estimate)"),
    "corrected_low": ("估计下限", "Estimate, low"),
    "corrected_high": ("估计上限", "Estimate, high"),
    "model": ("模型", "Model"),
    "item": ("条目", "Item"),
    "start": ("起始位置", "Start"),
    "end": ("结束位置", "End"),
    "total": ("合计", "Total"),
    "id": ("代码", "Id"),
    "name": ("名称", "Name"),
    "definition": ("定义", "Definition"),
    "includes": ("包括", "Includes"),
    "excludes": ("不包括", "Does not include"),
    "example": ("例", "Example"),
    "codebook": ("类别说明", "Codebook"),
    "summary": ("汇总", "Summary"),
    "by_category": ("各类别的条数与字数", "Clauses and characters by category"),
    "by_category_note": (
        "深色：占条数；浅色：占字数；圆点与横线：校正占比的估计值及其 95% 区间。",
        (
            "Full bar: share of clauses; pale bar: share of characters; point and line: corrected share, an "
            "estimate, with its 95 % interval."
        ),
    ),
    "by_category_note_plain": (
        "深色：占条数；浅色：占字数。",
        "Full bar: share of clauses; pale bar: share of characters.",
    ),
    "by_section": ("各章节的类别分布（条数）", "Categories by section (clauses)"),
    "score_distribution": ("各类别的概率分布", "Distribution of probabilities"),
    "score_distribution_note": (
        "横轴为概率 0–1，虚线为阈值；柱高按平方根缩放，右侧为归入该类的条数。",
        (
            "Across: probability from 0 to 1, the dashed line is the threshold; heights on a square-root scale; "
            "at the right: clauses of the category."
        ),
    ),
    "score_distribution_note_exclusive": (
        "横轴为概率 0–1；柱高按平方根缩放，右侧为归入该类的条数。",
        (
            "Across: probability from 0 to 1; heights on a square-root scale; at the right: clauses of the "
            "category."
        ),
    ),
    "shares": ("占比与估计", "Shares and estimates"),
    "shares_note": (
        (
            "一条可属多个类别，占比之和可超过 100%。校正占比为估计值：用模型在未参与训练的文件上的漏判率和误判率，"
            "按 Rogan–Gladen 方法校正（95% 区间，德尔塔法）；不适用于参与过训练的文件。"
        ),
        (
            "A clause may carry several categories, so shares may add up to more than 100 %. Corrected shares are "
            "estimates: Rogan-Gladen correction with the model's error rates on documents it was not trained on "
            "(95 % interval, delta method); they do not hold for documents that were in the training data."
        ),
    ),
    "no_correction": (
        "未给出校正占比：阈值已改动，或模型未附误差数据。",
        "No corrected shares: the thresholds were changed, or the model reports no error rates.",
    ),
    "filter": ("筛选", "Filter"),
    "search": ("查找文字", "Find text"),
    "primary_only": ("仅主类别", "Primary only"),
    "show_probabilities": ("显示概率", "Show probabilities"),
    "reset": ("清除筛选", "Clear"),
    "print": ("打印", "Print"),
    "shown": ("显示 {shown} / {total} 条", "{shown} of {total} clauses"),
    "filtered_print": ("已筛选：{what}", "Filtered: {what}"),
    "nothing": ("没有符合条件的条款。", "No clause matches."),
    "reasons": ("判断依据", "Reasons"),
    "pick": (
        "点击条款或其序号，查看判断依据。键盘：J / K 下一条、上一条，N 下一条待复核，/ 查找，Esc 关闭。",
        (
            "Choose a clause or its number to see the reasons. Keys: J / K next and previous, "
            "N next for review, / find, Esc close."
        ),
    ),
    "show_reasons": ("查看依据", "show reasons"),
    "close": ("关闭", "Close"),
    "previous": ("上一条", "Previous"),
    "next": ("下一条", "Next"),
    "base": ("基准分", "Base"),
    "from_heading": ("标题", "Heading"),
    "from_clause": ("正文", "Clause"),
    "rest": ("其余 {n} 个特征", "{n} other terms"),
    "sum": ("得分合计", "Score"),
    "needed": ("达到阈值所需", "Needed for the threshold"),
    "sum_note": (
        "基准分 + 正文 + 标题 = 得分，得分经校准得概率。",
        "Base + clause + heading = score; calibration turns the score into the probability.",
    ),
    "highlight_note": (
        "底色深浅为每个字对得分的贡献：蓝色实线支持，橙色虚线反对。",
        "The shade is each character's share: blue, solid: for; orange, dashed: against.",
    ),
    "heat_most": ("仅列出最多的 {n} 个类别。", " Only the {n} most frequent categories."),
    "heat_note": (
        "点击格子，筛选该章节中的该类别。",
        "Choose a cell to filter that category in that section.",
    ),
    "made_by": (
        "由 qclassify {version} 生成 · 模型 {model} · 分类体系 {taxonomy}",
        "Made by qclassify {version} · model {model} · taxonomy {taxonomy}",
    ),
    "skip": ("跳到正文", "Skip to the text"),
    "first": ("甲", "A"),
    "second": ("乙", "B"),
    "difference": ("差（百分点）", "Difference (points)"),
    "likeness": ("相似度", "Likeness"),
    "counterpart": ("最相近的条款", "Nearest clause"),
    "without_counterpart": (
        "{name} 中没有对应条款的 {n} / {total} 条",
        "{n} of {total} clauses of {name} without a counterpart",
    ),
    "with_counterpart": ("有对应的条款：{n} 条", "Clauses with a counterpart: {n}"),
    "compare_note": (
        "对应关系按条款文字的 TF-IDF 余弦相似度判断（≥ {least}），仅供参考：说法不同而意思相同的条款可能未被找到。",
        (
            "Counterparts are found by the TF-IDF cosine of the clauses' text (≥ {least}): a hint, since clauses "
            "that say the same in other words may be missed."
        ),
    ),
    "two_documents": ("两份文件比较", "Two documents compared"),
    "shares_compared": ("各类别占比", "Shares by category"),
    "sections_compared": ("章节构成", "Sections"),
    "main_categories": ("主要类别", "Main categories"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}


def words(language: Language) -> dict[str, str]:
    """All phrases in one language; some have `{places}` to fill."""
    column = 0 if language == "zh" else 1
    return {key: pair[column] for key, pair in _WORDS.items()}


def category_name(category: Category, language: Language) -> str:
    """A category's display name."""
    return category.name if language == "zh" else category.name_en


def percent(share: float, digits: int = 0) -> str:
    """`0.125` as `12.5%`."""
    return f"{share * 100:.{digits}f}%"


def short_name(category: Category, language: Language) -> str:
    """A category's name where room is scarce; ids are short English words."""
    return category.name if language == "zh" else category.id.replace("_", " ").capitalize()


def estimate_text(estimate: Estimate | None) -> str:
    """`32.3% (27.8%–36.7%)`, a dash for none."""
    if estimate is None:
        return "–"
    return f"{percent(estimate.share, 1)} ({percent(estimate.low, 1)}–{percent(estimate.high, 1)})"


def heading_line(numbers: Sequence[str], titles: Sequence[str], separator: str = " › ") -> str:
    """`三 主要任务 › (一) 提升产品质量`; empty for a clause without headings."""
    pairs = zip(numbers, titles, strict=True)
    return separator.join(f"{number} {title}".strip() for number, title in pairs)
