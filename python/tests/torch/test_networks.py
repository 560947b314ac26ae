"""Whatever DistributedDataParallel is made to do, the replicas stay equal and the gradient close to its own."""

import unittest
from collections.abc import Callable
from typing import Any, Optional

import torch
import torch.distributed as dist
from networks import batch, compressed, gradients, parameters, small, train, wrapped
from processes import run_ranks
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lamina.torch import LaminaState, lamina_hook

BITS_8 = {"bits": 8, "exact_below": 0}
Loss = Callable[[nn.Module, int, int], torch.Tensor]


def square(model: nn.Module, rank: int, step: int) -> torch.Tensor:
    return model(batch(rank, step)).float().pow(2).mean()


class Branches(nn.Module):
    """Two branches of which a forward pass uses those that it is told."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Linear(32, 64)
        self.branches = nn.ModuleList([nn.Linear(64, 96), nn.Linear(64, 96), nn.Linear(64, 96)])

    def forward(self, x: torch.Tensor, used: tuple[int, ...] = (0, 1)) -> torch.Tensor:
        x = self.stem(x).relu()
        return torch.stack([self.branches[index](x) for index in used]).sum(0)


class CollectiveSum(torch.autograd.Function):
    """The sum over ranks of the user's own, as in SyncBatchNorm."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor) -> torch.Tensor:
        x = x.clone()
        dist.all_reduce(x)
        return x

    @staticmethod
    def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
        gradient = gradient.clone()
        dist.all_reduce(gradient)
        return gradient


