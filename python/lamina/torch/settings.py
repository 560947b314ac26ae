"""How gradients are compressed."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any, Literal, Optional, get_args

from ..errors import InvalidArgument
from ..exchange import Adaptation, Reduction
from ..levels import Method, exponential, mirrored_without_zero, uniform
from ..quantizers import Dithered, Levels, Quantizer
from ..rules import Rule

# Steps of dither follow the relative scale of the layers, which changes faster than the shape of a law.
_DITHER_EARLY, _DITHER_INTERVAL, _DITHER_WINDOW = (1, 3, 6, 12, 25), 50, 10

_CHOICES: dict[str, tuple[str, ...]] = {
    "quantizer": ("levels", "dithered"),
    "adaptation": get_args(Method),
    "reduction": get_args(Reduction),
    "mode": ("on", "auto"),
    "nonfinite": ("raise", "propagate"),
}
_WHOLE_NUMBERS: dict[str, tuple[int, int]] = {
    "adapt_every": (1, 1 << 62),
    "exact_below": (0, 1 << 62),
    "bucket_size": (1, 1 << 24),
    "warmup_steps": (0, 1 << 62),
    "retries": (0, 1000),
    "threads": (1, 1024),
    "seed": (0, (1 << 64) - 1),
}
_OPTIONAL = ("budget", "adapt_every")


@dataclass(frozen=True)
class Settings:
    """How gradients are compressed; the same on all ranks but for ``threads``. ``LaminaState`` explains the fields."""

    bits: float = 4
    quantizer: Literal["levels", "dithered"] = "levels"
    adaptation: Method = "optimal"
    budget: Optional[float] = None
    adapt_every: Optional[int] = None
    rules: tuple[Rule, ...] = ()
    exact_below: int = 1024
    bucket_size: int = 1024
    reduction: Reduction = "auto"
    error_feedback: bool = False
    warmup_steps: int = 0
    mode: Literal["on", "auto"] = "on"
    nonfinite: Literal["raise", "propagate"] = "raise"
    retries: int = 0
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuses values out of their range, before the first backward pass would.

        :raises InvalidArgument: with the name of the setting.
        """
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                expected = " or ".join(map(repr, choices))
                raise InvalidArgument(f"'{name}' is {expected}, not {getattr(self, name)!r}.")
        for name, (least, most) in _WHOLE_NUMBERS.items():
            value = getattr(self, name)
            if not (value is None and name in _OPTIONAL) and not _is_whole(value, least, most):
                limit = f"at least {least}" if most == 1 << 62 else f"from {least} to {most}"
                raise InvalidArgument(f"'{name}' is a whole number {limit}, not {value!r}.")
        if not isinstance(self.error_feedback, bool):
            raise InvalidArgument(f"'error_feedback' is True or False, not {self.error_feedback!r}.")
        if not isinstance(self.rules, tuple) or not all(isinstance(rule, Rule) for rule in self.rules):
            raise InvalidArgument(f"'rules' are lamina.Rule, not {self.rules!r}.")
        for name in ("bits", "budget"):
            self._check_bits(name)

    def _check_bits(self, name: str) -> None:
        value = getattr(self, name)
        if value is None and name in _OPTIONAL:
            return
        if self.quantizer == "levels":
            if not _is_whole(int(value) if isinstance(value, float) and value.is_integer() else value, 2, 8):
                raise InvalidArgument(f"'{name}' of levels is a whole number from 2 to 8, not {value!r}.")
            return
        least = 0.5 if name == "bits" else 0.1
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not least <= float(value) <= 16:
            raise InvalidArgument(f"'{name}' of dithered coordinates is from {least} to 16, not {value!r}.")

    @property
    def usual_quantizer(self) -> Quantizer:
        """The quantizer of all layer types without one by a rule."""
        if self.quantizer == "dithered":
            return Dithered(self.bits)
        interior = 2 ** (int(self.bits) - 1) - 2
        if self.adaptation == "amq":
            # Without a zero there is room for one more magnitude, as far as magnitudes that are to be mirrored go.
            levels = mirrored_without_zero(exponential(0.5, min(interior + 1, 126)))
        elif self.adaptation == "amq-zero":
            levels = exponential(0.5, interior)
        else:
            levels = uniform(interior + 1)
        return Levels(levels, norm="max", scope=self.bucket_size)

    @property
    def agreement(self) -> Optional[Adaptation]:
        """How levels and steps adapt, None where nothing does."""
        if self.adaptation == "fixed" and self.budget is None:
            return None
        if self.quantizer == "dithered":
            return Adaptation(
                "fixed",
                budget=float(self.bits if self.budget is None else self.budget),
                early=_DITHER_EARLY,
                interval=self.adapt_every or _DITHER_INTERVAL,
                window=min(_DITHER_WINDOW, self.adapt_every or _DITHER_WINDOW),
            )
        return Adaptation(
            self.adaptation, shared_bits=int(self.budget or 0), interval=self.adapt_every or Adaptation.interval
        )


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and least <= int(value) <= most
