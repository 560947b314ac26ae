"""liblamina through ctypes. No module but this and _abi_exchange.py knows ctypes."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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

ABI_VERSION = 1
LIBRARY = Path(__file__).parent / f"liblamina.so.{ABI_VERSION}"

EXACT, LEVELS, DITHERED, AGREED, ROTATED = range(5)
BUCKET, LAYER, VECTOR = range(3)
NORMS = {"max": 0, "l1": 1, "l2": 2}
CODES = {"fixed": 0, "elias-gamma": 1, "elias-delta": 2, "elias-omega": 3, "huffman": 4, "rans": 5}
METHODS = {"fixed": 0, "alq": 1, "alq-gd": 2, "amq": 3, "amq-zero": 4, "optimal": 5, "lloyd": 6}

_OK, _BUFFER_TOO_SMALL = 0, 6
_ERRORS: dict[int, type[LaminaError]] = {
    1: InvalidArgument,
    2: InvalidPlan,
    3: DamagedFrame,
    4: FrameMismatch,
    5: NonFinite,
    7: TransportFailed,
    8: Abandoned,
}


class LayerRecord(ctypes.Structure):
    """lamina_layer."""

    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_char_p), ("count", ctypes.c_uint64)]


class QuantizerRecord(ctypes.Structure):
    """lamina_quantizer."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("kind", ctypes.c_int32),
        ("scope", ctypes.c_int32),
        ("bucket_size", ctypes.c_uint32),
        ("norm", ctypes.c_int32),
        ("levels", ctypes.c_void_p),
        ("level_count", ctypes.c_uint64),
        ("step", ctypes.c_float),
        ("bits", ctypes.c_uint32),
        ("code", ctypes.c_int32),
    ]


class _Options(ctypes.Structure):
    _fields_ = [("rank", ctypes.c_uint32), ("threads", ctypes.c_uint32), ("stops_at_non_finite", ctypes.c_int32)]


class _Outcome(ctypes.Structure):
    _fields_ = [
        ("squared_error", ctypes.c_double),
        ("squared_norm", ctypes.c_double),
        ("exact_buckets", ctypes.c_uint64),
    ]


_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_size_t
_U64, _U32, _I32 = ctypes.c_uint64, ctypes.c_uint32, ctypes.c_int32
# The place for an error, the last argument of all of these, is not listed.
_SIGNATURES: dict[str, list[Any]] = {
    "lamina_layer_type": [ctypes.c_char_p, _POINTER, _SIZE],
    "lamina_plan_create": [_POINTER, _SIZE, _POINTER, _SIZE, _U64, _POINTER],
    "lamina_plan_decode": [ctypes.c_char_p, _SIZE, _POINTER],
    "lamina_plan_encode": [_POINTER, _POINTER, _SIZE, _POINTER],
    "lamina_plan_fit": [_POINTER, _POINTER, _SIZE, _I32, _POINTER],
    "lamina_levels_fit": [_POINTER, _POINTER, _SIZE, _I32, _POINTER],
    "lamina_levels_variance": [_POINTER, _POINTER, _SIZE, _POINTER],
    "lamina_codec_create": [_POINTER, _POINTER, _POINTER],
    "lamina_codec_encode": [_POINTER, _POINTER, _SIZE, _U64, _POINTER, _POINTER, _POINTER],
    "lamina_codec_accumulate": [_POINTER, _POINTER, _SIZE, _U64, _U32, _POINTER, _SIZE],
}


def _load() -> ctypes.CDLL:
    """The library, once it is known to have the version that this module was written for."""
    try:
        library = ctypes.CDLL(str(LIBRARY))
        version = library.lamina_abi_version()
    except (OSError, AttributeError) as error:
        raise LibraryError(f"liblamina cannot be loaded, install the package again: {error}") from error
    if version != ABI_VERSION:
        raise LibraryError(f"{LIBRARY} has version {version} of the C interface instead of {ABI_VERSION}.")
    return library


_lamina = _load()


