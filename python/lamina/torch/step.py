"""One averaging of the gradients of a network: the buckets of one backward pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Optional, Union

import torch

from ..errors import InvalidArgument, LaminaError
from ..exchange import Exchange, Report
from .copies import DeviceCopies, HostCopies
from .layout import Slot

Gradients = Sequence[tuple[Slot, torch.Tensor]]
Copies = Union[HostCopies, DeviceCopies]
Future = torch.futures.Future[torch.Tensor]


class Step:
    """Takes buckets as the backward pass hands them over, and gives them back together once the mean is there."""

    def __init__(self, exchange: Exchange, copies: Copies, number: int) -> None:
        self._exchange, self._copies, self._number = exchange, copies, number
        self._buckets: list[tuple[Gradients, torch.Tensor, Future]] = []
        self._lock = threading.Lock()
        self.failure: Optional[BaseException] = None
        self.is_over = False
        self.copy_in_seconds = 0.0
        self.copy_out_seconds = 0.0

    def add(self, gradients: Gradients, buffer: torch.Tensor) -> torch.futures.Future[torch.Tensor]:
        """Takes a bucket.

        :returns: Its buffer with the mean, once all buckets of the step are there.
        """
        devices = [buffer.device] if buffer.device.type == "cuda" else None
        future: Future = torch.futures.Future(devices=devices)
        with self._lock:
            if self.failure is not None:
                raise self.failure
            self._buckets.append((gradients, buffer, future))
        start = time.perf_counter()
        self._copies.take(gradients, self._hand_over)
        self.copy_in_seconds += time.perf_counter() - start
        # What a callback raises ends the backward pass; an exception as the value of a future would not.
        return future.then(self._checked)

    def _hand_over(self, slot: Slot) -> None:
        try:
            self._exchange.ready(slot.start, slot.count)
        except InvalidArgument:
            self._exchange.abandon()
            raise

    def _checked(self, future: Future) -> torch.Tensor:
        if self.failure is not None:
            raise self.failure
        return future.value()

    def run(self, finish: Callable[[Report], None]) -> None:
        """Averages, in a thread beside the backward pass.

        :param finish: Is told the report before the buckets are given back, and may raise.
        """
        try:
            report = self._exchange.average(self._number)
            start = time.perf_counter()
            for gradients, _, _ in self._buckets:
                self._copies.give(gradients)
            self.copy_out_seconds = time.perf_counter() - start
            finish(report)
        except BaseException as failure:
            with self._lock:
                self.failure = failure
        self.is_over = True
        for _, buffer, future in self._buckets:
            self._copies.finish(future, buffer)

    def abandon(self) -> None:
        """Ends a step whose buckets did not all come."""
        if not self.is_over:
            self._exchange.abandon()
            raise LaminaError(
                "The backward pass before this one ended before all of its gradients were there; "
                "the state cannot go on: make a new one, or load a checkpoint."
            )
