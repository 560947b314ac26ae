"""Plans: what they say of themselves, and what does not make one."""

import pickle
import unittest

import numpy as np

from lamina import (
    Agreed,
    DamagedFrame,
    Dithered,
    Exact,
    InvalidArgument,
    InvalidPlan,
    Layer,
    Levels,
    Plan,
    Rotated,
    exponential,
    fit_levels,
    mirrored_without_zero,
    uniform,
)

LAYERS = [Layer("a.linear.weight", 300), Layer("b.conv.weight", 200), Layer("a.linear.bias", 10)]


class PlanTests(unittest.TestCase):
    def test_contents(self):
        quantizers = {
            "linear": Levels([-1, -0.5, 0.1, 1], "l1", 7, "huffman"),
            "convolution": Dithered(step=0.3, scope="layer"),
        }
        plan = Plan(LAYERS, quantizers, seed=2**64 - 1)
        self.assertEqual(plan.quantizers, quantizers | {"bias": Exact()})
        self.assertEqual([layer.type for layer in plan.layers], ["linear", "convolution", "bias"])
        self.assertEqual([layer.name for layer in plan.layers], [layer.name for layer in LAYERS])
        self.assertEqual((plan.dimension, plan.seed, plan.level_epoch, plan.protocol), (510, 2**64 - 1, 0, "main"))
        self.assertEqual(Plan(plan.layers, plan.quantizers, plan.seed), plan)

    def test_plans_are_values(self):
        plan, other = Plan(LAYERS, Agreed(0.1), seed=1), Plan(LAYERS, Agreed(0.1), seed=2)
        for same in (pickle.loads(pickle.dumps(plan)), Plan.decode(plan.encode()), Plan(LAYERS, Agreed(0.1), 1)):
            self.assertEqual((same, hash(same), same.digest), (plan, hash(plan), plan.digest))
        self.assertNotEqual(plan, other)
        self.assertNotEqual(plan.digest, other.digest)
        self.assertIn(f"{plan.digest:016x}", repr(plan))

    def test_which_quantizer_a_type_gets(self):
        usual = Rotated(3)
        self.assertEqual(Plan(LAYERS, usual).quantizers["bias"], Exact())
        alone = Plan(LAYERS, {"bias": usual})
        self.assertEqual(alone.quantizers, {"bias": usual, "linear": Exact(), "convolution": Exact()})
        mixed = Plan(LAYERS, {None: usual, "linear": Exact()})
        self.assertEqual(mixed.quantizers, {"bias": Exact(), "linear": Exact(), "convolution": usual})

    def test_bits_and_steps_of_dither(self):
        self.assertAlmostEqual(Dithered(bits=3).step, np.sqrt(2 * np.pi * np.e) / 8, places=6)
        self.assertEqual(Dithered(bits=3), Dithered(step=Dithered(bits=3).step))
        for wrong in [{}, {"bits": 3, "step": 0.1}, {"bits": 0.1}, {"bits": float("nan")}]:
            self.assertRaises(InvalidPlan, Dithered, **wrong)

    def test_widths(self):
        self.assertEqual([Levels(uniform(7)).bits, Levels([0, 1]).bits, Levels([-1, 1]).bits], [4, 2, 1])

    def test_what_makes_no_plan(self):
        for layers, quantizers in [
            ([], Exact()),
            ([Layer("thing", 8)], Exact()),
            ([Layer("a", 0, "t")], Exact()),
            ([Layer("a", 8, "t"), Layer("a", 8, "t")], Exact()),
            ([Layer("a" * 256, 8, "t")], Exact()),
            ([Layer("a\0b", 8, "t")], Exact()),
            ([Layer("\ud800", 8, "t")], Exact()),
            ([Layer("a", 2**63, "t"), Layer("b", 2**63, "t")], Exact()),
            (LAYERS, {"other": Exact()}),
            (LAYERS, Levels([0, 0.5, 0.5, 1])),
            (LAYERS, Levels([])),
            (LAYERS, Levels([0, float("nan"), 1])),
            (LAYERS, Levels(uniform(7), norm="l7")),
            (LAYERS, Levels(uniform(7), norm=1.5)),
            (LAYERS, Levels(uniform(7), code="morse")),
            (LAYERS, Levels(uniform(7), scope=0)),
            (LAYERS, Levels(uniform(7), scope=2**24 + 1)),
            (LAYERS, Levels(uniform(7), scope="bucket")),
            (LAYERS, Levels(uniform(7), scope=1.5)),
            (LAYERS, {"linear": Levels(uniform(7), "l2", "vector"), None: Levels(uniform(7), "l1", "vector")}),
            (LAYERS, Dithered(step=float("nan"))),
            (LAYERS, Dithered(step=1e9)),
            (LAYERS, Agreed(-1)),
            (LAYERS, Rotated(9)),
            (LAYERS, Rotated(-1)),
            (LAYERS, Rotated(4, rounds=3)),
        ]:
            with self.assertRaises(InvalidPlan, msg=(layers, quantizers)) as caught:
                Plan(layers, quantizers)
            self.assertIsInstance(caught.exception, ValueError)
            self.assertRegex(str(caught.exception), r"\.$")
        for layers, seed in [([Layer("a", -1, "t")], 0), ([Layer("a", 2**64, "t")], 0), (LAYERS, -1), (LAYERS, 2**64)]:
            self.assertRaises(InvalidArgument, Plan, layers, Exact(), seed)
        self.assertRaises(TypeError, Plan, LAYERS, Exact(), 1.5)
        self.assertRaises(DamagedFrame, Plan.decode, b"")

    def test_wrong_fits(self):
        plan = Plan(LAYERS, Levels(uniform(7)))
        values = np.ones(plan.dimension)
        self.assertRaisesRegex(InvalidArgument, "510", plan.fit, values[1:])
        self.assertRaisesRegex(InvalidArgument, "best", plan.fit, values, "best")
        self.assertRaises(InvalidPlan, plan.fit, values, "amq")
        # Nothing to observe, nothing to change but the epoch.
        self.assertEqual(plan.fit(0 * values).quantizers, plan.quantizers)
        for count, options in [(1, {}), (129, {}), (7, {"zero": False}), (256, {"zero": False}), (8, {"scope": 0})]:
            self.assertRaises(ValueError, fit_levels, values, count, **options)
        self.assertRaises(InvalidArgument, fit_levels, 0 * values, 8)
        self.assertRaises(InvalidArgument, fit_levels, [], 8)
        self.assertRaises(InvalidArgument, fit_levels, np.arange(4), 8)
        self.assertRaises(InvalidArgument, fit_levels, values, 8, "amq")
        self.assertRaises(InvalidArgument, fit_levels, values, 8, "amq-zero", zero=False)

    def test_families(self):
        np.testing.assert_array_equal(uniform(4), [0, 0.25, 0.5, 0.75, 1])
        np.testing.assert_array_equal(exponential(0.5, 2), [0, 0.25, 0.5, 1])
        np.testing.assert_array_equal(mirrored_without_zero(uniform(2)), [-1, -0.5, 0.5, 1])
        for levels in (uniform(127), exponential(0.5, 126), mirrored_without_zero(uniform(127))):
            self.assertEqual(levels.dtype, np.float32)
            Plan(LAYERS, Levels(levels))
        for function, wrong in [
            (uniform, [0]),
            (uniform, [128]),
            (exponential, [1, 3]),
            (exponential, [0.5, 127]),
            (exponential, [0.1, 60]),
            (mirrored_without_zero, [[-1, 1]]),
        ]:
            self.assertRaises(InvalidArgument, function, *wrong)


if __name__ == "__main__":
    unittest.main()
