"""Between the gradients of a network and the vector of an exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Union

import torch

from .layout import Slot


def copies(vector: torch.Tensor, device: torch.device) -> Union[HostCopies, DeviceCopies]:
    """How gradients on a device are copied."""
    return HostCopies(vector) if device.type == "cpu" else DeviceCopies(vector, device)


class HostCopies:
    """Copies between memories of the host, converting what is not binary32."""

    def __init__(self, vector: torch.Tensor) -> None:
        self._vector = vector

    def take(
        self,
        gradients: Sequence[tuple[Slot, torch.Tensor]],
        ready: Callable[[Slot], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Copies gradients into the vector.

        :param ready: Is called for each that is there, by this thread or another.
        :param failed: Is told what another thread raised.
        """
        for slot, gradient in gradients:
            self._place(slot, gradient).copy_(gradient)
            ready(slot)

    def give(self, gradients: Sequence[tuple[Slot, torch.Tensor]]) -> None:
        """Copies the mean into the gradients."""
        for slot, gradient in gradients:
            gradient.copy_(self._place(slot, gradient))

    def finish(self, future: torch.futures.Future[torch.Tensor], buffer: torch.Tensor) -> None:
        """Sets a future to a buffer that ``give`` filled."""
        future.set_result(buffer)

    def _place(self, slot: Slot, gradient: torch.Tensor) -> torch.Tensor:
        return self._vector[slot.start : slot.start + slot.count].view(gradient.shape)


class DeviceCopies(HostCopies):
    """Copies between the pinned vector and a device, on a stream of their own beside the backward pass.

    A thread waits for each copy, so that the backward pass does not.
    """

    def __init__(self, vector: torch.Tensor, device: torch.device) -> None:
        super().__init__(vector)
        self._device = device
        self._stream: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._arrivals = ThreadPoolExecutor(1, "lamina-copy")

    def take(
        self,
        gradients: Sequence[tuple[Slot, torch.Tensor]],
        ready: Callable[[Slot], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream):
            for slot, gradient in gradients:
                # The conversion to binary32 is the device's, so that what is copied needs no other place on the host.
                self._place(slot, gradient).copy_(gradient.float(), non_blocking=True)
                gradient.record_stream(self._stream)
            copied = self._stream.record_event()

        def arrive() -> None:
            try:
                copied.synchronize()
                for slot, _ in gradients:
                    ready(slot)
            except BaseException as failure:  # Nobody waits for this thread.
                failed(failure)

        self._arrivals.submit(arrive)

    def give(self, gradients: Sequence[tuple[Slot, torch.Tensor]]) -> None:
        with torch.cuda.stream(self._stream):
            for slot, gradient in gradients:
                gradient.copy_(self._place(slot, gradient), non_blocking=True)

    def finish(self, future: torch.futures.Future[torch.Tensor], buffer: torch.Tensor) -> None:
        # The future takes the stream that is current as the one on which its value is computed.
        with torch.cuda.stream(self._stream):
            future.set_result(buffer)
