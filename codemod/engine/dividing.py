"""A phase whose move is over the budget by itself, divided among what it moves: each part is a small phase."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, field, replace
from codemod.operations.context import Context
from codemod.operations.later_names import literal_names
from codemod.plan.model import Barrel, Merge, Move, Operation, Phase, Rename, Split
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Commit
from codemod.source.inventory import Inventory

MOST = 64  # parts that are tried before a phase is left as it is
NAMED = 3  # of what moves, in the title of a part


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a phase, carried out: `context.before` is the tree that it begins with."""

    phase: Phase
    context: Context
    intent: Intent
    written: frozenset[str]
    whole: Commit


CarryOut = Callable[[Phase, Inventory], Part | None]
"""Carries a part of a phase out on a tree; None where what it ends with would not work."""


@dataclass(slots=True)
class Division:
    """One attempt to divide a phase among what it moves."""

    phase: Phase
    carry_out: CarryOut
    fits: Callable[[Part], bool]
    tried: int = field(default=0)

    def parts(self, before: Inventory) -> tuple[Part, ...]:
        """The parts in order, each on the tree of the one before; none where the phase cannot be divided."""
        units = tuple(units_of(self.phase))
        return self._halves(units, before) or ()

    def _halves(self, units: Sequence[Operation], before: Inventory) -> tuple[Part, ...] | None:
        """The parts of the first units and of the others, cut as near to the middle as both work."""
        for cut in sorted(range(1, len(units)), key=lambda at: abs(2 * at - len(units))):
            left = self._parts(units[:cut], before)
            right = self._parts(units[cut:], left[-1].context.now) if left else None
            if left and right:
                return left + right
        return None

    def _parts(self, units: Sequence[Operation], before: Inventory) -> tuple[Part, ...] | None:
        self.tried += 1
        made = self.carry_out(part_of(self.phase, units), before) if self.tried <= MOST else None
        if made is None or len(units) == 1 or self.fits(made):
            return (made,) if made else None
        return self._halves(units, before) or (made,)


def units_of(phase: Phase) -> Iterator[Operation]:
    """What moves, each by itself."""
    for operation in phase.do:
        if isinstance(operation, Move | Rename):
            yield from (replace(operation, pairs=(pair,)) for pair in operation.pairs)
        elif isinstance(operation, Split | Merge):
            yield operation


def part_of(phase: Phase, units: Sequence[Operation]) -> Phase:
    """The phase that does no more than move the units; with barrels above what they become, where these are used."""
    barrels: list[Operation] = []
    if phase.settings.imports == "facade":
        goals = [*literal_names(units).values()]
        barrels = [one for one in phase.do if isinstance(one, Barrel) and _above(one.package, goals)]
    return replace(phase, do=(*units, *barrels))


def _above(package: str, goals: Sequence[str]) -> bool:
    return any(names.below(goal, package) for goal in goals)


def titled(phase: Phase) -> str:
    """What a phase moves, in words."""
    olds = [_source(unit) for unit in units_of(phase)]
    more = f" and {len(olds) - NAMED} more" if len(olds) > NAMED else ""
    return ", ".join(olds[:NAMED]) + more


def _source(unit: Operation) -> str:
    match unit:
        case Move(pairs=pairs) | Rename(pairs=pairs):
            return pairs[0].source
        case Split(source=source):
            return source
        case Merge(target=target):
            return target
        case _:
            return ""
