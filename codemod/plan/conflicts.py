"""What contradicts itself within a plan though each part reads well."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from codemod.base import names

from . import spelling
from .apart import SUFFIX, leaves_files
from .model import Delete, Document, Limit, Mark, Merge, Move, Operation, Phase, Rename, Split
from .nodes import Location
from .problems import did_you_mean

Conflict = tuple[Mark, str]


def of_phases(phases: Sequence[Phase], unread: Collection[str]) -> Iterator[tuple[Phase, Location, str]]:
    """Ids that are taken, and phases that wait for what does not come before them; each with its place in the phase.

    `unread` are the ids of phases that are wrong by themselves: they may be waited for.
    """
    seen: dict[str, Phase] = {}
    folded: dict[str, str] = {}
    ids = {phase.id for phase in phases}
    for phase in phases:
        if phase.id in seen:
            yield phase, ("id",), f"the id {phase.id!r} is taken by the phase at {_at(seen[phase.id].mark)}"
        elif phase.id.casefold() in folded:
            # A ref of that name would be the same file on a disk that ignores case.
            yield phase, ("id",), f"the id {phase.id!r} differs from {folded[phase.id.casefold()]!r} in case alone"
        for number, other in enumerate(phase.depends_on):
            where = ("depends_on", number)
            if other == phase.id:
                yield phase, where, "a phase cannot depend on itself"
            elif other not in ids and other not in unread:
                yield phase, where, f"there is no phase {other!r}{did_you_mean(other, ids)}"
            elif other not in seen and other not in unread:
                yield phase, where, f"the phase {other!r} comes later; list it before {phase.id!r}"
        taken = f"{phase.id}{SUFFIX}".casefold()
        if leaves_files(phase) and taken in {other.casefold() for other in ids}:
            yield phase, ("id",), f"the id {phase.id + SUFFIX!r} is the one of the phase that leaves this one's shims"
        seen.setdefault(phase.id, phase)
        folded.setdefault(phase.id.casefold(), phase.id)


def of_operations(do: Sequence[Operation]) -> Iterator[Conflict]:
    """Operations that say nothing, contradict themselves or each other within one phase."""
    for operation in do:
        yield from _alone(operation)
    yield from _rows(do)
    yield from _taken((o.source, o.mark) for o in do if isinstance(o, Split))
    merged = [(s, o.mark) for o in do if isinstance(o, Merge) for s in o.sources if s != o.target]
    yield from _taken(iter(merged))
    leaving = {_plain(pair.source): pair.mark for o in do if isinstance(o, Move) for pair in o.pairs}
    leaving |= {o.source: o.mark for o in do if isinstance(o, Split)} | dict(merged)
    for operation in do:
        for name in operation.modules if isinstance(operation, Delete) else ():
            if name in leaving:
                yield operation.mark, f"{name!r} goes elsewhere in this phase, by {_at(leaving[name])}"


def _alone(operation: Operation) -> Iterator[Conflict]:
    if isinstance(operation, Move):
        for pair in operation.pairs:
            free = set(spelling.captures(pair.target)) - set(spelling.captures(pair.source))
            if free:
                yield pair.mark, f"{pair.target!r} uses {{{min(free)}}}, which {pair.source!r} does not capture"
            elif destination(pair.source, pair.target) == _plain(pair.source):
                yield pair.mark, f"{pair.source!r} would stay where it is"
    elif isinstance(operation, Rename):
        for pair in operation.pairs:
            if names.last(_plain(pair.source)) == pair.target:
                yield pair.mark, f"{pair.source!r} is called {pair.target!r} already"
    elif isinstance(operation, Split):
        yield from _split(operation)
    elif isinstance(operation, Merge):
        if set(operation.sources) == {operation.target}:
            yield operation.mark, f"{operation.target!r} would be merged with itself alone"
        yield from _repeated(operation.sources, operation.mark, "is listed twice")
    elif isinstance(operation, Delete) and not (operation.paths or operation.modules):
        yield operation.mark, "names neither paths nor modules"
    elif isinstance(operation, Document) and not (operation.text or operation.remove):
        yield operation.mark, "says neither a text nor remove: true"
    elif isinstance(operation, Limit) and not (operation.modules_per_package or operation.lines_per_module):
        yield operation.mark, "says neither modules_per_package nor lines_per_module"


def _split(operation: Split) -> Iterator[Conflict]:
    taken: dict[str, str] = {}
    rest = ""
    for selector in operation.into:
        if selector.rest and rest:
            yield selector.mark, f"the rest goes to {rest!r} already"
        rest = rest or (selector.target if selector.rest else "")
        if not (selector.rest or any((selector.names, selector.bases, selector.decorators, selector.routes,
                                      selector.section))):  # fmt: skip
            yield selector.mark, f"{selector.target!r} receives nothing"
        for name in selector.names:
            if taken.setdefault(name, selector.target) != selector.target:
                yield selector.mark, f"{name!r} goes to {taken[name]!r} already"


def _rows(do: Sequence[Operation]) -> Iterator[Conflict]:
    """No source moves twice, no name is renamed twice, no two sources get one name."""
    moves = [pair for o in do if isinstance(o, Move) for pair in o.pairs]
    yield from _taken((_plain(pair.source), pair.mark) for pair in moves)
    yield from _taken((_plain(pair.source), pair.mark) for o in do if isinstance(o, Rename) for pair in o.pairs)
    goals: dict[str, tuple[str, Mark]] = {}
    for pair in moves:
        goal = destination(pair.source, pair.target)
        source, mark = goals.setdefault(goal, (_plain(pair.source), pair.mark))
        if source != _plain(pair.source):
            yield pair.mark, f"{pair.source!r} and {source!r} ({_at(mark)}) would both be {goal!r}"


def destination(source: str, target: str) -> str:
    """The full name that a row of `move` gives: `a.b`, `x.` -> `x.b`."""
    return target + names.last(_plain(source)) if target.endswith(".") else _plain(target)


def _plain(name: str) -> str:
    return name.replace(":", ".")


def _taken(sources: Iterator[tuple[str, Mark]]) -> Iterator[Conflict]:
    seen: dict[str, Mark] = {}
    for source, mark in sources:
        if source in seen and seen[source] != mark:
            yield mark, f"{source!r} is a source in this phase already, at {_at(seen[source])}"
        seen.setdefault(source, mark)


def _repeated(items: Sequence[str], mark: Mark, what: str) -> Iterator[Conflict]:
    for item in dict.fromkeys(items):
        if items.count(item) > 1:
            yield mark, f"{item!r} {what}"


def _at(mark: Mark) -> str:
    return f"{mark.line}:{mark.column}"
