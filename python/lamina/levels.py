"""Levels: the usual families, and levels fitted to data. All are arrays of binary32 numbers that increase to 1."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _abi, _arrays
from .errors import InvalidArgument
from .quantizers import Levels, Norm, Scope

Method: TypeAlias = Literal["fixed", "alq", "alq-gd", "amq", "amq-zero", "optimal", "lloyd"]
"""How levels are fitted: not at all; adaptive levels by coordinate descent or projected gradient (ALQ); powers of one
multiplier, for levels without a zero or with one (AMQ); the least expected error; the Lloyd-Max centroids."""

_SMALLEST_GAP = np.float32(2.0**-125)


def uniform(intervals: int) -> npt.NDArray[np.float32]:
    """Equally spaced magnitudes 0, 1/s, ..., 1: QSGD.

    :param intervals: s, 1 to 127.
    :returns: s + 1 magnitudes. 2^(b-1) of them fill b bits, the sign included.
    :raises InvalidArgument: for any other s.
    """
    if not 1 <= intervals <= 127:
        raise InvalidArgument(f"Uniform levels have 1 to 127 intervals, not {intervals}.")
    return np.divide(np.arange(intervals + 1), intervals, dtype=np.float32)


def exponential(multiplier: float, interior: int) -> npt.NDArray[np.float32]:
    """The magnitudes 0, p^s, ..., p, 1: NUQSGD where p is one half, the family of AMQ.

    :param multiplier: p, strictly between 0 and 1.
    :param interior: s, 0 to 126, such that p^s is still a normal number of binary32.
    :returns: s + 2 magnitudes; powers closer than 2^-125 are moved apart to it.
    :raises InvalidArgument: for any other numbers.
    """
    factor = np.float32(multiplier)
    if not 0 < factor < 1:
        raise InvalidArgument(f"The multiplier lies strictly between 0 and 1, not {multiplier}.")
    if not 0 <= interior <= 126:
        raise InvalidArgument(f"There are 0 to 126 interior levels, not {interior}.")
    powers = [np.float32(1)]
    for _ in range(interior):
        powers.append(powers[-1] * factor)
    if powers[-1] < np.finfo(np.float32).tiny:
        raise InvalidArgument("The smallest of these levels is too small for binary32.")
    levels = np.array([0, *reversed(powers)], dtype=np.float32)
    for index in range(1, levels.size):
        before = levels[index - 1]
        levels[index] = max(levels[index], np.nextafter(before, np.float32(2)), before + _SMALLEST_GAP)
    return levels


def mirrored_without_zero(magnitudes: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Magnitudes without their 0, with both signs: -1, ..., -l, l, ..., 1, which use every field of a fixed width.

    :param magnitudes: n levels from 0 to 1.
    :returns: 2(n - 1) signed levels.
    :raises InvalidArgument: where the levels do not begin at 0.
    """
    levels = np.asarray(magnitudes, dtype=np.float32)
    if levels.ndim != 1 or levels.size < 2 or levels[0] != 0:
        raise InvalidArgument("Only magnitudes, levels that begin at 0, can be mirrored.")
    return np.concatenate([-levels[:0:-1], levels[1:]])


def fit_levels(
    values: npt.ArrayLike,
    count: int,
    method: Method = "optimal",
    *,
    zero: bool = True,
    norm: Norm = "max",
    scope: Scope = 1024,
) -> npt.NDArray[np.float32]:
    """Levels for the coordinates of one layer, which are divided by the norms of their buckets.

    A bucket counts by its squared norm, so that what is made small is the expected squared error of the vector; buckets
    whose norm is zero or not finite do not count.

    :param values: Floating-point coordinates of any shape, read in C order.
    :param count: How many levels: 2 to 128 magnitudes, or an even number of signed levels, 2 to 254.
    :param method: How they are fitted; "amq" is for levels without a zero.
    :param zero: Whether 0 is a level: magnitudes from 0, else signed levels symmetric about 0.
    :param norm: By what coordinates are divided.
    :param scope: The coordinates that share a norm; "vector" is the same as "layer" here.
    :returns: ``count`` levels.
    :raises InvalidArgument: if nothing can be observed, or the method has no levels of this form.
    """
    number = _abi.method_number(method)
    if zero and 2 <= count <= 128:
        start = exponential(0.5, count - 2)
    elif not zero and 2 <= count <= 254 and count % 2 == 0:
        start = mirrored_without_zero(exponential(0.5, count // 2 - 1))
    else:
        raise InvalidArgument(
            f"There are 2 to 128 levels with a zero, or an even number from 2 to 254 without, not {count}."
        )
    record = Levels(start, norm, scope).record(None)
    return _abi.levels_fit(record, _arrays.coordinates(values, "values"), number)


def expected_error(values: npt.ArrayLike, quantizer: Levels) -> float:
    """The expected squared error of rounding the coordinates of one layer, over all draws.

    :param values: Floating-point coordinates of any shape, read in C order.
    :param quantizer: The levels with their norm and scope.
    :returns: The sum over coordinates, in the squared unit of ``values``; buckets that travel exactly add nothing.
    """
    return _abi.levels_variance(quantizer.record(None), _arrays.coordinates(values, "values"))
