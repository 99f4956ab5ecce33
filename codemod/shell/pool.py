"""Work divided among forked processes: each inherits what is known, and sends back results and what it learned.

A process that cannot do its part (out of memory, killed, an exception) costs time and nothing else: what it leaves
undone is done here, and raises here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Generic

from codemod.base.spread import Item, Memory, Result, alone
from codemod.base.values import dataclass

from .forks import Fork, processes

LEAST = 500_000  # bytes of source: below, a process costs more than it saves
TICKETS = 200  # parts of the work; below 256, since a part is named by a byte


@dataclass(frozen=True, slots=True)
class Pool:
    """A `Spread` over forked processes; a plain map for little work, and where processes cannot be forked."""

    processes: int
    least: int = LEAST

    @classmethod
    def of_machine(cls) -> Pool:
        """As many processes as there are to be had."""
        return cls(processes())

    def __call__(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        size: int = 0,
        memory: Memory | None = None,
        told: Callable[[int], None] | None = None,
    ) -> Iterator[Result]:
        """The results in the order of the items; see `Spread`."""
        if self.processes < 2 or len(items) < 2 or size < self.least:
            yield from alone(work, items, told=told)
            return
        job = _Job(work, items, memory, min(len(items), TICKETS))
        done = job.shared(min(self.processes, len(items)), told)
        for number, item in enumerate(items):
            yield done.pop(number) if number in done else work(item)


@dataclass(slots=True)
class _Job(Generic[Item, Result]):
    """One call: the items in parts, for which the processes draw tickets from a pipe."""

    work: Callable[[Item], Result]
    items: Sequence[Item]
    memory: Memory | None
    parts: int

    def shared(self, processes: int, told: Callable[[int], None] | None) -> dict[int, Result]:
        """The results of all processes, by item; without those of a process that broke off."""
        tickets, fill = os.pipe()
        os.write(fill, bytes(range(self.parts)))
        os.close(fill)
        workers: list[Fork] = []
        try:
            for _ in range(processes - 1):
                worker = Fork.doing(partial(self.sent, tickets))
                if worker is None:
                    break
                workers.append(worker)
            done = dict(self.drawn(tickets, told))
            for worker in workers:
                self.received(worker, done)
            return done
        finally:
            os.close(tickets)
            for worker in workers:
                worker.end()

    def drawn(self, tickets: int, told: Callable[[int], None] | None = None) -> Iterator[tuple[int, Result]]:
        """Work on one part after the other, as long as there are any."""
        while ticket := os.read(tickets, 1):
            first = len(self.items) * ticket[0] // self.parts
            last = len(self.items) * (ticket[0] + 1) // self.parts
            if told is not None:
                told(first)
            for number in range(first, last):
                yield number, self.work(self.items[number])

    def sent(self, tickets: int) -> tuple[dict[int, Result], bytes]:
        """In another process: what it did, and what it learned."""
        mark = self.memory.mark() if self.memory is not None else 0
        done = dict(self.drawn(tickets))
        return done, self.memory.since(mark) if self.memory is not None else b""

    def received(self, worker: Fork, done: dict[int, Result]) -> None:
        """Take over what a process has sent; nothing of one that broke off."""
        sent: Any = worker.received()
        if sent is None:
            return
        done.update(sent[0])
        if self.memory is not None:
            self.memory.absorb(sent[1])
