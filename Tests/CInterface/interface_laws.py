"""Holds liblamina to its header from the outside, as a language without Swift sees it: scripts/test-library.sh."""

import ctypes
import json
import os
import random
import struct
import subprocess
import sys
import threading
import unittest
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "WireFormatTests/Golden"
LIBRARY = os.environ["LAMINA_LIBRARY"]
OK, INVALID_ARGUMENT, INVALID_PLAN, DAMAGED, MISMATCH, NON_FINITE, BUFFER_TOO_SMALL = range(7)
EXACT, LEVELS, DITHERED, AGREED, ROTATED = range(5)
BUCKET, LAYER, VECTOR = range(3)
FIXED, ALQ, ALQ_GRADIENT, AMQ, AMQ_ZERO, OPTIMAL, LLOYD = range(7)


class Layer(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_char_p), ("count", ctypes.c_uint64)]


class Quantizer(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_char_p),
        ("kind", ctypes.c_int32),
        ("scope", ctypes.c_int32),
        ("bucket_size", ctypes.c_uint32),
        ("norm", ctypes.c_int32),
        ("levels", ctypes.POINTER(ctypes.c_float)),
        ("level_count", ctypes.c_uint64),
        ("step", ctypes.c_float),
        ("bits", ctypes.c_uint32),
        ("code", ctypes.c_int32),
    ]


class Options(ctypes.Structure):
    _fields_ = [("rank", ctypes.c_uint32), ("threads", ctypes.c_uint32), ("stops", ctypes.c_int32)]


class Outcome(ctypes.Structure):
    _fields_ = [("error", ctypes.c_double), ("norm", ctypes.c_double), ("exact", ctypes.c_uint64)]


lamina = ctypes.CDLL(LIBRARY)
POINTER, SIZE, ERROR = ctypes.c_void_p, ctypes.c_size_t, ctypes.create_string_buffer(512)
for name, arguments in {
    "lamina_plan_create": [POINTER, SIZE, POINTER, SIZE, ctypes.c_uint64, POINTER, POINTER],
    "lamina_plan_decode": [ctypes.c_char_p, SIZE, POINTER, POINTER],
    "lamina_plan_encode": [POINTER, POINTER, SIZE, POINTER, POINTER],
    "lamina_plan_destroy": [POINTER],
    "lamina_plan_fit": [POINTER, POINTER, SIZE, ctypes.c_int32, POINTER, POINTER],
    "lamina_layer_type": [ctypes.c_char_p, POINTER, SIZE, POINTER],
    "lamina_levels_fit": [POINTER, POINTER, SIZE, ctypes.c_int32, POINTER, POINTER],
    "lamina_levels_variance": [POINTER, POINTER, SIZE, POINTER, POINTER],
    "lamina_codec_create": [POINTER, POINTER, POINTER, POINTER],
    "lamina_codec_encode": [POINTER, POINTER, SIZE, ctypes.c_uint64, POINTER, POINTER, POINTER, POINTER],
    "lamina_codec_accumulate": [POINTER, POINTER, SIZE, ctypes.c_uint64, ctypes.c_uint32, POINTER, SIZE, POINTER],
    "lamina_codec_destroy": [POINTER],
}.items():
    getattr(lamina, name).argtypes = arguments
lamina.lamina_plan_dimension.argtypes = lamina.lamina_plan_digest.argtypes = [POINTER]
lamina.lamina_plan_dimension.restype = lamina.lamina_plan_digest.restype = ctypes.c_uint64
lamina.lamina_dithered_step.argtypes, lamina.lamina_dithered_step.restype = [ctypes.c_double], ctypes.c_float


class Refusal(Exception):
    def __init__(self, status):
        super().__init__(status, ERROR.value.decode())
        self.status, self.message = self.args


def call(function, *arguments):
    status = function(*arguments, ERROR)
    if status != OK:
        assert ERROR.value, "a failure without a sentence"
        raise Refusal(status)
    assert ERROR.value == b""


