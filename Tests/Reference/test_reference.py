"""Decodes the golden frames with the reference decoder: `python3 -m unittest`, in this folder."""

import json
import math
import pathlib
import struct
import unittest

import lamina_codes as codes
import lamina_dither as dither
import lamina_reference as reference
import lamina_rotation as rotation

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "WireFormatTests" / "Golden"
MANIFEST = json.loads((GOLDEN / "manifest.json").read_text())
VALID = {entry["name"]: entry for entry in MANIFEST["valid"]}


def plan_of(name):
    return reference.decode_plan((GOLDEN / "valid" / f"{name}.plan").read_bytes())


def decode(entry, frame):
    """What the manifest's entry of a valid frame says of its reader."""
    workers = entry.get("workers")
    return reference.decode_frame(frame, plan_of(entry["name"]), entry["step"], entry["rank"], workers)


def is_nan(pattern):
    return pattern & 0x7FFFFFFF > 0x7F800000


class GoldenFrames(unittest.TestCase):
    def test_valid_frames_decode_bit_for_bit(self):
        for name, entry in VALID.items():
            with self.subTest(name):
                data = (GOLDEN / "valid" / f"{name}.f32").read_bytes()
                expected = list(struct.unpack(f"<{len(data) // 4}I", data))
                frame = (GOLDEN / "valid" / f"{name}.frame").read_bytes()
                decoded = decode(entry, frame)
                self.assertEqual(len(decoded), len(expected))
                for i, (found, wanted) in enumerate(zip(decoded, expected)):
                    # The payload of a NaN is not part of the format.
                    if not (is_nan(found) and is_nan(wanted)):
                        self.assertEqual(found, wanted, f"coordinate {i}")

    def test_tallies_are_those_of_the_decoded_vector(self):
        for name, entry in VALID.items():
            with self.subTest(name):
                header, _ = reference.open_frame((GOLDEN / "valid" / f"{name}.frame").read_bytes())
                self.assertEqual(header.kind, entry["kind"])
                # The tallies of a sum are those of the vectors that were summed up.
                if header.kind == reference.SUM:
                    continue
                data = (GOLDEN / "valid" / f"{name}.f32").read_bytes()
                square = sum(value * value for (value,) in struct.iter_unpack("<f", data))
                if square == square and square != float("inf"):
                    self.assertAlmostEqual(header.squared_norm, square, delta=1e-12 * square)
                else:
                    self.assertEqual(str(header.squared_norm), str(square))

    def test_invalid_frames_raise_the_error_of_the_manifest(self):
        for entry in MANIFEST["invalid"]:
            with self.subTest(entry["name"]):
                frame = (GOLDEN / "invalid" / f"{entry['name']}.frame").read_bytes()
                with self.assertRaises(codes.WireFormatError) as caught:
                    decode(VALID[entry["base"]], frame)
                self.assertEqual(caught.exception.name, entry["error"])

    def test_invalid_plans_raise_the_error_of_the_manifest(self):
        for entry in MANIFEST["invalidPlans"]:
            with self.subTest(entry["name"]):
                with self.assertRaises(codes.WireFormatError) as caught:
                    reference.decode_plan((GOLDEN / "invalid" / f"{entry['name']}.plan").read_bytes())
                self.assertEqual(caught.exception.name, entry["error"])

    def test_frames_lie_as_the_manifest_says(self):
        valid = {path.name for path in (GOLDEN / "valid").iterdir()}
        self.assertEqual(valid, {f"{name}.{kind}" for name in VALID for kind in ("plan", "frame", "f32")})


class Codes(unittest.TestCase):
    def test_elias_codewords_are_those_of_the_literature(self):
        self.assertEqual([codes.gamma(n) for n in (1, 2, 3, 4, 10)], ["1", "010", "011", "00100", "0001010"])
        self.assertEqual([codes.delta(n) for n in (1, 2, 3, 4, 10)], ["1", "0100", "0101", "01100", "00100010"])
        self.assertEqual([codes.omega(n) for n in (1, 2, 3, 4, 10)], ["0", "100", "110", "101000", "1110100"])

    def test_huffman_lengths_of_a_worked_example(self):
        self.assertEqual(codes.huffman_lengths([2048, 1024, 512, 512]), [1, 2, 3, 3])
        self.assertEqual(codes.huffman([2048, 1024, 512, 512]), ["0", "10", "110", "111"])

    def test_known_checks(self):
        self.assertEqual(reference.crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(reference.fnv1a(b"a"), 0xAF63DC4C8601EC8C)


class Dither(unittest.TestCase):
    def test_family_has_the_checksum_of_the_document(self):
        laws = [dither.law(shape, scale) for shape in range(8) for scale in range(64)]
        self.assertTrue(all(sum(law) == 4096 and min(law) > 0 for law in laws))
        self.assertEqual(reference.crc32c(b"".join(struct.pack("<32H", *law) for law in laws)), 0x0C3E3861)

    def test_draws_are_odd_multiples_that_no_two_coordinates_share_by_rule(self):
        key = dither.folded(dither.layer_key(7, 3, 1, 0), 5)
        draws = [dither.dither(key, element) for element in range(4096)]
        self.assertTrue(all(0 < draw < 1 and draw * 2**17 % 2 == 1 for draw in draws))
        # The mean of 4096 uniform draws has the standard error 0.0045.
        self.assertAlmostEqual(sum(draws) / len(draws), 0.5, delta=4 * 0.0045)


class Rotation(unittest.TestCase):
    def test_centroids_have_the_checksum_of_the_document_and_are_the_means_of_their_cells(self):
        tables = [rotation.centroids(bits) for bits in range(1, 9)]
        data = b"".join(struct.pack(f"<{len(table)}f", *table) for table in tables)
        self.assertEqual(reference.crc32c(data), 0xA6EB0CEA)
        for table in tables:
            ends = [-math.inf] + [(a + b) / 2 for a, b in zip(table, table[1:])] + [math.inf]
            for centroid, low, high in zip(table, ends, ends[1:]):
                density = math.exp(-low * low / 2) - math.exp(-high * high / 2)
                mass = (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2
                if centroid > 0:
                    mass = (math.erfc(low / math.sqrt(2)) - math.erfc(high / math.sqrt(2))) / 2
                self.assertAlmostEqual(density / math.sqrt(2 * math.pi) / mass, centroid, delta=1e-6)

    def test_rotating_back_keeps_the_norm(self):
        values = rotation.rotated_back([1.0] + [0.0] * 127, 2, 5)
        self.assertAlmostEqual(sum(value * value for value in values), 1, delta=1e-6)


if __name__ == "__main__":
    unittest.main()
