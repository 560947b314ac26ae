"""The process group of a run that torchrun started, and what its workers send."""

import gc
import hashlib
import os
import sys
from pathlib import Path
from typing import Callable

import torch
import torch.distributed as dist


def run(training: Callable[[], None]) -> None:
    """Calls ``training`` in the group that the environment describes; without torchrun that is a group of one.

    What ``training`` made is gone before the group is: a hook that outlives it may abort the process as it ends.
    """
    _join()
    training()
    gc.collect()
    dist.destroy_process_group()


def _join() -> None:
    if "RANK" not in os.environ:
        os.environ.update(RANK="0", WORLD_SIZE="1", LOCAL_WORLD_SIZE="1", MASTER_ADDR="127.0.0.1", MASTER_PORT="0")
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    else:
        dist.init_process_group("gloo")


def say(text: str) -> None:
    """Prints on worker 0."""
    if dist.get_rank() == 0:
        print(text, flush=True)


class SentBytes:
    """What the system counts as sent on the interface between the workers: payload, headers, and anybody else's.

    Workers on one machine talk over ``lo``, whose count is divided among them. Others name their interface in
    GLOO_SOCKET_IFNAME.
    """

    def __init__(self) -> None:
        local = int(os.environ.get("LOCAL_WORLD_SIZE", dist.get_world_size()))
        on_one_machine = local == dist.get_world_size()
        name = os.environ.get("GLOO_SOCKET_IFNAME", "lo" if on_one_machine else "")
        if not name:
            sys.exit("Set GLOO_SOCKET_IFNAME to the interface between the machines, such as eth0.")
        self._counter = Path(f"/sys/class/net/{name}/statistics/tx_bytes")
        self._sharers = local

    def per_worker(self) -> float:
        """Bytes that a worker has sent since the system started."""
        return int(self._counter.read_text()) / self._sharers


def parameter_digest(model: torch.nn.Module) -> str:
    """A digest of all parameters; the same on all workers, or this raises RuntimeError."""
    sha = hashlib.sha256()
    for parameter in model.parameters():
        sha.update(parameter.detach().cpu().numpy().tobytes())
    found = [None] * dist.get_world_size()
    dist.all_gather_object(found, sha.hexdigest()[:16])
    if len(set(found)) > 1:
        raise RuntimeError(f"The workers hold different parameters: {found}.")
    return found[0]
