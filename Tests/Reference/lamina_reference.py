"""A slow, readable decoder of Lamina frames, to be read beside Documentation/WireFormat.md.

It shares no code and no author's shortcut with the Swift package: standard library only, one symbol at a time, bits as
Python integers. Every check happens in the order that the document gives, and a failed one raises `WireFormatError`
with the name the document gives it.

    plan = decode_plan(open("x.plan", "rb").read())
    patterns = decode_frame(open("x.frame", "rb").read(), plan, step=5, rank=2)
    patterns = decode_frame(open("sum.frame", "rb").read(), plan, step=5, rank=2, workers=3)

The decoded vector is a list of 32-bit patterns of binary32 numbers.
"""

import struct
from dataclasses import dataclass

import lamina_codes as codes
import lamina_dither as dither
import lamina_rotation as rotation
from lamina_codes import LARGEST_ALPHABET, Bits, WireFormatError
from lamina_plan import MAIN, NEGATIVE_ZERO, VERSION, Bytes, DitherPlan, RotatedPlan
from lamina_plan import decode_plan, float_of, fnv1a, pattern_of

__all__ = ["WireFormatError", "crc32c", "decode_frame", "decode_plan", "fnv1a", "open_frame"]

FRAME_MAGIC = b"LAMN"
LOCAL, SUM = 0, 1
EXACT_MARK = 0x7FC00000


# Section "Packed fields" ------------------------------------------------------------------------------------------


