"""Legacy Word and WPS files (OLE2): converted to docx, then read as docx.

The converter is young and works on hostile bytes, so it runs in a process of its own with a time limit
and a memory limit. LibreOffice is a second way, only when the caller asks for it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from qclassify.reading import docx
from qclassify.reading.limits import refusal

if TYPE_CHECKING:
    from qclassify.reading.extract import Extract, Options

_SECONDS = 60
_OFFICE_SECONDS = 120
_MEMORY = 2 * 1024**3
_CONVERT = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
except ImportError:
    pass
from doc2docx import convert
from doc2docx.errors import Doc2DocxError, EncryptedDocumentError
try:
    convert(sys.argv[1], sys.argv[2])
except EncryptedDocumentError as error:
    sys.exit("encrypted: " + str(error))
except (Doc2DocxError, MemoryError, RecursionError, ValueError, LookupError, ArithmeticError, OSError) as error:
    sys.exit("corrupt: " + str(error))
"""
# LibreOffice's own settings: no macros, no active content, no links followed.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def extract(data: bytes, name: str, options: Options) -> Extract:
    """Read a doc or wps file.

    Raises:
        ReadError: `missing_extra` when no converter is there, `encrypted`, `corrupt`, `too_large`
            when a conversion takes too long, and whatever the docx reader raises.
    """
    office = shutil.which("soffice") if options.soffice else None
    has_converter = importlib.util.find_spec("doc2docx") is not None
    if office is None and not has_converter:
        what = "reading doc and wps files needs the extra `legacy`"
        if options.soffice:
            what += ", or LibreOffice (soffice), which is not on PATH"
        raise refusal("missing_extra", name, what, "pip install 'qclassify[legacy]'")
    with tempfile.TemporaryDirectory(prefix="qclassify-") as folder:
        source = Path(folder) / "source.doc"
        source.write_bytes(data)
        converted = _with_office(office, source, name) if office else _with_converter(source, name)
    return docx.extract(converted, name, options)


def _with_converter(source: Path, name: str) -> bytes:
    target = source.with_suffix(".docx")
    command = [sys.executable, "-I", "-c", _CONVERT, str(source), str(target)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own file names
            command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("too_large", name, f"the conversion took more than {_SECONDS} s") from error
    if done.returncode == 0 and target.exists():
        return target.read_bytes()
    kind, _, reason = done.stderr.decode("utf-8", "replace").strip().partition(": ")
    if kind == "encrypted":
        raise refusal("encrypted", name, "is protected by a password")
    # Word 95 and older, or damage; the last line says most where the converter itself failed.
    lines = reason.splitlines() or ["no reason given"]
    raise refusal("corrupt", name, f"cannot be converted, perhaps Word 95 or older: {lines[-1][:200]}")


def _with_office(office: str, source: Path, name: str) -> bytes:
    profile = source.parent / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [
        *_without_network(),
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(source.parent / "out"),
        str(source),
    ]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(source.parent), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(  # noqa: S603 - the caller asked for this program; the file names are ours
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        process.wait(_OFFICE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise refusal("too_large", name, f"LibreOffice took more than {_OFFICE_SECONDS} s") from error
    finally:
        _end_group(process)
    target = source.parent / "out" / "source.docx"
    if not target.exists():
        raise refusal("corrupt", name, "LibreOffice cannot convert it")
    return target.read_bytes()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """The office starts programs of its own, which must not outlive it."""
    if process.poll() is None and hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _without_network() -> list[str]:
    """Put the office into a network namespace of its own where the system allows that."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    command = [unshare, "--map-root-user", "--net"]
    probe = subprocess.run([*command, "true"], capture_output=True, check=False)  # noqa: S603 - a fixed command
    return command if probe.returncode == 0 else []
