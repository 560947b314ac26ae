"""Rotated layers of Lamina frames, slow and readable; see lamina_reference.py.

Numbers of binary32 are Python floats here, and every sum and product of two of them is rounded to binary32.
"""

import math
import struct

from lamina_dither import EXACT_MARK, MASK64, folded, mix, read_scales, rounded
from lamina_plan import NEGATIVE_ZERO, float_of, pattern_of

SMALLEST_BLOCK = 128

# Section "Centroids": bit patterns of the positive half, by the number of bits.
CENTROIDS = {
    1: "3F4C422A",
    2: "3EE7D2C9 3FC1555D",
    3: "3E7AF9F8 3F418990 3FAC0538 4009B97A",
    4: "3E0379FD 3EC6AE44 3F28215E 3F713D39 3FA0CC2F 3FCF1C25 40046AC7 402EE2BF",
    5: """
        3D86F128 3E4ACE19 3EA9AA6B 3EEEF33D 3F1ADCEE 3F3F4449 3F650238 3F863E88 3F9B1C68 3FB1739A 3FC9C1D7 3FE4C40F
        4001D6B0 401455D8 402C3B4E 4050AFD7""",
    6: """
        3D08D868 3DCD5EB4 3E2B4FE1 3E703254 3E9AB905 3EBD95B0 3EE0BE03 3F0220DA 3F1418C6 3F264FD4 3F38CFE0 3F4BA3C5
        3F5ED78E 3F7278BF 3F834B54 3F8DA168 3F9848C0 3FA34D3C 3FAEBCF1 3FBAA8CD 3FC7257A 3FD44CA4 3FE23ED0 3FF1262B
        40009D78 40096557 40132282 401E29DC 402B0689 403AB6CB 404F6352 406F9F5B""",
    7: """
        3C89DB3B 3D4ECF82 3DAC62B5 3DF16E5D 3E1B48BC 3E3DE96A 3E609CAB 3E81B2FE 3E932476 3EA4A48E 3EB6351F 3EC7D810
        3ED98F55 3EEB5CF0 3EFD42F5 3F07A1C6 3F10B077 3F19CEB8 3F22FDBE 3F2C3ECE 3F35933C 3F3EFC6C 3F487BD7 3F521309
        3F5BC3A8 3F658F70 3F6F783E 3F79800A 3F81D479 3F86FA9E 3F8C33AA 3F9180F0 3F96E3DB 3F9C5DF6 3FA1F0EE 3FA79E9A
        3FAD68FB 3FB35248 3FB95CF2 3FBF8BAC 3FC5E17C 3FCC61C0 3FD31044 3FD9F152 3FE109CC 3FE85F48 3FEFF838 3FF7DC1B
        400009DC 400454BB 4008D4E2 400D91DC 401294EB 4017E9A0 401D9EB4 4023C752 402A7D1E 4031E390 403A2DD4 4043A9EC
        404ED7FE 405CA2B3 406F0934 408611F9""",
    8: """
        3C0A61E7 3CCF948A 3D2CFE97 3D723720 3D9BBAC9 3DBE5DCE 3DE10579 3E01D953 3E133316 3E249076 3E35F1E0 3E4757C5
        3E58C294 3E6A32BF 3E7BA8B7 3E869278 3E8F53EF 3E9818FB 3EA0E1D8 3EA9AEC1 3EB27FF3 3EBB55AC 3EC4302A 3ECD0FAD
        3ED5F474 3EDEDEC0 3EE7CED5 3EF0C4F5 3EF9C165 3F016235 3F05E726 3F0A6FA9 3F0EFBE4 3F138BFB 3F182016 3F1CB85C
        3F2154F5 3F25F60A 3F2A9BC6 3F2F4652 3F33F5DC 3F38AA91 3F3D649F 3F422436 3F46E987 3F4BB4C4 3F508622 3F555DD5
        3F5A3C15 3F5F211B 3F640D20 3F690061 3F6DFB1D 3F72FD94 3F780809 3F7D1ABF 3F811B00 3F83AD0A 3F8643A4 3F88DEF6
        3F8B7F29 3F8E2468 3F90CEDF 3F937EBE 3F963435 3F98EF75 3F9BB0B3 3F9E7827 3FA1460A 3FA41A97 3FA6F60E 3FA9D8B0
        3FACC2C3 3FAFB48E 3FB2AE5F 3FB5B084 3FB8BB52 3FBBCF22 3FBEEC53 3FC21346 3FC54464 3FC8801E 3FCBC6E7 3FCF193E
        3FD277A7 3FD5E2AF 3FD95AEE 3FDCE104 3FE0759E 3FE41975 3FE7CD50 3FEB9202 3FEF6874 3FF3519C 3FF74E89 3FFB605E
        3FFF8859 4001E3EA 40041024 400649AC 40089165 400AE84C 400D4F78 400FC821 401253A2 4014F37F 4017A972 401A776B
        401D5FA3 402064A4 4023895F 4026D13F 402A404A 402DDB43 4031A7DD 4035AD07 4039F345 403E853D 40437082 4048C6C8
        404E9FBF 40551C3D 405C6BAC 4064D66F 406ED39F 407B3DA6 4085F897 4093502A""",
}


