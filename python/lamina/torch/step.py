"""One averaging of the gradients of a network: the buckets of one backward pass."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Optional, Union

import torch

from ..errors import LaminaError
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
        self._failure: Optional[BaseException] = None
        self._is_over = False
        self.copy_in_seconds = 0.0
        self.copy_out_seconds = 0.0

    def start(self, worker: ThreadPoolExecutor, finish: Callable[[Report], None]) -> None:
        """Averages in a thread beside the backward pass.

        :param finish: Is told the report before the buckets are given back, and may raise.
        """
        _under_way.add(self)
        worker.submit(self._run, finish)

    def add(self, gradients: Gradients, buffer: torch.Tensor) -> Future:
        """Takes a bucket.

        :returns: Its buffer with the mean, once all buckets of the step are there.
        """
        devices: list[Any] = [buffer.device] if buffer.device.type == "cuda" else []
        future: Future = torch.futures.Future(devices=devices)
        with self._lock:
            if self._failure is not None:
                raise self._failure
            self._buckets.append((gradients, buffer, future))
        start = time.perf_counter()
        self._copies.take(gradients, self._hand_over, self.fail)
        self.copy_in_seconds += time.perf_counter() - start
        # What a callback raises ends the backward pass; an exception as the value of a future would not.
        return future.then(self._checked)

    @property
    def slots(self) -> set[Slot]:
        """What was handed over so far."""
        with self._lock:
            return {slot for gradients, _, _ in self._buckets for slot, _ in gradients}

    def fail(self, failure: BaseException) -> None:
        """Ends the step, and with it the exchange, from any thread."""
        with self._lock:
            if self._is_over:
                return
            self._failure = self._failure or failure
        self._exchange.abandon()

    def abandon(self) -> None:
        """Ends a step whose buckets did not all come.

        :raises LaminaError: where that was not known yet.
        """
        with self._lock:
            if self._is_over or self._failure is not None:
                return
        failure = LaminaError(
            "The backward pass before this one ended before all of its gradients were there; "
            "the state cannot go on: make a new one on all ranks."
        )
        self.fail(failure)
        raise failure

    def _hand_over(self, slot: Slot) -> None:
        self._exchange.ready(slot.start, slot.count)

    def _checked(self, future: Future) -> torch.Tensor:
        if self._failure is not None:
            raise self._failure
        return future.value()

    def _run(self, finish: Callable[[Report], None]) -> None:
        failure: Optional[BaseException] = None
        try:
            report = self._exchange.average(self._number)
            start = time.perf_counter()
            for gradients, _, _ in self._buckets:
                self._copies.give(gradients)
            self.copy_out_seconds = time.perf_counter() - start
            finish(report)
        except BaseException as raised:  # Whoever waits for the buckets is told.
            failure = raised
        with self._lock:
            self._failure = self._failure or failure
            self._is_over = True
        _under_way.discard(self)
        for _, buffer, future in self._buckets:
            self._copies.finish(future, buffer)


_under_way: weakref.WeakSet[Step] = weakref.WeakSet()


def _abandon_all() -> None:
    """Ends what a backward pass left behind that did not end, as the program does: its threads would wait for ever."""
    for step in list(_under_way):
        step.fail(LaminaError("The program ended before all gradients were there."))


# Before the threads of executors are waited for, which is the last thing that was registered in this way; functions of
# the module atexit come after that.
getattr(threading, "_register_atexit")(_abandon_all)
