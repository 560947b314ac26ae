"""What goes wrong ends on every rank with a sentence, and without a hang."""

import math
import os
import time
import unittest
from typing import Any

import torch
from networks import batch, compressed, gradients, parameters, small, train, wrapped
from processes import outcomes, run_ranks
from torch import nn

import lamina
from lamina.torch import LaminaState, compress, lamina_hook


class Poisoned(nn.Module):
    """Multiplies by a number, of which the gradient of all that comes before is a multiple."""

    def __init__(self) -> None:
        super().__init__()
        self.network, self.factor = small(), 1.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x) * self.factor  # type: ignore[no-any-return]


class NonFiniteTests(unittest.TestCase):
    def test_every_rank_is_told_and_the_next_step_works(self) -> None:
        def body(rank: int) -> Any:
            model, state = compressed(Poisoned())
            train(model, rank, range(2))
            before = parameters(model)
            sentences = []
            for factor in (math.nan, math.inf):
                model.module.factor = factor if rank == 1 else 1.0
                try:
                    train(model, rank, range(2, 3))
                except RuntimeError as error:
                    sentences.append(str(error))
            model.module.factor = 1.0
            assert torch.equal(before, parameters(model))
            train(model, rank, range(4, 8))
            return sentences, parameters(model), state.statistics.iterations

        results = run_ranks(2, body)
        for sentences, found, iterations in results:
            self.assertEqual(len(sentences), 2)
            for iteration, sentence in enumerate(sentences):
                self.assertIn(f"NonFinite: A gradient of iteration {2 + iteration} is not finite on some rank", sentence)
            self.assertEqual(iterations, 8)
            self.assertTrue(torch.isfinite(found).all())
            self.assertTrue(torch.equal(found, results[0][1]))

    def test_nan_is_propagated_as_ddp_does(self) -> None:
        def body(rank: int) -> Any:
            model, _ = compressed(Poisoned(), nonfinite="propagate", exact_below=0)
            plain = wrapped(Poisoned())
            found = []
            for network in (model, plain):
                network.module.factor = math.nan if rank == 1 else 1.0
                network(batch(rank, 0)).pow(2).mean().backward()
                found.append(gradients(network))
                network.module.factor = 1.0
                network.zero_grad()
                network(batch(rank, 1)).pow(2).mean().backward()
                assert torch.isfinite(gradients(network)).all()
            return found

        for found, plain in run_ranks(2, body):
            self.assertGreater(int(torch.isnan(plain).sum()), 20_000)
            self.assertTrue(torch.equal(torch.isnan(found), torch.isnan(plain)))


class WrongUseTests(unittest.TestCase):
    def refused_everywhere(self, body: Any, sentence: str, world_size: int = 2) -> None:
        for result in outcomes(world_size, body):
            self.assertIn(sentence, result.error or "nothing was raised")
            self.assertEqual(result.exit_code, 0)

    def test_settings_that_differ(self) -> None:
        for one, other, sentence in (
            ({"bits": 4}, {"bits": 5}, "'bits' is 4 on rank 0 and 5 on rank 1"),
            ({"reduction": "all-gather"}, {"reduction": "scatter-reduce"}, "'reduction' is 'all-gather' on rank 0"),
            ({"warmup_steps": 3}, {}, "'warmup_steps' is 3 on rank 0 and 0 on rank 1"),
        ):
            self.refused_everywhere(lambda rank: compressed(**(other if rank else one)) and None, sentence)

    def test_threads_may_differ(self) -> None:
        run_ranks(2, lambda rank: train(compressed(threads=1 + rank)[0], rank, range(2)) and None)

    def test_networks_that_differ(self) -> None:
        def body(rank: int) -> None:
            compress(nn.Linear(30, 3 + rank))  # type: ignore[arg-type]

        self.refused_everywhere(body, "2 layers, 93 coordinates> on rank 0 and <Plan")

    def test_double_precision(self) -> None:
        self.refused_everywhere(
            lambda rank: compressed(small().double()), "Parameter '0.weight' is of type float64; gradients of float32"
        )

    def test_no_parameters(self) -> None:
        def body(rank: int) -> None:
            LaminaState(nn.ReLU())

        self.refused_everywhere(body, "no parameter with a gradient")

    def test_a_parameter_that_came_later(self) -> None:
        def body(rank: int) -> None:
            network = small()
            state = LaminaState(network)
            network.append(nn.Linear(48, 7))
            model = wrapped(network)
            model.register_comm_hook(state, lamina_hook)
            train(model, rank, range(1))

        self.refused_everywhere(body, "was not in the network when the state was made")

    def test_a_parameter_that_ddp_does_not_average(self) -> None:
        def body(rank: int) -> None:
            network = small()
            state = LaminaState(network)
            network[3].requires_grad_(False)
            network[5].weight.requires_grad_(False)
            model = wrapped(network)
            model.register_comm_hook(state, lamina_hook)
            train(model, rank, range(1))

        self.refused_everywhere(body, "averages no gradient of parameter '3.weight' and 2 others")

    def test_a_state_made_in_a_smaller_group(self) -> None:
        def body(rank: int) -> None:
            groups = [torch.distributed.new_group([each]) for each in range(2)]
            LaminaState(wrapped(), groups[rank])

        self.refused_everywhere(body, "the network is averaged over [0, 1]")

    def test_sparse_gradients(self) -> None:
        def body(rank: int) -> None:
            network = nn.Sequential(nn.Embedding(100, 32, sparse=True), nn.Linear(32, 64))
            model, _ = compressed(network)
            model(torch.arange(10)).pow(2).mean().backward()

        self.refused_everywhere(body, "sparse")


