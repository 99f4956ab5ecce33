"""What later phases make of a name: what their rows spell out, what captures fit, where a split may send it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.plan.model import Delete, Merge, Move, Operation, Phase, Rename, Selector, Split

from .captures import captured, full_target


class Later(dict[str, str]):
    """The names that a phase spells out, old -> new, and what it says of others without naming them."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__(literal_names(operations))
        self.rows = [  # with captures: source -> target
            (pair.source, full_target(pair.source, pair.target))
            for operation in operations if isinstance(operation, Move)
            for pair in operation.pairs if "{" in pair.source
        ]  # fmt: skip
        self.parts = {  # divided module -> the targets that receive what a glob, a base or `rest` selects
            operation.source: tuple(part.target for part in operation.into if not _spelled_out(part))
            for operation in operations if isinstance(operation, Split)
        }  # fmt: skip

        self.homes = {  # modules that a split sends definitions to
            part.target for operation in operations if isinstance(operation, Split) for part in operation.into
        }  # fmt: skip
        self.deleted = {name for operation in operations if isinstance(operation, Delete) for name in operation.modules}

    def may_become(self, name: str) -> Iterator[str]:
        """The names that `name` may have behind the phase, the likeliest first."""
        moved = names.renamed(name, self)
        yield moved
        yield from (found for row in self.rows for found in [captured(name, *row)] if found is not None)
        yield from (names.join(part, names.last(moved)) for part in self.parts.get(names.parent(name), ()))


def makes_again(name: str, later: Iterable[Mapping[str, str]]) -> bool:
    """True when a later phase gives something the name of what was taken away, or puts it below that."""
    made = (new for table in later for new in (*table.values(), *(table.homes if isinstance(table, Later) else ())))
    return any(names.within(new, name) for new in made)


def deletes(target: str, later: Sequence[Mapping[str, str]]) -> bool:
    """True when a later phase may have deleted what was moved to `target`, by what it is called then."""
    for number, table in enumerate(later):
        gone = table.deleted if isinstance(table, Later) else set()
        if any(names.within(name, other) for name in carried(target, later[:number]) for other in gone):
            return True
    return False


def _spelled_out(part: Selector) -> bool:
    """True when a split names what it sends to a target."""
    others = part.bases or part.decorators or part.routes or part.section or part.rest
    return not others and not any(char in name for name in part.names for char in _GLOB)


_GLOB = "*?["


def carried(target: str, later: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """`target`, and the names that later phases may have given it; who asks takes the first that exists."""
    yield target
    reached = [target]
    for table in later:
        following: dict[str, None] = {}
        for name in reached:
            following.update(dict.fromkeys(_behind(name, table)))
        yield from (name for name in following if name not in reached)
        reached = list(following)


def _behind(name: str, table: Mapping[str, str]) -> Iterator[str]:
    return table.may_become(name) if isinstance(table, Later) else iter((names.renamed(name, table),))


def later_names(plan_phases: Sequence[Phase], phase: Phase) -> Iterator[Later]:
    """For each phase behind `phase`, what it makes of names."""
    behind = False
    for other in plan_phases:
        if behind:
            yield Later(other.do)
        behind = behind or other.id == phase.id


def literal_names(operations: Sequence[Operation]) -> dict[str, str]:
    """(old, new) names that are spelled out: rows without captures, merged modules, what is split off by name.

    A name that is renamed where its module or itself goes elsewhere has its new name there.
    """
    found: dict[str, str] = {}
    for operation in operations:
        if isinstance(operation, Move):
            for pair in operation.pairs:
                if "{" not in pair.source:
                    found[pair.source.replace(":", ".")] = full_target(pair.source, pair.target)
        elif isinstance(operation, Merge):
            found.update((source, operation.target) for source in operation.sources if source != operation.target)
        elif isinstance(operation, Split):
            for part in operation.into:
                spelled = (name for name in part.names if not any(char in name for char in _GLOB))
                found.update((names.join(operation.source, n), names.join(part.target, n)) for n in spelled)
    return {
        **found,
        **{old: names.join(names.parent(names.renamed(old, found)), new) for old, new in renames_of(operations)},
    }


def renames_of(operations: Iterable[Operation]) -> Iterator[tuple[str, str]]:
    """(dotted name, last name that it is to have) of every row of a `rename`."""
    for operation in operations:
        if isinstance(operation, Rename):
            yield from ((pair.source.replace(":", "."), pair.target) for pair in operation.pairs)
