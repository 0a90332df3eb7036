"""What a file is, by its content. Names lie: portals serve html, rtf and docx as `.doc`."""

from __future__ import annotations

import re
from pathlib import PurePath

from qclassify.reading.limits import DEFAULT_LIMITS, Limits, refusal
from qclassify.reading.packages import Package

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

# Formats known well enough to say what they are and what to do, and not read.
_REFUSED_SIGNATURES = (
    (b"{\\rtf", "an RTF file", ""),
    (b"MIME-Version:", "a web archive (mht)", "open it in a browser and save it as html · 请另存为 html"),
    (b"\x89PNG", "a picture (PNG)", ""),
    (b"\xff\xd8\xff", "a picture (JPEG)", ""),
    (b"GIF8", "a picture (GIF)", ""),
    (b"BM", "a picture (BMP)", ""),
    (b"II*\0", "a picture (TIFF)", ""),
    (b"MM\0*", "a picture (TIFF)", ""),
    (b"\x1f\x8b", "a compressed file (gzip)", ""),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)", ""),
    (b"Rar!\x1a", "a compressed file (rar)", ""),
    (b"\xfd7zXZ", "a compressed file (xz)", ""),
    (b"BZh", "a compressed file (bzip2)", ""),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", ""),
    (b"SQLite format 3", "a database (SQLite)", "export the table as csv · 请导出为 csv"),
    (b"\x7fELF", "a program", ""),
    (b"MZ", "a program", ""),
)
_PICTURE_HINT = "run OCR on it first · 图片没有文字层，请先做文字识别（OCR）"
_ARCHIVE_HINT = "unpack it and give the files inside · 请先解压"

_OLE2_STREAMS = (  # first match wins: an encrypted docx is an OLE2 file with an EncryptedPackage
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
# Possessive, or a row of comments without a page behind it would be tried in every grouping.
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|title|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*<\?xml\b")
_FRAGMENT = re.compile(rb"<(?:p|div|br|table|span|h[1-6])[\s/>]", re.IGNORECASE)

_SUFFIXES = {
    **dict.fromkeys((".txt", ".text", ".md"), "text"),
    **dict.fromkeys((".docx", ".docm", ".dotx"), "docx"),
    **dict.fromkeys((".doc", ".wps", ".dot", ".wpt"), "doc"),
    **dict.fromkeys((".htm", ".html", ".xhtml", ".shtml"), "html"),
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    ".pdf": "pdf",
    ".ofd": "ofd",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
}
TABLE_FORMATS = frozenset({"csv", "tsv", "jsonl", "xlsx", "parquet"})


def sniff(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """Say which format `data` is in.

    Returns:
        `docx`, `xlsx`, `ofd`, `pdf`, `doc`, `parquet`, `html`, or for anything that may be text the
        format that the name's ending promises among `csv`, `tsv` and `jsonl`, else `text`.

    Raises:
        ReadError: `unsupported` for a known format that is not read, `encrypted`, `corrupt`, or
            `too_large` for a zip package with too many members.
    """
    if data.startswith(_ZIP):
        return _sniff_zip(data, name, limits)
    if data.startswith(_OLE2):
        return _sniff_ole2(data, name)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PAR1"):
        return "parquet"
    for signature, what, hint in _REFUSED_SIGNATURES:
        # Two letters alone ("BM", "MZ") may begin a text; the file types behind them have NULs early on.
        if data.startswith(signature) and (not signature.isalpha() or b"\0" in data[:64]):
            usual = _PICTURE_HINT if "picture" in what else _ARCHIVE_HINT if "compressed" in what else ""
            raise refusal("unsupported", name, f"is {what}, which is not read", hint or usual)
    return _sniff_text(data, name)


def suffix_format(name: str) -> str | None:
    """Return the format that the name's ending promises, None for no or an unknown ending."""
    return _SUFFIXES.get(PurePath(name).suffix.lower())


def mismatch_warning(name: str, found: str) -> tuple[str, ...]:
    """Return a warning when the name's ending promises another format than the content has."""
    promised = suffix_format(name)
    if promised is None or promised == found:
        return ()
    return (f"the name ends in {PurePath(name).suffix} but the content is {found}: read as {found}",)


def _sniff_zip(data: bytes, name: str, limits: Limits) -> str:
    members = Package(data, name, limits).members
    if "OFD.xml" in members:
        return "ofd"
    if any(member.startswith("word/") for member in members):
        return "docx"
    if any(member.startswith("xl/") for member in members):
        return "xlsx"
    if any(member.startswith("ppt/") for member in members):
        raise refusal("unsupported", name, "is a presentation (pptx), which is not read")
    if "mimetype" in members:
        raise refusal("unsupported", name, "is an OpenDocument or e-book package, which is not read")
    raise refusal("unsupported", name, "is a zip archive without a document in it", _ARCHIVE_HINT)


def _sniff_ole2(data: bytes, name: str) -> str:
    for stream, kind in _OLE2_STREAMS:
        if not _has_stream(data, stream):
            continue
        if kind == "encrypted":
            raise refusal("encrypted", name, "is protected by a password")
        if kind == "doc":
            return "doc"
        raise refusal("unsupported", name, f"is an old Office file ({kind}), which is not read")
    raise refusal("unsupported", name, "is an OLE2 container without a Word document in it")


def _has_stream(data: bytes, stream: str) -> bool:
    """Directory entries are 128 bytes each, on 128-byte boundaries, and begin with the stream's name."""
    wanted = stream.encode("utf-16-le") + b"\0\0"
    at = data.find(wanted)
    while at != -1:
        if at % 128 == 0:
            return True
        at = data.find(wanted, at + 1)
    return False


def _sniff_text(data: bytes, name: str) -> str:
    promised = suffix_format(name)
    head = (
        data[:4096]
        .removeprefix(b"\xef\xbb\xbf")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .replace(b"\0", b"")
    )
    if _HTML.match(head):
        return "html"
    if _XML.match(head):
        what = "is an XML file (Word 2003 or other), which is not read"
        raise refusal("unsupported", name, what)
    if promised == "html" and _FRAGMENT.search(head):
        return "html"
    return promised if promised in ("csv", "tsv", "jsonl") else "text"
