"""Dithered layers of Lamina frames, slow and readable; see lamina_reference.py.

Numbers of binary32 are Python floats here: sums and products of two of them are formed in binary64 and rounded to
binary32, which is the same as rounding once.
"""

import math
import struct

import lamina_codes as codes
from lamina_codes import Bits, WireFormatError
from lamina_plan import Bytes, float_of, pattern_of

BLOCK = 1 << 19
USUAL_BUCKET = 1024
ONE = 0x3F800000
EXACT_MARK = 0x7FC00000
NUMBERS = 32
ESCAPE = 0
MIDDLE = 16
MOST_RAW_BITS = 8
LARGEST_INTEGER = 1 << 22
MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1


def rounded(value):
    """A binary64 number rounded to binary32."""
    try:
        return float_of(pattern_of(value))
    except OverflowError:
        return math.copysign(math.inf, value)


# Section "Scales and steps" -----------------------------------------------------------------------------------------


def is_ordinary(pattern):
    return 2.0**-100 <= float_of(pattern) <= 2.0**100


def read_scales(cursor, count):
    """`count` scales of vector, layer or buckets."""
    scales = cursor.floats(count)
    for scale in scales:
        if scale not in (0, EXACT_MARK) and not is_ordinary(scale):
            raise WireFormatError("invalidNorm")
    return scales


# Section "Draws" ----------------------------------------------------------------------------------------------------


def mix(x):
    z = x + 0x9E3779B97F4A7C15 & MASK64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK64
    return z ^ z >> 31


def folded(key, label):
    return mix(key ^ mix(label + 0x9E3779B97F4A7C15 & MASK64))


def layer_key(seed, step, rank, layer, kind=0):
    key = mix(seed)
    for label in (step, rank + (kind << 32), layer):
        key = folded(key, label)
    return key


