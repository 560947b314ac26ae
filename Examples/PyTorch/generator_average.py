"""The generator that is shown and judged."""

import copy
from typing import Any, Dict

import torch

from models import Generator


class GeneratorAverage:
    """An exponential average of a generator's parameters, whose weights sum to 1 from the first step on."""

    def __init__(self, generator: Generator, decay: float = 0.99) -> None:
        self._average = copy.deepcopy(generator)
        self._decay = decay

    @torch.no_grad()
    def add(self, generator: Generator, step: int) -> None:
        """Adds the parameters of a step, counted from 1."""
        rate = (1 - self._decay) / (1 - self._decay**step)
        for mean, value in zip(self._average.parameters(), generator.parameters()):
            mean.lerp_(value, rate)

    @torch.no_grad()
    def generator(self, latents: torch.Tensor) -> torch.Tensor:
        """Pictures of the average."""
        return self._average(latents)

    def state_dict(self) -> Dict[str, Any]:
        return self._average.state_dict()

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        self._average.load_state_dict(state)
