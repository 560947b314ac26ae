"""Exchanges over threads: means, replicas, feedback, states, wrong use."""

import threading
import unittest
from typing import Any

import numpy as np
from threads import ThreadTransport, run_workers

import lamina
from lamina import Adaptation, Codec, Dithered, Exchange, Layer, Levels, Plan

LAYERS = [
    Layer("embed.weight", 70_000, "embedding"), Layer("net.weight", 3_001, "linear"), Layer("net.bias", 17, "bias"),
]  # fmt: skip
DIMENSION = sum(layer.count for layer in LAYERS)
FOUR_BITS = Levels(lamina.uniform(7))
PLANS = {"levels": Plan(LAYERS, FOUR_BITS, seed=3), "dithered": Plan(LAYERS, Dithered(3), seed=3)}


def vector(rank: int, step: int) -> Any:
    return np.random.default_rng([rank, step]).standard_normal(DIMENSION, dtype=np.float32)


class ExchangeTests(unittest.TestCase):
    def test_the_mean_is_that_of_the_codecs_bit_for_bit(self) -> None:
        for plan in PLANS.values():
            sums = np.zeros(DIMENSION, dtype=np.float32)
            codecs = [Codec(plan, rank=rank) for rank in range(3)]
            for rank, codec in enumerate(codecs):
                codec.accumulate(codec.encode(vector(rank, 0), step=0), step=0, rank=rank, into=sums)
            wanted = sums * np.float32(1 / np.float32(3))
            means = run_workers(
                3, lambda group: Exchange(plan, group, reduction="all-gather").mean(vector(group.rank, 0), 0)
            )
            for mean in means:
                np.testing.assert_array_equal(mean.view(np.uint32), wanted.view(np.uint32))

    def test_replicas_are_equal_under_both_reductions_with_adaptation(self) -> None:
        adaptation = Adaptation("alq", early=(1, 3), interval=4, budget=3.0)
        for name, plan in PLANS.items():
            for reduction in ("all-gather", "scatter-reduce"):
                for world_size in (1, 2, 4):

                    def work(group: ThreadTransport) -> tuple[Any, int, bytes]:
                        exchange = Exchange(plan, group, reduction=reduction, adaptation=adaptation, retries=1)
                        means = [exchange.mean(vector(group.rank, step), step) for step in range(6)]
                        return np.stack(means), exchange.plan.level_epoch, exchange.plan.encode()

                    with self.subTest(name, reduction=reduction, world_size=world_size):
                        results = run_workers(world_size, work)
                        for means, epoch, encoded in results:
                            np.testing.assert_array_equal(means, results[0][0])
                            self.assertEqual((epoch, encoded), (3, results[0][2]))
                        exact = sum(vector(rank, 5).astype(float) for rank in range(world_size)) / world_size
                        error = np.sum((results[0][0][5] - exact) ** 2) / np.sum(exact**2)
                        self.assertLess(error, 0.1)

    def test_coordinates_are_handed_over_while_the_mean_waits(self) -> None:
        def work(group: ThreadTransport) -> Any:
            exchange = Exchange(PLANS["levels"], group, reduction="scatter-reduce")
            values = vector(group.rank, 0)

            def write() -> None:
                for start in reversed(range(0, DIMENSION, 10_000)):
                    part = slice(start, min(start + 10_000, DIMENSION))
                    exchange.vector[part] = values[part]
                    exchange.ready(part.start, part.stop - part.start)

            writer = threading.Thread(target=write)
            writer.start()
            exchange.average(0)
            writer.join()
            return exchange.vector.copy()

        piecewise = run_workers(2, work)
        whole = run_workers(
            2,
            lambda group: Exchange(PLANS["levels"], group, reduction="scatter-reduce").mean(vector(group.rank, 0), 0),
        )
        np.testing.assert_array_equal(np.stack(piecewise), np.stack(whole))

    def test_error_feedback_keeps_what_rounding_took(self) -> None:
        """Sums of sent vectors differ from those of the vectors by the last residual alone."""

        def work(group: ThreadTransport) -> tuple[Any, Any]:
            exchange = Exchange(PLANS["levels"], group, reduction="all-gather", error_feedback=True)
            sent = np.zeros(DIMENSION)
            for step in range(8):
                exchange.mean(vector(group.rank, step), step)
                sent += exchange.last
            return sent, exchange.residual

        for rank, (sent, residual) in enumerate(run_workers(2, work)):
            wanted = sum(vector(rank, step).astype(float) for step in range(8))
            np.testing.assert_allclose(sent + residual, wanted, atol=2e-5)
            self.assertGreater(np.abs(residual).max(), 0)

    def test_coordinates_that_are_not_finite_leave_no_residual(self) -> None:
        def work(group: ThreadTransport) -> tuple[Any, float]:
            exchange = Exchange(PLANS["levels"], group, error_feedback=True)
            values = vector(group.rank, 0)
            values[5] = np.nan
            exchange.vector[:] = values
            exchange.ready(0, DIMENSION)
            report = exchange.average(0)
            return exchange.residual, report.squared_norms

        residual, squared_norms = run_workers(1, work)[0]
        self.assertTrue(np.isfinite(residual).all())
        self.assertFalse(np.isfinite(squared_norms))

    def test_a_run_that_goes_on_from_its_state_equals_the_uninterrupted_one(self) -> None:
        adaptation = Adaptation("optimal", early=(2,), interval=5)

        def work(group: ThreadTransport, interrupted: bool) -> tuple[Any, int]:
            def new() -> Exchange:
                return Exchange(PLANS["levels"], group, error_feedback=True, adaptation=adaptation)

            exchange = new()
            for step in range(9):
                if interrupted and step in (2, 5, 6):
                    state, residual, last = exchange.state(), exchange.residual, exchange.last
                    exchange = new()
                    exchange.restore(state)
                    exchange.residual, exchange.last = residual, last
                mean = exchange.mean(vector(group.rank, step), step)
            exchange.vector[:] = 0
            exchange.ready(0, DIMENSION)
            return mean, exchange.average(9).squared_changes

        through = run_workers(2, lambda group: work(group, False))
        resumed = run_workers(2, lambda group: work(group, True))
        for (mean, changes), (wanted, same) in zip(resumed, through):
            np.testing.assert_array_equal(mean, wanted)
            self.assertEqual(changes, same)

    def test_the_state_of_two_workers_serves_three(self) -> None:
        adaptation = Adaptation("alq", early=(1,))

        def first(group: ThreadTransport) -> bytes:
            exchange = Exchange(PLANS["levels"], group, adaptation=adaptation)
            for step in range(2):
                exchange.mean(vector(group.rank, step), step)
            return exchange.state()

        state = run_workers(2, first)[0]

        def second(group: ThreadTransport) -> tuple[Any, int]:
            exchange = Exchange(PLANS["levels"], group, adaptation=adaptation)
            exchange.restore(state)
            return exchange.mean(vector(group.rank, 2), 2), exchange.plan.level_epoch

        results = run_workers(3, second)
        for mean, epoch in results:
            np.testing.assert_array_equal(mean, results[0][0])
            self.assertEqual(epoch, 1)


