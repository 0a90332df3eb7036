"""docx: what a reader sees on the pages, automatic numbers included."""

from __future__ import annotations

import pytest
from documents.made_docx import docx, level, numbered, package, paragraph, root, run, table
from documents.made_pdf import has_office, office_converted

from qclassify.errors import ReadError
from qclassify.reading import read
from qclassify.reading.ordinals import ordinal

CHINESE = (
    level(0, "chineseCountingThousand", "%1、")
    + level(1, "chineseCountingThousand", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimalEnclosedCircleChinese", "%4")
)
ARTICLES = level(0, "chineseCountingThousand", "第%1条", '<w:suff w:val="space"/>')


def numbering(*definitions, nums=None):
    written = "".join(
        f'<w:abstractNum w:abstractNumId="{index}">{definition}</w:abstractNum>'
        for index, definition in enumerate(definitions)
    )
    nums = nums or {index + 1: (index, "") for index in range(len(definitions))}
    return written + "".join(
        f'<w:num w:numId="{key}"><w:abstractNumId w:val="{definition}"/>{override}</w:num>'
        for key, (definition, override) in nums.items()
    )


def lines(body, **parts):
    return read(docx(body, **parts), name="file.docx").text.split("\n")


def test_multi_level_chinese_numbers_are_computed():
    body = (
        numbered("总体要求", 1)
        + numbered("指导思想", 1, 1)
        + numbered("推动创新。", 1, 2)
        + numbered("2025年前完成。", 1, 2)
        + numbered("试点", 1, 3)
        + numbered("主要目标", 1, 1)
        + numbered("培育企业。", 1, 2)
        + numbered("主要任务", 1)
        + numbered("产品质量", 1, 1)
        + numbered("为加强管理,制定本办法。", 2)
        + paragraph("没有编号。")
        + numbered("本办法自印发之日起施行。", 2)
    )
    assert lines(body, numbering=numbering(CHINESE, ARTICLES)) == [
        "一、总体要求",
        "（一）指导思想",
        "1.推动创新。",
        "2. 2025年前完成。",
        "① 试点",
        "（二）主要目标",
        "1.培育企业。",
        "二、主要任务",
        "（一）产品质量",
        "第一条 为加强管理,制定本办法。",
        "没有编号。",
        "第二条 本办法自印发之日起施行。",
    ]


def test_a_start_override_restarts_and_a_shared_definition_continues():
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    part = numbering(CHINESE, nums={1: (0, ""), 2: (0, ""), 3: (0, override)})
    body = numbered("a", 1) + numbered("b", 2) + numbered("c", 3) + numbered("d", 3) + numbered("e", 1)
    assert [line[0] for line in lines(body, numbering=part)] == ["一", "二", "五", "六", "七"]


def test_legal_numbering_start_values_and_a_level_skipped():
    definition = (
        level(0, "chineseCounting", "第%1章", start=3)
        + level(1, "decimal", "%1.%2", "<w:isLgl/>")
        + level(2, "upperRoman", "%3)")
    )
    body = numbered("总则", 1, 1) + numbered("细则", 1, 1) + numbered("罚则", 1) + numbered("附则", 1, 2)
    assert lines(body, numbering=numbering(definition)) == ["3.1 总则", "3.2 细则", "第四章 罚则", "I)附则"]


def test_numbers_come_with_styles_and_what_those_are_based_on():
    styles = (
        '<w:style w:type="paragraph" w:styleId="h1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="h2"><w:basedOn w:val="h1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="ring"><w:basedOn w:val="ring"/></w:style>'
    )
    definition = level(0, "chineseCounting", "%1、", '<w:pStyle w:val="h1"/>') + level(
        1, "decimal", "%2.", '<w:pStyle w:val="h2"/>'
    )
    body = "".join(
        paragraph(text, properties=f'<w:pStyle w:val="{style}"/>')
        for text, style in (
            ("甲", "h1"),
            ("乙", "h2"),
            ("丙", "h2"),
            ("丁", "h1"),
            ("戊", "ring"),
            ("己", "unknown"),
        )
    )
    off = paragraph("庚", properties='<w:pStyle w:val="h1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    found = lines(body + off, styles=styles, numbering=numbering(definition))
    assert found == ["一、甲", "1.乙", "2.丙", "二、丁", "戊", "己", "庚"]


def test_a_list_defined_through_a_numbering_style_is_followed():
    styles = '<w:style w:type="numbering" w:styleId="list"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    part = (
        f'<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="list"/>{CHINESE}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="list"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    )
    assert lines(numbered("甲", 2) + numbered("乙", 2), styles=styles, numbering=part) == ["一、甲", "二、乙"]


@pytest.mark.parametrize(
    ("number", "number_format", "written"),
    [
        (10, "chineseCounting", "十"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (23, "ideographDigital", "二三"),
        (20, "ideographDigital", "二〇"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (3, "ideographTraditional", "丙"),
        (2, "ideographZodiac", "丑"),
        (7, "decimalEnclosedCircle", "⑦"),
        (21, "decimalEnclosedCircle", "㉑"),
        (51, "decimalEnclosedCircle", "51"),
        (4, "decimalEnclosedParen", "⑷"),
        (12, "decimalFullWidth", "１２"),
        (3, "decimalZero", "03"),
        (28, "upperLetter", "BB"),
        (9, "lowerRoman", "ix"),
        (3, "none", ""),
        (3, "anUnknownFormat", "3"),
        (-2, "ideographTraditional", "-2"),
        (0, "lowerLetter", "0"),
    ],
)
def test_every_number_format_is_written_as_word_does(number, number_format, written):
    assert ordinal(number, number_format) == written


def test_tracked_insertions_stay_and_deletions_go():
    body = paragraph(
        run("保留"),
        f"<w:ins>{run('新增')}</w:ins>",
        "<w:del><w:r><w:delText>删除</w:delText></w:r></w:del>",
        f"<w:moveFrom>{run('移走')}</w:moveFrom>",
        f"<w:moveTo>{run('移来')}</w:moveTo>",
    )
    assert lines(body) == ["保留新增移来"]


def test_a_deleted_paragraph_mark_joins_the_paragraphs():
    mark = "<w:rPr><w:del/></w:rPr>"
    assert lines(paragraph("质量", properties=mark) + paragraph("强市") + paragraph("末")) == [
        "质量强市",
        "末",
    ]
    assert lines(paragraph("末", properties=mark)) == ["末"]


def test_hidden_text_is_dropped_whether_direct_or_by_style():
    styles = '<w:style w:type="character" w:styleId="x"><w:rPr><w:vanish/></w:rPr></w:style>'
    body = paragraph(
        run("看得见"),
        run("隐藏", "<w:vanish/>"),
        run("样式隐藏", '<w:rStyle w:val="x"/>'),
        run("又见", '<w:rStyle w:val="x"/><w:vanish w:val="0"/>'),
    )
    assert lines(body, styles=styles) == ["看得见又见"]


def test_headers_and_footers_are_left_out_and_notes_stand_at_the_end():
    notes = (
        f'<w:footnote w:type="separator" w:id="0">{paragraph("分隔")}</w:footnote>'
        f'<w:footnote w:id="1">{paragraph("注释一。")}</w:footnote>'
    )
    body = paragraph(run("正文"), '<w:r><w:footnoteReference w:id="1"/></w:r>', run("。")) + paragraph("后文")
    found = lines(body, footnotes=notes, header1=paragraph("页眉"), footer1=paragraph("页脚"))
    assert found == ["正文。", "后文", "注释一。"]


def test_tables_give_one_line_a_row_and_merged_cells_once():
    merged = '<w:vMerge w:val="restart"/>'
    body = table(
        ["任务", "责任单位", "时限"],
        [(merged, "标准"), "市场监管局", ("", paragraph("2025年") + paragraph("年底"))],
        [("<w:vMerge/>", "标准"), ('<w:gridSpan w:val="2"/>', "各县\t区")],
        ["", "", ""],
        ["", ("", table(["内", "层"])), "末"],
    )
    assert lines(paragraph("前") + body + paragraph("后")) == [
        "前",
        "任务\t责任单位\t时限",
        "标准\t市场监管局\t2025年 年底",
        "\t各县 区",
        "\t内 层\t末",
        "后",
    ]


def test_a_frame_drawn_as_a_table_of_one_cell_gives_paragraphs():
    assert lines(table([("", paragraph("一、甲") + paragraph("二、乙"))])) == ["一、甲", "二、乙"]


def test_a_text_box_stands_once_after_its_paragraph():
    box = f"<w:txbxContent>{paragraph('框内')}</w:txbxContent>"
    drawing = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert lines(paragraph(run("前"), f"<w:r>{drawing}</w:r>", run("后"))) == ["前后", "框内"]


def test_links_fields_controls_breaks_and_symbols_are_read_as_shown():
    def mark(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    body = paragraph(
        f"<w:hyperlink>{run('链接')}</w:hyperlink>",
        mark("begin") + "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>" + run("域码") + mark("separate"),
        run("域值") + mark("end"),
        f"<w:sdt><w:sdtContent>{run('控件')}</w:sdtContent></w:sdt>",
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击此处')}</w:sdtContent></w:sdt>",
        "<w:r><w:tab/><w:br/><w:noBreakHyphen/></w:r>",
        '<w:r><w:sym w:font="x" w:char="2022"/><w:sym w:font="x" w:char="F0B7"/><w:sym w:char="zz"/></w:r>',
        '<w:r><w:br w:type="page"/></w:r>',
    )
    assert lines(body) == ["链接域值控件\t", "-•"]


def test_a_field_that_never_ends_does_not_swallow_the_rest():
    broken = paragraph(run("前"), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', run("码"))
    assert lines(broken + paragraph("后")) == ["前", "后"]


def test_the_main_part_is_found_by_relationship_and_strict_files_are_read():
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    kind = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    data = package(
        {
            "_rels/.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="a" Type="{kind}" Target="/word/other.xml"/></Relationships>'
            ),
            "word/other.xml": (
                f'<w:document xmlns:w="{strict}"><w:body><w:p><w:r><w:t>质量 </w:t></w:r></w:p></w:body></w:document>'
            ),
        }
    )
    document = read(data, name="a.docx")
    assert (document.text, document.source_format) == ("质量", "docx")


def test_a_docx_under_the_name_of_a_doc_is_read_with_a_warning():
    document = read(docx(paragraph("质量强市")), name="plan.doc")
    assert (document.text, document.source_format) == ("质量强市", "docx")
    assert "content is docx" in document.warnings[0]
    assert read(docx(paragraph("质量强市")), name="plan.docm").warnings == ()


def test_the_title_property_is_kept_unless_the_text_shows_a_better_one():
    core = '<c:coreProperties xmlns:c="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>属性标题</dc:title></c:coreProperties>'
    parts = {
        "word/document.xml": root("document", f"<w:body>{paragraph('质量。')}</w:body>"),
        "docProps/core.xml": core,
    }
    assert read(package(parts)).meta["title"] == "属性标题"
    parts["word/document.xml"] = root("document", f"<w:body>{paragraph('关于质量提升的通知')}</w:body>")
    assert read(package(parts)).meta["title"] == "关于质量提升的通知"


def test_files_without_text_say_why():
    picture = package(
        {
            "word/document.xml": root("document", f"<w:body>{paragraph()}</w:body>"),
            "word/media/image1.png": b"\x89PNG",
        }
    )
    for data, kind in (
        (docx(paragraph("")), "empty"),
        (picture, "scanned"),
        (package({"word/document.xml": root("document", "")}), "corrupt"),
    ):
        with pytest.raises(ReadError) as caught:
            read(data)
        assert caught.value.kind == kind


@pytest.mark.slow
@pytest.mark.skipif(not has_office(), reason="LibreOffice, the independent reader, is not on PATH")
def test_automatic_numbers_are_those_that_libreoffice_prints(tmp_path):
    deep = "".join(
        level(depth, number_format, pattern, start=start)
        for depth, (number_format, pattern, start) in enumerate(
            [
                ("chineseCountingThousand", "第%1章", 9),
                ("chineseCountingThousand", "（%2）", 1),
                ("decimal", "%3、", 3),
                ("decimalEnclosedCircleChinese", "%4", 1),
                ("ideographTraditional", "%5.", 1),
                ("upperRoman", "%6.", 1),
                ("lowerLetter", "%7)", 1),
                ("decimal", "%3.%8", 1),
            ]
        )
    )
    order = [0, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 2, 7, 1, 2, 0, 0, 1, 1, 2, 3, 3, 2, 4, 4]
    body = "".join(numbered(f"文{index}", 1, depth) for index, depth in enumerate(order))
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="20"/></w:lvlOverride>'
    body += "".join(numbered(f"续{index}", list_id) for index, list_id in enumerate([2, 2, 1, 3, 3, 2]))
    data = docx(body, numbering=numbering(deep, CHINESE, nums={1: (0, ""), 2: (1, ""), 3: (1, override)}))
    shown = office_converted({"numbers": data}, tmp_path, "txt:Text (encoded):UTF8")["numbers"].decode(
        "utf-8-sig"
    )
    printed = ["".join(line.split()) for line in shown.splitlines() if line.strip()]
    assert ["".join(line.split()) for line in read(data).text.split("\n")] == printed
