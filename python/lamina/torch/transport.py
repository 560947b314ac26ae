"""Rounds of messages over a process group of PyTorch."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Union

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist

Messages = Sequence[npt.NDArray[np.uint8]]
_NONE = np.empty(0, dtype=np.uint8)


def transport(group: dist.ProcessGroup) -> Union[PairwiseTransport, DeviceTransport]:
    """The transport for a group: over its sends and receives, or over its collectives where it takes device memory alone."""
    if dist.get_backend(group) == "nccl":
        return DeviceTransport(group, torch.device("cuda", torch.cuda.current_device()))
    return PairwiseTransport(group)


class _Group:
    def __init__(self, group: dist.ProcessGroup) -> None:
        self._group = group
        self.rank, self.world_size = dist.get_rank(group), dist.get_world_size(group)
        self._peers = [dist.get_global_rank(group, rank) for rank in range(self.world_size)]


class PairwiseTransport(_Group):
    """Messages by sends and receives of memory of the host: Gloo and MPI.

    A message goes behind its length, in parts, of which few are under way at a time: what is handed to the network at once,
    its queues drop, and both directions of a link stand still until it was sent again. A thread does this in the order of
    the rounds, while the worker encodes and decodes.
    """

    PART = 1 << 18
    """Bytes of a part."""
    WINDOW = 2 * PART
    """Bytes under way between two workers, in each direction."""
    # Away from the tags that programs use for their own messages on the same group.
    _FIRST_TAG, _TAGS = 1 << 28, 1 << 28

    def __init__(self, group: dist.ProcessGroup) -> None:
        super().__init__(group)
        self._count = 0
        self._courier = ThreadPoolExecutor(1, "lamina-courier")
        self._lock = threading.Lock()
        self._waiting = 0
        self._flights: deque[_Flight] = deque()
        self._failure: BaseException | None = None

    def start(self, messages: Messages, /) -> _Round:
        """Starts to send and to receive; the messages are copied."""
        tag = self._FIRST_TAG + 2 * self._count % self._TAGS
        self._count += 1
        round = _Round(tag)
        copies: dict[tuple[int, int], torch.Tensor] = {}
        for distance in range(1, self.world_size):
            # Everybody starts with another neighbour, so that nobody is sent everything at once.
            receiver, sender = (self.rank + distance) % self.world_size, (self.rank - distance) % self.world_size
            message = messages[receiver]
            place = message.ctypes.data, message.size
            # Where all are sent the same, one copy serves them.
            copy = copies[place] if place in copies else copies.setdefault(place, torch.from_numpy(message.copy()))
            size, length = torch.tensor([copy.numel()]), torch.empty(1, dtype=torch.int64)
            round.neighbours.append(_Neighbour(receiver, copy, sender, length))
            round.lengths += [self._receive(length, sender, tag), self._send(size, receiver, tag)]
            round.kept.append(size)
        with self._lock:
            self._waiting += 1
        self._courier.submit(self._travel, round)
        return round

    def wait(self, round: _Round, /) -> Messages:
        """The messages of a round."""
        round.is_there.result()
        received = [_NONE] * self.world_size
        for neighbour in round.neighbours:
            received[neighbour.sender] = neighbour.incoming.numpy()
        return received

    def _send(self, tensor: torch.Tensor, receiver: int, tag: int) -> Any:
        return dist.isend(tensor, self._peers[receiver], self._group, tag)

    def _receive(self, tensor: torch.Tensor, sender: int, tag: int) -> Any:
        return dist.irecv(tensor, self._peers[sender], self._group, tag)

    def _travel(self, round: _Round) -> None:
        with self._lock:
            self._waiting -= 1
        try:
            if self._failure is not None:
                raise self._failure
            for work in round.lengths:
                work.wait()
            for neighbour in round.neighbours:
                neighbour.incoming = torch.empty(int(neighbour.length), dtype=torch.uint8)
            longest = max((neighbour.longest for neighbour in round.neighbours), default=0)
            for start in range(0, max(longest, 1), self.PART):
                self._fly(round, slice(start, start + self.PART), is_last=start + self.PART >= longest)
            with self._lock:
                is_alone = self._waiting == 0
            # The parts of the next round follow those of this one without a pause.
            self._land(0 if is_alone else self.WINDOW)
        except BaseException as failure:
            self._failure = failure
            for other in {flight.round for flight in self._flights} | {round}:
                if not other.is_there.done():
                    other.is_there.set_exception(failure)
            self._flights.clear()

    def _fly(self, round: _Round, part: slice, is_last: bool) -> None:
        parts = [(one, one.outgoing[part], one.incoming[part]) for one in round.neighbours]
        size = max((max(outgoing.numel(), incoming.numel()) for _, outgoing, incoming in parts), default=0)
        self._land(self.WINDOW - size)
        works = []
        for one, outgoing, incoming in parts:
            if incoming.numel() > 0:
                works.append(self._receive(incoming, one.sender, round.tag + 1))
            if outgoing.numel() > 0:
                works.append(self._send(outgoing, one.receiver, round.tag + 1))
        self._flights.append(_Flight(round, works, size, is_last))

    def _land(self, most: int) -> None:
        """Waits until no more than so many bytes are under way; with 0, until nothing is."""
        while self._flights and (most == 0 or sum(flight.size for flight in self._flights) > most):
            flight = self._flights.popleft()
            for work in flight.works:
                work.wait()
            if flight.is_last:
                flight.round.is_there.set_result(None)


class _Neighbour:
    """A worker that a message goes to, and the one that one comes from, as far away in the other direction."""

    def __init__(self, receiver: int, outgoing: torch.Tensor, sender: int, length: torch.Tensor) -> None:
        self.receiver, self.outgoing, self.sender, self.length = receiver, outgoing, sender, length
        self.incoming = torch.empty(0, dtype=torch.uint8)

    @property
    def longest(self) -> int:
        return max(self.outgoing.numel(), self.incoming.numel())


class _Round:
    """Messages under way."""

    def __init__(self, tag: int) -> None:
        self.tag = tag
        self.neighbours: list[_Neighbour] = []
        self.lengths: list[Any] = []
        self.kept: list[torch.Tensor] = []
        self.is_there: Future[None] = Future()


class _Flight(NamedTuple):
    """The parts of a round that are under way together."""

    round: _Round
    works: list[Any]
    size: int
    is_last: bool


class DeviceTransport(_Group):
    """Messages by collectives on memory of a device: NCCL.

    A round travels when it is waited for, lengths first. All workers wait for rounds in the same order here, as exchanges do.
    """

    def __init__(self, group: dist.ProcessGroup, device: torch.device) -> None:
        super().__init__(group)
        self._device = device

    def start(self, messages: Messages, /) -> tuple[torch.Tensor, list[int]]:
        """Keeps a copy of the messages."""
        whole = np.concatenate(list(messages))
        return torch.from_numpy(whole), [message.size for message in messages]

    def wait(self, round: tuple[torch.Tensor, list[int]], /) -> Messages:
        """Exchanges the lengths, and then the messages."""
        outgoing, sizes = round
        lengths = torch.tensor(sizes, device=self._device)
        incoming_lengths = torch.empty_like(lengths)
        dist.all_to_all_single(incoming_lengths, lengths, group=self._group)
        incoming_sizes = [int(size) for size in incoming_lengths.tolist()]
        incoming = torch.empty(sum(incoming_sizes), dtype=torch.uint8, device=self._device)
        dist.all_to_all_single(incoming, outgoing.to(self._device), incoming_sizes, sizes, group=self._group)
        whole = incoming.cpu().numpy()
        ends = np.cumsum(incoming_sizes).tolist()
        return [whole[end - size : end] for size, end in zip(incoming_sizes, ends)]
