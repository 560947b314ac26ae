"""What a hook has sent, what that cost, and how far it was from the gradients."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..exchange import Report
from ..plan import Plan
from ..quantizers import Agreed, Dithered, Levels, Rotated

_STAGES = ("copy_in", "encode", "exchange", "decode", "agree", "copy_out")


@dataclass
class Statistics:
    """Sums over the steps of one rank, and what the last step told."""

    iterations: int = 0
    """Backward passes whose gradients were averaged."""
    exchanges: int = 0
    """Those of them that were compressed."""
    coordinates: int = 0
    """Coordinates of one gradient."""
    bits: int = 0
    """Bits of all messages of this rank, each counted once."""
    sent_bytes: int = 0
    """Bytes that this rank sent to others in compressed exchanges."""
    squared_error: float = 0.0
    """The squared errors of this rank's vectors, summed."""
    squared_norm: float = 0.0
    """The squared norms of this rank's vectors, summed."""
    exact_buckets: int = 0
    """Buckets that travelled exactly because of their values."""
    last_error: float = float("nan")
    """The squared error of the last vector over its squared norm."""
    error_bound: float = float("nan")
    """What the expected relative error cannot exceed under the plan in force, whatever the gradient; see ``error_bound``."""
    level_epoch: int = 0
    """How often levels or steps were agreed on."""
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_STAGES, 0.0))
    """Seconds by stage: copying gradients in, encoding with waiting for them, waiting for others, decoding, agreeing on
    levels, and copying the mean out."""

    def add(self, report: Report) -> None:
        """Counts an exchange."""
        self.exchanges += 1
        self.bits += report.bits
        self.sent_bytes += report.sent_bytes
        self.squared_error += report.squared_error
        self.squared_norm += report.squared_norm
        self.exact_buckets += report.exact_buckets
        self.last_error = report.relative_error
        self.level_epoch = report.level_epoch
        for stage in ("encode", "exchange", "decode", "agree"):
            self.seconds[stage] += getattr(report, f"{stage}_seconds")

    @property
    def bits_per_coordinate(self) -> float:
        """The mean over all compressed exchanges, everything counted."""
        sent = self.exchanges * self.coordinates
        return self.bits / sent if sent > 0 else float("nan")

    @property
    def mean_error(self) -> float:
        """The squared errors over the squared norms."""
        return self.squared_error / self.squared_norm if self.squared_norm > 0 else float("nan")

    def scalars(self) -> dict[str, float]:
        """All numbers by name, for TensorBoard and the like."""
        scalars = {name: float(value) for name, value in asdict(self).items() if name != "seconds"}
        scalars |= {"bits_per_coordinate": self.bits_per_coordinate, "mean_error": self.mean_error}
        return scalars | {f"seconds/{stage}": seconds for stage, seconds in self.seconds.items()}

    def saved(self) -> dict[str, Any]:
        """Plain numbers, for checkpoints."""
        return asdict(self)

    @staticmethod
    def restored(saved: dict[str, Any]) -> Statistics:
        """What ``saved`` returned; what this version does not know is left out."""
        known = {field.name for field in fields(Statistics)}
        statistics = Statistics(**{name: value for name, value in saved.items() if name in known})
        # The dictionary stays the caller's.
        statistics.seconds = {stage: float(statistics.seconds.get(stage, 0)) for stage in _STAGES}
        return statistics


def error_bound(plan: Plan) -> float:
    """The largest relative error in expectation among the layer types of a plan; NaN where one of them has no such bound.

    Of magnitudes under a norm that n coordinates share, Theorem 5.1 of arXiv 2505.14371; of dither, step^2/12.
    """
    counts: dict[str, int] = {}
    for layer in plan.layers:
        if layer.type is not None:
            counts[layer.type] = max(counts.get(layer.type, 0), layer.count)
    bounds = [_bound(quantizer, counts.get(name, 1), plan.dimension) for name, quantizer in plan.quantizers.items()]
    # Whether a maximum of NaN and a number is NaN depends on their order.
    return float("nan") if any(map(math.isnan, bounds)) else max(bounds, default=0.0)


def _bound(quantizer: object, longest: int, dimension: int) -> float:
    if isinstance(quantizer, Dithered):
        return quantizer.step**2 / 12
    if isinstance(quantizer, (Agreed, Rotated)):
        return float("nan")
    if not isinstance(quantizer, Levels):
        return 0.0
    levels = quantizer.levels
    if levels[0] != 0:
        return float("nan")
    shared = dimension if quantizer.scope == "vector" else longest
    shared = min(quantizer.scope, longest) if isinstance(quantizer.scope, int) else shared
    exponent = {"max": float("inf"), "l1": 1.0, "l2": 2.0}.get(str(quantizer.norm), quantizer.norm)
    ratio = max((after / before for before, after in zip(levels[1:], levels[2:])), default=1.0)
    first = levels[1] * shared ** (1 / min(float(exponent), 2.0))
    return float((ratio - 1) ** 2 / (4 * ratio) + (first - 1 if first >= 2 else first**2 / 4))
