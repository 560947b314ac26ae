"""The process groups of an exchange."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Optional

import torch
import torch.distributed as dist
from torch import nn

from ..errors import InvalidArgument


def network_group(model: nn.Module, given: Optional[dist.ProcessGroup]) -> dist.ProcessGroup:
    """The group whose ranks average the gradients of a network: that of DistributedDataParallel where it is wrapped.

    :raises InvalidArgument: where no group was initialised, or the given one has other ranks.
    """
    if not dist.is_available() or not dist.is_initialized():
        raise InvalidArgument("There is no process group; call torch.distributed.init_process_group first.")
    if not isinstance(model, nn.parallel.DistributedDataParallel):
        return given if given is not None else _world()
    group: dist.ProcessGroup = model.process_group
    ranks = dist.get_process_group_ranks(group)
    if given is not None and dist.get_process_group_ranks(given) != ranks:
        raise InvalidArgument(
            f"'process_group' has the ranks {dist.get_process_group_ranks(given)}, the network is averaged over {ranks}."
        )
    return group


def own_group(group: dist.ProcessGroup) -> dist.ProcessGroup:
    """A group of the same ranks for exchanges alone: they run beside the backward pass, where the network may use its own."""
    ranks = dist.get_process_group_ranks(group)
    backend = "gloo" if dist.is_gloo_available() else None
    group_of_ranks: dist.ProcessGroup = dist.new_group(
        ranks,
        timeout=_timeout(group),
        backend=backend,
        # Ranks of no network take no part in this.
        use_local_synchronization=len(ranks) < dist.get_world_size(),
    )
    return group_of_ranks


def _world() -> dist.ProcessGroup:
    world = dist.group.WORLD
    assert world is not None
    return world


def _timeout(group: dist.ProcessGroup) -> Optional[timedelta]:
    """How long a group waits for its ranks, which a new group does not take over; None where it does not say."""
    backends: list[Any] = [group._get_backend(device) for device in group._device_types]
    timeouts = [backend.options._timeout for backend in backends if hasattr(backend, "options")]
    return min(timeouts, default=None)


def check_equal(group: dist.ProcessGroup, values: Mapping[str, Any]) -> None:
    """Compares what has to be the same on all ranks, which call this together.

    :raises InvalidArgument: on all ranks, with the name of the first value that differs.
    """
    found: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(found, dict(values), group)
    for rank, others in enumerate(found):
        for name, value in found[0].items():
            if others[name] != value:
                raise InvalidArgument(
                    f"'{name}' is {value!r} on rank 0 and {others[name]!r} on rank {rank}; it is the same on all ranks."
                )


def mean(values: torch.Tensor, group: dist.ProcessGroup) -> torch.Tensor:
    """The mean over all ranks, which call this together."""
    on_device = values.cuda() if dist.get_backend(group) == "nccl" else values.clone()
    dist.all_reduce(on_device.div_(dist.get_world_size(group)), group=group)
    return on_device.cpu()


def all_reduce_mean(buffer: torch.Tensor, group: dist.ProcessGroup) -> torch.futures.Future[torch.Tensor]:
    """The mean of a bucket without compression, as DistributedDataParallel computes it."""
    work = dist.all_reduce(buffer.div_(dist.get_world_size(group)), group=group, async_op=True)
    assert work is not None
    future: torch.futures.Future[torch.Tensor] = work.get_future().then(lambda future: future.value()[0])
    return future
