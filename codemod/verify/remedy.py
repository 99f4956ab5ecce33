"""What a plan should leave out of its barrels and merges so that imports work; for barrels, by importing again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from .starts import Imports
from .world import Edge, Failure, World

Suspects = Callable[[Failure], Iterator[Edge]]
TRIES = 200  # imports to find out that one import less would have been enough


def to_leave_out(
    world: World, starts: Sequence[str], inside: Collection[str], suspects: Suspects, *, bare: bool
) -> tuple[tuple[Edge, ...], tuple[str, ...]]:
    """Imports of barrels without which the starts do not fail, and those of the starts that fail all the same."""
    left: tuple[Edge, ...] = ()
    failing: tuple[str, ...] = ()
    now = Imports(world, inside, bare=bare)
    for start in starts:
        while (failure := now.failure(start)) is not None:
            edge = next((edge for edge in suspects(failure) if edge not in left), None)
            if edge is None:
                failing += (start,)
                break
            left += (edge,)
            now = Imports(world.without(left), inside, bare=bare)
    working = [start for start in starts if start not in failing]
    for edge in left if len(left) * len(working) <= TRIES else ():
        fewer = tuple(other for other in left if other != edge)
        now = Imports(world.without(fewer), inside, bare=bare)
        if not any(now.failure(start) for start in working):
            left = fewer
    return left, failing


def in_words(left: Sequence[Edge]) -> str:
    """`leave a.b.c and a.b.d out of the barrel a.b`."""
    by_barrel: dict[str, list[str]] = {}
    for barrel, inner in sorted(left):
        by_barrel.setdefault(barrel, []).append(inner)
    return " and ".join(
        f"leave {' and '.join(inner)} out of the barrel {barrel}" for barrel, inner in by_barrel.items()
    )


def staying(left: Mapping[str, str]) -> str:
    """What helps where modules have left a package that imports them: `keep a.b.c and a.b.d in a.b`."""
    by_package: dict[str, list[str]] = {}
    for module, package in sorted(left.items()):
        by_package.setdefault(package, []).append(module)
    return " and ".join(
        f"keep {' and '.join(modules)} in {package}, which imports {'it' if len(modules) == 1 else 'them'}"
        for package, modules in by_package.items()
    )


def unmerged(asked: Collection[str], into: str, circle: Sequence[str]) -> str:
    """What helps where a module was merged with what one that it needs asks for: fewer sources, or one more."""
    others = sorted({*circle} - {into})
    return (
        f"take {' and '.join(sorted(asked))} out of the merge into {into}, or merge {' and '.join(others)} into it, too"
    )
