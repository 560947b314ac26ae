"""A run that goes on from its checkpoint, on as many ranks or others."""

import io
import pickle
import tempfile
import unittest
import warnings
from copy import deepcopy as copy_of
from pathlib import Path
from typing import Any

import torch
from networks import compressed, gradients, parameters, small, train, wrapped
from processes import outcomes, run_ranks
from torch import nn

import lamina
from lamina.torch import LaminaState, lamina_hook

FEEDBACK = {"error_feedback": True, "bits": 3, "adapt_every": 6}


class CheckpointTests(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def save(self, world_size: int, steps: int, **options: Any) -> None:
        """Trains some steps, and saves on every rank; the processes then end."""

        def body(rank: int) -> None:
            model, state = compressed(**FEEDBACK)
            optimizer = train(model, rank, range(steps))
            saved = {
                "model": model.state_dict(), "optimizer": optimizer.state_dict(), "hook": state.state_dict(**options),
            }  # fmt: skip
            torch.save(saved, self.folder / f"{rank}.pt")

        run_ranks(world_size, body)

    def load(self, rank: int) -> tuple[Any, LaminaState, torch.optim.Optimizer]:
        saved = torch.load(self.folder / f"{rank}.pt", weights_only=True)
        model, state = compressed(small(seed=5), **FEEDBACK)
        optimizer = train(model, rank, range(0))
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        state.load_state_dict(saved["hook"])
        return model, state, optimizer

    def test_the_run_that_goes_on_equals_the_uninterrupted_one(self) -> None:
        def through(rank: int) -> Any:
            model, state = compressed(**FEEDBACK)
            train(model, rank, range(17))
            return parameters(model), state.state_dict(), tuple(state.exchange_statistics())

        def resumed(rank: int) -> Any:
            model, state, optimizer = self.load(rank)
            train(model, rank, range(8, 17), optimizer)
            return parameters(model), state.state_dict(), tuple(state.exchange_statistics())

        self.save(2, 8)
        for (wanted, expected, sums), (found, state, same) in zip(run_ranks(2, through), run_ranks(2, resumed)):
            self.assertTrue(torch.equal(found, wanted))
            self.assertEqual(same, sums)
            for name in ("exchange", "residual", "last"):
                self.assertTrue(torch.equal(state[name], expected[name]), name)
            self.assertGreater(float(state["residual"].norm()), 0)
            for name in ("iterations", "exchanges", "bits", "squared_error", "level_epoch", "error_bound"):
                self.assertEqual(state["statistics"][name], expected["statistics"][name], name)
            self.assertEqual((state["iteration"], state["version"]), (17, 1))

    def test_what_was_loaded_is_saved_again_before_the_next_iteration(self) -> None:
        self.save(2, 8)

        def body(rank: int) -> bool:
            saved = torch.load(self.folder / f"{rank}.pt", weights_only=True)["hook"]
            _, state, _ = self.load(rank)
            again = state.state_dict()
            assert again["rank"] == rank and again["iteration"] == 8
            return all(torch.equal(saved[name], again[name]) for name in ("exchange", "residual", "last"))

        self.assertEqual(run_ranks(2, body), [True, True])

    def test_from_four_ranks_to_two_without_the_residual(self) -> None:
        self.save(4, 5)

        def body(rank: int) -> Any:
            saved = torch.load(self.folder / "0.pt", weights_only=True)["hook"]
            model, state = compressed(**FEEDBACK)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                state.load_state_dict(saved)
            sentences = [str(warning.message) for warning in caught if "residual" in str(warning.message)]
            norm = float(state.state_dict()["residual"].norm())
            train(model, rank, range(5, 9))
            return sentences, norm, parameters(model), state.statistics.exchanges

        results = run_ranks(2, body)
        for rank, (sentences, norm, found, exchanges) in enumerate(results):
            self.assertEqual(len(sentences), 1)
            self.assertIn(f"of rank 0 of 4, this is rank {rank} of 2", sentences[0])
            self.assertEqual((norm, exchanges), (0, 9))
            self.assertTrue(torch.equal(found, results[0][2]))

    def test_from_four_ranks_to_two_with_the_mean_of_the_residuals(self) -> None:
        def plain(rank: int) -> Any:
            model, state = compressed(**FEEDBACK)
            train(model, rank, range(5))
            return state.state_dict()["residual"]

        wanted = torch.stack(run_ranks(4, plain)).double().mean(0)
        self.save(4, 5, consolidate=True)

        def body(rank: int) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                model, state, optimizer = self.load(2 * rank)
            residual = state.state_dict()["residual"]
            train(model, rank, range(5, 9), optimizer)
            return residual, parameters(model)

        results = run_ranks(2, body)
        for residual, found in results:
            torch.testing.assert_close(residual.double(), wanted, rtol=1e-5, atol=1e-8)
            self.assertTrue(torch.equal(found, results[0][1]))

    def test_a_pickled_state_is_attached(self) -> None:
        def body(rank: int) -> Any:
            model, state = compressed(**FEEDBACK, rules=[lamina.Rule("*bias", "bias")])
            optimizer = train(model, rank, range(6))
            through = wrapped()
            through.load_state_dict(model.state_dict())
            file = io.BytesIO()
            torch.save(state, file)
            copy = pickle.loads(pickle.dumps(torch.load(io.BytesIO(file.getvalue()), weights_only=False)))
            assert copy.settings == state.settings
            copy.attach(through)
            through.register_comm_hook(copy, lamina_hook)
            again = torch.optim.SGD(through.parameters(), lr=0.05, momentum=0.9)
            again.load_state_dict(copy_of(optimizer.state_dict()))
            train(model, rank, range(6, 10), optimizer)
            train(through, rank, range(6, 10), again)
            return parameters(model), parameters(through)

        for wanted, found in run_ranks(2, body):
            self.assertTrue(torch.equal(wanted, found))

    def test_a_state_that_was_not_attached_says_so(self) -> None:
        def body(rank: int) -> None:
            _, state = compressed()
            model = wrapped()
            model.register_comm_hook(pickle.loads(pickle.dumps(state)), lamina_hook)
            train(model, rank, range(1))

        for result in outcomes(2, body):
            self.assertIn("call its attach(model)", result.error or "")
            self.assertEqual(result.exit_code, 0)

    def test_states_of_other_networks_and_versions_are_refused(self) -> None:
        def body(rank: int) -> None:
            model, state = compressed(**FEEDBACK)
            train(model, rank, range(2))
            saved = state.state_dict()

            def refused(network: nn.Module, saved: Any, error: type[Exception], sentence: str) -> None:
                model, other = compressed(network, **FEEDBACK)
                try:
                    other.load_state_dict(saved)
                except error as failure:
                    assert sentence in str(failure), failure
                else:
                    raise AssertionError("The state was not refused.")
                after = other.state_dict()
                assert (after["iteration"], after["statistics"]["exchanges"]) == (0, 0)
                train(model, rank, range(1))
                assert float(gradients(model).norm()) > 0

            refused(nn.Linear(32, 9), saved, lamina.InvalidArgument, "one has 297")
            # As many parameters, in other layers.
            torch.manual_seed(0)
            reordered = nn.Sequential(*[small()[index] for index in (5, 0, 1, 2, 3, 4)])
            reordered.forward = lambda x: reordered[0](reordered[3](reordered[1](x)))  # type: ignore[method-assign]
            refused(reordered, saved, lamina.DamagedFrame, "")
            refused(small(), saved | {"version": 2}, lamina.InvalidArgument, "version 2")
            damaged = saved["exchange"].clone()
            damaged[50] ^= 1
            refused(small(), saved | {"exchange": damaged}, lamina.DamagedFrame, "")

        run_ranks(2, body)


if __name__ == "__main__":
    unittest.main()
