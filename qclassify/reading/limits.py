"""How much one file may ask of the machine, and how a refusal is worded."""

from __future__ import annotations

from dataclasses import dataclass

from qclassify.errors import ReadError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps that hold for every file; whatever exceeds one is refused as `too_large`.

    Attributes:
        file_bytes: size of the file itself, checked before it is opened.
        characters: length of one document's text.
        pages: pages of a pdf or an OFD.
        members: files inside a zip package.
        member_bytes: unpacked size of one file inside a package, counted while unpacking.
        unpacked_bytes: unpacked size of all the files read from one package.
        ratio: unpacked size over packed size, looked at once `ratio_from` bytes are unpacked.
        ratio_from: see `ratio`.
    """

    file_bytes: int = 200 * MIB
    characters: int = 20_000_000
    pages: int = 5_000
    members: int = 5_000
    member_bytes: int = 64 * MIB
    unpacked_bytes: int = 300 * MIB
    ratio: int = 200
    ratio_from: int = MIB


DEFAULT_LIMITS = Limits()

# What the reader of the message can do, in both languages of the people who use this.
_NEXT_STEP = {
    "not_found": "check the path · 请检查路径",
    "not_a_file": "name a file, not a folder or device · 请给出文件",
    "unsupported": "save it as docx, pdf, html or plain text · 请另存为 docx、pdf、html 或 txt",
    "encrypted": "remove the password and save it again · 文件已加密，请去掉密码后再试",
    "scanned": "run OCR on it first · 扫描件没有文字层，请先做文字识别（OCR）",
    "broken_font": "run OCR on it, or ask the issuer for a docx · 字体编码损坏，请做文字识别或索取原稿",
    "corrupt": "fetch the file again · 文件已损坏，请重新获取",
    "too_large": "split the file, or raise the limit · 文件过大，请拆分后再试",
    "undecodable": "name the encoding (--encoding), or save it as UTF-8 · 请指明编码或另存为 UTF-8",
    "binary": "give a document, not a program or picture · 这不是文本文件",
    "empty": "there is nothing to read · 文件没有内容",
    "missing_extra": "install the extra named · 请安装所缺的组件",
    "bad_table": "check the header row · 请检查表头",
}


def refusal(kind: str, name: str, what: str, hint: str = "") -> ReadError:
    """Build the error for a file that cannot be read.

    Args:
        kind: one of the kinds of `ReadError`.
        name: the file as the user named it; bytes of a path that are no text are shown as escapes.
        what: what is wrong, with the place inside the file where there is one.
        hint: what to do next; without it, the usual advice for this kind.

    Returns:
        the error, to be raised or handed on.
    """
    return ReadError(kind, f"{printable(name)}: {what}", hint or _NEXT_STEP[kind])


def printable(name: str) -> str:
    """Return `name` on one line and without lone surrogates, so that any terminal or log can take it."""
    shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown)
