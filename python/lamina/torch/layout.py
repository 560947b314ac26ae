"""Where the parameters of a network lie in the vector that is exchanged, and how they travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from ..errors import InvalidArgument
from ..plan import Layer, Plan
from ..quantizers import Quantizer
from ..rules import Rule, plan_by_name
from .layer_types import layer_types

DTYPES = (torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class Slot:
    """The place of one parameter."""

    name: str
    start: int
    count: int


class Layout:
    """The parameters of a network that have gradients, one after the other by name: whatever buckets DDP makes of them."""

    def __init__(self, model: nn.Module) -> None:
        """The layout of a network, which may be wrapped in DistributedDataParallel.

        :raises InvalidArgument: where no parameter has a gradient, or one is of a type that cannot be exchanged.
        """
        inner, ignored = model, set[str]()
        if isinstance(model, nn.parallel.DistributedDataParallel):
            inner, ignored = model.module, set(model.parameters_to_ignore)
        types = layer_types(inner)
        self.slots: dict[int, Slot] = {}
        self.layers: list[Layer] = []
        start = 0
        for name, parameter in inner.named_parameters():
            if not parameter.requires_grad or parameter.numel() == 0 or name in ignored:
                continue
            if parameter.dtype not in DTYPES:
                names = ", ".join(str(dtype).removeprefix("torch.") for dtype in DTYPES)
                raise InvalidArgument(
                    f"Parameter '{name}' is of type {str(parameter.dtype).removeprefix('torch.')}; "
                    f"gradients of {names} can be exchanged."
                )
            self.slots[id(parameter)] = Slot(name, start, parameter.numel())
            self.layers.append(Layer(name, parameter.numel(), types[name]))
            start += parameter.numel()
            self.device = parameter.device
        if not self.layers:
            raise InvalidArgument("The network has no parameter with a gradient.")
        self.dimension = start

    def slot(self, parameter: torch.Tensor) -> Slot:
        """The place of a parameter."""
        slot = self.slots.get(id(parameter))
        if slot is None:
            raise InvalidArgument(
                f"A parameter of shape {tuple(parameter.shape)} was not in the network when the state was made; "
                "make a state for the network as it is now."
            )
        return slot

    def plan(self, quantizer: Quantizer, rules: Sequence[Rule], *, exact_below: int, seed: int) -> Plan:
        """The plan of the layers: the first rule that matches a name decides, then its size and its type."""
        types = {layer.name: layer.type for layer in self.layers if layer.type is not None}
        parameters = [(layer.name, layer.count) for layer in self.layers]
        return plan_by_name(parameters, quantizer, rules, types=types, exact_below=exact_below, seed=seed)
