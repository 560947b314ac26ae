"""Each wrong value names its setting, before anything is sent."""

import itertools
import unittest
from typing import Any, get_args

import numpy as np
import torch
from torch import nn

from lamina import InvalidArgument, Rule
from lamina.levels import Method
from lamina.torch import LaminaState, Settings
from lamina.torch.layout import Layout

WRONG: dict[str, tuple[Any, ...]] = {
    "bits": (1, 9, 4.5, "4", None, True, float("nan")),
    "quantizer": ("level", None, 4),
    "adaptation": ("best", None, True),
    "budget": (1, 9, 4.5, "4"),
    "adapt_every": (0, -1, 2.5, "7", float("nan")),
    "rules": ("*", ("*",), [Rule("*", "linear")]),
    "exact_below": (-1, 0.5, None, "1024"),
    "bucket_size": (0, (1 << 24) + 1, 100.0, "layer"),
    "reduction": ("tree", None),
    "error_feedback": (1, None, "yes"),
    "warmup_steps": (-1, 2.5, "3", None),
    "mode": ("off", None),
    "nonfinite": ("ignore", None),
    "retries": (-1, 1001, 1.0, None),
    "threads": (0, 1025, 2.0, None),
    "seed": (-1, 1 << 64, 0.5, None),
}


class SettingsTests(unittest.TestCase):
    def test_wrong_values(self) -> None:
        self.assertEqual(list(WRONG), list(Settings.__dataclass_fields__))
        for name, values in WRONG.items():
            for value in values:
                with self.subTest(name, value=value), self.assertRaisesRegex(InvalidArgument, f"^'{name}' "):
                    Settings(**{name: value})

    def test_wrong_values_of_dithered_coordinates(self) -> None:
        for name, values in {"bits": (0.4, 17, "3", float("nan"), None), "budget": (0.05, 16.5, "3", float("inf"))}.items():
            for value in values:
                with self.subTest(name, value=value), self.assertRaisesRegex(InvalidArgument, f"^'{name}' "):
                    Settings(quantizer="dithered", **{name: value})

    def test_settings_that_do_not_exist(self) -> None:
        with self.assertRaisesRegex(TypeError, "bit'"):
            Settings(bit=4)  # type: ignore[call-arg]

    def test_numbers_of_numpy(self) -> None:
        settings = Settings(bits=np.int64(4), seed=np.uint32(7), warmup_steps=np.int32(3))
        self.assertEqual(settings, Settings(seed=7, warmup_steps=3))

    def test_all_widths_and_methods_make_plans(self) -> None:
        layout = Layout(nn.Linear(100, 100))
        methods = get_args(Method)
        for bits, adaptation, budget in itertools.product(range(2, 9), methods, (None, 5)):
            settings = Settings(bits=bits, adaptation=adaptation, budget=budget)
            with self.subTest(bits=bits, adaptation=adaptation):
                plan = layout.plan(settings.usual_quantizer, (), exact_below=0, seed=1)
                self.assertEqual(plan.quantizers["linear"].bits, bits)
        for number, adaptation in itertools.product((0.5, 1, 3.3, 8, 16), methods):
            settings = Settings(bits=number, quantizer="dithered", adaptation=adaptation)
            layout.plan(settings.usual_quantizer, (), exact_below=0, seed=1)
            self.assertEqual(settings.agreement is None, adaptation == "fixed")

    def test_there_is_no_process_group(self) -> None:
        with self.assertRaisesRegex(InvalidArgument, "init_process_group"):
            LaminaState(nn.Linear(3, 3))

    def test_the_hook_has_the_signature_that_ddp_wants(self) -> None:
        from lamina.torch import lamina_hook

        self.assertIs(lamina_hook.__annotations__["bucket"], torch.distributed.GradBucket)
        self.assertEqual(lamina_hook.__annotations__["return"], torch.futures.Future[torch.Tensor])


if __name__ == "__main__":
    unittest.main()