class Plan:
    def __init__(self, handle):
        self.handle = handle

    @staticmethod
    def decode(data):
        handle = POINTER()
        call(lamina.lamina_plan_decode, data, len(data), ctypes.byref(handle))
        return Plan(handle)

    @staticmethod
    def create(layers, quantizers, seed=7):
        handle = POINTER()
        layers = (Layer * len(layers))(*[Layer(*layer) for layer in layers])
        quantizers = (Quantizer * len(quantizers))(*quantizers)
        call(
            lamina.lamina_plan_create, layers, len(layers), quantizers, len(quantizers), seed, ctypes.byref(handle)
        )
        return Plan(handle)

    def fitted(self, values, method):
        handle = POINTER()
        values = (ctypes.c_float * len(values))(*values)
        call(lamina.lamina_plan_fit, self.handle, values, len(values), method, ctypes.byref(handle))
        return Plan(handle)

    def encoded(self):
        size = SIZE()
        status = lamina.lamina_plan_encode(self.handle, None, 0, ctypes.byref(size), ERROR)
        assert status == BUFFER_TOO_SMALL
        buffer = ctypes.create_string_buffer(size.value)
        call(lamina.lamina_plan_encode, self.handle, buffer, size, None)
        return buffer.raw

    @property
    def dimension(self):
        return lamina.lamina_plan_dimension(self.handle)

    def __del__(self):
        lamina.lamina_plan_destroy(self.handle)


class Codec:
    def __init__(self, plan, rank=0, threads=1, stops=0):
        self.handle = POINTER()
        call(
            lamina.lamina_codec_create,
            plan.handle,
            ctypes.byref(Options(rank, threads, stops)),
            ctypes.byref(self.handle),
        )

    def encode(self, values, step=0):
        frame, size, outcome = POINTER(), SIZE(), Outcome()
        values = (ctypes.c_float * len(values))(*values)
        places = [ctypes.byref(frame), ctypes.byref(size), ctypes.byref(outcome)]
        call(lamina.lamina_codec_encode, self.handle, values, len(values), step, *places)
        return ctypes.string_at(frame, size.value), outcome

    def accumulate(self, frame, dimension, step=0, rank=0):
        sums = (ctypes.c_float * dimension)()
        call(lamina.lamina_codec_accumulate, self.handle, frame, len(frame), step, rank, sums, dimension)
        return bytes(sums)

    def __del__(self):
        lamina.lamina_codec_destroy(self.handle)


def levels(values):
    return ctypes.cast((ctypes.c_float * len(values))(*values), ctypes.POINTER(ctypes.c_float)), len(values)


def fitted_levels(quantizer, values, method):
    result = (ctypes.c_float * quantizer.level_count)()
    values = (ctypes.c_float * len(values))(*values)
    call(lamina.lamina_levels_fit, ctypes.byref(quantizer), values, len(values), method, result)
    return list(result)


def variance(quantizer, values):
    result = ctypes.c_double()
    values = (ctypes.c_float * len(values))(*values)
    call(lamina.lamina_levels_variance, ctypes.byref(quantizer), values, len(values), ctypes.byref(result))
    return result.value


def layer_type(name, capacity=256):
    result = ctypes.create_string_buffer(capacity)
    call(lamina.lamina_layer_type, name, result, capacity)
    return result.value


