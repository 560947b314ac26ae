"""Checkpoints from which a run goes on bit for bit, with one file per worker for what its hook remembers."""

import os
import sys
from pathlib import Path
from typing import Any, Dict, Optional

import torch
import torch.distributed as dist


def save(folder: Path, step: int, parts: Dict[str, Any], hook_state: Optional[Any]) -> None:
    """Writes what ``load`` reads.

    Args:
        folder: Made if it is not there; an older checkpoint in it is replaced.
        step: The steps done.
        parts: Models and optimizers by name, the same on all workers.
        hook_state: What this worker's communication hook remembers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dist.barrier()
    has_dictionary = hasattr(hook_state, "state_dict")
    own = {"step": step, "hook": hook_state.state_dict() if has_dictionary else hook_state}
    _write(own, folder / f"worker-{dist.get_rank()}.pt")
    # What any number of workers can go on from, which all make together.
    shared = hook_state.state_dict(consolidate=True) if has_dictionary else None
    if dist.get_rank() == 0:
        states = {name: part.state_dict() for name, part in parts.items()}
        _write({"step": step, "workers": dist.get_world_size(), "hook": shared, **states}, folder / "run.pt")
    dist.barrier()


def load(folder: Path, parts: Dict[str, Any], hook_state: Optional[Any]) -> int:
    """Restores models, optimizers and this worker's hook, and returns the steps done."""
    if not (folder / "run.pt").exists():
        sys.exit(f"There is no checkpoint in '{folder}'.")
    common = torch.load(folder / "run.pt", weights_only=True)
    if common["workers"] != dist.get_world_size():
        if not hasattr(hook_state, "state_dict") or common["hook"] is None:
            sys.exit(f"The checkpoint in '{folder}' is of {common['workers']} workers, and these are "
                     f"{dist.get_world_size()}; only runs with --compression lamina go on with another number.")
        for name, part in parts.items():
            part.load_state_dict(common[name])
        hook_state.load_state_dict(common["hook"])
        return common["step"]
    # PyTorch keeps PowerSGD's memory as an object; a checkpoint is trusted like a program.
    own = torch.load(folder / f"worker-{dist.get_rank()}.pt", weights_only=False)
    if own["step"] != common["step"]:
        sys.exit(f"The files in '{folder}' are of different steps: the run was interrupted while it wrote them.")
    for name, part in parts.items():
        part.load_state_dict(common[name])
    if (own["hook"] is None) != (hook_state is None):
        sys.exit(f"The checkpoint in '{folder}' is of another --compression.")
    if hasattr(hook_state, "load_state_dict"):
        hook_state.load_state_dict(own["hook"])
    elif hook_state is not None:
        hook_state.__setstate__(own["hook"].__getstate__())
    return common["step"]


def _write(content: Dict[str, Any], file: Path) -> None:
    """Replaces ``file`` as a whole or not at all."""
    unfinished = file.with_suffix(".unfinished")
    torch.save(content, unfinished)
    os.replace(unfinished, file)
