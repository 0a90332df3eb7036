"""Zip packages (docx, xlsx, OFD) read by member name, inside limits that declared sizes cannot dodge."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from qclassify.reading.limits import MIB, Limits, refusal

_CENTRAL_ENTRY = b"PK\x01\x02"
_DRIVE = re.compile(r"^[A-Za-z]:")
_ENCRYPTED_FLAG = 0x1
_CHUNK = 256 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OverflowError, OSError)


class Package:
    """An opened zip package; nothing is ever written to disk.

    Attributes:
        name: the file's name, for messages.
        members: names of the files in it, `/` between folders.

    Args:
        data: the whole file.
        name: for messages.
        limits: caps on members, unpacked sizes and ratio.

    Raises:
        ReadError: `corrupt` for a damaged package or one with unsafe member names, `encrypted`, or
            `too_large` for one with too many members.
    """

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self.name = name
        self._limits = limits
        self._packed_size = len(data)
        self._unpacked = 0
        # Before zipfile builds an object for each of perhaps millions of entries.
        if data.count(_CENTRAL_ENTRY) > limits.members:
            raise refusal("too_large", name, f"a zip package with more than {limits.members:,} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise refusal("corrupt", name, f"a damaged zip package: {error}") from error
        self._infos = {}
        for info in self._zip.infolist():
            if not info.is_dir():
                self._infos[_safe(info.filename, name)] = info
        self.members = frozenset(self._infos)

    def read(self, member: str) -> bytes:
        """Unpack one member.

        Raises:
            ReadError: `corrupt`, `encrypted`, `unsupported` (compression), or `too_large`.
        """
        info = self._infos.get(member)
        if info is None:
            raise refusal("corrupt", self.name, f"the package lacks {member}")
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise refusal("encrypted", self.name, "is protected by a password")
        if info.compress_type not in _METHODS:
            raise refusal("unsupported", self.name, f"{member} is compressed in a way that is not read")
        chunks = []
        size = 0
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    self._unpacked += len(chunk)
                    self._check(member, size, info.compress_size)
                    chunks.append(chunk)
        except _DAMAGE as error:
            raise refusal("corrupt", self.name, f"{member} is damaged: {error}") from error
        return b"".join(chunks)

    def _check(self, member: str, size: int, packed: int) -> None:
        limits = self._limits
        if size > limits.member_bytes:
            what = f"{member} unpacks to more than {limits.member_bytes / MIB:g} MiB"
        elif self._unpacked > limits.unpacked_bytes:
            what = f"unpacks to more than {limits.unpacked_bytes / MIB:g} MiB"
        elif size > limits.ratio_from and size > limits.ratio * min(packed, self._packed_size):
            what = f"{member} unpacks to more than {limits.ratio} times its size (a zip bomb)"
        else:
            return
        raise refusal("too_large", self.name, what)


def _safe(member: str, name: str) -> str:
    path = member.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise refusal("corrupt", name, f"unsafe member name {member!r} in the package")
    return path
