"""The optimizers of lamina.torch.optim beside the trajectories of the Swift solvers, and their laws.

Needs PyTorch and the installed package: python -m unittest discover -s python/tests/torch
"""

import copy
import io
import json
import math
import unittest
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[3]

from lamina.torch.optim import QODA, AdaptiveSteps, ExchangeStatistics, OptimisticAdam, SeparatedSteps

TRAJECTORIES = json.loads((ROOT / "Tests/VariationalInequalitiesTests/Golden/trajectories.json").read_text())


def trajectory(name):
    return next(entry for entry in TRAJECTORIES if entry["name"] == name)


def flat(parameters):
    return torch.cat([parameter.detach().reshape(-1) for parameter in parameters]).tolist()


class Replay:
    """A recorded run on parameters of some shapes; the second player's gradient is minus its dual vector."""

    def __init__(self, recorded, dtype=torch.float64):
        start = torch.tensor(recorded["start"], dtype=dtype)
        self.recorded = recorded
        parts = (start[:1], start[1:4].reshape(3, 1), start[4:])
        self.parameters = [torch.nn.Parameter(part.clone()) for part in parts]
        self.position = 0
        constants = recorded["constants"]
        groups = [{"params": self.parameters[:2]}, {"params": self.parameters[2:], "maximize": True}]
        if recorded["solver"] == "optimistic-adam":
            groups[0]["lr"], groups[1]["lr"] = constants["minimiserRate"], constants["maximiserRate"]
            betas = (constants["firstDecay"], constants["secondDecay"])
            self.optimizer = OptimisticAdam(groups, betas=betas, eps=constants["epsilon"])
        else:
            rule = (AdaptiveSteps(constants["leadingConstant"]) if recorded["solver"] == "qoda-adaptive"
                    else SeparatedSteps(constants["exponent"], constants["leadingConstant"]))
            # One worker's sums come from its gradient.
            statistics = self.statistics if recorded["workers"] > 1 else None
            self.optimizer = QODA(groups, constants["scale"], rule, average=True, statistics=statistics)

    def statistics(self):
        step = self.recorded["steps"][self.position]
        return ExchangeStatistics(self.recorded["workers"], step["squaredNorms"], step["squaredChanges"])

    def step(self):
        expected = self.recorded["steps"][self.position]
        mean = torch.tensor(expected["mean"], dtype=self.parameters[0].dtype)
        for parameter, part in zip(self.parameters, (mean[:1], mean[1:4], -mean[4:])):
            parameter.grad = part.reshape(parameter.shape).clone()
        self.optimizer.step()
        self.position += 1
        return expected


class GoldenTrajectoryTests(unittest.TestCase):
    def assert_close(self, found, expected, message):
        for a, b in zip(found, expected):
            self.assertTrue(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-14), f"{message}: {a!r} is not {b!r}")
        self.assertEqual(len(found), len(expected), message)

    def test_every_solver_follows_the_swift_solver(self):
        self.assertGreaterEqual(len(TRAJECTORIES), 6)
        for recorded in TRAJECTORIES:
            with self.subTest(recorded["name"]):
                replay = Replay(recorded)
                for t in range(len(recorded["steps"])):
                    message = f"step {t + 1}"
                    self.assert_close(flat(replay.parameters), recorded["steps"][t]["lookahead"], message)
                    expected = replay.step()
                    with replay.optimizer.at_iterate():
                        self.assert_close(flat(replay.parameters), expected["current"], message)
                    if recorded["solver"] == "optimistic-adam":
                        continue
                    with replay.optimizer.at_average():
                        self.assert_close(flat(replay.parameters), expected["average"], message)
                    for group in replay.optimizer.param_groups:
                        sizes = [group["lookahead_step"].item(), group["anchor_step"].item()]
                        self.assert_close(sizes, [expected["lookaheadStep"], expected["anchorStep"]], message)

    def test_single_precision_stays_near(self):
        for recorded in TRAJECTORIES:
            with self.subTest(recorded["name"]):
                replay = Replay(recorded, torch.float32)
                for _ in recorded["steps"]:
                    expected = replay.step()
                # Coordinates of order 1, twenty steps of a few roundings of 6e-8 each.
                with replay.optimizer.at_iterate():
                    for a, b in zip(flat(replay.parameters), expected["current"]):
                        self.assertLess(abs(a - b), 2e-5)

    def test_published_table(self):
        # Iterates of eq. (4) on A = [[0, 1], [-1, 0]] from (1, 1/2), one worker, as tabulated in ten digits.
        iterates = [(.6666666667, 1.1666666667), (-.1033545687, 1.1304883250), (-.4238588541, .6427448315),
                    (-.4154131109, .2932114515), (-.3741917027, .1139334951)]
        x = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        y = torch.nn.Parameter(torch.tensor([0.5], dtype=torch.float64))
        optimizer = QODA([{"params": [x]}, {"params": [y], "maximize": True}])

        def closure():
            optimizer.zero_grad()
            loss = (x * y).sum()
            loss.backward()
            return loss

        for expected in iterates:
            optimizer.step(closure)
            with optimizer.at_iterate():
                for a, b in zip((x.item(), y.item()), expected):
                    self.assertAlmostEqual(a, b, places=9)


