"""Small networks and their training, for tests of the hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lamina.torch import LaminaState, compress


def small(seed: int = 0) -> nn.Module:
    """About 50,000 parameters in six layers, the same on every rank."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 256), nn.LayerNorm(256), nn.ReLU(), nn.Linear(256, 48)
    )


def wrapped(network: Optional[nn.Module] = None, **options: Any) -> DistributedDataParallel:
    """A network under DistributedDataParallel, in several buckets."""
    return DistributedDataParallel(small() if network is None else network, **{"bucket_cap_mb": 0.05, **options})


def batch(rank: int, step: int, *shape: int) -> torch.Tensor:
    """Inputs of a rank, another for each step."""
    generator = torch.Generator().manual_seed(1000 * step + rank)
    return torch.randn(*(shape or (8, 32)), generator=generator)


def train(
    model: nn.Module,
    rank: int,
    steps: range,
    optimizer: Optional[torch.optim.Optimizer] = None,
    loss: Callable[[nn.Module, torch.Tensor], torch.Tensor] = lambda model, x: model(x).pow(2).mean(),
) -> torch.optim.Optimizer:
    """Takes steps, each on a batch of its own."""
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for step in steps:
        optimizer.zero_grad()
        loss(model, batch(rank, step)).backward()
        optimizer.step()
    return optimizer


def parameters(model: nn.Module) -> torch.Tensor:
    """All parameters in one vector."""
    return torch.cat([parameter.detach().float().flatten() for parameter in model.parameters()])


def gradients(model: nn.Module) -> torch.Tensor:
    """All gradients in one vector, zeros where there is none."""
    return torch.cat([
        (torch.zeros_like(parameter) if parameter.grad is None else parameter.grad).detach().float().flatten()
        for parameter in model.parameters()
    ])  # fmt: skip


def compressed(network: Optional[nn.Module] = None, /, ddp: Optional[dict[str, Any]] = None, **settings: Any) -> Any:
    """A network under DistributedDataParallel with the hook, and its state; all layers travel in few bits."""
    model = wrapped(network, **(ddp or {}))
    state: LaminaState = compress(model, **{"exact_below": 64, **settings})
    return model, state
