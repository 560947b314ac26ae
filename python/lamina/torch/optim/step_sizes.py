"""The two rules of QODA for its step sizes: γ of the lookahead and η of the step itself.

A rule is a constant; its sums are tensors of one element in a dictionary, which a checkpoint holds.
"""

import math
from dataclasses import dataclass
from typing import Dict, Protocol, Tuple

import torch

from .exchange_statistics import ExchangeStatistics

Memory = Dict[str, torch.Tensor]


class StepSizes(Protocol):
    """A rule for γ and η, both before the factor η₀, which is the learning rate of a parameter group."""

    uses_changes: bool
    """Whether the rule reads ``ExchangeStatistics.squared_changes``, else ``squared_norms``."""

    uses_movement: bool
    """Whether the rule reads ‖Xₜ − Xₜ₋₁‖²."""

    def initial_memory(self) -> Dict[str, float]:
        """The sums before the first step."""

    def remember(self, memory: Memory, exchanged: ExchangeStatistics, movement: torch.Tensor) -> None:
        """Adds step t to the sums: what it exchanged, and ‖Xₜ − Xₜ₋₁‖², what the step before moved."""

    def sizes(self, memory: Memory) -> Tuple[torch.Tensor, torch.Tensor]:
        """γ and η of the step to come."""


def _check_leading_constant(value: float) -> None:
    if not (0 < value < math.inf):
        raise ValueError(f"leading_constant must be positive and finite, and is {value}.")


@dataclass(frozen=True)
class AdaptiveSteps:
    """One step size for both uses, which adapts to the variation of the dual vectors.

    ηₜ = γₜ = η₀ (λ₀ + Σ_{s<t} Σₖ ‖V̂ₖ,ₛ₊½ − V̂ₖ,ₛ₋½‖²/K²)^(−½), arXiv 2505.14371, eq. (4).

    Args:
        leading_constant: λ₀ > 0, the sum before anything was seen, in squared units of the gradient; 1 in the paper.
            Near ‖V̂₁‖² it makes the first steps independent of the scale of the loss.
    """

    leading_constant: float = 1.0

    uses_changes = True
    uses_movement = False

    def __post_init__(self) -> None:
        _check_leading_constant(self.leading_constant)

    def initial_memory(self) -> Dict[str, float]:
        return {"changes": self.leading_constant}

    def remember(self, memory: Memory, exchanged: ExchangeStatistics, movement: torch.Tensor) -> None:
        memory["changes"] = memory["changes"] + exchanged.squared_changes / exchanged.workers**2

    def sizes(self, memory: Memory) -> Tuple[torch.Tensor, torch.Tensor]:
        size = memory["changes"].rsqrt()
        return size, size


@dataclass(frozen=True)
class SeparatedSteps:
    """An aggressive lookahead and a conservative step: the rule (Alt) of arXiv 2505.14371.

    With Nₛ = Σₖ ‖V̂ₖ,ₛ₊½‖²/K²:

    - γₜ = η₀ (λ₀ + Σ_{s≤t−2} Nₛ)^(q̂−½),
    - ηₜ = η₀ (λ₀ + Σ_{s≤t−2} (Nₛ + ‖Xₛ − Xₛ₊₁‖²))^(−½).

    At step t the terms of step t − 1 are not yet used. With one worker this is the adaptive form of OptDA+ (arXiv
    2206.06015).

    Args:
        exponent: q̂ in (0, ¼], how much slower γ falls than η.
        leading_constant: λ₀ > 0, both sums before anything was seen, in squared units of the gradient.
    """

    exponent: float = 0.25
    leading_constant: float = 1.0

    uses_changes = False
    uses_movement = True

    def __post_init__(self) -> None:
        if not (0 < self.exponent <= 0.25):
            raise ValueError(f"exponent lies in (0, 1/4], and is {self.exponent}.")
        _check_leading_constant(self.leading_constant)

    def initial_memory(self) -> Dict[str, float]:
        return {"norms": self.leading_constant, "movements": 0.0, "delayed_norm": 0.0}

    def remember(self, memory: Memory, exchanged: ExchangeStatistics, movement: torch.Tensor) -> None:
        memory["norms"] = memory["norms"] + memory["delayed_norm"]
        memory["movements"] = memory["movements"] + movement
        memory["delayed_norm"] = exchanged.squared_norms / exchanged.workers**2  # type: ignore[assignment]

    def sizes(self, memory: Memory) -> Tuple[torch.Tensor, torch.Tensor]:
        return memory["norms"] ** (self.exponent - 0.5), (memory["norms"] + memory["movements"]).rsqrt()
