"""The exchanges of liblamina through ctypes: what _abi.py is for plans and codecs."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import _abi
from .errors import TransportFailed

REDUCTIONS = {"auto": 0, "all-gather": 1, "scatter-reduce": 2}
LAST, RESIDUAL = range(2)


class Rounds(Protocol):
    """What carries messages, as ``lamina.Transport`` describes it."""

    @property
    def rank(self) -> int: ...
    @property
    def world_size(self) -> int: ...
    def start(self, messages: Sequence[npt.NDArray[np.uint8]], /) -> Any: ...
    def wait(self, round: Any, /) -> Sequence[npt.NDArray[np.uint8]]: ...


class _Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]


_Start = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.POINTER(_Bytes), ctypes.POINTER(ctypes.c_uint64), ctypes.c_void_p
)
_Wait = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint64, ctypes.POINTER(_Bytes), ctypes.c_void_p
)


class _Transport(ctypes.Structure):
    _fields_ = [
        ("context", ctypes.c_void_p),
        ("rank", ctypes.c_uint32),
        ("world_size", ctypes.c_uint32),
        ("start", _Start),
        ("wait", _Wait),
    ]


class _Adaptation(ctypes.Structure):
    kept: Any
    """What ``early`` points to."""
    _fields_ = [
        ("method", ctypes.c_int32),
        ("is_global", ctypes.c_int32),
        ("shared_width", ctypes.c_uint32),
        ("bits", ctypes.c_double),
        ("early", ctypes.POINTER(ctypes.c_uint64)),
        ("early_count", ctypes.c_size_t),
        ("interval", ctypes.c_uint64),
        ("window", ctypes.c_uint64),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        ("reduction", ctypes.c_int32),
        ("threads", ctypes.c_uint32),
        ("error_feedback", ctypes.c_int32),
        ("retries", ctypes.c_uint32),
        ("adaptation", ctypes.POINTER(_Adaptation)),
    ]


class ReportRecord(ctypes.Structure):
    """lamina_exchange_report."""

    _fields_ = [
        *((name, ctypes.c_double) for name in ("squared_error", "squared_norm", "squared_norms", "squared_changes")),
        *((name, ctypes.c_uint64) for name in ("exact_buckets", "bits", "sent_bytes")),
        *(
            (f"{name}_seconds", ctypes.c_double) for name in ("encode", "exchange", "decode", "agree")
        ),
        ("level_epoch", ctypes.c_uint32),
    ]


_POINTER, _SIZE, _I32 = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
_abi.declare(
    {
        "lamina_exchange_create": [_POINTER, _POINTER, _POINTER, _POINTER, _SIZE, _POINTER],
        "lamina_exchange_ready": [_POINTER, _SIZE, _SIZE],
        "lamina_exchange_average": [_POINTER, ctypes.c_uint64, _POINTER],
        "lamina_exchange_plan": [_POINTER, _POINTER],
        "lamina_exchange_save": [_POINTER, _POINTER, _SIZE, _POINTER],
        "lamina_exchange_restore": [_POINTER, ctypes.c_char_p, _SIZE],
        "lamina_exchange_recall": [_POINTER, _I32, _POINTER, _SIZE],
        "lamina_exchange_remember": [_POINTER, _I32, _POINTER, _SIZE],
    },
    returning_nothing=["lamina_exchange_abandon", "lamina_exchange_destroy"],
)


class _Callbacks:
    """A transport in Python behind the two functions of a transport in C."""

    def __init__(self, transport: Rounds) -> None:
        self.failure: BaseException | None = None
        self._transport = transport
        self._rounds: dict[int, Any] = {}
        self._count = 0
        self._received: Sequence[npt.NDArray[np.uint8]] = ()
        # ctypes does not keep functions alive.
        self._functions = _Start(self._start), _Wait(self._wait)

    def record(self) -> _Transport:
        return _Transport(
            None,
            _abi.unsigned(self._transport.rank, 32, "rank"),
            _abi.unsigned(self._transport.world_size, 32, "world_size"),
            *self._functions,
        )

    def _start(self, _: Any, messages: Any, round: Any, error: int) -> int:
        try:
            views = [_view(messages[rank]) for rank in range(self._transport.world_size)]
            self._count += 1
            self._rounds[self._count] = self._transport.start(views)
            round[0] = self._count
            return 0
        except BaseException as failure:  # No exception may cross the library; _call raises it again.
            return self._failed(failure, error)

    def _wait(self, _: Any, round: int, received: Any, error: int) -> int:
        try:
            self._received = self._transport.wait(self._rounds.pop(round))
            for rank, message in enumerate(self._received):
                received[rank].data, received[rank].size = message.ctypes.data, message.size
            return 0
        except BaseException as failure:
            return self._failed(failure, error)

    def _failed(self, failure: BaseException, error: int) -> int:
        self.failure = failure
        text = f"{type(failure).__name__}: {failure}".encode("utf-8", "replace").replace(b"\0", b" ")[:511]
        ctypes.memmove(error, text + b"\0", len(text) + 1)
        return 1


def _view(message: Any) -> npt.NDArray[np.uint8]:
    """The bytes of the library at their place, not copied."""
    if not message.size:
        return np.empty(0, dtype=np.uint8)
    return np.frombuffer((ctypes.c_uint8 * message.size).from_address(message.data), dtype=np.uint8)


class ExchangeHandle:
    """Owns a lamina_exchange, and keeps alive what that uses: the vector and the transport."""

    def __init__(
        self,
        plan: _abi.PlanHandle,
        transport: Rounds,
        vector: npt.NDArray[np.float32],
        *,
        reduction: str,
        threads: int,
        error_feedback: bool,
        retries: int,
        adaptation: dict[str, Any] | None,
    ) -> None:
        self._callbacks, self._vector = _Callbacks(transport), vector
        self._destroy = _abi.function("lamina_exchange_destroy")
        options = _Options(
            _abi.number_of(reduction, REDUCTIONS, "reduction"),
            _abi.unsigned(threads, 32, "threads"),
            int(error_feedback),
            _abi.unsigned(retries, 32, "retries"),
        )
        if adaptation is not None:
            options.adaptation = ctypes.pointer(_adaptation_record(**adaptation))
        self.address = ctypes.c_void_p()
        self._call(
            "lamina_exchange_create", plan.address, ctypes.byref(self._callbacks.record()), ctypes.byref(options),
            vector.ctypes.data, vector.size, ctypes.byref(self.address),
        )  # fmt: skip

    def __del__(self) -> None:
        if hasattr(self, "address"):
            self._destroy(self.address)

    def _call(self, name: str, *arguments: Any) -> None:
        try:
            _abi.call(name, *arguments)
        except TransportFailed as error:
            cause, self._callbacks.failure = self._callbacks.failure, None
            if cause is not None and not isinstance(cause, Exception):
                raise cause  # Such as KeyboardInterrupt.
            raise error from cause

    def ready(self, start: int, count: int) -> None:
        _abi.call("lamina_exchange_ready", self.address, start, count)

    def average(self, step: int) -> ReportRecord:
        report = ReportRecord()
        self._call("lamina_exchange_average", self.address, _abi.unsigned(step, 64, "step"), ctypes.byref(report))
        return report

    def abandon(self) -> None:
        _abi.function("lamina_exchange_abandon")(self.address)

    def plan(self) -> _abi.PlanHandle:
        address = ctypes.c_void_p()
        _abi.call("lamina_exchange_plan", self.address, ctypes.byref(address))
        return _abi.PlanHandle(address)

    def save(self) -> bytes:
        return _abi.measured("lamina_exchange_save", self.address)

    def restore(self, data: bytes) -> None:
        _abi.call("lamina_exchange_restore", self.address, data, len(data))

    def recall(self, which: int) -> npt.NDArray[np.float32]:
        values = np.empty_like(self._vector)
        _abi.call("lamina_exchange_recall", self.address, which, values.ctypes.data, values.size)
        return values

    def remember(self, which: int, values: npt.NDArray[np.float32]) -> None:
        _abi.call("lamina_exchange_remember", self.address, which, values.ctypes.data, values.size)


def _adaptation_record(
    *, method: str, layer_wise: bool, shared_bits: int, budget: float, early: Sequence[int], interval: int, window: int
) -> _Adaptation:
    steps = (ctypes.c_uint64 * len(early))(*(_abi.unsigned(step, 64, "early") for step in early))
    record = _Adaptation(
        _abi.method_number(method),
        int(not layer_wise),
        _abi.unsigned(shared_bits, 32, "shared_bits"),
        budget,
        steps,
        len(early),
        _abi.unsigned(interval, 64, "interval"),
        _abi.unsigned(window, 64, "window"),
    )
    record.kept = steps
    return record
