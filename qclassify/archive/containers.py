"""tar and zip files of documents → their members, one after the other, inside limits.

A member's name is only ever a name: what is in it goes to a file that the caller names. Links and
devices in a container are left out. A member that unpacks to more than it may, or a container that
unpacks to far more than it holds, is refused while it is being unpacked.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qclassify.errors import ReadError
from qclassify.reading.limits import MIB, Limits, refusal

_COMPRESSED: dict[str, Callable[[IO[bytes]], Any]] = {
    ".tar.gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".tgz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".tar.bz2": bz2.BZ2File,
    ".tbz2": bz2.BZ2File,
    ".tar.xz": lzma.LZMAFile,
    ".txz": lzma.LZMAFile,
}
_SUFFIXES = (".zip", ".tar", *_COMPRESSED)
# A zip that holds one of these is itself a document.
_PACKAGE_PARTS = frozenset({"[Content_Types].xml", "OFD.xml", "mimetype"})
_SKIPPED_PREFIXES = ("~$", "._", ".")
_RATIO_FROM = 64 * MIB  # of a whole container, whose first members may be mostly blanks
_CHUNK = 256 * 1024
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a container.

    Attributes:
        name: as the container has it, `/` between folders.
        size: in bytes, as the container declares it.
        position: bytes of the container that lie before the end of this member, about.
        copy: writes the content to a file; raises `ReadError` when it is damaged or too large. To be
            called before the next member is asked for, or never.
    """

    name: str
    size: int
    position: int
    copy: Callable[[Path], None]


def is_container(path: Path) -> bool:
    """Whether a file is a tar or a zip of documents, going by its name and, for a zip, by what is in it."""
    if not path.name.lower().endswith(_SUFFIXES):
        return False
    if not path.name.lower().endswith(".zip"):
        return True
    try:
        with zipfile.ZipFile(path) as package:
            return _PACKAGE_PARTS.isdisjoint(package.namelist())
    except _DAMAGE:
        return True  # `members` says what is wrong with it


def members(path: Path, name: str, limits: Limits) -> Iterator[Member | ReadError]:
    """The members of a container in its own order; an error in the place of one that cannot be read.

    Args:
        path: the container.
        name: for messages.
        limits: `file_bytes` caps a member, `ratio` a zip's member and a whole compressed tar.
    """
    try:
        yield from (_zip if path.name.lower().endswith(".zip") else _tar)(path, name, limits)
    except ReadError as error:
        yield error
    except _DAMAGE as error:
        yield refusal("corrupt", name, f"a damaged container: {' '.join(str(error).split())[:200]}")


def _tar(path: Path, name: str, limits: Limits) -> Iterator[Member | ReadError]:
    suffix = next((suffix for suffix in _COMPRESSED if path.name.lower().endswith(suffix)), None)
    with ExitStack() as opened:
        raw = opened.enter_context(path.open("rb"))
        if suffix is None:
            tar = opened.enter_context(tarfile.open(fileobj=raw, mode="r:"))
        else:
            unpacked: Any = _Watched(opened.enter_context(_COMPRESSED[suffix](raw)), raw, name, limits)
            tar = opened.enter_context(tarfile.open(fileobj=unpacked, mode="r|"))
        while (info := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined] # it would keep every header that it has seen
            if not info.isreg() or _is_skipped(info.name):
                continue

            def copy(target: Path, info: tarfile.TarInfo = info) -> None:
                stream = tar.extractfile(info)
                assert stream is not None  # noqa: S101 - only links and folders have none
                _copy(stream, target, f"{name}, {info.name}", limits.file_bytes)

            yield Member(info.name, info.size, raw.tell(), copy)


def _zip(path: Path, name: str, limits: Limits) -> Iterator[Member | ReadError]:
    with zipfile.ZipFile(path) as package:
        for info in package.infolist():
            own_name = _decoded_name(info)
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            if info.is_dir() or is_link or _is_skipped(own_name):
                continue
            label = f"{name}, {own_name}"
            if info.flag_bits & _ENCRYPTED_FLAG:
                yield refusal("encrypted", label, "is protected by a password")
                continue

            def copy(target: Path, info: zipfile.ZipInfo = info, label: str = label) -> None:
                cap = min(limits.file_bytes, max(limits.ratio_from, limits.ratio * info.compress_size))
                with package.open(info) as stream:
                    _copy(stream, target, label, cap)

            yield Member(own_name, info.file_size, info.header_offset + info.compress_size, copy)


def _copy(stream: IO[bytes], target: Path, label: str, cap: int) -> None:
    size = 0
    try:
        with target.open("wb") as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > cap:
                    what = f"unpacks to more than {cap / MIB:g} MiB, which a file of its packed size may not"
                    raise refusal("too_large", label, what)
                file.write(chunk)
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.filename == str(target):
            raise  # our disk, not their file
        raise refusal("corrupt", label, f"is damaged: {' '.join(str(error).split())[:200]}") from error


class _Watched:
    """The unpacked bytes of a compressed tar, which end in an error when they are too many for the packed."""

    def __init__(self, unpacked: IO[bytes], packed: IO[bytes], name: str, limits: Limits) -> None:
        self._unpacked, self._packed = unpacked, packed
        self._name, self._ratio = name, limits.ratio
        self._size = 0

    def read(self, size: int) -> bytes:
        data = self._unpacked.read(size)
        self._size += len(data)
        if self._size > max(_RATIO_FROM, self._ratio * self._packed.tell()):
            what = f"unpacks to more than {self._ratio} times its size (a bomb); the rest of it is not read"
            raise refusal("too_large", self._name, what)
        return data


def _decoded_name(info: zipfile.ZipInfo) -> str:
    """Zip names without the UTF-8 flag are read as cp437, but Chinese systems write them in GBK."""
    if info.flag_bits & _UTF8_FLAG or info.filename.isascii():
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return info.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.filename


def _is_skipped(name: str) -> bool:
    folders = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return not folders or any(part.startswith(_SKIPPED_PREFIXES) or part == "__MACOSX" for part in folders)
