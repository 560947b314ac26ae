"""Lamina: unbiased quantization of gradients, layer by layer, and the frames that carry them between workers."""

from .codec import Codec, Frame
from .errors import (
    Abandoned,
    DamagedFrame,
    FrameMismatch,
    InvalidArgument,
    InvalidPlan,
    LaminaError,
    LibraryError,
    NonFinite,
    TransportFailed,
)
from .exchange import Adaptation, Exchange, Reduction, Report, Transport
from .levels import expected_error, exponential, fit_levels, mirrored_without_zero, uniform
from .plan import Layer, Plan
from .quantizers import Agreed, Dithered, Exact, Levels, Quantizer, Rotated
from .rules import Rule, plan_by_name, standard_type

__all__ = [
    "Abandoned",
    "Adaptation",
    "Agreed",
    "Codec",
    "DamagedFrame",
    "Dithered",
    "Exact",
    "Exchange",
    "Frame",
    "FrameMismatch",
    "InvalidArgument",
    "InvalidPlan",
    "LaminaError",
    "Layer",
    "Levels",
    "LibraryError",
    "NonFinite",
    "Plan",
    "Quantizer",
    "Reduction",
    "Report",
    "Rotated",
    "Rule",
    "Transport",
    "TransportFailed",
    "expected_error",
    "exponential",
    "fit_levels",
    "mirrored_without_zero",
    "plan_by_name",
    "standard_type",
    "uniform",
]
