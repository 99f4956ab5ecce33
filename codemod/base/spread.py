"""How work on many files is divided: a map that the shell may give to several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Memory(Protocol):
    """What work learns beside its results, to be carried from one process to another."""

    def mark(self) -> int:
        """Where it stands now."""

    def since(self, mark: int) -> bytes:
        """What was learned since then."""

    def absorb(self, learned: bytes) -> None:
        """Learn what another process has learned."""


class Spread(Protocol):
    """A map over independent pieces of work; `work` is a pure function but for what it keeps in `memory`."""

    def __call__(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        size: int = 0,
        memory: Memory | None = None,
        told: Callable[[int], None] | None = None,
    ) -> Iterator[Result]:
        """The results in the order of the items.

        `size` tells how many bytes of source the work is about, `told` hears how many items were begun.
        """


def alone(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    size: int = 0,
    memory: Memory | None = None,
    told: Callable[[int], None] | None = None,
) -> Iterator[Result]:
    """The plain map: one item after the other, each when it is asked for."""
    for number, item in enumerate(items):
        if told is not None:
            told(number)
        yield work(item)
