"""Run by test_kernel_sanitizers.py in a process of its own, with a C extension built with sanitizers.

    python tests/sanitized_kernel.py EXTENSION.so

Scores and cuts fuzz with the shipped model, then builds and runs kernels over damaged arrays.
"""

import dataclasses
import importlib.util
import random
import sys

import numpy as np

spec = importlib.util.spec_from_file_location("qclassify.kernels._native", sys.argv[1])
extension = importlib.util.module_from_spec(spec)
spec.loader.exec_module(extension)
sys.modules["qclassify.kernels._native"] = extension

from fuzz_texts import fuzz_texts  # noqa: E402 - the extension has to be there first

from qclassify.kernels import TextBatch, encode, native  # noqa: E402
from qclassify.kernels.native import NativeKernel  # noqa: E402
from qclassify.models import load_model  # noqa: E402

assert native._native is extension
bundle = load_model()
programs = [field.program for field in bundle.fields]
corpus = encode([*fuzz_texts(4000), "首席质量官制度" * 3000, "0" * 5000, "x-" * 3000])
few = encode(fuzz_texts(200, seed=5))


def run(kernel, batch):
    kernel.score(batch, programs)
    kernel.cut(batch)


run(NativeKernel(bundle.arrays), corpus)
choose = random.Random(99)  # noqa: S311 - test data
refused = accepted = 0
for _ in range(150):
    name = choose.choice([field.name for field in dataclasses.fields(bundle.arrays)])
    damaged = bytearray(getattr(bundle.arrays, name).tobytes())
    kind = choose.choice(("bytes", "low bytes", "shorter", "noise"))
    if kind == "shorter":
        item = getattr(bundle.arrays, name).itemsize
        damaged = damaged[: item * choose.randrange(len(damaged) // item)]
    elif kind == "noise":
        damaged[:] = choose.randbytes(len(damaged))
    else:
        for _ in range(choose.choice((1, 20, 2000))):
            damaged[choose.randrange(len(damaged))] = choose.randrange(2 if kind == "low bytes" else 256)
    view = np.frombuffer(bytes(damaged), getattr(bundle.arrays, name).dtype)
    try:
        kernel = NativeKernel(dataclasses.replace(bundle.arrays, **{name: view}))
    except ValueError:
        refused += 1
        continue
    accepted += 1
    kernel._n_outputs = len(view) if name == "scales" else kernel._n_outputs
    run(kernel, few)
for ends in ([5], [2, 1], [-1], [2**40], []):
    try:
        NativeKernel(bundle.arrays).score(TextBatch(few.points, np.array(ends, np.int64)), programs)
    except ValueError:
        refused += 1
sys.stdout.write(f"{refused} refused, {accepted} run\n")