class WrongUseTests(unittest.TestCase):
    def test_arguments(self) -> None:
        def refused(error: type[Exception], sentence: str, **options: Any) -> None:
            with self.assertRaisesRegex(error, sentence):
                run_workers(1, lambda group: Exchange(PLANS["levels"], group, **options))

        refused(lamina.InvalidArgument, "A reduction is one of", reduction="tree")
        refused(lamina.InvalidArgument, "1 to 1024 threads, not 0", threads=0)
        refused(lamina.InvalidArgument, "0 to 1000 times, not 1001", retries=1001)
        refused(lamina.InvalidArgument, "A method is one of", adaptation=Adaptation("best"))  # type: ignore[arg-type]
        refused(lamina.InvalidArgument, "interval and the window", adaptation=Adaptation(interval=0))
        refused(lamina.InvalidArgument, "2 to 8 bits, not 9", adaptation=Adaptation(shared_bits=9))
        refused(lamina.InvalidArgument, "0.1 to 16 bits a coordinate", adaptation=Adaptation(budget=17))
        refused(lamina.InvalidArgument, "has 3 coordinates", vector=np.zeros(3, dtype=np.float32))
        refused(lamina.InvalidArgument, "must be an array of float32", vector=np.zeros(DIMENSION))

    def test_ranks(self) -> None:
        class Transport(ThreadTransport):
            rank, world_size = 4, 2

            def __init__(self) -> None:
                pass

        with self.assertRaisesRegex(lamina.InvalidArgument, "Rank 4 is not one of 2 workers"):
            Exchange(PLANS["levels"], Transport())

    def test_coordinates_are_handed_over_once_and_exist(self) -> None:
        def work(group: ThreadTransport) -> None:
            exchange = Exchange(PLANS["levels"], group)
            exchange.ready(0, 10)
            with self.assertRaisesRegex(lamina.InvalidArgument, "handed over before"):
                exchange.ready(9, 2)
            with self.assertRaisesRegex(lamina.InvalidArgument, "coordinates, not 2 from"):
                exchange.ready(DIMENSION - 1, 2)
            exchange.ready(10, DIMENSION - 10)
            exchange.average(0)

        run_workers(1, work)

    def test_other_plans_steps_and_damaged_states_are_refused(self) -> None:
        plans = [PLANS["levels"], Plan(LAYERS, FOUR_BITS, seed=4)]
        with self.assertRaisesRegex(lamina.FrameMismatch, "under plan"):
            run_workers(2, lambda group: Exchange(plans[group.rank], group).mean(vector(0, 0), 0))
        with self.assertRaisesRegex(lamina.FrameMismatch, "belongs to step"):
            run_workers(2, lambda group: Exchange(plans[0], group).mean(vector(0, 0), group.rank))

        def work(group: ThreadTransport) -> None:
            exchange = Exchange(plans[0], group)
            state = bytearray(exchange.state())
            other = Exchange(Plan([Layer("other", 5, "linear")], FOUR_BITS), group).state()
            for broken in (b"", state[:-1], bytes(9), state[:40] + bytes([state[40] ^ 1]) + state[41:], other):
                with self.assertRaises(lamina.DamagedFrame if broken is not other else lamina.LaminaError):
                    exchange.restore(broken)

        run_workers(1, work)

    def test_a_transport_that_raises_ends_the_exchange(self) -> None:
        class Broken(ThreadTransport):
            def wait(self, round: int) -> list[Any]:
                raise ConnectionError("the cable is cut")

        def work(group: ThreadTransport) -> None:
            group.__class__ = Broken
            exchange = Exchange(PLANS["levels"], group)
            with self.assertRaisesRegex(lamina.TransportFailed, "ConnectionError: the cable is cut") as caught:
                exchange.mean(vector(0, 0), 0)
            self.assertIsInstance(caught.exception.__cause__, ConnectionError)
            with self.assertRaisesRegex(lamina.TransportFailed, "the cable is cut"):
                exchange.average(1)

        run_workers(2, work)

    def test_an_abandoned_vector_ends_the_wait(self) -> None:
        def work(group: ThreadTransport) -> None:
            exchange = Exchange(PLANS["levels"], group)
            threading.Timer(0.05, exchange.abandon).start()
            with self.assertRaises(lamina.Abandoned):
                exchange.average(0)

        run_workers(1, work)


if __name__ == "__main__":
    unittest.main()