def game(dtype=torch.float32, seed=1):
    """A strongly monotone game with a bilinear part: its parameters, and its loss, which the second maximises."""
    generator = torch.Generator().manual_seed(seed)
    coupling = torch.randn(4, 3, generator=generator).to(dtype)
    x = torch.nn.Parameter(torch.randn(4, generator=generator).to(dtype))
    y = torch.nn.Parameter(torch.randn(3, generator=generator).to(dtype))
    return (x, y), lambda: 0.25 * x.dot(x) + x @ coupling @ y - 0.25 * y.dot(y)


def players(parameters):
    return [{"params": [parameters[0]]}, {"params": [parameters[1]], "maximize": True}]


OPTIMIZERS = {
    "QODA adaptive": lambda parameters: QODA(players(parameters), average=True),
    "QODA separated": lambda parameters: QODA(players(parameters), 0.5, SeparatedSteps(), average=True),
    "QODA with statistics": lambda parameters: QODA(
        players(parameters), statistics=lambda: ExchangeStatistics(2, 3.0, 1.0)),
    # Moves of Adam stay about as long as the rate; with 0.05 they circle further out than the tests allow.
    "optimistic Adam": lambda parameters: OptimisticAdam(players(parameters), lr=0.01),
}


def advance(parameters, loss, optimizer, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()


class LawTests(unittest.TestCase):
    def test_all_find_the_solution_of_a_game(self):
        for name, make in OPTIMIZERS.items():
            with self.subTest(name):
                parameters, loss = game(torch.float64)
                optimizer = make(parameters)
                advance(parameters, loss, optimizer, 1)
                distance = sum(p.square().sum() for p in parameters).sqrt().item()
                advance(parameters, loss, optimizer, 3000)
                with optimizer.at_iterate():
                    end = sum(p.square().sum() for p in parameters).sqrt().item()
                self.assertLess(end, 0.05 * distance)

    def test_a_resumed_run_equals_the_uninterrupted_one(self):
        for name, make in OPTIMIZERS.items():
            for dtype in (torch.float32, torch.bfloat16, torch.float64):
                with self.subTest(name, dtype=dtype):
                    parameters, loss = game(dtype)
                    optimizer = make(parameters)
                    advance(parameters, loss, optimizer, 7)
                    file = io.BytesIO()
                    torch.save({"model": list(parameters), "optimizer": optimizer.state_dict()}, file)
                    advance(parameters, loss, optimizer, 13)

                    resumed, loss = game(dtype)
                    again = make(resumed)
                    file.seek(0)
                    saved = torch.load(file, weights_only=True)
                    again.load_state_dict(saved["optimizer"])
                    with torch.no_grad():
                        for parameter, value in zip(resumed, saved["model"]):
                            parameter.copy_(value)
                    advance(resumed, loss, again, 13)
                    for a, b in zip(parameters, resumed):
                        self.assertTrue(torch.equal(a, b))
                    with optimizer.at_iterate(), again.at_iterate():
                        for a, b in zip(parameters, resumed):
                            self.assertTrue(torch.equal(a, b))

    def test_loading_shares_no_memory(self):
        for name, make in OPTIMIZERS.items():
            with self.subTest(name):
                parameters, loss = game()
                optimizer = make(parameters)
                advance(parameters, loss, optimizer, 3)
                before = copy.deepcopy(optimizer.state_dict())
                other, other_loss = game(seed=2)
                copied = make(other)
                copied.load_state_dict(optimizer.state_dict())
                advance(other, other_loss, copied, 3)
                self.assertEqual(str(before), str(optimizer.state_dict()))

    def test_a_copy_goes_on_alike(self):
        for name, make in OPTIMIZERS.items():
            with self.subTest(name):
                parameters, _ = game()
                optimizer = make(parameters)
                for _ in range(3):
                    for parameter in parameters:
                        parameter.grad = torch.ones_like(parameter)
                    optimizer.step()
                twin_parameters, twin = copy.deepcopy((parameters, optimizer))
                for parameter in (*parameters, *twin_parameters):
                    parameter.grad = torch.full_like(parameter, 0.5)
                optimizer.step()
                twin.step()
                for a, b in zip(parameters, twin_parameters):
                    self.assertTrue(torch.equal(a, b))

    def test_shown_points_are_put_back(self):
        parameters, loss = game()
        optimizer = QODA(players(parameters), average=True)
        advance(parameters, loss, optimizer, 5)
        lookahead = flat(parameters)
        with self.assertRaises(KeyError):
            with optimizer.at_average():
                self.assertNotEqual(flat(parameters), lookahead)
                raise KeyError
        self.assertEqual(flat(parameters), lookahead)

    def test_closure_is_called_once_with_gradients_enabled(self):
        for make in OPTIMIZERS.values():
            parameters, loss = game()
            calls = []

            def closure():
                calls.append(torch.is_grad_enabled())
                value = loss()
                value.backward()
                return value

            value = make(parameters).step(closure)
            self.assertEqual(calls, [True])
            self.assertEqual(value.ndim, 0)

    def test_a_step_keeps_the_memory_of_the_parameters(self):
        for make in OPTIMIZERS.values():
            parameters, loss = game()
            optimizer = make(parameters)
            addresses = [p.data_ptr() for p in parameters]
            advance(parameters, loss, optimizer, 3)
            self.assertEqual(addresses, [p.data_ptr() for p in parameters])

    def test_no_gradient_is_a_zero_dual_vector_to_qoda(self):
        for rule in (AdaptiveSteps(), SeparatedSteps()):
            runs = []
            for absent in (None, torch.zeros(3)):
                parameters, _ = game()
                optimizer = QODA(players(parameters), 1.0, rule)
                for t in range(6):
                    parameters[0].grad = torch.full((4,), 0.1 * t)
                    parameters[1].grad = torch.ones(3) if t % 2 else absent
                    optimizer.step()
                runs.append(flat(parameters))
            self.assertEqual(*runs)

    def test_learning_rates_of_groups(self):
        # A group's rate scales what it has moved, as long as the gradients do not depend on where it is.
        moves = []
        for rate in (1.0, 0.25):
            parameters = [torch.nn.Parameter(torch.zeros(3)) for _ in range(2)]
            optimizer = QODA([{"params": [parameters[0]]}, {"params": [parameters[1]], "lr": rate}])
            for t in range(4):
                for parameter in parameters:
                    parameter.grad = torch.tensor([1.0, -0.5, 0.25]) * (t + 1)
                optimizer.step()
            moves.append(flat(parameters))
        self.assertEqual(moves[0][:3], moves[1][:3])
        self.assertEqual([0.25 * x for x in moves[0][3:]], moves[1][3:])


class RefusalTests(unittest.TestCase):
    def test_constants_out_of_range(self):
        p = torch.nn.Parameter(torch.zeros(2))
        for make in (
            lambda: QODA([p], lr=0.0), lambda: QODA([p], lr=math.nan), lambda: QODA([p], lr=math.inf),
            lambda: AdaptiveSteps(0.0), lambda: AdaptiveSteps(math.inf), lambda: SeparatedSteps(0.3),
            lambda: SeparatedSteps(0.0), lambda: SeparatedSteps(leading_constant=-1.0),
            lambda: OptimisticAdam([p], lr=-1.0), lambda: OptimisticAdam([p], betas=(1.0, 0.9)),
            lambda: OptimisticAdam([p], betas=(0.5, -0.1)), lambda: OptimisticAdam([p], eps=0.0),
            lambda: OptimisticAdam([{"params": [p], "lr": 0.0}]),
        ):
            with self.assertRaises(ValueError):
                make()

    def test_parameters_and_gradients_of_other_kinds(self):
        for optimizer in (QODA, OptimisticAdam):
            with self.assertRaises(TypeError):
                optimizer([torch.nn.Parameter(torch.zeros(2, dtype=torch.complex64))])
            layer = torch.nn.Embedding(4, 2, sparse=True)
            sparse = optimizer(layer.parameters())
            layer(torch.tensor([1])).sum().backward()
            with self.assertRaises(TypeError):
                sparse.step()

    def test_states_of_other_settings(self):
        parameters, loss = game()
        optimizer = QODA(players(parameters))
        advance(parameters, loss, optimizer, 2)
        for other in (QODA(players(parameters), step_sizes=SeparatedSteps()), QODA(players(parameters), average=True)):
            with self.assertRaises(ValueError):
                other.load_state_dict(optimizer.state_dict())

    def test_average_that_was_not_kept(self):
        parameters, _ = game()
        with self.assertRaises(RuntimeError):
            QODA(players(parameters)).at_average()

    def test_statistics_of_no_worker(self):
        parameters, loss = game()
        optimizer = QODA(players(parameters), statistics=lambda: (0, 1.0, 1.0))
        loss().backward()
        with self.assertRaises(ValueError):
            optimizer.step()


@unittest.skipUnless(torch.cuda.is_available(), "needs a GPU")
class DeviceTests(unittest.TestCase):
    def test_no_step_waits_for_the_device(self):
        for make in OPTIMIZERS.values():
            parameters = [torch.nn.Parameter(torch.ones(n, device="cuda")) for n in (4, 3)]
            optimizer = make(parameters)
            for step in range(4):
                for parameter in parameters:
                    parameter.grad = torch.ones_like(parameter)
                torch.cuda.set_sync_debug_mode("error" if step > 0 else "default")
                try:
                    optimizer.step()
                finally:
                    torch.cuda.set_sync_debug_mode("default")


if __name__ == "__main__":
    unittest.main()
