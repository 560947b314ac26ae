"""Workers as threads of one process, for tests of exchanges."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")


class ThreadTransport:
    """One worker of a group: a queue from everybody to everybody, messages numbered by round."""

    def __init__(self, rank: int, queues: Sequence[Sequence[Any]]) -> None:
        self.rank, self.world_size = rank, len(queues)
        self._queues, self._rounds, self._arrived = queues, 0, {}

    def start(self, messages: Sequence[Any]) -> int:
        self._rounds += 1
        for receiver, message in enumerate(messages):
            if receiver != self.rank:
                self._queues[receiver][self.rank].put((self._rounds, message.copy()))
        return self._rounds

    def wait(self, round: int) -> list[Any]:
        return [self._message(sender, round) for sender in range(self.world_size)]

    def _message(self, sender: int, round: int) -> Any:
        if sender == self.rank:
            return np.empty(0, dtype=np.uint8)
        while (sender, round) not in self._arrived:
            number, message = self._queues[self.rank][sender].get(timeout=20)
            self._arrived[sender, number] = message
        return self._arrived.pop((sender, round))


def run_workers(world_size: int, body: Callable[[ThreadTransport], Result]) -> list[Result]:
    """What ``body`` returns on each rank; the first exception that any of them raised, raised again."""
    queues = [[queue.Queue() for _ in range(world_size)] for _ in range(world_size)]
    results: list[Any] = [None] * world_size
    failures: list[BaseException] = []

    def work(rank: int) -> None:
        try:
            results[rank] = body(ThreadTransport(rank, queues))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(world_size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]
    return results
