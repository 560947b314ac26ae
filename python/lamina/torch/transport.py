"""Rounds of messages over a process group of PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Union

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

    A message goes behind its length. Lengths arrive while the worker encodes; a thread waits for them and lets the messages
    follow, so that rounds which are under way together travel together.
    """

    # Away from the tags that programs use for their own messages on the same group.
    _FIRST_TAG, _TAGS = 1 << 28, 1 << 28

    def __init__(self, group: dist.ProcessGroup) -> None:
        super().__init__(group)
        self._count = 0
        self._receiver = ThreadPoolExecutor(1, "lamina-receive")

    def start(self, messages: Messages, /) -> _Round:
        """Starts to send and to receive; the messages are copied."""
        tag = self._FIRST_TAG + 2 * self._count % self._TAGS
        self._count += 1
        round = _Round(self._group, tag)
        copies: dict[tuple[int, int], torch.Tensor] = {}
        for distance in range(1, self.world_size):
            # Everybody starts with another neighbour, so that nobody is sent everything at once.
            receiver, sender = (self.rank + distance) % self.world_size, (self.rank - distance) % self.world_size
            length = torch.empty(1, dtype=torch.int64)
            round.lengths.append((sender, length, self._receive(length, sender, tag)))
            message = messages[receiver]
            place = message.ctypes.data, message.size
            # Where all are sent the same, one copy serves them.
            copy = copies[place] if place in copies else copies.setdefault(place, torch.from_numpy(message.copy()))
            round.send(torch.tensor([copy.numel()]), self._peers[receiver], tag)
            if copy.numel() > 0:
                round.send(copy, self._peers[receiver], tag + 1)
        round.peers = self._peers
        round.follows = self._receiver.submit(round.follow)
        return round

    def _receive(self, tensor: torch.Tensor, sender: int, tag: int) -> Any:
        return dist.irecv(tensor, self._peers[sender], self._group, tag)

    def wait(self, round: _Round, /) -> Messages:
        """The messages of a round."""
        received = [_NONE] * self.world_size
        for sender, message in round.messages():
            received[sender] = message.numpy()
        return received


class _Round:
    """Messages under way."""

    def __init__(self, group: Any, tag: int) -> None:
        self.group, self.tag = group, tag
        self.peers: list[int] = []
        self.lengths: list[tuple[int, torch.Tensor, Any]] = []
        self._sent: list[tuple[Any, torch.Tensor]] = []
        self._received: list[tuple[int, torch.Tensor, Any]] = []
        self.follows: Future[None] = Future()

    def send(self, tensor: torch.Tensor, peer: int, tag: int) -> None:
        self._sent.append((dist.isend(tensor, peer, self.group, tag), tensor))

    def follow(self) -> None:
        """Waits for the lengths, and starts to receive the messages behind them."""
        for sender, length, work in self.lengths:
            work.wait()
            message = torch.empty(int(length), dtype=torch.uint8)
            if message.numel() > 0:
                work = dist.irecv(message, self.peers[sender], self.group, self.tag + 1)
                self._received.append((sender, message, work))

    def messages(self) -> list[tuple[int, torch.Tensor]]:
        """What arrived, once all did, and all was sent."""
        self.follows.result()
        for _, _, work in self._received:
            work.wait()
        for work, _ in self._sent:
            work.wait()
        return [(sender, message) for sender, message, _ in self._received]


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
