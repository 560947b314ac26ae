"""What an exchange remembers from step to step, as tensors."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from ..exchange import Exchange
from .settings import Settings


def remembered(exchange: Exchange, settings: Settings) -> dict[str, Any]:
    """What an exchange needs to go on: levels, observations and counters, its last vector, and its residual."""
    saved = {
        "exchange": torch.frombuffer(bytearray(exchange.state()), dtype=torch.uint8),
        "last": torch.from_numpy(exchange.last),
    }
    if settings.error_feedback:
        saved["residual"] = torch.from_numpy(exchange.residual)
    return saved


def remind(exchange: Exchange, saved: dict[str, Any], settings: Settings) -> None:
    """Lets an exchange go on from what one remembered, here or on another rank.

    What is one rank's own is taken on the same rank of as many, or where it was made one for all.
    """
    exchange.restore(saved["exchange"].cpu().numpy().tobytes())
    is_own = (saved["rank"], saved["world_size"]) == (exchange.rank, exchange.world_size)
    if is_own and "last" in saved:
        exchange.last = saved["last"].cpu().numpy()
    if not settings.error_feedback or "residual" not in saved:
        return
    if is_own or saved["rank"] is None:
        exchange.residual = saved["residual"].cpu().numpy()
        return
    warnings.warn(
        f"The state is of rank {saved['rank']} of {saved['world_size']}, this is rank {exchange.rank} of "
        f"{exchange.world_size}: its residual starts from zero. Save with state_dict(consolidate=True).",
        stacklevel=4,
    )
