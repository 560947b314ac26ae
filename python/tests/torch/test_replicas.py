"""All ranks hold the same parameters, bit for bit."""

import itertools
import unittest
from typing import Any

import torch
from networks import compressed, gradients, parameters, small, train, wrapped
from processes import run_ranks

from lamina import Exact, Rule


class ReplicaTests(unittest.TestCase):
    def equal(self, results: list[Any]) -> None:
        for result in results[1:]:
            self.assertTrue(torch.equal(result, results[0]))
        self.assertTrue(torch.isfinite(results[0]).all())

    def test_500_steps_in_several_buckets_with_adaptation(self) -> None:
        settings = itertools.product(("levels", "dithered"), ("all-gather", "scatter-reduce"))
        for world_size, (quantizer, reduction) in zip((2, 4, 4, 2), settings):

            def body(rank: int) -> Any:
                model, state = compressed(quantizer=quantizer, reduction=reduction, adapt_every=60)
                train(model, rank, range(500))
                assert state.statistics.exchanges == 500 and state.statistics.level_epoch >= 8
                return parameters(model)

            with self.subTest(quantizer, reduction=reduction, world_size=world_size):
                results = run_ranks(world_size, body, limit=100)
                self.equal(results)
                self.assertFalse(torch.equal(results[0], parameters(small())))

    def test_every_setting_that_changes_the_exchange(self) -> None:
        def body(rank: int) -> Any:
            found = []
            for settings in (
                {"retries": 2}, {"error_feedback": True}, {"budget": 4}, {"threads": 2, "bits": 8}, {"adaptation": "amq"},
                {"adaptation": "alq-gd", "bits": 2}, {"quantizer": "dithered", "budget": 1.5, "error_feedback": True},
                {"bucket_size": 100, "reduction": "scatter-reduce", "retries": 1},
            ):  # fmt: skip
                model, _ = compressed(**settings)
                train(model, rank, range(7))
                found.append(parameters(model))
            return torch.stack(found)

        self.equal(run_ranks(2, body))

    def test_exact_coordinates_are_averaged_as_ddp_does(self) -> None:
        """(a + b)/2 rounds as a/2 + b/2 does, as halving is exact, so that two ranks agree with DDP bit for bit; thirds
        are not exact, so that three agree to rounding."""

        def body(rank: int) -> Any:
            model, _ = compressed(rules=[Rule("*", quantizer=Exact())])
            plain = wrapped()
            train(model, rank, range(20))
            train(plain, rank, range(20))
            return parameters(model), parameters(plain), gradients(model), gradients(plain)

        for found, wanted, gradient, plain in run_ranks(2, body):
            self.assertTrue(torch.equal(found, wanted))
            self.assertTrue(torch.equal(gradient, plain))
            self.assertGreater(float(gradient.norm()), 0)
        for found, wanted, *_ in run_ranks(3, body):
            torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


if __name__ == "__main__":
    unittest.main()
