"""pdf files: by reportlab with a CJK font that is not embedded, and by LibreOffice with an embedded one."""

from __future__ import annotations

import io
import shutil
import subprocess

from documents.set_lines import typeset

FONT = "STSong-Light"
SIZE = 16
PER_LINE = 28
LEFT, TOP, LEADING = 74, 750, 28
LINES_A_PAGE = 23


def reportlab_pdf(lines, title="", encrypt=None, turn=0):
    """Return a pdf that shows lines as printed paragraphs, with a running header and page numbers."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), encrypt=encrypt, invariant=1)
    canvas.setTitle(title)
    printed = [line for text in lines for line in typeset(text, PER_LINE)]
    for start in range(0, max(len(printed), 1), LINES_A_PAGE):
        canvas.setFont(FONT, SIZE)
        if turn:
            # The sheet lies on its side in the file (reportlab swaps its sides) and is turned when shown.
            canvas.setPageRotation(turn)
            canvas.translate(*{90: (842, 0), 180: (595, 842), 270: (0, 595)}[turn])
            canvas.rotate(turn)
        canvas.drawString(230, 805, "某某市人民政府文件")
        canvas.drawString(285, 30, f"— {start // LINES_A_PAGE + 1} —")
        for row, (indent, text) in enumerate(printed[start : start + LINES_A_PAGE]):
            canvas.drawString(LEFT + indent * SIZE, TOP - row * LEADING, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def has_office():
    """Say whether LibreOffice is there."""
    return shutil.which("soffice") is not None


def office_converted(files, folder, target="pdf"):
    """Convert files (stem → docx bytes) with LibreOffice in one go; returns stem → bytes."""
    for stem, content in files.items():
        (folder / f"{stem}.docx").write_bytes(content)
    command = [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        target,
        "--outdir",
        str(folder / "out"),
        *(str(folder / f"{stem}.docx") for stem in files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    suffix = target.partition(":")[0]
    return {stem: (folder / "out" / f"{stem}.{suffix}").read_bytes() for stem in files}


def bare_pdf(content, resources="", count=1):
    """Return a pdf written by hand: every page shows the same content stream."""
    kids = " ".join(f"{4 + index} 0 R" for index in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        *(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R /Resources << {resources} >> >>".encode()
            for _ in range(count)
        ),
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()
