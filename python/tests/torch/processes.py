"""Ranks as forked processes with a Gloo group, for tests of the hook."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import pickle
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Optional

import torch
import torch._dynamo  # Which optimizers import with their first step: here once, and not by every process.
import torch.distributed as dist

torch.set_num_threads(1)
os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
_fork = multiprocessing.get_context("fork")


@dataclass
class Outcome:
    """How a rank ended."""

    value: Any = None
    """What the body returned."""
    error: Optional[str] = None
    """The type and the sentence of the exception that it raised."""
    trace: str = ""
    exit_code: Optional[int] = None
    """Of the process; None where it was killed for taking too long."""


def outcomes(
    world_size: int, body: Callable[[int], Any], *, limit: float = 60, group_timeout: float = 30
) -> list[Outcome]:
    """Runs ``body(rank)`` on each rank, the default group initialised, and waits until all processes have ended.

    :param limit: Seconds after which what still runs is killed.
    :param group_timeout: The timeout of the default group in seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        pipes = [_fork.Pipe(duplex=False) for _ in range(world_size)]
        processes = [
            _fork.Process(target=_rank, args=(rank, world_size, body, Path(folder), group_timeout, limit, pipes[rank][1]))
            for rank in range(world_size)
        ]
        for process in processes:
            process.start()
        for _, sender in pipes:
            sender.close()
        end = time.monotonic() + limit
        results = [_receive(receiver, end) for receiver, _ in pipes]
        for process, result in zip(processes, results):
            process.join(max(0.1, end - time.monotonic()))
            result.exit_code = process.exitcode
            if process.is_alive():
                process.kill()
                process.join()
        return results


def run_ranks(world_size: int, body: Callable[[int], Any], *, limit: float = 60, group_timeout: float = 30) -> list[Any]:
    """What ``body(rank)`` returned on each rank; fails where one raised, died or did not end."""
    results = outcomes(world_size, body, limit=limit, group_timeout=group_timeout)
    for rank, result in enumerate(results):
        if result.error is not None:
            raise AssertionError(f"Rank {rank} raised {result.trace}")
    for rank, result in enumerate(results):
        if result.exit_code != 0:
            raise AssertionError(f"Rank {rank} ended with {result.exit_code} instead of 0 (None: it did not end).")
    return [result.value for result in results]


def _receive(receiver: Any, end: float) -> Outcome:
    try:
        if receiver.poll(max(0.0, end - time.monotonic())):
            received: Outcome = pickle.loads(receiver.recv_bytes())
            return received
        return Outcome(error="TimeoutError: the rank did not end", trace="TimeoutError: the rank did not end")
    except EOFError:
        return Outcome(error="EOFError: the rank died", trace="EOFError: the rank died")


def _rank(
    rank: int, world_size: int, body: Callable[[int], Any], folder: Path, group_timeout: float, limit: float, sender: Any
) -> None:
    # Says where a rank hangs before it is killed.
    faulthandler.dump_traceback_later(limit - 1, exit=False)
    try:
        dist.init_process_group(
            "gloo",
            store=dist.FileStore(str(folder / "store"), world_size),
            rank=rank,
            world_size=world_size,
            timeout=timedelta(seconds=group_timeout),
        )
        result = Outcome(value=body(rank))
    except BaseException as failure:
        result = Outcome(error=f"{type(failure).__name__}: {failure}", trace=traceback.format_exc())
    sender.send_bytes(pickle.dumps(result))
    sender.close()