def declare(
    fallible: Mapping[str, list[Any]], *, returning_nothing: Sequence[str] = (), returning_number: Sequence[str] = ()
) -> None:
    """Tells ctypes what functions take and return; the place for an error goes without saying, and so does a handle."""
    try:
        for name, arguments in fallible.items():
            getattr(_lamina, name).argtypes, getattr(_lamina, name).restype = [*arguments, _POINTER], ctypes.c_int32
        for name in returning_number:
            getattr(_lamina, name).argtypes, getattr(_lamina, name).restype = [_POINTER], _U64
        for name in returning_nothing:
            getattr(_lamina, name).argtypes, getattr(_lamina, name).restype = [_POINTER], None
    except AttributeError as error:
        raise LibraryError(f"{LIBRARY} lacks a function of this package: {error}") from error


declare(
    _SIGNATURES,
    returning_number=["lamina_plan_dimension", "lamina_plan_digest"],
    returning_nothing=["lamina_plan_destroy", "lamina_codec_destroy"],
)
_lamina.lamina_dithered_step.argtypes, _lamina.lamina_dithered_step.restype = [ctypes.c_double], ctypes.c_float


def function(name: str) -> Any:
    """A function that cannot fail, for finalizers, which may run when modules are gone."""
    return getattr(_lamina, name)


def call(name: str, *arguments: Any) -> None:
    """Calls a function that can fail, and raises what it says. The global lock is not held meanwhile."""
    message = ctypes.create_string_buffer(512)
    status: int = getattr(_lamina, name)(*arguments, message)
    if status != _OK:
        raise _ERRORS.get(status, LaminaError)(message.value.decode("utf-8"))


def measured(name: str, address: ctypes.c_void_p) -> bytes:
    """The bytes that a function writes once it has said how many."""
    size = ctypes.c_size_t()
    message = ctypes.create_string_buffer(512)
    status: int = getattr(_lamina, name)(address, None, 0, ctypes.byref(size), message)
    if status != _BUFFER_TOO_SMALL:
        raise _ERRORS.get(status, LaminaError)(message.value.decode("utf-8"))
    buffer = ctypes.create_string_buffer(size.value)
    call(name, address, buffer, size, ctypes.byref(size))
    return buffer.raw


def _text(value: str) -> bytes:
    """A C string; a zero byte would end it early."""
    if "\0" in value:
        raise InvalidPlan(f"A name cannot hold a zero character: {value!r}.")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidPlan(f"A name is text that UTF-8 can hold, not {value!r}.") from error


def unsigned(value: int, bits: int, name: str) -> int:
    """A number that fits, as ctypes would cut it without a word."""
    number = operator.index(value)
    if not 0 <= number < 1 << bits:
        raise InvalidArgument(f"'{name}' is from 0 to 2^{bits} - 1, not {number}.")
    return number


def number_of(name: str, table: Mapping[str, int], what: str) -> int:
    """The number that a name has in the library."""
    if name not in table:
        raise InvalidArgument(f"A {what} is one of {', '.join(map(repr, table))}, not {name!r}.")
    return table[name]


def method_number(method: str) -> int:
    """The number of a method of fitting levels."""
    return number_of(method, METHODS, "method")


def dithered_step(bits: float) -> float:
    """lamina_dithered_step; NaN where `bits` is out of range."""
    return float(_lamina.lamina_dithered_step(bits))


def layer_type(name: str) -> str:
    """lamina_layer_type; empty where no rule knows the name."""
    buffer = ctypes.create_string_buffer(256)
    call("lamina_layer_type", _text(name), buffer, len(buffer))
    return buffer.value.decode("utf-8")


def layer_record(name: str, type: str | None, count: int) -> LayerRecord:
    """A layer as the library reads it."""
    return LayerRecord(_text(name), None if type is None else _text(type), unsigned(count, 64, "count"))


def quantizer_record(kind: int, type: str | None = None, **fields: Any) -> QuantizerRecord:
    """A quantizer as the library reads it; `levels` is an array, which stays alive with the record."""
    record = QuantizerRecord(type=None if type is None else _text(type), kind=kind)
    levels = fields.pop("levels", None)
    if levels is not None:
        record.kept = np.ascontiguousarray(levels, dtype=np.float32)
        record.levels, record.level_count = record.kept.ctypes.data, record.kept.size
    for name, value in fields.items():
        setattr(record, name, value)
    return record