class LostRankTests(unittest.TestCase):
    def test_a_rank_that_dies_in_mid_step(self) -> None:
        def body(rank: int) -> None:
            model, _ = compressed(Poisoned(), reduction="scatter-reduce")
            train(model, rank, range(3))
            if rank == 1:
                count = 0

                def die(_: torch.Tensor) -> None:
                    nonlocal count
                    count += 1
                    if count == 3:
                        os._exit(7)

                for parameter in model.parameters():
                    parameter.register_hook(die)
            train(model, rank, range(3, 5))

        start = time.monotonic()
        results = outcomes(3, body, group_timeout=5, limit=40)
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual(results[1].exit_code, 7)
        for result in (results[0], results[2]):
            self.assertIn("TransportFailed", result.error or "nothing was raised")
            self.assertEqual(result.exit_code, 0)

    def test_a_rank_that_stops_answering(self) -> None:
        def body(rank: int) -> None:
            model, _ = compressed()
            train(model, rank, range(2))
            if rank == 1:
                time.sleep(5)
                os._exit(0)
            train(model, rank, range(2, 3))

        start = time.monotonic()
        results = outcomes(2, body, group_timeout=2, limit=40)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn("TransportFailed", results[0].error or "nothing was raised")
        self.assertIn("imed out", results[0].error or "")
        self.assertEqual(results[0].exit_code, 0)

    def test_an_exception_in_the_backward_pass(self) -> None:
        """Some buckets were handed over; the processes end without waiting for the rest of them."""

        class Raises(torch.autograd.Function):
            @staticmethod
            def forward(context: Any, x: torch.Tensor) -> torch.Tensor:
                return x.clone()

            @staticmethod
            def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
                raise ValueError("the user's own")

        def body(rank: int) -> None:
            class Network(nn.Module):
                def __init__(self) -> None:
                    super().__init__()
                    self.network, self.raises = small(), False

                def forward(self, x: torch.Tensor) -> torch.Tensor:
                    x = self.network[:2](x)
                    return self.network[2:](Raises.apply(x) if self.raises else x)  # type: ignore[no-any-return]

            model, _ = compressed(Network())
            train(model, rank, range(3))
            model.module.raises = True
            train(model, rank, range(1))

        start = time.monotonic()
        for result in outcomes(2, body, limit=30):
            self.assertEqual(result.error, "ValueError: the user's own")
            self.assertEqual(result.exit_code, 0)
        self.assertLess(time.monotonic() - start, 20)

    def test_a_backward_pass_after_one_that_did_not_end(self) -> None:
        def body(rank: int) -> list[str]:
            model, state = compressed()
            train(model, rank, range(2))
            step, sentences = state._start(), []
            for _ in range(2):
                try:
                    train(model, rank, range(1))
                except (RuntimeError, lamina.LaminaError) as error:
                    sentences.append(f"{type(error).__name__}: {error}")
            assert step.slots == set()
            return sentences

        for sentences in run_ranks(2, body):
            self.assertIn("LaminaError: The backward pass before this one ended before all of its gradients", sentences[0])
            self.assertEqual(len(sentences), 2)


if __name__ == "__main__":
    unittest.main()
