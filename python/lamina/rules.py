"""Plans by rules on the names of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import _abi
from .errors import InvalidArgument, InvalidPlan
from .plan import Layer, Plan
from .quantizers import Exact, Quantizer


@dataclass(frozen=True)
class Rule:
    """What holds for the parameters whose names match a pattern."""

    pattern: str
    """Matched against the whole name, upper and lower case alike; ``*`` stands for any characters, none included."""
    type: str | None = None
    """The layer type. None for a type of its own that is named by the pattern; the rule then has a quantizer."""
    quantizer: Quantizer | None = None
    """The quantizer of the type; None for the one that the type has otherwise."""

    def __post_init__(self) -> None:
        if self.type is None and self.quantizer is None:
            raise InvalidArgument(f"The rule for '{self.pattern}' has neither a type nor a quantizer.")

    def matches(self, name: str) -> bool:
        """Whether the rule holds for a parameter of this name."""
        parts = (re.escape(part) for part in self.pattern.lower().split("*"))
        return re.fullmatch(".*".join(parts), name.lower(), re.DOTALL) is not None


def standard_type(name: str) -> str | None:
    """The layer type that the standard rules give a parameter by its name, None where they know none.

    They know, in this order: "bias", "normalisation", "embedding", "attention", "recurrent", "transposed-convolution",
    "convolution" and "linear".
    """
    return _abi.layer_type(name) or None


def plan_by_name(
    parameters: Iterable[tuple[str, int]],
    quantizer: Quantizer,
    rules: Sequence[Rule] = (),
    *,
    types: Mapping[str, str] | None = None,
    otherwise: str | None = None,
    exact_below: int = 0,
    seed: int = 0,
) -> Plan:
    """A plan for named parameters: the first rule that matches decides, then the standard rules.

    Biases and the parameters of normalisation travel exactly unless a rule has a quantizer for them.

    :param parameters: The name and the number of coordinates of each, in order.
    :param quantizer: For all types that have none by a rule.
    :param rules: Rules in order of precedence.
    :param types: Layer types by name, which go before the standard rules.
    :param otherwise: The type of names that no rule knows; None refuses them.
    :param exact_below: Parameters with fewer coordinates travel exactly, as type "small", unless a rule matches them.
    :param seed: The seed of all draws.
    :raises InvalidPlan: for names that no rule knows, two quantizers for one type, and where no plan can be made.
    """
    quantizers: dict[str | None, Quantizer] = {None: quantizer}
    layers: list[Layer] = []
    unknown: list[str] = []
    for name, count in parameters:
        rule = next((rule for rule in rules if rule.matches(name)), None)
        if rule is not None:
            type: str | None = rule.type or rule.pattern
            if rule.quantizer is not None and quantizers.setdefault(type, rule.quantizer) != rule.quantizer:
                raise InvalidPlan(f"Rules have two quantizers for type '{type}'; give one of them another type.")
        elif count < exact_below:
            type = "small"
            quantizers[type] = Exact()
        else:
            type = types.get(name) if types is not None else None
            type = type or standard_type(name) or otherwise
        if type is None:
            unknown.append(name)
        layers.append(Layer(name, count, type))
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        raise InvalidPlan(f"No rule gives a layer type to {names}; add a rule, or name a type in 'otherwise'.")
    return Plan(layers, quantizers, seed)