class PlanHandle:
    """Owns a lamina_plan."""

    def __init__(self, address: ctypes.c_void_p) -> None:
        self.address = address
        self._destroy = _lamina.lamina_plan_destroy

    def __del__(self) -> None:
        self._destroy(self.address)

    @staticmethod
    def create(layers: Sequence[LayerRecord], quantizers: Sequence[QuantizerRecord], seed: int) -> PlanHandle:
        address = ctypes.c_void_p()
        layer_array = (LayerRecord * len(layers))(*layers)
        quantizer_array = (QuantizerRecord * len(quantizers))(*quantizers)
        call(
            "lamina_plan_create", layer_array, len(layers), quantizer_array, len(quantizers),
            unsigned(seed, 64, "seed"), ctypes.byref(address),
        )  # fmt: skip
        return PlanHandle(address)

    @staticmethod
    def decode(data: bytes) -> PlanHandle:
        address = ctypes.c_void_p()
        call("lamina_plan_decode", data, len(data), ctypes.byref(address))
        return PlanHandle(address)

    def encode(self) -> bytes:
        return measured("lamina_plan_encode", self.address)

    def fit(self, values: npt.NDArray[np.float32], method: int) -> PlanHandle:
        address = ctypes.c_void_p()
        call(
            "lamina_plan_fit", self.address, values.ctypes.data, values.size, method, ctypes.byref(address)
        )
        return PlanHandle(address)

    @property
    def dimension(self) -> int:
        return int(_lamina.lamina_plan_dimension(self.address))

    @property
    def digest(self) -> int:
        return int(_lamina.lamina_plan_digest(self.address))


class CodecHandle:
    """Owns a lamina_codec. Whoever encodes copies the frame before the next call: see Codec."""

    def __init__(self, plan: PlanHandle, rank: int, threads: int, stops_at_non_finite: bool) -> None:
        self.address = ctypes.c_void_p()
        self._destroy = _lamina.lamina_codec_destroy
        options = _Options(
            unsigned(rank, 32, "rank"), unsigned(threads, 32, "threads"), int(stops_at_non_finite)
        )
        call("lamina_codec_create", plan.address, ctypes.byref(options), ctypes.byref(self.address))

    def __del__(self) -> None:
        if hasattr(self, "_destroy"):
            self._destroy(self.address)

    def encode(self, values: npt.NDArray[np.float32], step: int) -> tuple[bytes, float, float, int]:
        frame, size, outcome = ctypes.c_void_p(), ctypes.c_size_t(), _Outcome()
        call(
            "lamina_codec_encode", self.address, values.ctypes.data, values.size, unsigned(step, 64, "step"),
            ctypes.byref(frame), ctypes.byref(size), ctypes.byref(outcome),
        )  # fmt: skip
        data = ctypes.string_at(frame, size.value)
        return data, outcome.squared_error, outcome.squared_norm, outcome.exact_buckets

    def accumulate(
        self, frame: npt.NDArray[np.uint8], step: int, rank: int, sums: npt.NDArray[np.float32]
    ) -> None:
        call(
            "lamina_codec_accumulate", self.address, frame.ctypes.data, frame.size, unsigned(step, 64, "step"),
            unsigned(rank, 32, "rank"), sums.ctypes.data, sums.size,
        )  # fmt: skip


def levels_fit(quantizer: QuantizerRecord, values: npt.NDArray[np.float32], method: int) -> npt.NDArray[np.float32]:
    """lamina_levels_fit."""
    levels = np.empty(quantizer.level_count, dtype=np.float32)
    call(
        "lamina_levels_fit", ctypes.byref(quantizer), values.ctypes.data, values.size, method, levels.ctypes.data
    )
    return levels


def levels_variance(quantizer: QuantizerRecord, values: npt.NDArray[np.float32]) -> float:
    """lamina_levels_variance."""
    squared_error = ctypes.c_double()
    call(
        "lamina_levels_variance", ctypes.byref(quantizer), values.ctypes.data, values.size,
        ctypes.byref(squared_error),
    )  # fmt: skip
    return squared_error.value
