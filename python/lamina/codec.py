"""Codecs: the frames of one worker."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from . import _abi, _arrays
from .errors import InvalidArgument
from .plan import Plan

if TYPE_CHECKING:
    from typing_extensions import Buffer


@dataclass(frozen=True)
class Frame:
    """The vector of one worker as bytes, and what rounding cost."""

    data: bytes
    """The bytes to send, Documentation/WireFormat.md."""
    squared_error: float
    """The squared error of the decoded vector, in the squared unit of the coordinates."""
    squared_norm: float
    """The squared norm of the vector."""
    exact_buckets: int
    """Buckets that travel exactly because of their values, such as one with a NaN."""


class Codec:
    """Makes and reads the frames of one worker.

    Threads may share a codec; their calls take turns, and other Python threads run meanwhile. It keeps its last vector,
    whose change rides in the next frame, and so holds some memory for each coordinate until it is closed or collected.
    """

    def __init__(
        self, plan: Plan, rank: int = 0, threads: int = 1, on_nonfinite: Literal["send", "stop"] = "send"
    ) -> None:
        """A codec for a plan.

        :param plan: The plan, which may be used by other codecs as well.
        :param rank: The worker whose frames it makes, 0 to 65535.
        :param threads: Threads that one call may use, 1 to 1024; bytes and sums do not depend on it.
        :param on_nonfinite: What a coordinate that is NaN or infinite does: its bucket travels exactly ("send"), or
            ``encode`` raises NonFinite ("stop").
        :raises InvalidArgument: for numbers out of their ranges.
        """
        if on_nonfinite not in ("send", "stop"):
            raise InvalidArgument(f"'on_nonfinite' is 'send' or 'stop', not {on_nonfinite!r}.")
        self._plan, self._rank = plan, rank
        self._lock = threading.Lock()
        self._handle: _abi.CodecHandle | None = _abi.CodecHandle(
            plan._handle, rank, threads, on_nonfinite == "stop"
        )

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self._plan

    @property
    def rank(self) -> int:
        """The worker whose frames it makes."""
        return self._rank

    def encode(self, values: npt.ArrayLike, step: int) -> Frame:
        """Rounds a vector and makes its frame.

        :param values: ``plan.dimension`` floating-point coordinates in any shape, read in C order; other types than
            float32 are converted.
        :param step: Names the draws and rides in the frame, 0 to 2^64 - 1; take another for every vector.
        :returns: The frame. The same vector, step, rank and plan give the same symbols on every machine.
        :raises InvalidArgument: for another number of coordinates, or numbers that are not floating-point.
        :raises NonFinite: if the codec stops at coordinates that are not finite, and there is one.
        """
        array = _arrays.coordinates(values, "values")
        with self._lock:
            return Frame(*self._open().encode(array, step))

    def accumulate(
        self,
        frame: Frame | Buffer,
        step: int,
        rank: int,
        into: npt.NDArray[np.float32],
    ) -> None:
        """Adds the vector of a frame to sums.

        Workers that add all frames, their own included, in rank order to zeros have sums of the same bits.

        :param frame: A frame, or its bytes in anything that has a buffer.
        :param step: The step that is due.
        :param rank: The worker whose frame is due.
        :param into: A contiguous float32 array of ``plan.dimension`` coordinates in any shape. After an error parts of
            the frame may have been added.
        :raises DamagedFrame: if the bytes are no frame, or were damaged.
        :raises FrameMismatch: if the frame is of another plan, level epoch, step or rank.
        :raises InvalidArgument: if ``into`` has another size or is no such array.
        """
        data = _arrays.octets(frame.data if isinstance(frame, Frame) else frame, "frame")
        sums = _arrays.target(into, "into")
        with self._lock:
            self._open().accumulate(data, step, rank, sums)

    def decode(self, frame: Frame | Buffer, step: int, rank: int) -> npt.NDArray[np.float32]:
        """The vector of a frame: a new array of ``plan.dimension`` coordinates. See ``accumulate``."""
        vector = np.zeros(self._plan.dimension, dtype=np.float32)
        self.accumulate(frame, step, rank, vector)
        return vector

    def close(self) -> None:
        """Lets go of the codec's memory; may be called twice."""
        with self._lock:
            self._handle = None

    def _open(self) -> _abi.CodecHandle:
        if self._handle is None:
            raise InvalidArgument("The codec is closed.")
        return self._handle

    def __enter__(self) -> Codec:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
