"""Why a call failed. The messages are those of the core: one sentence that says what was wrong and where."""

from __future__ import annotations


class LaminaError(Exception):
    """Any failure of Lamina; every other error here is one."""


class LibraryError(LaminaError, ImportError):
    """liblamina is missing from the package, cannot be loaded, or has another version than the package."""


class InvalidArgument(LaminaError, ValueError):
    """A number out of its range, a vector of another dimension, an array of the wrong kind."""


class InvalidPlan(LaminaError, ValueError):
    """Layers, levels or quantizers that do not make a plan."""


class DamagedFrame(LaminaError):
    """Bytes that are no frame or no plan, or were damaged on the way."""


class FrameMismatch(LaminaError):
    """A sound frame that is not the one that is due: of another plan, level epoch, step, rank, kind or version."""


class NonFinite(LaminaError):
    """A coordinate is NaN or infinite, and the codec was told to stop at those."""


class TransportFailed(LaminaError):
    """The transport failed, or another worker did; what the transport raised is the cause."""


class Abandoned(LaminaError):
    """The rest of a vector did not come."""
