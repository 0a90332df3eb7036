"""html: the article without the page around it."""

from __future__ import annotations

import pytest
from documents.made_html import LEAKS, TEMPLATES, editor_page
from hypothesis import given, settings
from hypothesis import strategies as st

from qclassify.errors import ReadError
from qclassify.reading import read

ARTICLE = [
    "某某市人民政府关于印发质量强市实施方案的通知",
    "各县（市、区）人民政府：",
    "一、总体要求",
    "以“质量第一”为目标，到2025年产品合格率达到97.5%以上 <稳定>。",
    "（一）完善标准体系。支持企业参与标准制定 & 修订。",
]


def page(body, head='<meta charset="utf-8">'):
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def lines(body, **options):
    return read(page(body), name="a.html", **options).text.split("\n")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.__name__)
@pytest.mark.parametrize("repeat", [1, 40])
def test_the_article_comes_through_whole_and_nothing_around_it(template, repeat):
    wanted = ARTICLE + [f"{number}.推动质量变革，完善第{number}项措施。" for number in range(1, repeat)]
    document = read(template(wanted), name="a.html")
    assert [line.strip("\xa0") for line in document.text.split("\n")] == wanted
    assert not any(leak in document.text for leak in LEAKS)
    assert document.meta["title"] == ARTICLE[0]


@pytest.mark.parametrize(
    ("data", "encoding", "warns"),
    [
        ('<html><meta charset="gb2312"><body>质量•㐀强市</body></html>'.encode("gb18030"), "gb18030", False),
        ('<html><meta charset="gb2312"><body>质量强市</body></html>'.encode(), "utf-8", True),
        (
            '<html><meta charset="utf-8"><body>质量强市，标准先行。</body></html>'.encode("gb18030"),
            "gb18030",
            False,
        ),
        ("<html><body>质量强市，标准先行。</body></html>".encode("utf-16"), "utf-16", False),
        ('<html><meta charset="big5"><body>質量強市</body></html>'.encode("big5"), "big5", False),
        ('<html><meta charset="klingon"><body>质量强市</body></html>'.encode(), "utf-8", False),
        (
            "<?xml version='1.0' encoding='gbk'?><html><body>质量强市</body></html>".encode("gbk"),
            "gb18030",
            False,
        ),
        ("<html><body>质量强市</body></html>".encode(), "utf-8", False),
    ],
)
def test_the_encoding_is_the_real_one_not_always_the_declared_one(data, encoding, warns):
    document = read(data, name="a.html")
    assert document.encoding == encoding
    assert any("declares" in warning for warning in document.warnings) == warns
    assert document.text[0] in "质質"


def test_bad_bytes_in_a_page_are_refused_not_dropped():
    with pytest.raises(ReadError) as caught:
        read('<html><meta charset="gb2312"><body>质量'.encode("gb18030") + b"\xff\xff</body></html>")
    assert caught.value.kind == "undecodable"


def test_list_numbers_are_kept():
    body = (
        '<div id="zoom"><ol><li>甲</li><li>2025年</li></ol><ol start="3" type="a"><li>丙</li><li value="9">壬</li></ol>'
        '<ol style="list-style-type: cjk-ideographic"><li>总则</li><li>附则</li></ol>'
        '<ol style="list-style:none"><li>无号</li></ol><ul><li>点</li></ul></div>'
    )
    assert lines(body) == ["1.甲", "2. 2025年", "c.丙", "i.壬", "一、总则", "二、附则", "无号", "点"]


def test_data_tables_give_rows_and_layout_tables_give_lines():
    data = "<table><tr><th>任务</th><th>单位</th></tr><tr><td>标准</td><td><p>市场</p><p>监管局</p></td></tr></table>"
    layout = "<table><tr><td>左</td></tr><tr><td>一、甲<br>二、乙</td></tr></table>"
    assert lines(f"<div id=zoom><p>前</p>{data}{layout}<p>后</p></div>") == [
        "前",
        "任务\t单位",
        "标准\t市场 监管局",
        "左",
        "一、甲",
        "二、乙",
        "后",
    ]


def test_white_space_is_collapsed_as_a_browser_does_and_hidden_parts_are_gone():
    body = (
        "<div id=zoom><p>\n  质量\n  强市  is\n good </p><p>\u3000\u3000缩进\xa0</p><p hidden>藏</p><span style='DISPLAY : none'>藏</span>"
        "<pre>原\n样</pre>散<b>文</b><!-- 注释 --><script>x()</script>尾</div>"
    )
    assert lines(body) == ["质量强市 is good", "\u3000\u3000缩进\xa0", "原", "样", "散文尾"]


def test_a_title_above_the_container_becomes_the_first_line_once():
    body = f"<h1>关于质量提升的通知</h1><div class='share'>分享</div><div id='zoom'>{'<p>正文内容。</p>' * 30}</div>"
    assert lines(body)[:2] == ["关于质量提升的通知", "正文内容。"]
    inside = f"<div id='zoom'><h1>关于质量提升的通知</h1>{'<p>正文内容。</p>' * 30}</div>"
    assert lines(inside)[:2] == ["关于质量提升的通知", "正文内容。"]


def test_metadata_of_the_portal_standard_is_kept():
    head = (
        '<meta charset="utf-8"><meta name="ArticleTitle" content="质量提升行动方案"><meta name="PubDate" content="2024-05-06 10:00">'
        '<meta name="ContentSource" content="某某市人民政府办公室"><title>方案 - 某某市人民政府</title>'
    )
    document = read(page("<p>质量。</p>", head))
    assert dict(document.meta) == {
        "title": "质量提升行动方案",
        "date": "2024-05-06",
        "issuer": "某某市人民政府办公室",
    }
    assert read(page("<p>质量。</p>", "<title>某方案 - 某某市</title>")).meta["title"] == "某方案"


@pytest.mark.parametrize("name", ["plan.doc", "plan.txt", "-"])
def test_html_under_another_name_is_read_as_html(name):
    document = read(editor_page(ARTICLE), name=name)
    assert document.source_format == "html"
    assert any("content is html" in warning for warning in document.warnings) == (name != "-")


def test_a_fragment_is_html_only_when_its_name_says_so():
    fragment = "<p>质量强市</p><p>标准</p>".encode()
    assert read(fragment, name="a.html").text == "质量强市\n标准"
    assert read(fragment, name="a.txt").source_format == "text"


def test_a_page_without_text_is_empty():
    for body in ("", "<script>x</script>", "<p> </p>"):
        with pytest.raises(ReadError) as caught:
            read(page(body))
        assert caught.value.kind == "empty"


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<table>",
                "<tr>",
                "<td>",
                "</td>",
                "</table>",
                "<ol>",
                "<li>",
                "<br>",
                "质量",
                "\n",
                "<div id='zoom'>",
                "</div>",
                "<!--",
                "-->",
                "&#0;",
                "&amp;",
                "<h1>",
                "\x01",
                "<style>",
            ]
        ),
        max_size=40,
    )
)
def test_any_soup_gives_a_document_or_a_typed_error(pieces):
    try:
        document = read(page("".join(pieces)), name="a.html")
    except ReadError as error:
        found = error.kind
    else:
        found = document.source_format
        assert "\0" not in document.text
    assert found in {"html", "empty", "binary"}
