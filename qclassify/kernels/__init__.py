"""The two back ends that walk a compiled model: numpy, always there, and C, when it was built."""

from __future__ import annotations

import importlib.util
import os

from qclassify.errors import ModelError
from qclassify.kernels.layout import Arrays
from qclassify.kernels.texts import FieldProgram, Kernel, TextBatch, encode

__all__ = ["BACKENDS", "Arrays", "FieldProgram", "Kernel", "TextBatch", "encode", "make_kernel"]

BACKENDS = ("native", "numpy")
VARIABLE = "QCLASSIFY_BACKEND"


def make_kernel(arrays: Arrays, backend: str | None = None) -> Kernel:
    """A kernel over checked arrays.

    Args:
        arrays: of a model, checked as `qclassify.kernels.layout` says.
        backend: `native`, `numpy`, or None for what the environment variable `QCLASSIFY_BACKEND` names,
            else for the fastest one there is.

    Raises:
        ModelError: there is no such back end, or it is not built.
    """
    wanted = backend or os.environ.get(VARIABLE) or None
    if wanted not in (None, *BACKENDS):
        raise ModelError(f"{VARIABLE}={wanted}: no such back end", f"one of: {', '.join(BACKENDS)}")
    if wanted != "numpy":
        built = importlib.util.find_spec("qclassify.kernels._native") is not None
        if built:
            from qclassify.kernels.native import NativeKernel

            return NativeKernel(arrays)
        if wanted == "native":
            raise ModelError(
                f"{VARIABLE}=native: the C extension is not built",
                "install qclassify where a C compiler is, or leave the variable out",
            )
    from qclassify.kernels.batch import BatchKernel

    return BatchKernel(arrays)
