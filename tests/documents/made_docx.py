"""docx files, written part by part."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
PACKAGE_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)


def run(text, properties=""):
    """Return a `w:r` with one `w:t`."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*content, properties=""):
    """Return a `w:p`; strings that are no XML become runs."""
    inner = "".join(item if item.startswith("<") else run(item) for item in content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def numbered(text, list_id, level=0):
    """Return a paragraph with an automatic number."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(text, properties=place)


def table(*rows):
    """Return a `w:tbl`; cells are strings, or (cell properties, content) pairs."""
    written = ""
    for row in rows:
        cells = [cell if isinstance(cell, tuple) else ("", cell) for cell in row]
        inner = "".join(
            f"<w:tc><w:tcPr>{properties}</w:tcPr>{content if content.startswith('<') else paragraph(content)}</w:tc>"
            for properties, content in cells
        )
        written += f"<w:tr>{inner}</w:tr>"
    return f"<w:tbl>{written}</w:tbl>"


def level(depth, number_format, pattern, extra="", start=1):
    """Return a `w:lvl` of a list definition."""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{extra}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def root(kind, content):
    """Return a whole part with its root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{kind} xmlns:w="{WORD}">{content}</w:{kind}>'


def package(parts):
    """Zip parts (name → text or bytes) into a file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body, **parts):
    """Return a docx file.

    Args:
        body: XML inside `w:body`.
        **parts: XML inside the root of styles, numbering, footnotes, header1 …; the root is added.
    """
    roots = {"header1": "hdr", "footer1": "ftr"}
    relations = "".join(
        f'<Relationship Id="p{index}" Type="{OFFICE}/{name.rstrip("1")}" Target="{name}.xml"/>'
        for index, name in enumerate(parts)
    )
    return package(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": PACKAGE_RELATIONS,
            "word/_rels/document.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f"{relations}</Relationships>"
            ),
            "word/document.xml": root("document", f"<w:body>{body}<w:sectPr/></w:body>"),
            **{f"word/{name}.xml": root(roots.get(name, name), content) for name, content in parts.items()},
        }
    )


def docx_of_lines(lines):
    """Return a docx file with one plain paragraph a line."""
    return docx("".join(paragraph(line) if line else "<w:p/>" for line in lines))