class InterfaceTests(unittest.TestCase):
    def refused(self, status, function, *arguments, **options):
        with self.assertRaises(Refusal) as caught:
            function(*arguments, **options)
        self.assertEqual(caught.exception.status, status, caught.exception.message)
        return caught.exception.message

    def test_exports(self):
        symbols = subprocess.run(["nm", "-D", "--defined-only", "--extern-only", LIBRARY], capture_output=True, text=True, check=True)
        names = {line.split()[-1].split("@")[0] for line in symbols.stdout.splitlines()}
        header = (Path(__file__).parents[2] / "Sources/CLamina/include/lamina.h").read_text()
        self.assertEqual({name for name in names if f"{name}(" not in header}, set())
        self.assertGreaterEqual(len(names), 12)
        needed = subprocess.run(["ldd", LIBRARY], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("swift", needed.lower())

    def test_golden_frames(self):
        decoded = 0
        for entry in json.loads((GOLDEN / "manifest.json").read_text())["valid"]:
            plan_bytes = (GOLDEN / f"valid/{entry['name']}.plan").read_bytes()
            plan = Plan.decode(plan_bytes)
            self.assertEqual(plan.encoded(), plan_bytes)
            frame = (GOLDEN / f"valid/{entry['name']}.frame").read_bytes()
            codec = Codec(plan)
            if entry["kind"] != 0:
                self.refused(MISMATCH, codec.accumulate, frame, plan.dimension, entry["step"], entry["rank"])
                continue
            found = codec.accumulate(frame, plan.dimension, entry["step"], entry["rank"])
            expected = (GOLDEN / f"valid/{entry['name']}.f32").read_bytes()
            self.assertEqual(found, expected, entry["name"])
            decoded += 1
        self.assertGreater(decoded, 50)

    def test_invalid_frames(self):
        entries = {e["name"]: e for e in json.loads((GOLDEN / "manifest.json").read_text())["valid"]}
        for entry in json.loads((GOLDEN / "manifest.json").read_text())["invalid"]:
            base = entries[entry["base"]]
            plan = Plan.decode((GOLDEN / f"valid/{entry['base']}.plan").read_bytes())
            frame = (GOLDEN / f"invalid/{entry['name']}.frame").read_bytes()
            with self.assertRaises(Refusal, msg=entry["name"]) as caught:
                Codec(plan).accumulate(frame, plan.dimension, base["step"], base["rank"])
            self.assertIn(caught.exception.status, (DAMAGED, MISMATCH))

    def test_every_kind(self):
        magnitudes = levels([0, 0.25, 0.5, 0.75, 1])
        kinds = [
            Quantizer(kind=EXACT),
            Quantizer(kind=LEVELS, scope=BUCKET, bucket_size=512, levels=magnitudes[0], level_count=magnitudes[1]),
            Quantizer(kind=DITHERED, scope=VECTOR, step=lamina.lamina_dithered_step(4)),
            Quantizer(kind=AGREED, step=0.125),
            Quantizer(kind=ROTATED, bits=4),
        ]
        random.seed(3)
        values = [random.gauss(0, 1) for _ in range(3500)]
        for quantizer in kinds:
            plan = Plan.create([(b"a.linear.weight", None, 3000), (b"a.linear.bias", None, 500)], [quantizer])
            self.assertEqual(Plan.decode(plan.encoded()).encoded(), plan.encoded())
            codec = Codec(plan, rank=1, threads=2)
            frame, outcome = codec.encode(values, step=9)
            decoded = struct.unpack("<3500f", codec.accumulate(frame, 3500, step=9, rank=1))
            wrong = sum((a - b) ** 2 for a, b in zip(decoded, values))
            self.assertAlmostEqual(wrong, outcome.error, delta=1e-3 * wrong + 1e-6)
            self.assertLess(wrong, 0.12 * outcome.norm)
            self.assertEqual(frame, Codec(plan, rank=1).encode(values, step=9)[0])
            self.assertEqual(codec.encode([float("nan")] + values[1:])[1].exact > 0, quantizer.kind != EXACT)

    def test_codes(self):
        random.seed(4)
        values = [random.gauss(0, 1) ** 3 for _ in range(3000)]
        sizes = []
        for code in range(6):
            magnitudes, count = levels([i / 15 for i in range(16)])
            quantizer = Quantizer(kind=LEVELS, bucket_size=512, levels=magnitudes, level_count=count, code=code)
            plan = Plan.create([(b"a.linear.weight", None, 3000)], [quantizer])
            for each in [plan, plan.fitted(values, FIXED)]:
                frame, _ = Codec(each).encode(values)
                decoded = Codec(each).accumulate(frame, 3000)
                self.assertEqual(decoded, Codec(Plan.decode(each.encoded())).accumulate(frame, 3000))
                sizes.append((code, len(frame)))
            self.refused(MISMATCH, Codec(plan).accumulate, Codec(each).encode(values)[0], 3000)
        # Tables of the vector's own are shorter than those for equal frequencies, which are as long as fields.
        sizes = [size for _, size in sizes]
        self.assertLess(max(sizes[9], sizes[11]), 0.8 * min(sizes[0], sizes[8], sizes[10]))

    def test_fitting(self):
        random.seed(5)
        values = [random.gauss(0, 1) ** 3 for _ in range(2048)]
        for first in (0.0, -1.0):
            start = [first + (1 - first) * i / 7 for i in range(8)]
            place, count = levels(start)
            quantizer = Quantizer(kind=LEVELS, bucket_size=256, norm=2, levels=place, level_count=count)
            before = variance(quantizer, values)
            for method in (ALQ, ALQ_GRADIENT, AMQ_ZERO if first == 0 else AMQ, OPTIMAL, LLOYD):
                fitted = fitted_levels(quantizer, values, method)
                self.assertEqual((fitted[0], fitted[-1], len(fitted)), (first, 1, 8))
                place, count = levels(fitted)
                after = variance(Quantizer(bucket_size=256, norm=2, levels=place, level_count=count), values)
                self.assertLess(after, before)
            self.assertEqual(fitted_levels(quantizer, values, FIXED), list(levels(start)[0][:8]))
            self.refused(INVALID_ARGUMENT, fitted_levels, quantizer, values, AMQ if first == 0 else AMQ_ZERO)
            self.refused(INVALID_ARGUMENT, fitted_levels, quantizer, values, 7)
            self.refused(INVALID_ARGUMENT, fitted_levels, quantizer, [], OPTIMAL)
            self.refused(INVALID_ARGUMENT, fitted_levels, quantizer, [float("nan")] * 5, OPTIMAL)
        place, count = levels([-1, 0.5, 1])
        self.assertEqual(len(fitted_levels(Quantizer(scope=LAYER, levels=place, level_count=count), values, ALQ)), 3)
        self.assertEqual(variance(quantizer, []), 0)
        self.refused(INVALID_PLAN, variance, Quantizer(bucket_size=8, levels=place, level_count=1), values)
        plan = Plan.create([(b"linear.weight", None, 2048)], [quantizer])
        self.refused(INVALID_ARGUMENT, plan.fitted, values[1:], ALQ)
        self.refused(INVALID_ARGUMENT, plan.fitted, values, -1)
        self.refused(INVALID_PLAN, plan.fitted, values, AMQ_ZERO)
        self.assertEqual(int.from_bytes(plan.fitted(values, ALQ).encoded()[8:12], "little"), 1)

    def test_layer_types(self):
        self.assertEqual(layer_type(b"net.conv.weight"), b"convolution")
        self.assertEqual(layer_type(b"thing"), b"")
        self.refused(BUFFER_TOO_SMALL, layer_type, b"net.conv.weight", len(b"convolution"))
        self.refused(INVALID_ARGUMENT, layer_type, b"\xff")

    def test_wrong_use(self):
        layers = [(b"linear.weight", None, 8)]
        self.refused(INVALID_PLAN, Plan.create, [(b"thing", None, 8)], [])
        self.refused(INVALID_PLAN, Plan.create, [(b"thing", b"t", 0)], [])
        self.refused(INVALID_PLAN, Plan.create, [], [])
        self.refused(INVALID_PLAN, Plan.create, [(b"a", b"t", 2**63), (b"b", b"t", 2**63)], [])
        self.refused(INVALID_ARGUMENT, Plan.create, [(None, b"t", 1)], [])
        self.refused(INVALID_ARGUMENT, Plan.create, [(b"\xff\xfe", b"t", 1)], [])
        self.refused(INVALID_PLAN, Plan.create, layers, [Quantizer(kind=EXACT), Quantizer(kind=EXACT)])
        self.refused(INVALID_PLAN, Plan.create, layers, [Quantizer(kind=EXACT, type=b"other")])
        for quantizer in [
            Quantizer(kind=9),
            Quantizer(kind=LEVELS, bucket_size=1),
            Quantizer(kind=DITHERED, scope=7, step=1),
            Quantizer(kind=LEVELS, bucket_size=8, levels=levels([0, 1])[0], level_count=2, code=6),
        ]:
            self.refused(INVALID_ARGUMENT, Plan.create, layers, [quantizer])
        wrong, count = levels([0, 0.5, 0.5, 1])
        for quantizer in [
            Quantizer(kind=LEVELS, bucket_size=8, levels=wrong, level_count=count),
            Quantizer(kind=LEVELS, bucket_size=8, levels=wrong, level_count=1),
            Quantizer(kind=DITHERED, scope=BUCKET, bucket_size=0, step=1),
            Quantizer(kind=DITHERED, scope=LAYER, step=float("nan")),
            Quantizer(kind=AGREED, step=-1),
            Quantizer(kind=ROTATED, bits=9),
        ]:
            self.refused(INVALID_PLAN, Plan.create, layers, [quantizer])
        self.assertNotEqual(lamina.lamina_dithered_step(99), lamina.lamina_dithered_step(99))
        self.refused(INVALID_ARGUMENT, Codec, Plan(None))
        plan = Plan.create(layers, [])
        self.refused(INVALID_ARGUMENT, Codec, plan, rank=65536)
        self.refused(INVALID_ARGUMENT, Codec, plan, threads=0)
        codec = Codec(plan, stops=1)
        self.assertIn("7 coordinates", self.refused(INVALID_ARGUMENT, codec.encode, [1.0] * 7))
        self.assertIn("linear.weight", self.refused(NON_FINITE, codec.encode, [float("inf")] * 8))
        frame, _ = codec.encode([1.0] * 8, step=4)
        self.refused(INVALID_ARGUMENT, codec.accumulate, frame, 7, step=4)
        self.refused(MISMATCH, codec.accumulate, frame, 8, step=5)
        self.refused(MISMATCH, codec.accumulate, frame, 8, step=4, rank=1)
        self.refused(DAMAGED, codec.accumulate, frame[:-1], 8, step=4)
        self.refused(DAMAGED, codec.accumulate, b"", 8, step=4)
        other = Codec(Plan.create(layers, [], seed=8))
        self.refused(MISMATCH, other.accumulate, frame, 8, step=4)

    def test_plans_without_measure(self):
        plan = Plan.create([(b"linear.weight", None, 2**39)], [Quantizer(kind=AGREED, step=1)])
        codec = Codec(Plan.decode(plan.encoded()))
        self.refused(INVALID_ARGUMENT, codec.encode, [1.0])
        self.refused(INVALID_ARGUMENT, codec.accumulate, b"", 1)

    def test_unknown_kernels(self):
        if os.environ.get("LAMINA_KERNELS") == "abacus":
            self.assertIn("abacus", self.refused(INVALID_ARGUMENT, Codec, Plan.create([(b"a", b"t", 1)], [])))
            return
        test = [sys.executable, __file__, "InterfaceTests.test_unknown_kernels"]
        child = subprocess.run(test, env={**os.environ, "LAMINA_KERNELS": "abacus"}, capture_output=True, text=True)
        self.assertEqual(child.returncode, 0, child.stderr)

    def test_threads_take_turns(self):
        plan = Plan.create([(b"linear.weight", None, 20000)], [Quantizer(kind=DITHERED, scope=LAYER, step=0.5)])
        codec = Codec(plan)
        values = [(i % 17) - 8.0 for i in range(20000)]
        expected, failures = codec.encode(values)[0], []

        def work():
            for _ in range(20):
                sums = (ctypes.c_float * 20000)()
                message = ctypes.create_string_buffer(512)
                status = lamina.lamina_codec_accumulate(
                    codec.handle, expected, len(expected), 0, 0, sums, 20000, message
                )
                if status != OK or bytes(sums) != reference:
                    failures.append(message.value)

        reference = codec.accumulate(expected, 20000)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    unittest.main()
