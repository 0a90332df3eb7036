"""Coefficients on the grid that the model folder stores: 16-bit whole numbers times a power of two.

Rounding is part of the learning, not of the export: the fitted pipeline itself has the rounded
coefficients, so scikit-learn and the compiled model multiply by the very same numbers. The grid of an
output is the finest on which its largest coefficient still fits.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LARGEST = 2**15 - 1
Floats = npt.NDArray[np.float64]


def round_to_grid(coefficients: Floats) -> Floats:
    """Coefficients (n_outputs, n_terms), each rounded to its output's grid; rounding twice changes nothing."""
    scales = grid_scales(coefficients)[:, None]
    return np.asarray(np.rint(coefficients / scales) * scales)


def grid_scales(coefficients: Floats) -> Floats:
    """What one unit is worth, a power of two for each output, shape (n_outputs,)."""
    largest = np.maximum(np.abs(coefficients).max(axis=1), np.finfo(np.float32).tiny)
    return np.asarray(2.0 ** -np.floor(np.log2(LARGEST / largest)))


def grid_numbers(coefficients: Floats) -> npt.NDArray[np.int16]:
    """The whole numbers (n_outputs, n_terms) that stand for coefficients on the grid.

    Raises:
        ValueError: a coefficient is not on the grid.
    """
    numbers = coefficients / grid_scales(coefficients)[:, None]
    if not (numbers == np.rint(numbers)).all():
        raise ValueError("the coefficients were not rounded to the grid of the model folder")
    return numbers.astype(np.int16)
