"""Bytes of a text file → text, strictly: nothing is dropped, nothing is replaced.

Order: byte order mark, UTF-16 by its NUL bytes, strict UTF-8, then GB 18030, Big5 and UTF-16
against each other by how common the characters are that each would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qclassify.reading.limits import refusal
from qclassify.reading.scripts import likelihood

if TYPE_CHECKING:
    from qclassify.errors import ReadError

# GB 2312 and GBK files hold GB 18030 characters in practice, and it contains both.
_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("utf-8-sig", "utf8-sig"), "utf-8-sig"),
    **dict.fromkeys(("utf-16", "utf16"), "utf-16"),
    **dict.fromkeys(("utf-16-le", "utf-16le", "utf16-le", "utf16le"), "utf-16-le"),
    **dict.fromkeys(("utf-16-be", "utf-16be", "utf16-be", "utf16be"), "utf-16-be"),
    **dict.fromkeys(("utf-32", "utf32"), "utf-32"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312", "gb-2312", "cp936", "x-gbk", "ansi"), "gb18030"),
    **dict.fromkeys(("big5", "big-5"), "big5"),
    **dict.fromkeys(("cp950", "ms950"), "cp950"),
    **dict.fromkeys(("big5-hkscs", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("ascii", "us-ascii"), "utf-8"),
}

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROLS = bytes([*range(9), *range(14, 26), *range(28, 32), 127])
_STRAY_CONTROLS = 4  # so many damage a text but do not make it binary
_GUESSED = ("gb18030", "big5", "utf-16-le", "utf-16-be")
_PLAUSIBLE = 0.1
_TELLING = 8  # characters; fewer may look like Chinese by chance
_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was decoded: `data.decode(encoding) == text`."""

    text: str
    encoding: str


def known_encoding(label: str) -> str | None:
    """Return the encoding that a label such as `GB2312` stands for, None if it is not one of ours."""
    return _ENCODINGS.get(label.strip().lower().replace("_", "-"))


def decode(data: bytes, name: str, encoding: str = "auto") -> Decoded:
    """Decode a text file.

    Args:
        data: the whole file.
        name: the file's name, for messages.
        encoding: `auto`, or a label; `gbk` and `gb2312` are read as GB 18030.

    Raises:
        ReadError: `undecodable` with the offset of the first bad byte, or `binary`.
    """
    if encoding != "auto":
        return _decode_as(data, name, encoding)
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _strictly(data, name, marked)
    if b"\0" in data:
        return _decode_with_nuls(data, name)
    utf8 = _try(data, "utf-8")
    if utf8 and not _is_binary(data):
        return utf8
    found = [decoded for label in _GUESSED if (decoded := _try(data, label))]
    # In UTF-16 the bytes of a Chinese character may be control codes, so the text is looked at.
    candidates = [decoded for decoded in found if not _is_binary(decoded.text[:_SAMPLE].encode())]
    if (utf8 or found) and not candidates:
        raise refusal("binary", name, "holds bytes that no text has")
    damaged, failure = _likeliest_failure(data, name)
    best = max(candidates, key=lambda found: likelihood(found.text), default=None)
    # A good file with one bad byte still decodes somehow as something else: better refused than garbled.
    if best is None or likelihood(best.text) < max(0.0, damaged):
        raise failure
    return best


def _decode_as(data: bytes, name: str, label: str) -> Decoded:
    encoding = known_encoding(label)
    if encoding is None:
        known = ", ".join(sorted(set(_ENCODINGS.values())))
        raise refusal("undecodable", name, f"unknown encoding {label!r}", f"known encodings: auto, {known}")
    if encoding == "utf-8" and data.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    return _strictly(data, name, encoding)


def _strictly(data: bytes, name: str, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, name, error) from error


def _try(data: bytes, label: str) -> Decoded | None:
    for encoding in ("big5", "cp950", "big5hkscs") if label == "big5" else (label,):
        try:
            return Decoded(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    return None


def _decode_with_nuls(data: bytes, name: str) -> Decoded:
    """ASCII in UTF-16 has a NUL in every pair; real NULs in a text file are rare and stay in it."""
    wide = [found for label in ("utf-16-le", "utf-16-be") if (found := _try(data, label))]
    wide = [found for found in wide if not _is_binary(found.text[:_SAMPLE].encode())]
    if wide:
        best = max(wide, key=_wide_score)
        if _wide_score(best) > _PLAUSIBLE:
            return best
    if not _is_binary(data):
        for label in ("utf-8", "gb18030", "big5"):
            if found := _try(data, label):
                return found
    raise refusal("binary", name, "holds bytes that no text has")


def _wide_score(found: Decoded) -> float:
    sample = found.text[:_SAMPLE]
    ascii_share = sum(char < "\x80" for char in sample) / len(sample)
    return likelihood(sample) * (1 - ascii_share) + ascii_share


def _likeliest_failure(data: bytes, name: str) -> tuple[float, ReadError]:
    """Find the encoding whose text up to its first bad byte looks most like Chinese.

    Returns:
        how much so (0 when there is too little of it to say), and the error that names that byte.
    """
    failures = []
    for encoding in ("utf-8", "gb18030", "big5"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError as error:
            before = data[: error.start].decode(encoding)
            enough = len(before) >= _TELLING and 2 * error.start > len(data)
            failures.append((likelihood(before) if enough else 0.0, error.start, error))
    if not failures:
        return _PLAUSIBLE, refusal("binary", name, "holds bytes that no text has")
    likely, _, likeliest = max(failures, key=lambda failure: failure[:2])
    if _is_binary(data):
        return likely, refusal("binary", name, "holds bytes that no text has")
    return likely, _undecodable(data, name, likeliest)


def _undecodable(data: bytes, name: str, error: UnicodeDecodeError) -> ReadError:
    where = f"byte 0x{data[error.start]:02x} at offset {error.start} is not {error.encoding}"
    if error.start >= len(data) - 4:
        where += "; the file seems cut off in the middle of a character"
    return refusal("undecodable", name, where)


def _is_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(_STRAY_CONTROLS, 0.01 * len(sample))
