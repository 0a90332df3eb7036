"""The C code under AddressSanitizer and UndefinedBehaviorSanitizer, on fuzz and on damaged arrays."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def compiler():
    """A compiler that can build with sanitizers, or a skip that says why not."""
    found = shutil.which("gcc") or shutil.which("clang")
    if not sys.platform.startswith("linux") or found is None:
        pytest.skip("needs Linux with gcc or clang")
    if not (Path(sysconfig.get_path("include")) / "Python.h").is_file():
        pytest.skip("needs Python's C headers")
    return found


@pytest.mark.slow
def test_fuzz_and_damaged_arrays_cause_no_memory_error_and_no_undefined_behaviour(tmp_path):
    cc, extension = compiler(), tmp_path / "_native.so"
    build = [cc, "-g", "-O1", "-shared", "-fPIC", "-DPy_LIMITED_API=0x030B0000", *SANITIZE]
    sources = [f"-I{sysconfig.get_path('include')}", ROOT / "qclassify/kernels/_native.c", "-lm"]
    built = subprocess.run([*build, *sources, "-o", extension], capture_output=True, text=True, check=False)
    if built.returncode and re.search(r"cannot find .*(asan|ubsan)", built.stderr):
        pytest.skip("the compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    library = subprocess.run(
        [cc, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = os.environ | {
        "LD_PRELOAD": library,
        "ASAN_OPTIONS": "detect_leaks=0",  # Python itself keeps memory until the end
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "QCLASSIFY_BACKEND": "numpy",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, ROOT / "tests/sanitized_kernel.py", extension],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    refused, run = map(int, re.findall(r"\d+", done.stdout))
    assert refused > 30
    assert run > 30
