"""What a plan should leave out of its barrels, merges and packages so that imports work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Intent
from codemod.source.modules import Modules

from .starts import Imports
from .world import Edge, Failure, World

Suspects = Callable[[Failure], Iterator[Edge]]
TRIES = 200  # imports to find out that one import less would have been enough


def to_leave_out(
    world: World, starts: Sequence[str], inside: Collection[str], suspects: Suspects, *, bare: bool
) -> tuple[tuple[Edge, ...], tuple[str, ...]]:
    """Imports of barrels without which the starts do not fail, and those that fail all the same; by importing again."""
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


@dataclass(frozen=True, slots=True)
class Remedy:
    """What helps against a circle that no barrel closes."""

    circle: Sequence[str]  # modules by their new names, each of which asks for the next one
    intent: Intent
    old: Modules  # the modules that there were
    shifted: Mapping[str, frozenset[str]]  # moved modules -> packages with imports that they left or came below
    before: Callable[[str], set[str]]  # what a module was called
    asked_before: Callable[[str], set[str]]  # the modules that a module's statements name, by its old name
    asked: Callable[[str], set[str]]  # and by its new one

    @property
    def hint(self) -> str:
        """The smallest change to the plan, or what else helps."""
        for asker, module in zip([self.circle[-1], *self.circle[:-1]], self.circle, strict=True):
            merged = {old for old, new in self.intent.modules.items() if new == module}
            if module in self.old and module not in self.intent.modules:
                merged.add(module)
            asked = merged.intersection(chain.from_iterable(map(self.asked_before, self.before(asker))))
            if asked and asked != merged:
                return self._unmerged(asked, module)
        first = self._staying() or self._kept_out() or f"move {' and '.join(sorted({*self.circle}))} together"
        return f"{first}, or import inside the function that needs it"

    def _unmerged(self, asked: Collection[str], into: str) -> str:
        """A module was merged with what one that it needs asks for: fewer sources, or one more."""
        others = " and ".join(sorted({*self.circle} - {into}))
        return f"take {' and '.join(sorted(asked))} out of the merge into {into}, or merge {others} into it, too"

    def _staying(self) -> str:
        """`keep a.b.c and a.b.d in a.b, which imports them`.

        Inside, the package was imported first, and asked for the module when it came to that.
        """
        left: dict[str, set[str]] = {}
        for module in self.circle:
            for old in self.before(module) - {module}:
                for package in names.prefixes(names.parent(old)):
                    new = self.intent.module(package)
                    if new in self.circle and not names.below(module, new) and module in self.asked(new):
                        left.setdefault(package, set()).add(old)
        return " and ".join(
            f"keep {' and '.join(sorted(modules))} in {package}, which imports {'it' if len(modules) == 1 else 'them'}"
            for package, modules in sorted(left.items())
        )

    def _kept_out(self) -> str:
        """`keep a.b and a.c out of a.d`: who asks for them there comes by the package, whose `__init__` asks back."""
        entered: dict[str, set[str]] = {}
        steps = zip([self.circle[-1], *self.circle[:-1]], self.circle, [*self.circle[1:], self.circle[0]], strict=True)
        for asker, package, then in steps:
            for module in self.asked(asker):
                if package in self.shifted.get(module, ()) and names.below(module, package):
                    olds = {old for old in self.before(module) if not names.below(old, package)}
                    entered.setdefault(f"out of {package}, whose `__init__` imports {then}", set()).update(olds)
        return " and ".join(f"keep {' and '.join(sorted(olds))} {place}" for place, olds in entered.items() if olds)