def read_packed(cursor, plan, count):
    """Signed level indices from fields of fixed width: lists of (index, is negative)."""
    index_bits = max(1, (len(plan.levels) - 1).bit_length())
    width = index_bits if plan.are_signed else index_bits + 1
    blocks = count // 512
    tail_bits = count % 512 * width
    data = cursor.take(64 * width * blocks + (tail_bits + 7) // 8)
    tail = int.from_bytes(data[64 * width * blocks :], "little")
    if tail >> tail_bits:
        raise WireFormatError("payload.nonzeroPadding")
    fields = []
    for block in range(blocks):
        words = struct.unpack(f"<{16 * width}I", data[64 * width * block : 64 * width * (block + 1)])
        # Word w of lane j is word 16 w + j; a lane is one string of bits, least significant first.
        lanes = [sum(words[16 * w + j] << 32 * w for w in range(width)) for j in range(16)]
        fields += [lanes[s % 16] >> (s // 16 * width) & ((1 << width) - 1) for s in range(512)]
    fields += [tail >> (s * width) & ((1 << width) - 1) for s in range(count % 512)]
    if plan.are_signed:
        symbols = [(field, False) for field in fields]
    else:
        symbols = [(field & ((1 << index_bits) - 1), bool(field >> index_bits)) for field in fields]
    for index, is_negative in symbols:
        if index >= len(plan.levels) or is_negative and index == 0:
            raise WireFormatError("levelOutOfRange")
    return symbols


# Section "Coded streams" ------------------------------------------------------------------------------------------


def read_stream(cursor, plan, type_name, count):
    """Signed level indices from a stream of codewords and signs."""
    level_plan = plan.types[type_name]
    bits = Bits(cursor.take(cursor.number(4)))
    base = plan.base(type_name)
    alphabet = plan.alphabet(type_name)

    def is_valid(number):
        return base <= number < base + len(level_plan.levels)

    if level_plan.code == codes.FIXED:
        numbers = codes.read_fields(bits, max(1, (alphabet - 1).bit_length()), count)
    elif level_plan.code == codes.RANS:
        numbers = codes.read_rans(bits, level_plan.frequencies, count, is_valid)
    elif level_plan.code == codes.HUFFMAN:
        numbers = codes.read_codewords(bits, codes.huffman(level_plan.frequencies), count)
    else:
        word = {codes.GAMMA: codes.gamma, codes.DELTA: codes.delta, codes.OMEGA: codes.omega}[level_plan.code]
        numbers = codes.read_codewords(bits, [word(n + 1) for n in range(LARGEST_ALPHABET)], count)
    if not all(map(is_valid, numbers)):
        raise WireFormatError("payload.symbolOutOfRange")
    indices = [number - base for number in numbers]
    signs = [False] * count
    if not level_plan.are_signed:
        for i, index in enumerate(indices):
            if index > 0:
                signs[i] = bits.number(1) == 1
    bits.finish()
    return list(zip(indices, signs))


# Section "Frame" --------------------------------------------------------------------------------------------------


@dataclass
class Header:
    kind: int
    rank: int
    epoch: int
    digest: int
    step: int
    squared_norm: float
    squared_change: float


def crc32c(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def open_frame(data):
    """Header and payload of an intact frame, whatever its plan."""
    cursor = Bytes(data)
    if cursor.take(4) != FRAME_MAGIC:
        raise WireFormatError("badMagic")
    if cursor.number(1) != VERSION:
        raise WireFormatError("unsupportedVersion")
    kind = cursor.number(1)
    if kind not in (LOCAL, SUM):
        raise WireFormatError("unknownKind")
    digest = cursor.number(8)
    squared_norm, squared_change = struct.unpack("<2d", cursor.take(16))
    rank, epoch, step, size = cursor.varint(16), cursor.varint(32), cursor.varint(64), cursor.varint(32)
    payload = cursor.take(size)
    checksum = cursor.number(4)
    if cursor.remaining:
        raise WireFormatError("trailingBytes")
    if checksum != crc32c(data[:-4]):
        raise WireFormatError("checksumMismatch")
    return Header(kind, rank, epoch, digest, step, squared_norm, squared_change), payload


def decode_frame(data, plan, step, rank, workers=None):
    """The decoded vector, as bit patterns of binary32, of the frame that `rank` sent at `step`; with `workers`, the mean
    of the vectors of so many."""
    header, payload = open_frame(data)
    kind = LOCAL if workers is None else SUM
    if header.kind != kind:
        raise WireFormatError("kindMismatch")
    if header.epoch != plan.epoch:
        raise WireFormatError("staleLevels")
    if header.digest != plan.digest:
        raise WireFormatError("planMismatch")
    if header.step != step:
        raise WireFormatError("stepMismatch")
    if header.rank != rank:
        raise WireFormatError("rankMismatch")
    cursor = Bytes(payload)
    if kind == SUM and cursor.varint(32) != workers:
        raise WireFormatError("workersMismatch")
    vector_norm = read_norms(cursor, 1)[0] if plan.has_vector_norm else None
    vector_scale = dither.read_scales(cursor, 1)[0] if plan.has_vector_scale else None
    vector = []
    for ordinal, layer in enumerate(plan.layers):
        layer_plan = plan.types[layer.type]
        if layer_plan is None:
            vector += map(added_to_zero, cursor.floats(layer.count))
        elif isinstance(layer_plan, DitherPlan) and kind == SUM and dither.is_linear(layer_plan, workers):
            keys = [dither.layer_key(plan.seed, step, worker, ordinal) for worker in range(workers)]
            vector += dither.decode_sum(cursor, layer_plan, layer, keys, vector_scale)
        elif isinstance(layer_plan, DitherPlan):
            key = dither.layer_key(plan.seed, step, rank, ordinal, kind)
            vector += dither.decode_dithered(cursor, layer_plan, layer, key, vector_scale)
        elif isinstance(layer_plan, RotatedPlan):
            key = dither.layer_key(plan.seed, step, rank, ordinal, kind)
            vector += rotation.decode_rotated(cursor, layer_plan, layer, key)
        else:
            vector += decode_layer(cursor, plan, layer, vector_norm)
    if cursor.remaining:
        raise WireFormatError("trailingBytes")
    return vector


def read_norms(cursor, count):
    norms = cursor.floats(count)
    for norm in norms:
        if norm not in (0, EXACT_MARK) and not 2.0**-100 <= float_of(norm) <= 2.0**100:
            raise WireFormatError("invalidNorm")
    return norms


def decode_layer(cursor, plan, layer, vector_norm):
    level_plan = plan.types[layer.type]
    if level_plan.bucket == 0:
        size, norms = layer.count, [vector_norm]
    else:
        size = layer.count if level_plan.bucket == 0xFFFFFFFF else level_plan.bucket
        norms = read_norms(cursor, -(-layer.count // size))
    counts = [min(size, layer.count - size * bucket) for bucket in range(len(norms))]
    exact = cursor.floats(sum(count for norm, count in zip(norms, counts) if norm == EXACT_MARK))
    live = sum(count for norm, count in zip(norms, counts) if norm not in (0, EXACT_MARK))
    if level_plan.code == codes.FIXED and plan.coding == MAIN:
        symbols = read_packed(cursor, level_plan, live)
    else:
        symbols = read_stream(cursor, plan, layer.type, live)
    values = []
    for norm, count in zip(norms, counts):
        if norm == 0:
            values += [0] * count
        elif norm == EXACT_MARK:
            values += map(added_to_zero, exact[:count])
            exact = exact[count:]
        else:
            values += [decoded_value(norm, level_plan.levels[index], sign) for index, sign in symbols[:count]]
            symbols = symbols[count:]
    return values


def decoded_value(norm, level, is_negative):
    """One product rounded to binary32, then the sign. Python's product of two binary32 numbers is exact in binary64."""
    product = pattern_of(float_of(norm) * float_of(level))
    return product ^ NEGATIVE_ZERO if is_negative else added_to_zero(product)


def added_to_zero(pattern):
    """0 + x: negative zero becomes zero."""
    return 0 if pattern == NEGATIVE_ZERO else pattern
