"""A slow, readable decoder of Lamina frames, to be read beside Documentation/WireFormat.md.

It shares no code and no author's shortcut with the Swift package: standard library only, one symbol at a time, bits as
Python integers. Every check happens in the order that the document gives, and a failed one raises `WireFormatError`
with the name the document gives it.

    plan = decode_plan(open("x.plan", "rb").read())
    patterns = decode_frame(open("x.frame", "rb").read(), plan, step=5, rank=2)

The decoded vector is a list of 32-bit patterns of binary32 numbers.
"""

import struct
import unicodedata
from dataclasses import dataclass

FRAME_MAGIC = b"LAMN"
PLAN_MAGIC = b"LAMP"
VERSION = 1
HEADER_SIZE = 48
EXACT_MARK = 0x7FC00000
LARGEST_BUCKET = 1 << 24
LARGEST_ALPHABET = 4096
MOST_TYPES = 4096
LARGEST_DIMENSION = 1 << 48
MAIN, ALTERNATING = 0, 1
FIXED, GAMMA, DELTA, OMEGA, HUFFMAN, RANS = range(6)


class WireFormatError(Exception):
    """Bytes that are not the expected frame or plan; `name` is the name of the error in WireFormat.md."""

    def __init__(self, name, detail=""):
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name


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

    def floats(self, count):
        data = self.take(4 * count)
        return list(struct.unpack(f"<{count}I", data))


