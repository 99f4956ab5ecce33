"""Targets below a package that moves in the same phase, by the name that the package has then.

Targets are named as they are after the phase.  Below a package that moves away, and whose name nothing takes, there
is nothing then: what is named there so was meant to go along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.values import replace

from .conflicts import destination
from .model import Barrel, Merge, Move, Operation, Pair, Scaffold, Split


def landing(do: Sequence[Operation]) -> Iterator[Operation]:
    """The operations of a phase, targets of splits and merges where they land."""
    moves = dict(_leaving(do)) if any(isinstance(operation, (Merge, Split)) for operation in do) else {}
    for operation in do:
        if isinstance(operation, Merge):
            yield replace(operation, target=_landed(operation.target, moves))
        elif isinstance(operation, Split):
            into = (replace(part, target=_landed(part.target, moves)) for part in operation.into)
            yield replace(operation, into=tuple(into))
        else:
            yield operation


def _rows(do: Sequence[Operation]) -> list[Pair]:
    """The rows that spell out a module or a package."""
    pairs = (pair for operation in do if isinstance(operation, Move) for pair in operation.pairs)
    return [pair for pair in pairs if ":" not in pair.source and "{" not in pair.source]


def _leaving(do: Sequence[Operation]) -> Iterator[tuple[str, str]]:
    """(old, new) of what leaves its name to nothing else."""
    pairs = [pair for operation in do if isinstance(operation, Move) for pair in operation.pairs]
    made = [destination(pair.source, pair.target) for pair in pairs]
    made += [operation.package for operation in do if isinstance(operation, (Barrel, Scaffold))]
    taken = {above for name in made for above in names.prefixes(name.partition("{")[0].rstrip("."))}
    for pair in _rows(do):
        if pair.source not in taken:
            yield pair.source, destination(pair.source, pair.target)


def _landed(target: str, moves: dict[str, str]) -> str:
    above = names.longest_prefix(names.parent(target), moves)
    return target if above is None else names.renamed(target, {above: moves[above]})
