"""OFD packages: runs with positions become paragraphs."""

from __future__ import annotations

import pytest
from documents.made_ofd import NAMESPACE, ofd, ofd_of_lines, page_xml, text_object

from qclassify.errors import ReadError
from qclassify.reading import Limits, read

LINES = [
    "关于质量提升的通知",
    "各县（市、区）人民政府：",
    "一、总体要求",
    "以质量第一为目标，推动质量变革、效率变革、动力变革，到2025年产品合格率达到97.5%以上。" * 3,
    "2024年5月6日",
]


def refusal_of(data, **options):
    with pytest.raises(ReadError) as caught:
        read(data, name="file.ofd", **options)
    return caught.value


def test_printed_lines_become_paragraphs_and_headers_and_page_numbers_go():
    document = read(ofd_of_lines(LINES * 6))
    assert document.source_format == "ofd"
    assert document.text.split("\n") == LINES * 6


def test_runs_on_one_baseline_are_one_line_in_order_and_wide_gaps_are_cells():
    objects = (
        text_object(1, 60, 100, "强市")
        + text_object(2, 48.8, 100.1, "质量")
        + text_object(3, 150, 100, "标准")
    )
    assert read(ofd([page_xml(objects)])).text == "质量强市\t标准"


def test_templates_absolute_locations_and_several_bodies_are_read():
    template = page_xml(text_object(9, 30, 60, "模板上的字"))
    first = page_xml(text_object(1, 30, 100, "第一页。"), '<ofd:Template TemplateID="t"/>')
    data = ofd([first, page_xml(text_object(2, 30, 100, "第二页。"))], templates={"t": template})
    assert read(data).text.split("\n") == ["模板上的字", "第一页。", "第二页。"]


def test_a_matrix_scales_what_is_inside_and_invisible_objects_are_left_out():
    scaled = (
        '<ofd:TextObject ID="1" Boundary="10 50 100 10" CTM="0.5 0 0 0.5 0 0" Size="10"><ofd:TextCode X="0" Y="10" '
        'DeltaX="g 3 10">质量强市</ofd:TextCode></ofd:TextObject>'
        '<ofd:TextObject ID="2" Boundary="30.5 50 100 10" Size="5"><ofd:TextCode X="0" Y="5">方案</ofd:TextCode></ofd:TextObject>'
        '<ofd:TextObject ID="3" Visible="false" Boundary="30 50 1 1" Size="5"><ofd:TextCode>藏</ofd:TextCode></ofd:TextObject>'
    )
    assert read(ofd([page_xml(scaled)])).text == "质量强市方案"


def test_title_and_date_of_the_package_are_kept():
    info = "<ofd:Title>质量工作说明</ofd:Title><ofd:CreationDate>2024-05-06</ofd:CreationDate>"
    document = read(ofd([page_xml(text_object(1, 30, 100, "质量。"))], info))
    assert dict(document.meta) == {"title": "质量工作说明", "date": "2024-05-06"}


def test_a_package_of_pictures_is_scanned_and_one_of_nothing_empty():
    assert (
        refusal_of(ofd([page_xml('<ofd:ImageObject ID="1" ResourceID="2" Boundary="0 0 1 1"/>')])).kind
        == "scanned"
    )
    assert refusal_of(ofd([page_xml("")])).kind == "empty"
    assert refusal_of(ofd([])).kind == "empty"


@pytest.mark.parametrize(
    "object_xml",
    [
        "<ofd:TextObject/>",
        '<ofd:TextObject Boundary="a b" Size="x"><ofd:TextCode X="nan" Y="inf" DeltaX="g g g">质量</ofd:TextCode></ofd:TextObject>',
        '<ofd:TextObject Size="0"><ofd:TextCode DeltaX="g 999999999 1 g -5 2">质量</ofd:TextCode></ofd:TextObject>',
        '<ofd:TextObject Size="1e300" CTM="0 0 0 0 0 0"><ofd:TextCode>质量</ofd:TextCode></ofd:TextObject>',
    ],
)
def test_senseless_numbers_do_no_harm(object_xml):
    good = text_object(1, 30, 200, "标准。")
    assert "标准。" in read(ofd([page_xml(object_xml + good)])).text


def test_too_many_pages_are_refused_and_missing_ones_are_corrupt():
    pages = [page_xml(text_object(1, 30, 100, "质量。"))] * 5
    assert refusal_of(ofd(pages), limits=Limits(pages=4)).kind == "too_large"
    broken = ofd(pages).replace(b"Doc_0/Pages/Page_3/", b"Doc_0/Pages/Xage_3/")
    assert refusal_of(broken).kind == "corrupt"
    assert NAMESPACE
