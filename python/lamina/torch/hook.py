"""The hook of DistributedDataParallel."""

from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from .state import LaminaState


def lamina_hook(state: LaminaState, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:  # type: ignore[name-defined]
    """Averages the gradients of a bucket over all ranks, compressed as the state says.

    ``ddp.register_comm_hook(LaminaState(ddp), lamina_hook)``, once, before the first backward pass.
    """
    return state.reduce(bucket)


def compress(model: DistributedDataParallel, **settings: Any) -> LaminaState:
    """Makes a state for a network and registers the hook: one line where nothing else is needed.

    :param settings: As for ``LaminaState``.
    :returns: The state, for statistics and checkpoints.
    """
    state = LaminaState(model, **settings)
    model.register_comm_hook(state, lamina_hook)
    return state
