"""OFD packages (GB/T 33190), one text object a visual line, or one a paragraph."""

from __future__ import annotations

from xml.sax.saxutils import escape

from documents.made_docx import package
from documents.set_lines import typeset

NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIZE = 5.6  # mm, about 16 pt
PER_LINE = 28
LEFT, TOP, LEADING = 27.0, 37.0, 10.0
LINES_A_PAGE = 22


def text_object(number, x, y, text):
    """Return a TextObject with run-length advances, half of them for Latin characters."""
    advances = " ".join(f"{SIZE / 2 if char.isascii() else SIZE:g}" for char in text[:-1])
    if text and not any(char.isascii() for char in text[:-1]) and len(text) > 2:
        advances = f"g {len(text) - 1} {SIZE:g}"
    delta = f' DeltaX="{advances}"' if advances else ""
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{x:g} {y:g} 160 {SIZE:g}" Font="1" Size="{SIZE:g}">'
        f'<ofd:TextCode X="0" Y="{SIZE:g}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )


def page_xml(objects, template=""):
    """Return one page."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {NAMESPACE}>{template}'
        f'<ofd:Content><ofd:Layer ID="1">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
    )


def ofd(pages, info="", templates=None):
    """Return an OFD file of page XMLs."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    named = "".join(
        f'<ofd:TemplatePage ID="{key}" BaseLoc="/Doc_0/Tpls/{key}.xml"/>' for key in templates or {}
    )
    return package(
        {
            "OFD.xml": (
                f'<ofd:OFD {NAMESPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo>{info}</ofd:DocInfo>'
                "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
            ),
            "Doc_0/Document.xml": (
                f"<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
                f"</ofd:PageArea>{named}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
            ),
            **{f"Doc_0/Pages/Page_{n}/Content.xml": page for n, page in enumerate(pages)},
            **{f"Doc_0/Tpls/{key}.xml": page for key, page in (templates or {}).items()},
        }
    )


def ofd_of_lines(lines):
    """Return an OFD file that shows the lines as printed paragraphs, with a header and page numbers."""
    printed = [line for text in lines for line in typeset(text, PER_LINE)]
    pages = []
    for start in range(0, len(printed), LINES_A_PAGE):
        number = len(pages) + 1
        objects = text_object(1000, LEFT, 12.0, "某某市人民政府文件")
        objects += text_object(1001, 100.0, 285.0, f"— {number} —")
        for row, (indent, text) in enumerate(printed[start : start + LINES_A_PAGE]):
            objects += text_object(row, LEFT + indent * SIZE, TOP + row * LEADING, text)
        pages.append(page_xml(objects))
    return ofd(pages)
