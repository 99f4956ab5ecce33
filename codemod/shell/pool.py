"""Work divided among forked processes: each inherits what is known, and sends back results and what it learned.

A process that cannot do its part (out of memory, killed, an exception) costs time and nothing else: what it leaves
undone is done here, and raises here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Generic

from codemod.base.spread import Item, Memory, Result, alone
from codemod.base.values import dataclass

LEAST = 500_000  # bytes of source: below, a process costs more than it saves
MOST = 4  # processes: each holds some memory of its own
TICKETS = 200  # parts of the work; below 256, since a part is named by a byte
VARIABLE = "CODEMOD_PROCESSES"


@dataclass(frozen=True, slots=True)
class Pool:
    """A `Spread` over forked processes; a plain map for little work, and where processes cannot be forked."""

    processes: int
    least: int = LEAST

    @classmethod
    def of_machine(cls) -> Pool:
        """As many processes as this machine gives us, or as the environment's CODEMOD_PROCESSES says."""
        if not sys.platform.startswith("linux"):
            return cls(1)  # on macOS a forked process may not use the system's frameworks
        told = os.environ.get(VARIABLE, "")
        if told.isdecimal():
            return cls(max(1, min(int(told), 64)))
        return cls(min(len(os.sched_getaffinity(0)), MOST))

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
        workers: list[tuple[int, int]] = []
        try:
            for _ in range(processes - 1):
                worker = self.forked(tickets)
                if worker is None:
                    break
                workers.append(worker)
            done = dict(self.drawn(tickets, told))
            for _, results in workers:
                self.received(results, done)
            return done
        finally:
            os.close(tickets)
            for process, results in workers:
                os.close(results)
                os.kill(process, signal.SIGKILL)  # it is done, or nobody waits for it any more
                os.waitpid(process, 0)

    def drawn(self, tickets: int, told: Callable[[int], None] | None = None) -> Iterator[tuple[int, Result]]:
        """Work on one part after the other, as long as there are any."""
        while ticket := os.read(tickets, 1):
            first = len(self.items) * ticket[0] // self.parts
            last = len(self.items) * (ticket[0] + 1) // self.parts
            if told is not None:
                told(first)
            for number in range(first, last):
                yield number, self.work(self.items[number])

    def forked(self, tickets: int) -> tuple[int, int] | None:
        """A process that draws tickets: its id, and the pipe on which it sends what it did; None without one."""
        receive, send = os.pipe()
        try:
            process = os.fork()
        except OSError:
            os.close(receive)
            os.close(send)
            return None
        if process:
            os.close(send)
            return process, receive
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            gc.disable()
            os.close(receive)
            mark = self.memory.mark() if self.memory is not None else 0
            done = dict(self.drawn(tickets))
            learned = self.memory.since(mark) if self.memory is not None else b""
            with os.fdopen(send, "wb") as pipe:
                pickle.dump((done, learned), pipe, pickle.HIGHEST_PROTOCOL)
            code = 0
        finally:
            os._exit(code)  # whatever happened: nothing of the parent's is cleaned up or flushed here

    def received(self, results: int, done: dict[int, Result]) -> None:
        """Take over what a process has sent; nothing of one that broke off."""
        with os.fdopen(os.dup(results), "rb") as pipe:
            try:
                sent, learned = pickle.load(pipe)
            except (EOFError, pickle.UnpicklingError):
                return
        done.update(sent)
        if self.memory is not None:
            self.memory.absorb(learned)
