"""How gradients are compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

from ..errors import InvalidArgument
from ..exchange import Adaptation, Reduction
from ..levels import Method, exponential, mirrored_without_zero, uniform
from ..quantizers import Dithered, Levels, Quantizer
from ..rules import Rule

# Steps of dither follow the relative scale of the layers, which changes faster than the shape of a law.
_DITHER_EARLY, _DITHER_INTERVAL, _DITHER_WINDOW = (1, 3, 6, 12, 25), 50, 10


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
        """Refuses what the library would not; it checks the rest.

        :raises InvalidArgument: with the name of the setting.
        """
        for name, choices in (
            ("quantizer", ("levels", "dithered")),
            ("mode", ("on", "auto")),
            ("nonfinite", ("raise", "propagate")),
        ):
            if getattr(self, name) not in choices:
                expected = " or ".join(map(repr, choices))
                raise InvalidArgument(f"'{name}' is {expected}, not {getattr(self, name)!r}.")
        if self.quantizer == "levels" and self.bits not in range(2, 9):
            raise InvalidArgument(f"Levels take 2 to 8 bits, a whole number, not {self.bits}.")
        if self.quantizer == "dithered" and not 0.5 <= self.bits <= 16:
            raise InvalidArgument(f"Dithered coordinates take 0.5 to 16 bits, not {self.bits}.")
        if self.budget is not None and self.quantizer == "levels" and self.budget not in range(2, 9):
            raise InvalidArgument(f"The budget of levels is a mean width of 2 to 8 bits, a whole number, not {self.budget}.")
        for name, least in (("warmup_steps", 0), ("exact_below", 0), ("adapt_every", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InvalidArgument(f"'{name}' is at least {least}, not {value}.")
        if self.adaptation not in ("fixed", "optimal", "alq", "alq-gd", "amq", "amq-zero", "lloyd"):
            raise InvalidArgument(f"'adaptation' names no method of fitting levels: {self.adaptation!r}.")

    @property
    def usual_quantizer(self) -> Quantizer:
        """The quantizer of all layer types without one by a rule."""
        if self.quantizer == "dithered":
            return Dithered(self.bits)
        interior = 2 ** (int(self.bits) - 1) - 2
        if self.adaptation == "amq":
            levels = mirrored_without_zero(exponential(0.5, interior))
        elif self.adaptation == "amq-zero":
            levels = exponential(0.5, interior)
        else:
            levels = uniform(interior + 1)
        return Levels(levels, norm="max", scope=self.bucket_size)

    @property
    def agreement(self) -> Optional[Adaptation]:
        """How levels and steps adapt, None where nothing does."""
        if self.quantizer == "dithered":
            if self.adaptation == "fixed" and self.budget is None:
                return None
            return Adaptation(
                "fixed",
                budget=float(self.bits if self.budget is None else self.budget),
                early=_DITHER_EARLY,
                interval=self.adapt_every or _DITHER_INTERVAL,
                window=min(_DITHER_WINDOW, self.adapt_every or _DITHER_WINDOW),
            )
        if self.adaptation == "fixed" and self.budget is None:
            return None
        return Adaptation(
            self.adaptation, shared_bits=int(self.budget or 0), interval=self.adapt_every or Adaptation.interval
        )
