"""Plans by rules on names."""

import unittest

import numpy as np

from lamina import (
    Codec,
    Dithered,
    Exact,
    InvalidArgument,
    InvalidPlan,
    Levels,
    Rotated,
    Rule,
    plan_by_name,
    standard_type,
    uniform,
)

PARAMETERS = [
    ("embed.weight", 4000),
    ("blocks.0.attn.qkv.weight", 3000),
    ("blocks.0.norm.weight", 64),
    ("blocks.0.mlp.fc1.weight", 900),
    ("blocks.0.mlp.fc1.bias", 30),
    ("head.weight", 640),
]


class RuleTests(unittest.TestCase):
    def types(self, *arguments, **options):
        plan = plan_by_name(PARAMETERS, *arguments, **options)
        self.assertEqual([(layer.name, layer.count) for layer in plan.layers], PARAMETERS)
        return [layer.type for layer in plan.layers], plan.quantizers

    def test_standard_rules(self):
        names = ["x.BIAS", "bn1.weight", "wte.weight", "q_proj.weight", "lstm.weight_ih_l0", "deconv.weight"]
        types = ["bias", "normalisation", "embedding", "attention", "recurrent", "transposed-convolution"]
        self.assertEqual([standard_type(name) for name in names], types)
        self.assertEqual([standard_type(name) for name in ("conv1.weight", "fc.weight")], ["convolution", "linear"])
        self.assertIsNone(standard_type("thing"))
        self.assertRaises(InvalidPlan, standard_type, "a\0b")

    def test_plan_without_rules(self):
        usual = Dithered(bits=3)
        types, quantizers = self.types(usual)
        self.assertEqual(types, ["embedding", "attention", "normalisation", "linear", "bias", "linear"])
        self.assertEqual(quantizers["linear"], usual)
        self.assertEqual((quantizers["bias"], quantizers["normalisation"]), (Exact(), Exact()))

    def test_first_rule_decides(self):
        rules = [
            Rule("HEAD.*", type="head", quantizer=Levels(uniform(7))),
            Rule("head.weight", quantizer=Exact()),
            Rule("*.fc1.*", quantizer=Rotated(2)),
            Rule("embed.*", type="linear"),
        ]
        usual = Dithered(bits=3)
        types, quantizers = self.types(usual, rules, seed=4)
        self.assertEqual(types, ["linear", "attention", "normalisation", "*.fc1.*", "*.fc1.*", "head"])
        by_rule = {"*.fc1.*": Rotated(2), "head": Levels(uniform(7))}
        self.assertEqual(quantizers, by_rule | {"linear": usual, "attention": usual, "normalisation": Exact()})

    def test_quantizer_by_rule_for_an_exact_type(self):
        _, quantizers = self.types(Exact(), [Rule("*.bias", type="bias", quantizer=Rotated(8))])
        self.assertEqual(quantizers["bias"], Rotated(8))

    def test_small_layers(self):
        types, quantizers = self.types(Rotated(4), [Rule("head.*", type="head")], exact_below=1000)
        self.assertEqual(types, ["embedding", "attention", "small", "small", "small", "head"])
        self.assertEqual((quantizers["small"], quantizers["head"]), (Exact(), Rotated(4)))
        vector = np.ones(sum(count for _, count in PARAMETERS), dtype=np.float32)
        plan = plan_by_name(PARAMETERS, Rotated(4), exact_below=1000)
        np.testing.assert_array_equal(Codec(plan).decode(Codec(plan).encode(vector, 0), 0, 0)[7000:], vector[7000:])

    def test_unknown_names(self):
        strangers = [("thing", 8), ("linear.weight", 8), ("other", 8)]
        with self.assertRaisesRegex(InvalidPlan, "'thing', 'other'"):
            plan_by_name(strangers, Exact())
        types = [layer.type for layer in plan_by_name(strangers, Exact(), otherwise="rest").layers]
        self.assertEqual(types, ["rest", "linear", "rest"])

    def test_patterns(self):
        for pattern, name, expected in [
            ("a*c", "abc", True),
            ("a*c", "ac", True),
            ("a*c", "abcd", False),
            ("*.B*", "x.bias", True),
            ("a.c", "abc", False),
            ("[ab]", "a", False),
            ("*", "a\nb", True),
        ]:
            self.assertEqual(Rule(pattern, type="t").matches(name), expected, (pattern, name))

    def test_rules_that_contradict(self):
        self.assertRaises(InvalidArgument, Rule, "*")
        rules = [Rule("embed.*", "t", Rotated(1)), Rule("head.*", "t", Rotated(2))]
        self.assertRaisesRegex(InvalidPlan, "'t'", plan_by_name, PARAMETERS, Exact(), rules)


if __name__ == "__main__":
    unittest.main()
