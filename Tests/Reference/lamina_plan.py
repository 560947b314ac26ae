"""Numbers and plans of Lamina frames, slow and readable; see lamina_reference.py.

Binary32 numbers are kept as their 32-bit patterns, so that nothing rounds by accident.
"""

import struct
import unicodedata
from dataclasses import dataclass

import lamina_codes as codes
from lamina_codes import LARGEST_ALPHABET, WireFormatError, malformed

PLAN_MAGIC = b"LAMP"
VERSION = 2
NEGATIVE_ZERO = 0x80000000
LARGEST_BUCKET = 1 << 24
MOST_TYPES = 4096
LARGEST_DIMENSION = 1 << 48
MAIN, ALTERNATING = 0, 1


# Section "Conventions": numbers -----------------------------------------------------------------------------------


def float_of(pattern):
    """The binary32 number with this bit pattern; exact, since every binary32 number is a Python float."""
    return struct.unpack("<f", struct.pack("<I", pattern))[0]


def pattern_of(value):
    """The bit pattern of a number, rounded to binary32 (to nearest, ties to even)."""
    return struct.unpack("<I", struct.pack("<f", value))[0]


class Bytes:
    """A cursor over bytes; numbers are little endian."""

    def __init__(self, data):
        self.data = bytes(data)
        self.position = 0

    @property
    def remaining(self):
        return len(self.data) - self.position

    def take(self, count):
        if count > self.remaining:
            raise WireFormatError("truncated", f"at {self.position}")
        self.position += count
        return self.data[self.position - count : self.position]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def varint(self, bits):
        """Section "Definitions": a number of variable length below 2^bits, seven bits a byte, the lowest first."""
        start, value = self.position, 0
        for index in range(-(-bits // 7)):
            byte = self.number(1)
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if value >= 1 << bits or byte == 0 and index > 0:
                    break
                return value
        raise WireFormatError("invalidNumber", f"at {start}")

    def floats(self, count):
        data = self.take(4 * count)
        return list(struct.unpack(f"<{count}I", data))


# Section "Plan" ---------------------------------------------------------------------------------------------------


@dataclass
class LevelPlan:
    """How a quantized type travels."""

    exponent: int  # bit pattern of q
    bucket: int  # 0: vector, 0xFFFFFFFF: layer
    levels: list  # bit patterns
    code: int
    frequencies: list  # of Huffman and rANS

    @property
    def are_signed(self):
        return float_of(self.levels[0]) < 0


@dataclass
class DitherPlan:
    """How a dithered type travels."""

    step: float  # the step, or the multiple of the scale
    scope: str  # "agreed", "vector", "layer" or "bucket"
    bucket: int  # coordinates that share a scale, 0 where the scope is none


@dataclass
class RotatedPlan:
    """How a rotated type travels."""

    bits: int
    block: int  # coordinates that are rotated together
    rounds: int


@dataclass
class Layer:
    name: str
    type: str
    count: int


@dataclass
class Plan:
    coding: int
    epoch: int
    seed: int
    types: dict  # name -> LevelPlan, DitherPlan, RotatedPlan, None for exact; in the order of the bytes of the names
    layers: list
    digest: int

    @property
    def quantized(self):
        return [name for name, plan in self.types.items() if isinstance(plan, LevelPlan)]

    @property
    def has_vector_norm(self):
        return any(self.types[name].bucket == 0 for name in self.quantized)

    @property
    def has_vector_scale(self):
        return any(isinstance(plan, DitherPlan) and plan.scope == "vector" for plan in self.types.values())

    def base(self, type_name):
        """The number of the type's first symbol in its code."""
        if self.coding == MAIN:
            return 0
        before = [name for name in self.quantized if name.encode() < type_name.encode()]
        return sum(len(self.types[name].levels) for name in before)

    def alphabet(self, type_name):
        """The number of symbols of the code of a type."""
        if self.coding == MAIN:
            return len(self.types[type_name].levels)
        return sum(len(self.types[name].levels) for name in self.quantized)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def decode_plan(data):
    """The plan that `data` encodes."""
    cursor = Bytes(data)
    if cursor.take(4) != PLAN_MAGIC:
        raise WireFormatError("badMagic")
    if cursor.number(1) != VERSION:
        raise WireFormatError("unsupportedVersion")
    coding = cursor.number(1)
    if coding not in (MAIN, ALTERNATING):
        raise malformed("unknown protocol")
    type_count = cursor.number(2)
    epoch = cursor.number(4)
    seed = cursor.number(8)
    types = {}
    for _ in range(type_count):
        name = read_name(cursor)
        if types and not list(types)[-1].encode() < name.encode():
            raise malformed("the layer types are not in order")
        types[name] = read_layer_plan(cursor)
    layers = read_layers(cursor, list(types))
    if cursor.remaining:
        raise WireFormatError("trailingBytes")
    plan = Plan(coding, epoch, seed, types, layers, fnv1a(data))
    check_plan(plan)
    return plan


def read_name(cursor):
    try:
        return cursor.take(cursor.number(1)).decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("a name is not UTF-8") from None


def read_layer_plan(cursor):
    kind = cursor.number(1)
    if kind == 0:
        return None
    if kind == 1:
        return read_level_plan(cursor)
    if kind == 2:
        factor = read_step(cursor, 2.0**-16, 2.0**16)
        bucket = read_bucket(cursor)
        if bucket in (0, 0xFFFFFFFF):
            return DitherPlan(factor, "layer" if bucket else "vector", 0)
        return DitherPlan(factor, "bucket", bucket)
    if kind == 3:
        return DitherPlan(read_step(cursor, 2.0**-100, 2.0**100), "agreed", 0)
    if kind == 4:
        return read_rotated_plan(cursor)
    raise malformed("unknown kind of layer plan")


def read_rotated_plan(cursor):
    bits = cursor.number(1)
    if not 1 <= bits <= 8:
        raise malformed("a rotated symbol has 1 to 8 bits")
    exponent = cursor.number(1)
    if not 7 <= exponent <= 16:
        raise malformed("a rotated block is too small or too large")
    rounds = cursor.number(1)
    if not 1 <= rounds <= 4:
        raise malformed("a rotation has 1 to 4 rounds")
    return RotatedPlan(bits, 1 << exponent, rounds)


def read_step(cursor, least, largest):
    step = float_of(cursor.number(4))
    if not least <= step <= largest:
        raise malformed("a step is out of range")
    return step


def read_bucket(cursor):
    bucket = cursor.number(4)
    if bucket > LARGEST_BUCKET and bucket != 0xFFFFFFFF:
        raise malformed("a bucket is too large")
    return bucket


def read_level_plan(cursor):
    exponent = cursor.number(4)
    if not float_of(exponent) >= 1:
        raise malformed("the exponent of a norm is below 1")
    bucket = read_bucket(cursor)
    levels = cursor.floats(cursor.number(2))
    check_levels(levels)
    code = cursor.number(1)
    if code > codes.RANS:
        raise malformed("unknown code")
    frequencies = []
    if code in (codes.HUFFMAN, codes.RANS):
        frequencies = codes.read_table(cursor.take(cursor.number(2)))
    return LevelPlan(exponent, bucket, levels, code, frequencies)


def check_levels(patterns):
    levels = [float_of(pattern) for pattern in patterns]
    if len(levels) < 2:
        raise malformed("too few levels")
    if levels[0] not in (0, -1) or levels[-1] != 1:
        raise malformed("the levels do not run from 0 or -1 to 1")
    if len(levels) > (256 if levels[0] < 0 else 128):
        raise malformed("too many levels")
    for low, high in zip(levels, levels[1:]):
        # Rounding the difference to binary32 cannot move it across 2^-125.
        if not high - low >= 2.0**-125:
            raise malformed("the levels do not increase")


def read_layers(cursor, types):
    layers = []
    dimension = 0
    for _ in range(cursor.number(4)):
        name = read_name(cursor)
        type_index = cursor.number(2)
        if type_index >= len(types):
            raise malformed("a layer has no type")
        count = cursor.number(8)
        dimension += count
        if dimension > LARGEST_DIMENSION:
            raise malformed("a layer is too large")
        layers.append(Layer(name, types[type_index], count))
    return layers


def check_plan(plan):
    if not plan.layers:
        raise malformed("no layers")
    names = set()
    for layer in plan.layers:
        if layer.count == 0:
            raise malformed("an empty layer")
        if not layer.name or not layer.type:
            raise malformed("an empty name")
        name = unicodedata.normalize("NFC", layer.name)
        if name in names:
            raise malformed("two layers have one name")
        names.add(name)
    if len({unicodedata.normalize("NFC", name) for name in plan.types}) < len(plan.types):
        raise malformed("two types have one name")
    if {layer.type for layer in plan.layers} != set(plan.types):
        raise malformed("a type without a layer")
    if len(plan.types) > MOST_TYPES:
        raise malformed("too many types")
    vector_norms = set()
    for name in plan.quantized:
        level_plan = plan.types[name]
        if NEGATIVE_ZERO in level_plan.levels:
            raise malformed("a level is negative zero")
        size = plan.alphabet(name)
        if size > LARGEST_ALPHABET:
            raise malformed("the union of the alphabets is too large")
        if level_plan.code in (codes.HUFFMAN, codes.RANS) and len(level_plan.frequencies) != size:
            raise malformed("a table of another size")
        first = plan.types[plan.quantized[0]]
        if plan.coding == ALTERNATING and (level_plan.code, level_plan.frequencies) != (first.code, first.frequencies):
            raise malformed("two codes")
        if level_plan.bucket == 0:
            vector_norms.add(level_plan.exponent)
    if len(vector_norms) > 1:
        raise malformed("two norms of the vector")
