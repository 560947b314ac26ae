"""Exchanges: the mean of the vectors of all workers, over any transport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _abi_exchange, _arrays
from .levels import Method
from .plan import Plan

Reduction: TypeAlias = Literal["auto", "all-gather", "scatter-reduce"]
"""How vectors become their mean: every worker's frame goes to all, or every worker adds up a share and publishes its mean;
"auto" takes what suits the number of workers, the length of the vector and the plan."""


class Transport(Protocol):
    """How messages reach the other workers, in rounds of one message from every worker to every other.

    All workers start the same rounds in the same order and may wait for them in any order; several are under way at a time.
    Both methods are called by the thread that is in ``Exchange.average``. They may raise anything, which ends the exchange;
    where a worker is lost, they must, sooner or later.
    """

    @property
    def rank(self) -> int:
        """This worker, from 0 to ``world_size`` - 1."""

    @property
    def world_size(self) -> int:
        """The workers."""

    def start(self, messages: Sequence[npt.NDArray[np.uint8]], /) -> Any:
        """Starts to send ``messages[r]`` to worker r and to receive one message from each.

        :param messages: One for each rank, the own one empty; they stay unchanged until the round was waited for.
        :returns: Anything that names the round.
        """

    def wait(self, round: Any, /) -> Sequence[npt.NDArray[np.uint8]]:
        """The messages from all ranks, the own one empty, contiguous, and unchanged until the next call."""


@dataclass(frozen=True)
class Adaptation:
    """When workers agree on new levels and steps, and how these follow from what they observed."""

    method: Method = "alq"
    """How levels are fitted; "fixed" leaves them, and adapts no more than code tables and steps."""
    layer_wise: bool = True
    """Whether each layer type has levels of its own, as in QODA, or all share them, as in Q-GenX."""
    shared_bits: int = 0
    """The mean width of the fields that types share out among themselves, 2 to 8; 0 keeps the number of levels of each."""
    budget: float = 0.0
    """Bits per coordinate of the whole vector, everything counted, that types dithered with the scope "vector" share out,
    0.1 to 16; 0 keeps their steps."""
    early: tuple[int, ...] = (1, 5, 20, 50)
    """Exchanges, counted from 0, before which levels are updated while gradients change fast."""
    interval: int = 100
    """Levels are updated before every multiple of this exchange, too."""
    window: int = 1
    """The exchanges before an update that are observed."""


@dataclass(frozen=True)
class Report:
    """What an exchange told beside the mean."""

    squared_error: float
    """The squared error of this worker's decoded vector."""
    squared_norm: float
    """The squared norm of this worker's vector."""
    squared_norms: float
    """The squared norms of the decoded vectors, summed over workers; not finite where a coordinate of any worker is not."""
    squared_changes: float
    """The squared differences of the decoded vectors from those of the exchange before, summed over workers."""
    exact_buckets: int
    """Buckets of this worker that travelled exactly because of their values."""
    bits: int
    """Bits of this worker's messages, each counted once."""
    sent_bytes: int
    """Bytes that this worker sent to others."""
    encode_seconds: float
    """Encoding, and waiting for coordinates."""
    exchange_seconds: float
    """Waiting for others."""
    decode_seconds: float
    """Decoding and adding up."""
    agree_seconds: float
    """Fitting levels."""
    level_epoch: int
    """How often levels were agreed on."""

    @property
    def relative_error(self) -> float:
        """The squared error over the squared norm; NaN for the zero vector."""
        return self.squared_error / self.squared_norm if self.squared_norm > 0 else float("nan")


