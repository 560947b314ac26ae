"""Codecs: arrays of every kind, wrong use, and threads."""

import subprocess
import sys
import threading
import unittest

import numpy as np

from lamina import (
    Codec,
    DamagedFrame,
    Dithered,
    Exact,
    Frame,
    FrameMismatch,
    InvalidArgument,
    LaminaError,
    Layer,
    Levels,
    NonFinite,
    Plan,
    uniform,
)

PLAN = Plan([Layer("linear.weight", 24)], Levels(uniform(7)), seed=3)
VECTOR = np.linspace(-1, 1, 24).astype(np.float32)


class CodecTests(unittest.TestCase):
    def test_arrays_that_are_read(self):
        expected = Codec(PLAN).encode(VECTOR, 4).data
        wide = np.zeros(48, dtype=np.float32)
        wide[::2] = VECTOR
        same = [VECTOR.astype(np.float64), VECTOR.reshape(2, 3, 4), wide[::2], VECTOR.astype(">f4"), VECTOR.tolist()]
        for values in [*same, np.asfortranarray(VECTOR.reshape(4, 6))]:
            self.assertEqual(Codec(PLAN).encode(values, 4).data, expected)
        read_only = VECTOR.copy()
        read_only.flags.writeable = False
        self.assertEqual(Codec(PLAN).encode(read_only, 4).data, expected)
        for values in [np.arange(24), VECTOR > 0, VECTOR.astype(complex), ["a"] * 24, [None] * 24, 0 * VECTOR[:23], []]:
            self.assertRaises(InvalidArgument, Codec(PLAN).encode, values, 4)
        self.assertGreater(Codec(PLAN).encode(np.full(24, 1e300), 4).exact_buckets, 0)

    def test_arrays_that_are_written(self):
        frame = Codec(PLAN).encode(VECTOR, 0)
        sums = np.ones((4, 6), dtype=np.float32)
        Codec(PLAN).accumulate(frame, 0, 0, into=sums)
        np.testing.assert_array_equal(sums.reshape(-1), 1 + Codec(PLAN).decode(frame, 0, 0))
        fixed = np.zeros(24, dtype=np.float32)
        fixed.flags.writeable = False
        for target in [
            np.zeros(24),
            np.zeros(24, dtype=">f4"),
            np.zeros(48, dtype=np.float32)[::2],
            np.zeros((4, 6), dtype=np.float32, order="F"),
            np.zeros(23, dtype=np.float32),
            fixed,
            [0.0] * 24,
        ]:
            self.assertRaises(InvalidArgument, Codec(PLAN).accumulate, frame, 0, 0, into=target)

    def test_buffers_that_hold_frames(self):
        frame = Codec(PLAN).encode(VECTOR, 0)
        expected = Codec(PLAN).decode(frame, 0, 0)
        self.assertIsInstance(frame, Frame)
        for data in [frame.data, bytearray(frame.data), memoryview(frame.data), np.frombuffer(frame.data, np.uint8)]:
            np.testing.assert_array_equal(Codec(PLAN).decode(data, 0, 0), expected)
        for data in ["text", None, memoryview(frame.data)[::2]]:
            self.assertRaises(InvalidArgument, Codec(PLAN).decode, data, 0, 0)
        for data in [b"", frame.data[:-1], frame.data + b"\0", b"\xff" * 100]:
            self.assertRaises(DamagedFrame, Codec(PLAN).decode, data, 0, 0)

    def test_frames_that_are_not_due(self):
        frame = Codec(PLAN, rank=1).encode(VECTOR, 8)
        for plan, step, rank in [
            (PLAN, 9, 1),
            (PLAN, 8, 0),
            (Plan(PLAN.layers, PLAN.quantizers, seed=4), 8, 1),
            (PLAN.fit(VECTOR), 8, 1),
        ]:
            with self.assertRaises(FrameMismatch) as caught:
                Codec(plan).decode(frame, step, rank)
            self.assertIsInstance(caught.exception, LaminaError)

    def test_numbers_out_of_range(self):
        wrong_ranks = [{"rank": rank} for rank in (65536, -1, 2**32)]
        for options in [*wrong_ranks, {"threads": 0}, {"threads": 1025}, {"on_nonfinite": 1}]:
            self.assertRaises(InvalidArgument, Codec, PLAN, **options)
        codec = Codec(PLAN, rank=65535, threads=1024)
        self.assertEqual((codec.plan, codec.rank), (PLAN, 65535))
        for step in (-1, 2**64):
            self.assertRaises(InvalidArgument, codec.encode, VECTOR, step)
        frame = codec.encode(VECTOR, 2**64 - 1)
        self.assertRaises(InvalidArgument, codec.decode, frame, 2**64 - 1, 65536)
        self.assertRaises(TypeError, codec.encode, VECTOR, 1.0)
        np.testing.assert_array_equal(codec.decode(frame, np.uint64(2**64 - 1), np.int64(65535)).shape, (24,))

    def test_coordinates_that_are_not_finite(self):
        values = VECTOR.copy()
        values[3] = np.nan
        with self.assertRaisesRegex(NonFinite, "linear.weight"):
            Codec(PLAN, on_nonfinite="stop").encode(values, 0)
        self.assertEqual(Codec(PLAN).encode(values, 0).exact_buckets, 1)

    def test_closing(self):
        with Codec(PLAN) as codec:
            frame = codec.encode(VECTOR, 0)
        for _ in range(2):
            codec.close()
            self.assertRaisesRegex(InvalidArgument, "closed", codec.encode, VECTOR, 1)
            self.assertRaisesRegex(InvalidArgument, "closed", codec.decode, frame, 0, 0)

    def test_memory_is_let_go(self):
        program = """
import resource, numpy as np
from lamina import Codec, Exact, Layer, Plan
values = np.ones(1 << 18, dtype=np.float32)
def peak():
    for _ in range(100):
        plan = Plan([Layer("linear.weight", values.size)], Exact())
        codec = Codec(plan)
        codec.decode(codec.encode(values, 0), 0, 0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
first = peak()
# One codec kept of a hundred would take a MiB and more, each of them a hundred.
print(peak() - first)
"""
        grown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        self.assertLess(int(grown), 20 << 10)

    def test_plans_that_no_memory_holds(self):
        plan = Plan([Layer("linear.weight", 2**39)], Exact())
        codec = Codec(Plan.decode(plan.encode()))
        self.assertRaises(InvalidArgument, codec.encode, VECTOR, 0)
        self.assertRaises(InvalidArgument, codec.accumulate, b"", 0, 0, VECTOR.copy())

    def test_threads_share_a_codec(self):
        count = 20_000
        plan = Plan([Layer("linear.weight", count)], Dithered(bits=3))
        vectors = np.random.default_rng(2).standard_normal((4, count)).astype(np.float32)
        expected = [Codec(plan).encode(vector, step).data[38:-4] for step, vector in enumerate(vectors)]
        codec, failures = Codec(plan), []

        def work(step):
            try:
                for _ in range(20):
                    frame = codec.encode(vectors[step], step)
                    # Between header and checksum; the header names the change from the vector that was encoded before.
                    if frame.data[38:-4] != expected[step]:
                        failures.append("another frame")
                    error = float(((codec.decode(frame, step, 0) - vectors[step]).astype(np.float64) ** 2).sum())
                    if abs(error - frame.squared_error) > 1e-4 * error:
                        failures.append("another vector")
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(step,)) for step in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_unknown_kernels(self):
        program = "from lamina import *\nCodec(Plan([Layer('a', 1, 't')], Exact()))"
        environment = {"LAMINA_KERNELS": "abacus"}
        child = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
        self.assertIn("InvalidArgument", child.stderr)
        self.assertIn("abacus", child.stderr)


if __name__ == "__main__":
    unittest.main()
