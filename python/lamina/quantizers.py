"""How the layers of a type travel: one immutable description for each kind of quantizer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, Union

import numpy as np

from . import _abi
from .errors import InvalidPlan

Scope: TypeAlias = Union[int, Literal["layer", "vector"]]
"""The coordinates that share a norm or a scale: buckets of so many (1 to 2^24), the layer, or the whole vector."""
Norm: TypeAlias = Union[float, Literal["max", "l1", "l2"]]
"""A norm by name. Plans that were made elsewhere may have another exponent q of at least 1, which is then a number."""
Code: TypeAlias = Literal["fixed", "elias-gamma", "elias-delta", "elias-omega", "huffman", "rans"]
"""How the symbols of levels are written; "huffman" and "rans" have tables, which ``Plan.fit`` makes for a vector."""


@dataclass(frozen=True)
class Exact:
    """Binary32 numbers, 32 bits a coordinate; -0 arrives as +0."""

    def record(self, type: str | None) -> _abi.QuantizerRecord:
        return _abi.quantizer_record(_abi.EXACT, type)


@dataclass(frozen=True, init=False)
class Levels:
    """Stochastic rounding to levels, unbiased: QSGD, NUQSGD, TernGrad, ALQ, AMQ.

    A coordinate is divided by the norm of its scope, and goes to one of the two levels next to it, with probabilities
    that keep its mean.
    """

    levels: tuple[float, ...]
    """Strictly increasing to 1: 2 to 128 magnitudes from 0, whose sign takes a bit of its own, or 2 to 256 signed
    levels from -1; numbers of binary32."""
    norm: Norm
    """By what coordinates are divided."""
    scope: Scope
    """The coordinates that share a norm of 32 bits; in a plan all types of scope "vector" have the same norm."""
    code: Code
    """How the symbols are written."""

    def __init__(
        self, levels: Iterable[float], norm: Norm = "max", scope: Scope = 1024, code: Code = "fixed"
    ) -> None:
        """Any numbers for levels, which are rounded to binary32; a plan refuses those that are no levels."""
        numbers = np.asarray(list(levels), dtype=np.float32)
        object.__setattr__(self, "levels", tuple(numbers.tolist()))
        object.__setattr__(self, "norm", norm)
        object.__setattr__(self, "scope", scope)
        object.__setattr__(self, "code", code)

    @property
    def bits(self) -> int:
        """The width of a field of fixed width, the sign included."""
        index = (len(self.levels) - 1).bit_length()
        return index if self.levels and self.levels[0] < 0 else index + 1

    def record(self, type: str | None) -> _abi.QuantizerRecord:
        if self.norm not in _abi.NORMS:
            raise InvalidPlan(f"A norm is {_names(_abi.NORMS)}, not {self.norm!r}.")
        if self.code not in _abi.CODES:
            raise InvalidPlan(f"A code is {_names(_abi.CODES)}, not {self.code!r}.")
        return _abi.quantizer_record(
            _abi.LEVELS,
            type,
            levels=self.levels,
            norm=_abi.NORMS[str(self.norm)],
            code=_abi.CODES[self.code],
            **_scope_fields(self.scope),
        )


@dataclass(frozen=True, init=False)
class Dithered:
    """Subtractive dither and entropy coding, with a step relative to the root mean square of the scope.

    The expected squared error is step^2/12 times the squared norm of the scope, whatever the law of the coordinates,
    and the error is independent of them. The first choice from 2 bits on.
    """

    step: float
    """The step in root mean squares, 2^-16 to 2^16."""
    scope: Scope
    """The coordinates that share a scale."""

    def __init__(self, bits: float | None = None, *, step: float | None = None, scope: Scope = "vector") -> None:
        """A quantizer by its step, or by its bits: those that a Gaussian vector takes about, and any other fewer.

        :param bits: 0.5 to 16, in the place of ``step``.
        :raises InvalidPlan: if not exactly one of both is given, or ``bits`` is out of range.
        """
        if (bits is None) == (step is None):
            raise InvalidPlan("Dithered takes either 'bits' or 'step'.")
        if bits is not None:
            step = _abi.dithered_step(bits)
            if math.isnan(step):
                raise InvalidPlan(f"A dithered coordinate takes 0.5 to 16 bits, not {bits}.")
        object.__setattr__(self, "step", float(np.float32(step)))
        object.__setattr__(self, "scope", scope)

    def record(self, type: str | None) -> _abi.QuantizerRecord:
        return _abi.quantizer_record(_abi.DITHERED, type, step=self.step, **_scope_fields(self.scope))


@dataclass(frozen=True)
class Agreed:
    """Dither with one step that all workers agreed on, so that their integers add up."""

    step: float
    """The step in the unit of the coordinates, 2^-100 to 2^100."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", float(np.float32(self.step)))

    def record(self, type: str | None) -> _abi.QuantizerRecord:
        return _abi.quantizer_record(_abi.AGREED, type, step=self.step)


@dataclass(frozen=True)
class Rotated:
    """Random rotation and rounding to normal centroids (EDEN): for about 1 bit a coordinate, or frames of one size."""

    bits: int
    """The width of a coordinate, 1 to 8."""
    block: int = 4096
    """How many coordinates are rotated together. Plans made here have 4096."""
    rounds: int = 2
    """How often signs are drawn and the transform is applied. Plans made here have 2."""

    def record(self, type: str | None) -> _abi.QuantizerRecord:
        if (self.block, self.rounds) != (4096, 2):
            raise InvalidPlan("Rotations of plans made here have blocks of 4096 coordinates and 2 rounds.")
        if not 1 <= self.bits <= 8:
            raise InvalidPlan(f"Rotated coordinates take 1 to 8 bits, not {self.bits}.")
        return _abi.quantizer_record(_abi.ROTATED, type, bits=self.bits)


Quantizer: TypeAlias = Union[Exact, Levels, Dithered, Agreed, Rotated]
"""How the layers of a type travel."""


def _names(table: dict[str, int]) -> str:
    names = [f"'{name}'" for name in table]
    return ", ".join(names[:-1]) + " or " + names[-1]


def _scope_fields(scope: Scope) -> dict[str, int]:
    if scope == "layer":
        return {"scope": _abi.LAYER}
    if scope == "vector":
        return {"scope": _abi.VECTOR}
    if isinstance(scope, bool) or not isinstance(scope, (int, np.integer)):
        raise InvalidPlan(f"A scope is a number of coordinates, 'layer' or 'vector', not {scope!r}.")
    if not 1 <= scope <= 1 << 24:
        raise InvalidPlan(f"A bucket has 1 to 2^24 coordinates, not {scope}.")
    return {"scope": _abi.BUCKET, "bucket_size": int(scope)}