class Exchange:
    """Averages vectors over all workers, each in few bits; the mean is the same on all, bit for bit.

    The vector has a place, ``vector``, where it is written and where the mean then stands. Coordinates are handed over by
    ``ready`` while ``average`` of another thread already sends those that are there.
    """

    def __init__(
        self,
        plan: Plan,
        transport: Transport,
        *,
        vector: npt.NDArray[np.float32] | None = None,
        reduction: Reduction = "auto",
        threads: int = 1,
        error_feedback: bool = False,
        retries: int = 0,
        adaptation: Adaptation | None = None,
    ) -> None:
        """An exchange; all but ``threads`` is the same on all workers.

        :param plan: Layers and quantizers.
        :param transport: How messages reach the others.
        :param vector: As many float32 coordinates as the plan has, contiguous; None for new memory.
        :param threads: Threads that encode and decode, 1 to 1024.
        :param error_feedback: Whether what rounding took from a vector is added to the next one. Safe where the expected
            relative error is below 1.
        :param retries: How often a message that arrives damaged is sent again, 0 to 1000.
        :param adaptation: How levels adapt; None keeps them.
        :raises InvalidArgument: for numbers out of their range, or another dimension.
        :raises InvalidPlan: where the reduction does not work under the plan.
        """
        self.vector = np.zeros(plan.dimension, dtype=np.float32) if vector is None else _arrays.target(vector, "vector")
        self.world_size, self.rank = transport.world_size, transport.rank
        self._handle = _abi_exchange.ExchangeHandle(
            plan._handle,
            transport,
            self.vector,
            reduction=reduction,
            threads=threads,
            error_feedback=error_feedback,
            retries=retries,
            adaptation=None if adaptation is None else asdict(adaptation),
        )

    def ready(self, start: int, count: int) -> None:
        """Hands over coordinates that were written into ``vector``, from any thread; each once before every mean.

        :raises InvalidArgument: where there are no such coordinates, or some were handed over before.
        """
        self._handle.ready(start, count)

    def average(self, step: int) -> Report:
        """Replaces ``vector`` by the mean over all workers, once all coordinates were handed over.

        After an error the exchange is over, and every later call raises it again.

        :param step: The exchanges before this one in the run, the same on all workers.
        :raises TransportFailed: what the transport raised, as its cause.
        :raises FrameMismatch: where workers disagree about plan, levels or step.
        :raises DamagedFrame: where a message arrived damaged.
        :raises Abandoned: after ``abandon``.
        """
        record = self._handle.average(step)
        return Report(**{name: getattr(record, name) for name in Report.__dataclass_fields__})

    def mean(self, values: npt.ArrayLike, step: int) -> npt.NDArray[np.float32]:
        """The mean of ``values`` over all workers: ``vector`` is filled, handed over, averaged, and copied."""
        self.vector[:] = _arrays.coordinates(values, "values")
        self.ready(0, self.vector.size)
        self.average(step)
        mean: npt.NDArray[np.float32] = self.vector.copy()
        return mean

    def abandon(self) -> None:
        """Says that the rest of the vector will not come, from any thread: ``average`` raises ``Abandoned``."""
        self._handle.abandon()

    @property
    def plan(self) -> Plan:
        """The plan in force, with its levels and steps."""
        return Plan.decode(self._handle.plan().encode())

    def state(self) -> bytes:
        """The plan in force, what was observed for the next one, and what was sent: all but ``residual`` and ``last``."""
        return self._handle.save()

    def restore(self, state: bytes) -> None:
        """Goes on from the ``state`` of any worker, of any number of workers, for the same layers.

        :raises DamagedFrame: where the bytes are no state, or one for other layers.
        """
        self._handle.restore(bytes(state))

    @property
    def residual(self) -> npt.NDArray[np.float32]:
        """What rounding took from the vectors of this worker so far, under error feedback."""
        return self._handle.recall(_abi_exchange.RESIDUAL)

    @residual.setter
    def residual(self, values: npt.ArrayLike) -> None:
        self._handle.remember(_abi_exchange.RESIDUAL, _arrays.coordinates(values, "residual"))

    @property
    def last(self) -> npt.NDArray[np.float32]:
        """What the others decoded of this worker's last vector; ``Report.squared_changes`` depends on it."""
        return self._handle.recall(_abi_exchange.LAST)

    @last.setter
    def last(self, values: npt.ArrayLike) -> None:
        self._handle.remember(_abi_exchange.LAST, _arrays.coordinates(values, "last"))
