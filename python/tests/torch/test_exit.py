"""Programs end, and states leave nothing behind."""

import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

import torch.distributed as dist
from networks import compressed, small, train
from processes import run_ranks

import lamina
from lamina.torch import LaminaState

PROGRAM = """
import sys
sys.path[:0] = {path!r}
import torch.distributed as dist
from networks import compressed, train
rank, way = int(sys.argv[1]), {way!r}
dist.init_process_group("gloo", store=dist.FileStore({store!r}, 2), rank=rank, world_size=2)
model, state = compressed()
train(model, rank, range(3))
if way == "destroyed":
    dist.destroy_process_group()
if way == "dropped":
    del model, state
if way == "mid-step":
    # A backward pass that is left while the exchange waits for its gradients.
    state._start()
if way == "raised":
    raise SystemExit(3)
print("end", flush=True)
"""


class ExitTests(unittest.TestCase):
    def test_interpreters_end(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        folder = Path(temporary.name)
        for way, code in (("left", 0), ("destroyed", 0), ("dropped", 0), ("mid-step", 0), ("raised", 3)):
            program = PROGRAM.format(
                path=[str(Path(__file__).parent), str(Path(lamina.__file__).parents[1])], way=way, store=str(folder / way)
            )
            ranks = [
                subprocess.Popen(
                    [sys.executable, "-c", program, str(rank)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
                for rank in range(2)
            ]
            for rank in ranks:
                with self.subTest(way):
                    try:
                        output, errors = rank.communicate(timeout=60)
                    except subprocess.TimeoutExpired:
                        rank.kill()
                        output, errors = rank.communicate()
                        self.fail(f"The program did not end: {errors}")
                    self.assertEqual((rank.returncode, output), (code, "end\n" if code == 0 else ""), errors)
                    self.assertNotIn("terminate called", errors)
                    self.assertNotIn("Traceback", errors)


class LeakTests(unittest.TestCase):
    def test_states_end_their_threads(self) -> None:
        def body(rank: int) -> tuple[int, int]:
            model, _ = compressed()
            train(model, rank, range(2))
            before = threading.active_count()
            for _ in range(15):
                model, state = compressed()
                train(model, rank, range(2))
                del model, state
            LaminaState(small())
            gc.collect()
            end = time.monotonic() + 5
            while threading.active_count() > before and time.monotonic() < end:
                time.sleep(0.01)
            return before, threading.active_count()

        for before, after in run_ranks(2, body):
            self.assertLessEqual(after, before)

    def test_memory_does_not_grow(self) -> None:
        def body(rank: int) -> Any:
            def resident() -> float:
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

            model, _ = compressed(reduction="scatter-reduce", error_feedback=True, adapt_every=50, retries=1)
            optimizer = train(model, rank, range(150))
            before = resident()
            train(model, rank, range(150, 450), optimizer)
            dist.barrier()
            return resident() - before

        for growth in run_ranks(2, body):
            # 300 gradients of 0.2 MB would be 60 MB.
            self.assertLess(growth, 6)


if __name__ == "__main__":
    unittest.main()
