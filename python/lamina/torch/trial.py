"""Whether compression pays: both ways of averaging, tried in turn."""

from __future__ import annotations

import statistics
import time
from typing import Optional

import torch
import torch.distributed as dist


class Trial:
    """Times some steps of each way of averaging, and keeps to the faster one until it tries again.

    What counts is the whole step, so that the overlap with the backward pass, the processors and the network all have their
    say. All ranks take the same way: the slowest rank of each counts.
    """

    STEPS = 8
    """Steps of each way. The first ones are not counted: levels are agreed on, and memory is taken."""
    COUNTED = 5
    INTERVAL = 10_000
    """Steps until the next trial."""
    LEAST_GAIN = 1.03
    """What compression must gain to be worth its error."""

    def __init__(self, group: dist.ProcessGroup) -> None:
        self._group = group
        self.steps = 0
        """Steps since the trial began."""
        self.compresses = False
        """Whether compression was the faster way."""
        self.seconds: Optional[tuple[float, float]] = None
        """The step of plain averaging and the compressed one, as the last trial found them."""
        self._intervals: tuple[list[float], list[float]] = ([], [])
        self._started: Optional[float] = None

    def begins_compressed_step(self) -> bool:
        """Called when the gradients of a step begin to arrive: whether that step is to be compressed."""
        now = time.perf_counter()
        index = self.steps
        self.steps += 1
        if self._started is not None and 0 < index <= 2 * self.STEPS:
            self._intervals[(index - 1) // self.STEPS].append(now - self._started)
        self._started = now
        if index == 2 * self.STEPS:
            self._decide()
        elif index >= self.INTERVAL:
            self.steps, self._intervals = 1, ([], [])
            return False
        return index >= self.STEPS if index < 2 * self.STEPS else self.compresses

    @property
    def is_over(self) -> bool:
        """Whether a way has been chosen."""
        return self.steps > 2 * self.STEPS

    def _decide(self) -> None:
        medians = torch.tensor([statistics.median(way[-self.COUNTED :]) for way in self._intervals])
        if dist.get_backend(self._group) == "nccl":
            medians = medians.cuda()
        dist.all_reduce(medians, dist.ReduceOp.MAX, self._group)
        plain, compressed = medians.tolist()
        self.seconds = plain, compressed
        self.compresses = plain > self.LEAST_GAIN * compressed
