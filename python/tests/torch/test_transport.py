"""Both transports carry the same rounds."""

import itertools
import unittest
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from networks import compressed, parameters, train
from processes import outcomes, run_ranks

from lamina import Dithered, Exchange, Layer, Plan
from lamina.torch.transport import DeviceTransport, PairwiseTransport

TRANSPORTS: dict[str, Callable[[Any], Any]] = {
    "pairwise": PairwiseTransport,
    "device": lambda group: DeviceTransport(group, torch.device("cpu")),
}


def message(sender: int, receiver: int, round: int, size: int) -> Any:
    """Bytes that say where they belong."""
    return np.random.default_rng([sender, receiver, round]).integers(0, 256, size, dtype=np.uint8)


class TransportTests(unittest.TestCase):
    def rounds(self, transport: Any, sizes: list[Callable[[int, int], int]], order: list[int]) -> None:
        """Starts a round for each size, waits for them in an order, and compares what arrives."""
        own, count = transport.rank, transport.world_size
        under_way = []
        for round, size in enumerate(sizes):
            messages = [
                message(own, receiver, round, size(own, receiver)) if receiver != own else np.empty(0, dtype=np.uint8)
                for receiver in range(count)
            ]
            under_way.append(transport.start(messages))
            for each in messages:
                each[:] = 0  # Messages were copied.
        for round in order:
            received = transport.wait(under_way[round])
            assert len(received) == count
            for sender, found in enumerate(received):
                assert found.dtype == np.uint8 and found.flags.c_contiguous
                wanted = message(sender, own, round, sizes[round](sender, own)) if sender != own else b""
                np.testing.assert_array_equal(found, np.frombuffer(bytes(wanted), dtype=np.uint8))

    def test_rounds_under_way_together(self) -> None:
        sizes = [
            lambda sender, receiver: 1000, lambda sender, receiver: 0, lambda sender, receiver: 7 * sender + receiver,
            lambda sender, receiver: 300_000 if sender == 1 else 0, lambda sender, receiver: 1,
        ]  # fmt: skip
        for name, world_size in itertools.product(TRANSPORTS, (1, 2, 4)):

            def body(rank: int) -> None:
                transport = TRANSPORTS[name](dist.group.WORLD)
                assert (transport.rank, transport.world_size) == (rank, world_size)
                for _ in range(3):
                    self.rounds(transport, sizes, list(range(5)))
                if name == "pairwise":
                    self.rounds(transport, sizes, [4, 2, 0, 3, 1])

            with self.subTest(name, world_size=world_size):
                run_ranks(world_size, body)

    def test_long_messages(self) -> None:
        for name in TRANSPORTS:

            def body(rank: int) -> None:
                sizes = [lambda sender, receiver: 20_000_000 + sender, lambda sender, receiver: 5_000_000]
                self.rounds(TRANSPORTS[name](dist.group.WORLD), sizes, [0, 1])

            with self.subTest(name):
                run_ranks(2, body)

    def test_one_message_for_all_is_copied_once(self) -> None:
        def body(rank: int) -> int:
            transport = PairwiseTransport(dist.group.WORLD)
            whole = message(rank, 9, 0, 1 << 20)
            empty = np.empty(0, dtype=np.uint8)
            round = transport.start([empty if receiver == rank else whole for receiver in range(4)])
            received = transport.wait(round)
            for sender in {0, 1, 2, 3} - {rank}:
                np.testing.assert_array_equal(received[sender], message(sender, 9, 0, 1 << 20))
            return len({neighbour.outgoing.data_ptr() for neighbour in round.neighbours})

        self.assertEqual(run_ranks(4, body), [1] * 4)

    def test_a_group_of_some_ranks(self) -> None:
        def body(rank: int) -> None:
            group = dist.new_group([3, 1])
            if rank in (1, 3):
                for make in TRANSPORTS.values():
                    self.rounds(make(group), [lambda sender, receiver: 10 + sender], [0])

        run_ranks(4, body)

    def test_exchanges_over_both_have_the_same_mean(self) -> None:
        def body(rank: int) -> Any:
            plan = Plan([Layer("a.weight", 30_000, "linear"), Layer("b.weight", 7_000, "linear")], Dithered(3))
            found = []
            for make, reduction in itertools.product(TRANSPORTS.values(), ("all-gather", "scatter-reduce")):
                exchange = Exchange(plan, make(dist.group.WORLD), reduction=reduction, retries=1)
                values = np.random.default_rng(rank).standard_normal(37_000, dtype=np.float32)
                found.append([exchange.mean(values, step) for step in range(3)])
            return np.array(found)

        results = run_ranks(3, body)
        for found in results:
            np.testing.assert_array_equal(found, results[0])
            np.testing.assert_array_equal(found[0], found[2])
            np.testing.assert_array_equal(found[1], found[3])

    def test_tags_that_start_again(self) -> None:
        def body(rank: int) -> None:
            transport = PairwiseTransport(dist.group.WORLD)
            transport._count = PairwiseTransport._TAGS // 2 - 2
            self.rounds(transport, [lambda sender, receiver: 100] * 4, [0, 1, 2, 3])

        run_ranks(2, body)

    def test_training_over_the_transport_of_devices(self) -> None:
        from unittest import mock

        def body(rank: int) -> Any:
            found = []
            for make in TRANSPORTS.values():
                with mock.patch("lamina.torch.state.transport", make):
                    model, _ = compressed(adapt_every=3)
                    train(model, rank, range(7))
                    found.append(parameters(model))
            return found

        for found in run_ranks(3, body):
            self.assertTrue(torch.equal(found[0], found[1]))

    def test_a_lost_rank_ends_a_wait(self) -> None:
        def body(rank: int) -> None:
            if rank == 1:
                return
            transport = PairwiseTransport(dist.group.WORLD)
            transport.wait(transport.start([np.empty(0, dtype=np.uint8), np.ones(10, dtype=np.uint8)]))

        result = outcomes(2, body, limit=20, group_timeout=3)[0]
        self.assertIn("RuntimeError", result.error or "nothing was raised")
        self.assertEqual(result.exit_code, 0)


if __name__ == "__main__":
    unittest.main()
