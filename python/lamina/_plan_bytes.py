"""Reads what a plan says from its canonical bytes, as Documentation/WireFormat.md has them.

The library has checked the bytes before: here nothing is checked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from . import _abi
from .quantizers import Agreed, Code, Dithered, Exact, Levels, Norm, Quantizer, Rotated, Scope

_CODES: dict[int, Any] = {number: name for name, number in _abi.CODES.items()}
_NORMS: dict[float, Norm] = {float("inf"): "max", 1.0: "l1", 2.0: "l2"}
_SCOPES: dict[int, Scope] = {0: "vector", 0xFFFFFFFF: "layer"}
_PROTOCOLS: dict[int, Literal["main", "alternating"]] = {0: "main", 1: "alternating"}


@dataclass(frozen=True)
class PlanContents:
    """What the bytes of a plan say."""

    protocol: Literal["main", "alternating"]
    level_epoch: int
    seed: int
    layers: list[tuple[str, int, str]]
    """Names, numbers of coordinates, types."""
    quantizers: dict[str, Quantizer]


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = data, 0

    def bytes(self, count: int) -> bytes:
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, layout: str) -> Any:
        return struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout)))[0]

    def name(self) -> str:
        return self.bytes(self.number("B")).decode("utf-8")

    def scope(self) -> Scope:
        size: int = self.number("I")
        return _SCOPES.get(size, size)


def contents(data: bytes) -> PlanContents:
    """What the canonical bytes of a plan say."""
    cursor = _Cursor(data)
    cursor.bytes(5)
    protocol, type_count, epoch, seed = (cursor.number(layout) for layout in "BHIQ")
    quantizers: dict[str, Quantizer] = {}
    for _ in range(type_count):
        name = cursor.name()
        quantizers[name] = _quantizer(cursor)
    types = list(quantizers)
    layers = []
    for _ in range(cursor.number("I")):
        name = cursor.name()
        type = types[cursor.number("H")]
        layers.append((name, cursor.number("Q"), type))
    return PlanContents(_PROTOCOLS[protocol], epoch, seed, layers, quantizers)


def _quantizer(cursor: _Cursor) -> Quantizer:
    kind = cursor.number("B")
    if kind == 0:
        return Exact()
    if kind == 1:
        exponent = cursor.number("f")
        scope = cursor.scope()
        levels = np.frombuffer(cursor.bytes(4 * cursor.number("H")), dtype="<f4")
        code: Code = _CODES[cursor.number("B")]
        if code in ("huffman", "rans"):
            cursor.bytes(cursor.number("H"))
        return Levels(levels, _NORMS.get(exponent, exponent), scope, code)
    if kind == 2:
        step = cursor.number("f")
        return Dithered(step=step, scope=cursor.scope())
    if kind == 3:
        return Agreed(cursor.number("f"))
    bits, block, rounds = (cursor.number("B") for _ in range(3))
    return Rotated(bits, 1 << block, rounds)
