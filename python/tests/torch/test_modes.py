"""When gradients are compressed: warm-up, trials, reports."""

import unittest
from typing import Any
from unittest import mock

import torch
import torch.distributed as dist
from networks import compressed, parameters, train, wrapped
from processes import outcomes, run_ranks

from lamina.torch import trial
from lamina.torch.trial import Trial


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class TrialTests(unittest.TestCase):
    @staticmethod
    def choices(seconds: Any, steps: int) -> tuple[list[bool], Trial]:
        """What a trial chose for each step, where ``seconds(compressed, step)`` is what a step takes."""
        clock, found = Clock(), []
        with mock.patch.object(trial, "time", clock):
            tested = Trial(dist.group.WORLD)
            for step in range(steps):
                found.append(tested.begins_compressed_step())
                clock.now += seconds(found[-1], step)
        return found, tested

    def test_the_faster_way_is_kept(self) -> None:
        def body(rank: int) -> Any:
            faster, one = self.choices(lambda compressed, step: 1.0 if compressed else 2.0, 40)
            slower, other = self.choices(lambda compressed, step: 2.0 if compressed else 1.0, 40)
            about, _ = self.choices(lambda compressed, step: 1.0 if compressed else 1.02, 40)
            return faster, one.seconds, one.is_over, slower, other.seconds, about

        for faster, seconds, is_over, slower, others, about in run_ranks(2, body):
            tried = [False] * 8 + [True] * 8
            self.assertEqual(faster, tried + [True] * 24)
            self.assertEqual(seconds, (2, 1))
            self.assertTrue(is_over)
            self.assertEqual(slower, tried + [False] * 24)
            self.assertEqual(others, (1, 2))
            self.assertEqual(about, tried + [False] * 24)

    def test_the_slowest_rank_counts_and_slow_first_steps_and_pauses_do_not(self) -> None:
        def body(rank: int) -> Any:
            def seconds(compressed: bool, step: int) -> float:
                if step in (0, 1, 8, 9, 12):
                    return 1000.0
                return (3.0 if rank == 1 else 1.0) if compressed else 2.0

            return self.choices(seconds, 20)

        (first, one), (second, other) = [
            (choices, tested) for choices, tested in run_ranks(2, lambda rank: (body(rank)[0], body(rank)[1].seconds))
        ]
        self.assertEqual(first, second)
        self.assertEqual((one, other), ((2, 3), (2, 3)))
        self.assertFalse(first[-1])

    def test_it_is_tried_again(self) -> None:
        def body(rank: int) -> Any:
            with mock.patch.object(Trial, "INTERVAL", 30):
                return self.choices(lambda compressed, step: (1.0 if step < 30 else 3.0) if compressed else 2.0, 80)[0]

        for found in run_ranks(2, body):
            tried = [False] * 8 + [True] * 8
            self.assertEqual(found[:60], tried + [True] * 14 + tried + [False] * 14)
            self.assertEqual(found[60:76], tried)


class ModeTests(unittest.TestCase):
    def test_replicas_stay_equal_while_modes_change(self) -> None:
        def body(rank: int) -> Any:
            found = []
            # Both outcomes of a trial, whatever the machine.
            for gain in (0.0, 1e9):
                with mock.patch.object(Trial, "LEAST_GAIN", gain), mock.patch.object(Trial, "INTERVAL", 25):
                    model, state = compressed(mode="auto", warmup_steps=3, bits=3)
                    modes = []
                    for step in range(60):
                        modes.append(state.mode)
                        train(model, rank, range(step, step + 1))
                    seconds = state.trial_seconds
                    assert seconds is not None and min(seconds) > 0
                    found.append((parameters(model), modes, state.statistics))
            return found

        for gain, (first, second) in zip((0.0, 1e9), zip(*run_ranks(2, body))):
            self.assertTrue(torch.equal(first[0], second[0]))
            self.assertEqual(first[1], second[1])
            self.assertEqual(first[1][:5], ["warm-up"] * 3 + ["trial"] * 2)
            kept = "compressed" if gain == 0 else "plain"
            self.assertEqual(first[1][3 + 17 : 3 + 25], [kept] * 8)
            self.assertEqual((first[2].iterations, first[2].exchanges), (60, 34 if gain == 0 else 16))

    def test_warm_up_is_ddp(self) -> None:
        def body(rank: int) -> Any:
            model, state = compressed(warmup_steps=4)
            plain = wrapped()
            train(model, rank, range(4))
            train(plain, rank, range(4))
            assert state.mode == "compressed" and state.statistics.exchanges == 0
            assert state.compression_stats() == (0, 0, 0)
            equal = torch.equal(parameters(model), parameters(plain))
            train(model, rank, range(4, 6))
            return equal, state.statistics.exchanges, state.statistics.iterations

        self.assertEqual(run_ranks(2, body), [(True, 2, 6)] * 2)


class ReportTests(unittest.TestCase):
    def test_reports_to_a_function_and_to_a_writer(self) -> None:
        class Writer:
            def __init__(self) -> None:
                self.scalars: list[tuple[str, float, int]] = []

            def add_scalar(self, name: str, value: float, iteration: int) -> None:
                self.scalars.append((name, value, iteration))

        def body(rank: int) -> Any:
            reports: list[Any] = []
            model, _ = compressed(warmup_steps=2, report_every=2, report_to=lambda *report: reports.append(report))
            train(model, rank, range(7))
            writer = Writer()
            model, _ = compressed(report_every=3, report_to=writer)
            train(model, rank, range(7))
            return reports, writer.scalars

        for reports, scalars in run_ranks(2, body):
            self.assertEqual([iteration for iteration, _ in reports], [2, 4, 6])
            self.assertEqual([report["exchanges"] for _, report in reports], [0, 2, 4])
            self.assertEqual([report["iterations"] for _, report in reports], [2, 4, 6])
            self.assertTrue(all(type(value) is float for _, report in reports for value in report.values()))
            self.assertEqual({iteration for *_, iteration in scalars}, {3, 6})
            names = {name for name, *_ in scalars}
            self.assertEqual(len(scalars), 2 * len(names))
            self.assertTrue({"lamina/bits_per_coordinate", "lamina/last_error", "lamina/seconds/encode"} <= names)

    def test_what_a_report_raises_is_raised(self) -> None:
        def body(rank: int) -> None:
            def report(*_: Any) -> None:
                raise OSError("the disk is full")

            model, _ = compressed(report_every=2, report_to=report)
            train(model, rank, range(2))

        for result in outcomes(2, body):
            self.assertIn("OSError: the disk is full", result.error or "nothing was raised")


if __name__ == "__main__":
    unittest.main()