class Bits:
    """A cursor over bits: bit k of a stream is bit k mod 8 of byte k div 8."""

    def __init__(self, data):
        self.data = bytes(data)
        self.position = 0

    @property
    def remaining(self):
        return 8 * len(self.data) - self.position

    def peek(self, offset):
        """The bit `offset` bits ahead, 0 behind the end."""
        k = self.position + offset
        return self.data[k // 8] >> (k % 8) & 1 if k < 8 * len(self.data) else 0

    def number(self, count):
        """`count` bits, the least significant first."""
        if count > self.remaining:
            raise WireFormatError("payload.truncated")
        value = sum(self.peek(k) << k for k in range(count))
        self.position += count
        return value

    def finish(self):
        if self.remaining >= 8:
            raise WireFormatError("payload.trailingBits")
        if any(self.peek(k) for k in range(self.remaining)):
            raise WireFormatError("payload.nonzeroPadding")


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
class Layer:
    name: str
    type: str
    count: int


@dataclass
class Plan:
    coding: int
    epoch: int
    seed: int
    types: dict  # name -> LevelPlan, or None for an exact type; in the order of the bytes of the names
    layers: list
    digest: int

    @property
    def quantized(self):
        return [name for name, plan in self.types.items() if plan is not None]

    @property
    def has_vector_norm(self):
        return any(self.types[name].bucket == 0 for name in self.quantized)

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


def malformed(reason):
    return WireFormatError("malformedPlan", reason)


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
    if kind != 1:
        raise malformed("unknown kind of layer plan")
    exponent = cursor.number(4)
    if not float_of(exponent) >= 1:
        raise malformed("the exponent of a norm is below 1")
    bucket = cursor.number(4)
    if bucket > LARGEST_BUCKET and bucket != 0xFFFFFFFF:
        raise malformed("a bucket is too large")
    levels = cursor.floats(cursor.number(2))
    check_levels(levels)
    code = cursor.number(1)
    if code > RANS:
        raise malformed("unknown code")
    frequencies = []
    if code in (HUFFMAN, RANS):
        frequencies = read_table(cursor.take(cursor.number(2)))
    return LevelPlan(exponent, bucket, levels, code, frequencies)


def check_levels(patterns):
    levels = [float_of(pattern) for pattern in patterns]
    if len(levels) < 2:
        raise malformed("too few levels")
    if patterns[0] not in (0, 0xBF800000) or patterns[-1] != 0x3F800000:
        raise malformed("the levels do not run from 0 or -1 to 1")
    if len(levels) > (256 if levels[0] < 0 else 128):
        raise malformed("too many levels")
    if 0x80000000 in patterns:
        raise malformed("a negative zero")
    for low, high in zip(levels, levels[1:]):
        # Rounding the difference to binary32 cannot move it across 2^-125.
        if not high - low >= 2.0**-125:
            raise malformed("the levels do not increase")


def read_table(data):
    """Section "Tables": the frequencies of a distribution."""
    bits = Bits(data)
    try:
        count = bits.number(12) + 1
        missing = 1 << total_bits(count)
        frequencies = []
        for _ in range(count - 1):
            exponent = bits.number(4)
            frequencies.append(1 << exponent | bits.number(exponent))
            missing -= frequencies[-1]
            if missing <= 0:
                raise malformed("the frequencies exceed their total")
        bits.finish()
    except WireFormatError as error:
        raise malformed(str(error)) from None
    return frequencies + [missing]


def total_bits(count):
    return 12 if count <= 1024 else 14


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
        size = plan.alphabet(name)
        if size > LARGEST_ALPHABET:
            raise malformed("the union of the alphabets is too large")
        if level_plan.code in (HUFFMAN, RANS) and len(level_plan.frequencies) != size:
            raise malformed("a table of another size")
        first = plan.types[plan.quantized[0]]
        if plan.coding == ALTERNATING and (level_plan.code, level_plan.frequencies) != (first.code, first.frequencies):
            raise malformed("two codes")
        if level_plan.bucket == 0:
            vector_norms.add(level_plan.exponent)
    if len(vector_norms) > 1:
        raise malformed("two norms of the vector")


# Section "Codes" --------------------------------------------------------------------------------------------------


def binary(n):
    """n in binary, the most significant bit first."""
    return format(n, "b")


def gamma(n):
    return "0" * (len(binary(n)) - 1) + binary(n)


def delta(n):
    return gamma(len(binary(n))) + binary(n)[1:]


def omega(n):
    word = "0"
    while n > 1:
        word = binary(n) + word
        n = len(binary(n)) - 1
    return word


def huffman(frequencies):
    """The canonical codewords of an optimal code with at most 15 bits."""
    if len(frequencies) == 1:
        return ["0"]
    lengths = huffman_lengths(frequencies)
    words = [""] * len(lengths)
    value, previous = 0, 0
    for symbol in sorted(range(len(lengths)), key=lambda s: (lengths[s], s)):
        value <<= lengths[symbol] - previous
        previous = lengths[symbol]
        words[symbol] = format(value, f"0{previous}b")
        value += 1
    return words


def huffman_lengths(frequencies, limit=15):
    """Package-merge: 15 times, pairs of the last list's items join the leaves; ties as the document says."""
    # Leaves in order of weight, among equals the later symbol first; each item is (weight, symbols that it contains).
    leaves = sorted(((f, [s]) for s, f in enumerate(frequencies)), key=lambda leaf: (leaf[0], -leaf[1][0]))
    items = []
    for _ in range(limit):
        packages = [
            (items[k][0] + items[k + 1][0], items[k][1] + items[k + 1][1]) for k in range(0, len(items) - 1, 2)
        ]
        # A stable sort puts leaves before packages of equal weight.
        items = sorted(leaves + packages, key=lambda item: item[0])
    lengths = [0] * len(frequencies)
    for _, symbols in items[: 2 * len(frequencies) - 2]:
        for symbol in symbols:
            lengths[symbol] += 1
    return lengths


def read_codewords(bits, words, count):
    """`count` numbers of a prefix code whose codeword for number n is words[n], a string of '0' and '1'."""
    numbers = {word: n for n, word in enumerate(words)}
    longest = max(map(len, words))
    result = []
    for _ in range(count):
        word = ""
        while word not in numbers:
            if len(word) == longest:
                raise WireFormatError(
                    "payload.truncated" if bits.remaining < longest else "payload.invalidCodeword"
                )
            word += "01"[bits.peek(len(word))]
        if len(word) > bits.remaining:
            raise WireFormatError("payload.truncated")
        bits.position += len(word)
        result.append(numbers[word])
    return result


def read_fields(bits, width, count):
    if count > bits.remaining // width:
        raise WireFormatError("payload.truncated")
    return [bits.number(width) for _ in range(count)]


def read_rans(bits, frequencies, count, is_valid):
    """Section "Interleaved rANS"; `is_valid` tells numbers that may appear."""
    if count == 0:
        return []
    total = total_bits(len(frequencies))
    slots = [n for n, frequency in enumerate(frequencies) for _ in range(frequency)]
    starts = [sum(frequencies[:n]) for n in range(len(frequencies))]
    result = []
    for start in range(0, count, 1 << 18):
        block = min(count - start, 1 << 18)
        lanes = 1
        while 2 * lanes <= min(128, block // 2048):
            lanes *= 2
        if 32 * lanes > bits.remaining:
            raise WireFormatError("payload.truncated")
        states = [bits.number(32) for _ in range(lanes)]
        if any(state < 1 << 16 for state in states):
            raise WireFormatError("payload.inconsistentState")
        for i in range(block):
            lane = i % lanes
            slot = states[lane] % (1 << total)
            number = slots[slot]
            state = frequencies[number] * (states[lane] >> total) + slot - starts[number]
            if state < 1 << 16:
                state = state << 16 | bits.number(16)
            states[lane] = state
            result.append(number)
        if not all(map(is_valid, result[start:])):
            raise WireFormatError("payload.symbolOutOfRange")
        if any(state != 1 << 16 for state in states):
            raise WireFormatError("payload.inconsistentState")
    return result


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

    if level_plan.code == FIXED:
        numbers = read_fields(bits, max(1, (alphabet - 1).bit_length()), count)
    elif level_plan.code == RANS:
        numbers = read_rans(bits, level_plan.frequencies, count, is_valid)
    elif level_plan.code == HUFFMAN:
        numbers = read_codewords(bits, huffman(level_plan.frequencies), count)
    else:
        word = {GAMMA: gamma, DELTA: delta, OMEGA: omega}[level_plan.code]
        numbers = read_codewords(bits, [word(n + 1) for n in range(LARGEST_ALPHABET)], count)
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
    if kind != 0:
        raise WireFormatError("unknownKind")
    rank, epoch, size = cursor.number(2), cursor.number(4), cursor.number(4)
    digest, step = cursor.number(8), cursor.number(8)
    squared_norm, squared_change = struct.unpack("<2d", cursor.take(16))
    payload = cursor.take(size)
    checksum = cursor.number(4)
    if cursor.remaining:
        raise WireFormatError("trailingBytes")
    if checksum != crc32c(data[:-4]):
        raise WireFormatError("checksumMismatch")
    return Header(kind, rank, epoch, digest, step, squared_norm, squared_change), payload


def decode_frame(data, plan, step, rank):
    """The decoded vector, as bit patterns of binary32, of the frame that `rank` sent at `step`."""
    header, payload = open_frame(data)
    if header.epoch != plan.epoch:
        raise WireFormatError("staleLevels")
    if header.digest != plan.digest:
        raise WireFormatError("planMismatch")
    if header.step != step:
        raise WireFormatError("stepMismatch")
    if header.rank != rank:
        raise WireFormatError("rankMismatch")
    cursor = Bytes(payload)
    vector_norm = read_norms(cursor, 1)[0] if plan.has_vector_norm else None
    vector = []
    for layer in plan.layers:
        if plan.types[layer.type] is None:
            vector += map(added_to_zero, cursor.floats(layer.count))
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
    if level_plan.code == FIXED and plan.coding == MAIN:
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
    return product ^ 0x80000000 if is_negative else added_to_zero(product)


def added_to_zero(pattern):
    """0 + x: negative zero becomes zero."""
    return 0 if pattern == 0x80000000 else pattern