def dither(key, element):
    """The dither of a coordinate of the bucket with this key: an odd multiple of 2^-17."""
    x = (16 * (element // 32) + element % 16) * 0x9E3779B9 + (key & MASK32) & MASK32
    x ^= x >> 16
    x = x * 0x21F0AAAD + (key >> 32) & MASK32
    x ^= x >> 15
    x = x * 0xD35A2D97 & MASK32
    word = x ^ x >> 15
    bits = word >> 16 if element % 32 < 16 else word & 0xFFFF
    return (2 * bits + 1) / 2**17


# Section "Family of laws" -------------------------------------------------------------------------------------------

POWERS = [1, 2, 3, 4, 6, 10, 20, None]


def law(shape, scale):
    """The frequencies of the 32 numbers, the escape first."""
    s = scale_of_law(scale)
    weights = [1.0]
    for h in range(1, 256):
        if POWERS[shape] is None:
            weights.append(weights[-1] * (s / (s + 1)))
        else:
            base = 1 + h * h / ((2 * POWERS[shape] - 1) * (s * s))
            product = 1.0
            for _ in range(POWERS[shape]):
                product *= base
            weights.append(1 / product)
    tail = 0.0
    for h in range(16, 256):
        tail += 2 * weights[h]
    total = tail + weights[0]
    for h in range(1, 16):
        total += 2 * weights[h]

    def frequency(weight):
        return max(1, math.floor(4096 * weight / total + 0.5))

    frequencies = [frequency(tail)] + [frequency(weights[abs(h)]) for h in range(-15, 16)]
    frequencies[MIDDLE] += 4096 - sum(frequencies)
    return frequencies


def scale_of_law(k):
    """2^((k - 24)/8), from square roots of 2."""
    half = math.sqrt(2)
    quarter = math.sqrt(half)
    eighth = math.sqrt(quarter)
    value = (eighth if k & 1 else 1.0) * (quarter if k & 2 else 1.0) * (half if k & 4 else 1.0)
    for _ in range(k // 8):
        value *= 2
    return value / 8


# Section "Dithered layers" ------------------------------------------------------------------------------------------


def read_model(cursor):
    """The number of raw bits, and the frequencies of the numbers."""
    head = cursor.number(2)
    raw_bits = head & 15
    if raw_bits > MOST_RAW_BITS:
        raise WireFormatError("invalidModel", "too many raw bits")
    if head >> 15 == 0:
        if head >> 13:
            raise WireFormatError("invalidModel", "bits that mean nothing")
        return raw_bits, law(head >> 4 & 7, head >> 7 & 63)
    if head & 0x7FF0:
        raise WireFormatError("invalidModel", "bits that mean nothing")
    data = cursor.take(cursor.number(1))
    try:
        frequencies = codes.read_table(data)
    except WireFormatError as error:
        raise WireFormatError("invalidModel", str(error)) from None
    if len(frequencies) != NUMBERS:
        raise WireFormatError("invalidModel", "a table of another size")
    return raw_bits, frequencies


def read_marks(cursor, bucket_count, shared):
    """The scales of buckets that do not have their own."""
    scales = [shared] * bucket_count
    count = cursor.varint(32)
    bucket = 0
    for _ in range(count):
        mark = cursor.varint(32)
        bucket += mark // 2
        if bucket >= bucket_count:
            raise WireFormatError("invalidMarks", "beyond the last bucket")
        scales[bucket] = EXACT_MARK if mark % 2 else 0
        bucket += 1
    if count < bucket_count and not is_ordinary(shared):
        raise WireFormatError("invalidMarks", "no scale")
    return scales


def read_lows(bits, width, count):
    """The raw bits: packed fields."""
    blocks, tail = divmod(count, 512)
    lows = []
    if 64 * width * blocks + (tail * width + 7) // 8 > bits.remaining // 8:
        raise WireFormatError("payload.truncated")
    for _ in range(blocks):
        words = [bits.number(32) for _ in range(16 * width)]
        lanes = [sum(words[16 * w + j] << 32 * w for w in range(width)) for j in range(16)]
        lows += [lanes[s % 16] >> (s // 16 * width) & ((1 << width) - 1) for s in range(512)]
    lows += [bits.number(width) for _ in range(tail)]
    if bits.number(-bits.position % 8):
        raise WireFormatError("payload.nonzeroPadding")
    return lows


def read_escape(bits, raw_bits, workers):
    """The high part of an integer whose number is the escape."""
    zeros = 0
    while bits.number(1) == 0:
        zeros += 1
        if zeros == 32:
            raise WireFormatError("payload.invalidCodeword")
    excess = 1
    for _ in range(zeros):
        excess = 2 * excess + bits.number(1)
    if excess + 15 > workers * (LARGEST_INTEGER >> raw_bits):
        raise WireFormatError("payload.symbolOutOfRange")
    return -(excess + 15) if bits.number(1) else excess + 15


def read_integers(data, raw_bits, frequencies, count, workers=1):
    """The integers of the live coordinates of a block."""
    bits = Bits(data)
    numbers = codes.read_rans(bits, frequencies, count, lambda number: True)
    lows = read_lows(bits, raw_bits, count) if raw_bits else [0] * count
    highs = [read_escape(bits, raw_bits, workers) if number == ESCAPE else number - MIDDLE for number in numbers]
    bits.finish()
    return [(high << raw_bits) + low for high, low in zip(highs, lows)]


def decoded_value(integer, step, draw):
    """Three operations of binary32, then the sum with zero: bit pattern."""
    return pattern_of(centred_value(integer, step, draw) + 0.0)


def centred_value(integer, step, draw):
    middle = rounded(rounded(float(integer)) + 0.5)
    return rounded(step * rounded(middle - draw))


def decode_dithered(cursor, plan, layer, key, vector_scale):
    """Bit patterns of the layer's coordinates."""
    shared = {"vector": vector_scale, "agreed": ONE}.get(plan.scope)
    if plan.scope == "layer":
        shared = read_scales(cursor, 1)[0]
    model = read_model(cursor)
    size = plan.bucket or USUAL_BUCKET
    block_size = max(1, BLOCK // size) * size
    values = []
    for start in range(0, layer.count, block_size):
        count = min(block_size, layer.count - start)
        part = Bytes(cursor.take(cursor.varint(32)))
        values += decode_block(part, plan, count, size, shared, model, key, start // size)
    return values


def decode_block(part, plan, count, size, shared, model, key, first_bucket):
    bucket_count = -(-count // size)
    if plan.scope == "bucket":
        scales = read_scales(part, bucket_count)
    else:
        scales = read_marks(part, bucket_count, shared)
    counts = [min(size, count - size * bucket) for bucket in range(bucket_count)]
    exact = part.floats(sum(n for n, scale in zip(counts, scales) if scale == EXACT_MARK))
    live = sum(n for n, scale in zip(counts, scales) if scale not in (0, EXACT_MARK))
    integers = read_integers(part.take(part.remaining), *model, live)
    values = []
    for bucket, (n, scale) in enumerate(zip(counts, scales)):
        if scale == 0:
            values += [0] * n
        elif scale == EXACT_MARK:
            values += [0 if pattern == 0x80000000 else pattern for pattern in exact[:n]]
            exact = exact[n:]
        else:
            step = plan.step if plan.scope == "agreed" else rounded(plan.step * float_of(scale))
            bucket_key = folded(key, first_bucket + bucket)
            values += [decoded_value(q, step, dither(bucket_key, e)) for e, q in enumerate(integers[:n])]
            integers = integers[n:]
    return values


# Section "Sums" -----------------------------------------------------------------------------------------------------

MOST_WORKERS = 64


def is_linear(plan, workers):
    """Whether the integers of the layer add up, or its mean is rounded again."""
    return plan.scope in ("agreed", "vector") and workers <= MOST_WORKERS


def decode_sum(cursor, plan, layer, keys, vector_scale):
    """Bit patterns of the mean, with the layer's key of every worker."""
    shared = ONE if plan.scope == "agreed" else vector_scale
    step = plan.step if plan.scope == "agreed" else rounded(plan.step * float_of(vector_scale))
    model = read_model(cursor)
    values = []
    for start in range(0, layer.count, BLOCK):
        count = min(BLOCK, layer.count - start)
        part = Bytes(cursor.take(cursor.varint(32)))
        values += decode_sum_block(part, count, shared, step, model, keys, start // USUAL_BUCKET)
    share = rounded(1 / len(keys))
    return [multiplied(value, share) for value in values]


def multiplied(pattern, factor):
    """A product of binary32. A NaN stays what it is."""
    return pattern if pattern & 0x7FFFFFFF > 0x7F800000 else pattern_of(rounded(float_of(pattern) * factor))


def read_sum_marks(part, bucket_count, shared, workers):
    """For each bucket 0, the exact mark, or the list of the workers whose integers it sums up."""
    everyone = list(range(workers))
    buckets = [everyone] * bucket_count
    bucket = 0
    for _ in range(part.varint(32)):
        mark = part.varint(32)
        bucket += mark // 3
        if bucket >= bucket_count:
            raise WireFormatError("invalidMarks", "beyond the last bucket")
        if mark % 3 == 2:
            mask = int.from_bytes(part.take((workers + 7) // 8), "little")
            buckets[bucket] = [k for k in range(mask.bit_length()) if mask >> k & 1]
            if not buckets[bucket] or mask >> workers or buckets[bucket] == everyone or not is_ordinary(shared):
                raise WireFormatError("invalidMarks", "no part of the workers")
        else:
            buckets[bucket] = EXACT_MARK if mark % 3 == 1 else 0
        bucket += 1
    if everyone in buckets and not is_ordinary(shared):
        raise WireFormatError("invalidMarks", "no scale")
    return buckets


def decode_sum_block(part, count, shared, step, model, keys, first_bucket):
    """Bit patterns of the sum over the workers."""
    buckets = read_sum_marks(part, -(-count // USUAL_BUCKET), shared, len(keys))
    counts = [min(USUAL_BUCKET, count - USUAL_BUCKET * bucket) for bucket in range(len(buckets))]
    exact = part.floats(sum(n for n, workers in zip(counts, buckets) if workers == EXACT_MARK))
    live = sum(n for n, workers in zip(counts, buckets) if isinstance(workers, list))
    integers = read_integers(part.take(part.remaining), *model, live, len(keys))
    values = []
    for bucket, (n, workers) in enumerate(zip(counts, buckets)):
        if workers == 0:
            values += [0] * n
        elif workers == EXACT_MARK:
            values += [0 if pattern == 0x80000000 else pattern for pattern in exact[:n]]
            exact = exact[n:]
        else:
            bucket_keys = [folded(keys[worker], first_bucket + bucket) for worker in workers]
            values += [summed_value(q, step, bucket_keys, e) for e, q in enumerate(integers[:n])]
            integers = integers[n:]
    return values


def summed_value(integer, step, bucket_keys, element):
    """The first worker stands for the integers of all, the others for the middle of a cell: bit pattern."""
    value = 0.0
    for key in bucket_keys:
        value = rounded(value + centred_value(integer, step, dither(key, element)))
        integer = 0
    return pattern_of(value)
