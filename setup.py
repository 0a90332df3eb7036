"""The one part of the build that pyproject.toml cannot say: the optional C back end.

Without a working compiler the extension is left out and the numpy back end serves.
"""

import sysconfig

from setuptools import Extension, setup

# The stable ABI of Python 3.11: one binary serves every later version. Free-threaded builds have none.
stable = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    ext_modules=[
        Extension(
            "qclassify.kernels._native",
            ["qclassify/kernels/_native.c"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if stable else [],
            py_limited_api=stable,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if stable else {},
)
