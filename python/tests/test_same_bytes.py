"""The same vector, plan, rank and step give the same bytes in Python as in Swift, which made the files in golden/.

Each was made by `lamina encode layers.f32 NAME.lamina --layers conv1.weight:864,conv1.bias:32,head.weight:320:linear
--seed 7 --rank 2 --step 5` with the options beside its name. Tests/CInterface/uniform_file.c makes the first one in C.
"""

import unittest
from dataclasses import replace

import numpy as np
from paths import GOLDEN

from lamina import Codec, Dithered, Exact, Layer, Levels, Plan, Rotated, exponential, fit_levels, uniform
from lamina import mirrored_without_zero as mirrored

LAYERS = [Layer("conv1.weight", 864), Layer("conv1.bias", 32), Layer("head.weight", 320, "linear")]
VECTOR = np.fromfile(GOLDEN / "layers.f32", dtype="<f4")
HALVES = exponential(0.5, 14)
MADE = {
    "uniform": Levels(uniform(7), scope=128),  # --bits 4 --bucket 128
    "exponential": Levels(exponential(0.5, 6), "l2", "layer", "elias-omega"),  # --levels exponential:0.5,6 --norm l2 …
    "rotated": Rotated(2),  # --levels eden:2
    "exact": Exact(),  # --levels none
}
FITTED = {
    "alq-huffman": ("alq", Levels(HALVES, scope=128, code="huffman")),  # --levels alq:14 --code huffman --bucket 128
    "amq-rans": ("amq", Levels(mirrored(exponential(0.5, 7)), scope="vector", code="rans")),  # --levels amq:7 …
    "optimal": ("optimal", Levels(exponential(0.5, 6), scope=128)),  # --levels optimal:6 --bucket 128
    "lloyd": ("lloyd", Levels(exponential(0.5, 6), scope=128, code="rans")),  # --levels lloyd:6 --code rans …
}


def swift_file(name):
    """Plan and frame of a file, Documentation/FileFormat.md."""
    data = (GOLDEN / f"{name}.lamina").read_bytes()
    assert data[:8] == b"LAMF\x01\0\0\0"
    size = int.from_bytes(data[8:12], "little")
    return data[12 : 12 + size], data[12 + size :]


class SameBytesTests(unittest.TestCase):
    def test_plans_and_frames(self):
        for name, quantizer in MADE.items():
            plan_bytes, frame = swift_file(name)
            plan = Plan(LAYERS, quantizer, seed=7)
            self.assertEqual(plan.encode(), plan_bytes, name)
            self.assertEqual(Codec(plan, rank=2).encode(VECTOR, step=5).data, frame, name)

    def test_fitted_levels_and_tables(self):
        for name, (method, quantizer) in FITTED.items():
            plan_bytes, frame = swift_file(name)
            theirs, ours = Plan.decode(plan_bytes), Plan(LAYERS, quantizer, seed=7).fit(VECTOR, method)
            self.assertEqual(ours.quantizers, theirs.quantizers, name)
            # The command counts its fit as no change of levels, a plan of this package as one.
            self.assertEqual((theirs.level_epoch, ours.level_epoch), (0, 1))
            self.assertEqual(ours.encode()[:8] + bytes(4) + ours.encode()[12:], plan_bytes, name)
            self.assertEqual(Codec(theirs, rank=2).encode(VECTOR, step=5).data, frame, name)

    def test_levels_of_one_layer(self):
        values = VECTOR[:864]
        theirs = Plan.decode(swift_file("optimal")[0]).quantizers["convolution"]
        self.assertEqual(theirs, Levels(fit_levels(values, 8, "optimal", scope=128), scope=128))
        theirs = Plan.decode(swift_file("alq-huffman")[0]).quantizers["convolution"]
        self.assertEqual(replace(theirs, code="fixed"), Levels(fit_levels(values, 16, "alq", scope=128), scope=128))

    def test_dithered_frame(self):
        plan_bytes, frame = swift_file("dithered")
        plan = Plan.decode(plan_bytes)
        quantizers = plan.quantizers
        self.assertIsInstance(quantizers["linear"], Dithered)
        self.assertEqual(Plan(plan.layers, quantizers, plan.seed).encode()[12:], plan_bytes[12:])
        self.assertEqual(Codec(plan, rank=2).encode(VECTOR, step=5).data, frame)


if __name__ == "__main__":
    unittest.main()
