"""Bits, tables and codes of Lamina frames, slow and readable; see lamina_reference.py.

A codeword is a string of '0' and '1', its first bit first.
"""

LARGEST_ALPHABET = 4096
FIXED, GAMMA, DELTA, OMEGA, HUFFMAN, RANS = range(6)


class WireFormatError(Exception):
    """Bytes that are not the expected frame or plan; `name` is the name of the error in WireFormat.md."""

    def __init__(self, name, detail=""):
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name


def malformed(reason):
    return WireFormatError("malformedPlan", reason)


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


# Section "Tables" -------------------------------------------------------------------------------------------------


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
    for start in range(0, count, 1 << 19):
        block = min(count - start, 1 << 19)
        lanes = 1
        while 2 * lanes <= max(min(32, block // 1024), min(128, block // 2048)):
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
