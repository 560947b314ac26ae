"""Plans: what workers must agree on before a byte is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, Union

import numpy as np
import numpy.typing as npt

from . import _abi, _arrays, _plan_bytes
from .levels import Method
from .quantizers import Quantizer

Quantizers: TypeAlias = Union[Quantizer, Mapping[Union[str, None], Quantizer], Mapping[str, Quantizer]]
"""One quantizer for all types that do not travel exactly by default, or quantizers by layer type; the key None stands
for all types without one of their own."""


@dataclass(frozen=True)
class Layer:
    """A named, typed range of coordinates. The layers of a plan lie one after the other."""

    name: str
    """Unique in the plan, 1 to 255 bytes of UTF-8."""
    count: int
    """Coordinates, at least 1."""
    type: str | None = None
    """The layer type, 1 to 255 bytes of UTF-8; None for the type that the standard rules give the name."""


class Plan:
    """Layers, the quantizers of their types, and the seed of all draws; a value, equal to others of the same bytes.

    It is the same on all workers: make it once and send ``encode()``, or make it from the same arguments everywhere.
    It can be pickled, and used from any thread.
    """

    def __init__(self, layers: Iterable[Layer], quantizers: Quantizers, seed: int = 0) -> None:
        """Makes a plan.

        Types without a quantizer, and without one for all types, travel exactly, and so do biases and the parameters of
        normalisation ("bias", "normalisation") unless a quantizer names their type.

        :param layers: At least one, in the order of their coordinates.
        :param quantizers: One for all types, or one for each by name.
        :param seed: Names all draws together with step and rank, 0 to 2^64 - 1.
        :raises InvalidPlan: if these do not make a plan.
        """
        by_type = quantizers if isinstance(quantizers, Mapping) else {None: quantizers}
        layer_records = [_abi.layer_record(layer.name, layer.type, layer.count) for layer in layers]
        quantizer_records = [quantizer.record(type) for type, quantizer in by_type.items()]
        self._adopt(_abi.PlanHandle.create(layer_records, quantizer_records, seed))

    @classmethod
    def decode(cls, data: bytes) -> Plan:
        """The plan that ``encode()`` wrote, here or in another language.

        :raises DamagedFrame: if the bytes are no plan.
        :raises FrameMismatch: if they have another version of the format.
        """
        plan = cls.__new__(cls)
        plan._adopt(_abi.PlanHandle.decode(bytes(data)))
        return plan

    def _adopt(self, handle: _abi.PlanHandle) -> None:
        self._handle = handle
        self._data = handle.encode()
        self._contents = _plan_bytes.contents(self._data)

    def encode(self) -> bytes:
        """The canonical bytes of the plan."""
        return self._data

    def fit(self, values: npt.ArrayLike, method: Method = "optimal") -> Plan:
        """A plan with the levels of every type, and the tables of codes that have one, fitted to a vector.

        Types without levels stay as they are, and so do those of which all buckets are zero or not finite. One worker
        fits and sends the bytes to all; the new plan has the next level epoch, so that frames of the old one are refused.

        :param values: As many floating-point coordinates as the plan has, in any shape, read in C order.
        :param method: How levels are fitted; "fixed" leaves them and makes tables alone.
        :raises InvalidArgument: if the number of coordinates is another, or there is no such method.
        :raises InvalidPlan: if the method has no levels of the form that a type has.
        """
        plan = Plan.__new__(Plan)
        number = _abi.method_number(method)
        plan._adopt(self._handle.fit(_arrays.coordinates(values, "values"), number))
        return plan

    @property
    def dimension(self) -> int:
        """The number of coordinates of the vector."""
        return self._handle.dimension

    @property
    def digest(self) -> int:
        """A hash of the canonical bytes, which every frame names; below 2^64."""
        return self._handle.digest

    @property
    def seed(self) -> int:
        """The seed of all draws."""
        return self._contents.seed

    @property
    def level_epoch(self) -> int:
        """How often the levels have changed."""
        return self._contents.level_epoch

    @property
    def protocol(self) -> Literal["main", "alternating"]:
        """Whether each type has a code of its own; plans made here do ("main")."""
        return self._contents.protocol

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, each with its type."""
        return [Layer(*layer) for layer in self._contents.layers]

    @property
    def quantizers(self) -> dict[str, Quantizer]:
        """The quantizer of each layer type."""
        return dict(self._contents.quantizers)

    def __eq__(self, other: object) -> bool:
        return self._data == other._data if isinstance(other, Plan) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._data)

    def __reduce__(self) -> tuple[object, ...]:
        return (Plan.decode, (self._data,))

    def __repr__(self) -> str:
        return f"<Plan {self.digest:016x}: {len(self._contents.layers)} layers, {self.dimension} coordinates>"