def centroids(bits):
    """The values of the symbols, in their order."""
    text = "".join(CENTROIDS[bits].split())
    positive = [float_of(int(text[i : i + 8], 16)) for i in range(0, len(text), 8)]
    return [-value for value in reversed(positive)] + positive


# Section "Rotation" -------------------------------------------------------------------------------------------------


def signs(key, count):
    """The sign of each coordinate of a block in one round: bits of the words that the key names."""
    words = [mix(key + n * 0x9E3779B97F4A7C15 & MASK64) for n in range(1, -(-count // 64) + 1)]
    return [-1 if words[i // 64] >> i % 64 & 1 else 1 for i in range(count)]


def butterflies(values):
    """The Walsh-Hadamard transform without a factor."""
    distance = 1
    while distance < len(values):
        for start in range(0, len(values), 2 * distance):
            for i in range(start, start + distance):
                a, b = values[i], values[i + distance]
                values[i], values[i + distance] = rounded(a + b), rounded(a - b)
        distance *= 2


def rotated_back(values, rounds, key):
    factor = rounded(1 / math.sqrt(len(values)))
    for number in reversed(range(rounds)):
        butterflies(values)
        turned = signs(folded(key, number), len(values))
        values = [rounded(value * sign * factor) for value, sign in zip(values, turned)]
    return values


# Section "Rotated layers" -------------------------------------------------------------------------------------------


def read_symbols(cursor, bits, count):
    """Packed fields without sign; every field is a symbol, and whole blocks leave no bits behind the last."""
    blocks, tail = divmod(count, 512)
    data = cursor.take(64 * bits * blocks + tail * bits // 8)
    mask = (1 << bits) - 1
    symbols = []
    for block in range(blocks):
        words = struct.unpack(f"<{16 * bits}I", data[64 * bits * block : 64 * bits * (block + 1)])
        lanes = [sum(words[16 * w + j] << 32 * w for w in range(bits)) for j in range(16)]
        symbols += [lanes[s % 16] >> s // 16 * bits & mask for s in range(512)]
    last = int.from_bytes(data[64 * bits * blocks :], "little")
    return symbols + [last >> s * bits & mask for s in range(tail)]


def padded(count):
    """The least power of two from `count` and from the smallest block on."""
    size = SMALLEST_BLOCK
    while size < count:
        size *= 2
    return size


def decode_rotated(cursor, plan, layer, key):
    """Bit patterns of the layer's coordinates."""
    counts = [min(plan.block, layer.count - start) for start in range(0, layer.count, plan.block)]
    scales = read_scales(cursor, len(counts))
    exact = cursor.floats(sum(count for count, scale in zip(counts, scales) if scale == EXACT_MARK))
    live = sum(padded(count) for count, scale in zip(counts, scales) if scale not in (0, EXACT_MARK))
    symbols = read_symbols(cursor, plan.bits, live)
    table = centroids(plan.bits)
    values = []
    for block, (count, scale) in enumerate(zip(counts, scales)):
        if scale == 0:
            values += [0] * count
        elif scale == EXACT_MARK:
            values += [0 if pattern == NEGATIVE_ZERO else pattern for pattern in exact[:count]]
            exact = exact[count:]
        else:
            size = padded(count)
            products = [rounded(table[symbol] * float_of(scale)) for symbol in symbols[:size]]
            symbols = symbols[size:]
            block_values = rotated_back(products, plan.rounds, folded(key, block))
            values += [pattern_of(value + 0.0) for value in block_values[:count]]
    return values