class Odd(nn.Module):
    """Shared, empty, frozen, and scalar parameters, and a convolution whose weights are stored channels last."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.convolution = nn.Conv2d(8, 16, 3).to(memory_format=torch.channels_last)
        self.first, self.last = nn.Linear(64, 64, bias=False), nn.Linear(64, 64, bias=False)
        self.last.weight = self.first.weight
        self.empty = nn.Parameter(torch.empty(0, 5))
        self.frozen = nn.Parameter(torch.ones(64), requires_grad=False)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.convolution(x[:, :8, None, None].expand(-1, -1, 3, 5)).mean((2, 3)).repeat(1, 4)
        return self.scale * self.last(self.first(x * self.frozen).tanh()) + self.empty.sum()


class NetworkTests(unittest.TestCase):
    def same(
        self,
        network: Callable[[], nn.Module] = small,
        loss: Loss = square,
        *,
        ddp: Optional[dict[str, Any]] = None,
        settings: Optional[dict[str, Any]] = None,
        world_size: int = 2,
        steps: int = 5,
        error: float = 1e-3,
    ) -> None:
        """Replicas are equal after some steps, and the first gradient is that of DDP but for rounding."""

        def body(rank: int) -> Any:
            model, state = compressed(network(), ddp=ddp, **{**BITS_8, **(settings or {})})
            plain = wrapped(network(), **(ddp or {}))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            for step in range(steps):
                optimizer.zero_grad()
                loss(model, rank, step).backward()
                if step == 0:
                    loss(plain, rank, step).backward()
                    found, wanted = gradients(model), gradients(plain)
                optimizer.step()
            assert state.statistics.exchanges == steps, state.statistics
            return float((found - wanted).norm() ** 2 / wanted.norm() ** 2), parameters(model)

        results = run_ranks(world_size, body)
        for relative, found in results:
            self.assertLess(relative, error)
            self.assertTrue(torch.equal(found, results[0][1]))
            self.assertTrue(torch.isfinite(found).all())

    def test_buckets_are_rebuilt(self) -> None:
        def network() -> nn.Module:
            """Parameters whose gradients come in another order than that of their making."""
            torch.manual_seed(0)
            layers = [nn.Linear(48, 48), nn.Linear(32, 48), nn.Linear(48, 40)]
            made = nn.ModuleList(layers)
            made.forward = lambda x: layers[2](layers[0](layers[1](x).relu()).relu())  # type: ignore[method-assign]
            return made

        self.same(network, ddp={"bucket_cap_mb": 0.01})

    def test_one_bucket(self) -> None:
        self.same(ddp={"bucket_cap_mb": 25})

    def test_gradients_that_accumulate(self) -> None:
        def loss(model: nn.Module, rank: int, step: int) -> torch.Tensor:
            if isinstance(model, DistributedDataParallel):
                for micro in range(2):
                    with model.no_sync():
                        square(model, rank, 100 * micro + step).backward()
            return square(model, rank, 500 + step)

        self.same(loss=loss)

    def test_unused_parameters(self) -> None:
        def used(*branches: tuple[int, ...]) -> Loss:
            return lambda model, rank, step: model(batch(rank, step), branches[(rank + step) % len(branches)]).pow(2).mean()

        for name, loss in (("on all", used((0,))), ("of each rank", used((0,), (1,))), ("now and then", used((0, 1), (2,)))):
            for view in (False, True):
                with self.subTest(name, view=view):
                    self.same(Branches, loss, ddp={"find_unused_parameters": True, "gradient_as_bucket_view": view})

    def test_static_graph(self) -> None:
        self.same(ddp={"static_graph": True})

    def test_gradients_are_views_of_buckets(self) -> None:
        self.same(ddp={"gradient_as_bucket_view": True})

    def test_bfloat16_and_float16_parameters(self) -> None:
        for dtype in (torch.bfloat16, torch.float16):

            def loss(model: nn.Module, rank: int, step: int) -> torch.Tensor:
                return model(batch(rank, step).to(dtype)).float().pow(2).mean()

            with self.subTest(dtype=dtype):
                self.same(lambda: small().to(dtype), loss)

    def test_parameters_of_two_types(self) -> None:
        def network() -> nn.Module:
            made = small()
            made[2].to(torch.bfloat16)
            made.forward = lambda x: made[5](made[3:5](made[2](made[:2](x).bfloat16()).float()))  # type: ignore[method-assign]
            return made

        self.same(network)

    def test_autocast(self) -> None:
        def loss(model: nn.Module, rank: int, step: int) -> torch.Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                return square(model, rank, step)

        self.same(loss=loss)

    def test_odd_parameters(self) -> None:
        self.same(Odd)

    def test_only_empty_parameters_in_the_last_bucket(self) -> None:
        class Empty(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                # The first parameters are in the last bucket.
                self.empty = nn.ParameterList([nn.Parameter(torch.empty(0, dtype=torch.float16)) for _ in range(3)])
                self.network = small()

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.network(x) + sum(empty.sum() for empty in self.empty)  # type: ignore[no-any-return]

        self.same(Empty)

    def test_a_collective_in_the_backward_pass_and_of_the_loss(self) -> None:
        class Synchronised(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.network = small()

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                for layer in self.network:
                    x = layer(x)
                    x = x - CollectiveSum.apply(x.mean(0)) / dist.get_world_size()  # type: ignore[no-untyped-call]
                return x

        def loss(model: nn.Module, rank: int, step: int) -> torch.Tensor:
            value = square(model, rank, step)
            total = value.detach().clone()
            dist.all_reduce(total)
            assert total > 0
            return value

        self.same(Synchronised, loss, world_size=3)

    def test_damage_is_looked_for(self) -> None:
        self.same(settings={"retries": 2, "reduction": "scatter-reduce"})

    def test_ranks_that_have_fewer_batches(self) -> None:
        def body(rank: int) -> Any:
            model, _ = compressed(**BITS_8)
            with model.join():
                train(model, rank, range(3 + 2 * rank))
            return parameters(model)

        first, second = run_ranks(2, body)
        self.assertTrue(torch.equal(first, second))

    def test_parameters_that_ddp_ignores(self) -> None:
        def network() -> nn.Module:
            made = small()
            DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(made, ["2.bias"])
            return made

        def body(rank: int) -> Any:
            model, state = compressed(network(), **BITS_8)
            train(model, rank, range(3))
            assert "2.bias" not in {layer.name for layer in state.plan.layers}
            return model.module[2].weight.detach()

        first, second = run_ranks(2, body)
        self.assertTrue(torch.equal(first, second))


class GroupTests(unittest.TestCase):
    def test_several_networks_step_in_turn(self) -> None:
        def body(rank: int) -> Any:
            models = [compressed(small(seed), seed=seed, bits=bits)[0] for seed, bits in ((1, 3), (2, 4), (3, 8))]
            for step in range(6):
                for model in models:
                    train(model, rank, range(step, step + 1))
            return torch.stack([parameters(model) for model in models])

        results = run_ranks(3, body)
        for found in results:
            self.assertTrue(torch.equal(found, results[0]))

    def test_networks_of_two_halves_of_the_ranks(self) -> None:
        for given in (False, True):

            def body(rank: int) -> Any:
                halves = [dist.new_group([0, 2]), dist.new_group([1, 3])]
                own = [dist.new_group([0, 2]), dist.new_group([1, 3])]
                model = wrapped(small(seed=rank % 2), process_group=halves[rank % 2])
                state = LaminaState(model, own[rank % 2] if given else None, exact_below=64, bits=3)
                model.register_comm_hook(state, lamina_hook)
                train(model, rank, range(2 + 3 * (rank % 2)))
                return parameters(model)

            with self.subTest(given=given):
                results = run_ranks(4, body)
                self.assertTrue(torch.equal(results[0], results[2]))
                self.assertTrue(torch.equal(results[1], results[3]))
                self.assertFalse(torch.equal(results[0], results[1]))

    def test_one_group_for_the_network_and_for_two_states(self) -> None:
        def body(rank: int) -> Any:
            models = []
            for seed in range(2):
                model = wrapped(small(seed))
                model.register_comm_hook(LaminaState(model, dist.group.WORLD, retries=seed), lamina_hook)
                models.append(model)
            for step in range(4):
                for model in models:
                    train(model, rank, range(step, step + 1))
            return torch.stack([parameters(model) for model in models])

        first, second = run_ranks(2, body)
        self.assertTrue(torch.equal(first, second))

    def test_the_group_of_the_exchange_has_the_timeout_of_the_network(self) -> None:
        def body(rank: int) -> float:
            _, state = compressed()
            backend = state._group._get_backend(torch.device("cpu"))
            return float(backend.options._timeout.total_seconds())

        self.assertEqual(run_ranks(2, body, group_timeout=17), [17, 17])

    def test_one_rank(self) -> None:
        def body(rank: int) -> None:
            model, _ = compressed()
            train(model, rank, range(3))

        run_ranks(1, body)


if __name__ == "__main__":
    unittest.main()
