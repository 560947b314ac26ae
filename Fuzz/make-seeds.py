#!/usr/bin/env python3
"""Writes the inputs that the fuzzer starts from, made of the golden frames: make-seeds.py GOLDEN FOLDER"""

import json
import struct
import sys
from pathlib import Path

# The names of laws, in the order of DecoderLaw.
LAWS = ["frame_payload", "frame", "recipe_payload", "plan", "statistics", "tables", "code", "rans", "damaged_rans",
        "fields", "round_trip", "packed_layer", "sum_payload", "sum_round_trip"]
LONGEST = 16384


def payload(frame):
    """What lies between the header, which ends with four numbers of variable length, and the checksum."""
    end = 30
    for _ in range(4):
        while end < len(frame) and frame[end] & 0x80:
            end += 1
        end += 1
    return frame[end:-4]


def with_plan(plan, rest):
    return struct.pack("<H", len(plan)) + plan + rest


def golden_inputs(golden):
    """Every golden frame whole, its payload alone, and every golden plan."""
    manifest = json.loads((golden / "manifest.json").read_text())
    for entry in manifest["valid"]:
        plan = (golden / "valid" / f"{entry['name']}.plan").read_bytes()
        frame = (golden / "valid" / f"{entry['name']}.frame").read_bytes()
        yield "plan", plan
        yield "frame", b"\0" + with_plan(plan, frame)
        yield "frame_payload", with_plan(plan, payload(frame))
    for entry in manifest["invalid"]:
        plan = (golden / "valid" / f"{entry['base']}.plan").read_bytes()
        frame = (golden / "invalid" / f"{entry['name']}.frame").read_bytes()
        yield "frame", b"\0" + with_plan(plan, frame)
        yield "frame_payload", with_plan(plan, payload(frame))
    for entry in manifest["invalidPlans"]:
        yield "plan", (golden / "invalid" / f"{entry['name']}.plan").read_bytes()


def statistics_inputs():
    """One small value of each kind, under every method and several forms of levels."""
    histogram = bytes([1, 1, 0, 0]) + struct.pack("<h", 3) + bytes([5, 2]) + struct.pack("<II", 0x7F000080, 0x7E0000FF)
    mixture = bytes([2, 1, 0, 0]) + struct.pack("<HH", 64, 2) + struct.pack("<6f", 3, 0.1, 0.2, 2, -0.1, 0.1)
    normal = bytes([3, 1, 2, 1]) + struct.pack("<3d", 100, 2, 10)
    moments = bytes([4, 1, 0]) + struct.pack("<ff", 0.5, 0.5) + struct.pack("<4H", 1000, 3, 500, 200)
    magnitudes = bytes([5, 1, 7]) + bytes([0x80, 0x08, 3, 9, 100, 20, 128, 5, 0])
    for method in range(7):
        for form in range(5):
            for value in (histogram, mixture, normal, moments, magnitudes):
                yield "statistics", bytes([method, 6, form]) + value


def small_inputs():
    """Choices of each kind for the laws that take no golden bytes."""
    ramp = bytes(range(256))
    for n in range(48):
        head = bytes((n * k + 3 * k) % 256 for k in range(1, 30))
        for law in ("recipe_payload", "code", "rans", "damaged_rans", "fields", "round_trip", "packed_layer",
                    "sum_payload", "sum_round_trip"):
            yield law, head + ramp[n:] * (1 + n % 3)
    # Every number of symbols at which lanes double, under a bell: several kernels.
    for size in (210, 245, 255):
        for weights in range(4):
            for law in ("rans", "damaged_rans"):
                yield law, bytes([31, weights, 9]) + bytes([1, size]) + ramp * 4
    yield "tables", struct.pack("<H", 1) + bytes([0xB0, 0x0F, 0xFF])
    yield "tables", struct.pack("<H", 3) + bytes([0x22] * 4)


def main():
    golden, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for source in (golden_inputs(golden), statistics_inputs(), small_inputs()):
        for law, rest in source:
            if len(rest) < LONGEST:
                (folder / f"{law}-{number:04}").write_bytes(bytes([LAWS.index(law)]) + rest)
                number += 1
    print(f"{number} seeds")


if __name__ == "__main__":
    main()
