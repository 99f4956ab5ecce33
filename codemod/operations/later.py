"""What a plan's names are called now that later phases may have been carried out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.plan.model import Barrel, Delete, Merge, Move, Operation, Rename, Scaffold, Split, Transform
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.ours import shim_of

from .captures import full_target
from .context import Context
from .later_names import carried as names_of
from .later_names import later_names
from .move import is_real, moved_pairs


def carried(name: str, context: Context) -> Iterator[str]:
    """`name`, then what each later phase of the plan makes of it."""
    return names_of(name, list(later_names(context.plan.phases, context.phase)))


def standing(name: str, context: Context) -> Module | None:
    """The module `name`, under that name or the first later one that exists; a shim of ours is none."""
    found = filter(None, (context.now.modules.get(other) for other in carried(name, context)))
    return next((m for m in found if not m.path or shim_of(context.now.tree.read(m.path)) is None), None)


def missing(name: str, context: Context, key: str) -> Iterator[Finding]:
    """The finding for a package that is not there; none when this phase has landed, since it was there then."""
    if not context.landed:
        yield no_such_module(name, context.now, key)


def no_such_module(name: str, inventory: Inventory, key: str) -> Finding:
    """The finding for a name that the plan uses and the repository lacks."""
    near = nearest_names(name, (module.name for module in inventory.modules))
    hint = f"did you mean {' or '.join(near)}?" if near else "correct the name, or set `source_roots`"
    return Finding("source-missing", f"there is no {name}", Weight.MISMATCH, None, hint, key)


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """Up to three names that `name` may be meant to be."""
    every = sorted(set(known))
    near = difflib.get_close_matches(name, every, n=3, cutoff=0.6)
    return near or [other for other in every if names.last(other) == names.last(name)][:3]


def undone_later(context: Context, undoes: Callable[[Operation], bool], what: str, key: str) -> Finding | bool:
    """Whether `what` is rightly absent, since a later phase undoes it and this one has landed.

    A finding where a later phase undoes it and the history has not been asked.
    """
    behind = later_phases(context)
    if not any(undoes(other) for phase in context.plan.phases if phase.id in behind for other in phase.do):
        return False
    return _landed(context, f"{what} is not there, and a later phase takes it away", key)


def grown_later(package: str, context: Context, key: str) -> Finding | bool:
    """Whether a package holds what a later phase has brought into it, and this one has landed.

    A finding where something of that is there and the history has not been asked.
    """
    if context.landed is False or not any(_brought(package, context)):
        return False
    return _landed(context, f"a later phase brings modules or names into {package}", key)


def returned_later(modules: Collection[str], context: Context, what: str, key: str) -> Finding | bool:
    """Whether a later phase has made one of `modules` again, or put something below it, and this one has landed.

    A finding where that is so and the history has not been asked.
    """
    if context.landed is False:
        return False
    behind = [phase for phase in context.plan.phases if phase.id in later_phases(context)]
    made = made_later(context)
    made |= {other.package for phase in behind for other in phase.do if isinstance(other, (Barrel, Scaffold))}
    if not any(names.within(new, name) for new in made for name in modules):
        return False
    return _landed(context, f"a later phase makes {what} again", key)


def _landed(context: Context, why: str, key: str) -> Finding | bool:
    """Whether the phase has landed; a finding where the history has not been asked."""
    if context.landed is not None:
        return context.landed
    message = f"{why}: the tree alone cannot tell whether this was done before"
    return Finding("state-unknown", message, Weight.MISMATCH, None, "run with --assume done or --assume pending", key)


def decided_before(context: Context) -> bool:
    """Whether a condition was asked when this phase landed, and a later one may have brought about that it holds now.

    Where the history has not been asked, by what the phase moves: none of that is where it was once it has landed.
    """
    behind = [phase for phase in context.plan.phases if phase.id in later_phases(context)]
    changing = (Delete, Merge, Move, Rename, Split, Transform)
    if not any(isinstance(other, changing) for phase in behind for other in phase.do):
        return False
    if context.landed is not None:
        return context.landed
    moved = [old for old, _ in moved_pairs([context.phase], context.phase, context.before)]
    return bool(moved) and not any(is_real(old, context.before) or _is_defined(old, context.before) for old in moved)


def left_later(packages: Container[str], context: Context) -> frozenset[str]:
    """What a later phase has taken out of a package, by any of its names: what modules were called, and what they give.

    A barrel left such a name out where it was also that of something else.
    """
    tables = list(later_names(context.plan.phases, context.phase))
    found: set[str] = set()
    for number, table in enumerate(tables):
        for old, new in table.items():
            if names.parent(old) in packages and old not in context.now.modules:
                now = filter(None, map(context.now.modules.get, names_of(new, tables[number + 1 :])))
                module = next(now, None)
                if module is not None:
                    found |= {names.last(old), *(context.now.facts(module.path).public if module.path else ())}
    return frozenset(found)


def made_later(context: Context) -> frozenset[str]:
    """The modules that a later phase has made or moved, by what they are called now."""
    tables = list(later_names(context.plan.phases, context.phase))
    return frozenset(
        new
        for number, table in enumerate(tables)
        for made in (*table.values(), *table.homes)
        for new in names_of(made, tables[number + 1 :])
        if new in context.now.modules
    )


def composed_later(context: Context) -> frozenset[str]:
    """The modules whose imports a later phase has written, since it put their definitions together.

    Parts of a split and what is left of the module, merged modules, and those that a definition was moved to.
    """
    tables = list(later_names(context.plan.phases, context.phase))
    behind = [phase for phase in context.plan.phases if phase.id in later_phases(context)]
    modules = context.now.modules
    return frozenset(
        new
        for number, phase in enumerate(behind)
        for operation in phase.do
        for made in _composed(operation, context.now, tables[number + 1 :])
        for new in names_of(made, tables[number + 1 :])
        if new in modules
    )


def _composed(operation: Operation, now: Inventory, later: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The modules that an operation has composed, by the names that it gives them; none while it is still to do."""
    if isinstance(operation, Split):
        homes = [part.target for part in operation.into if part.target != operation.source]
        if any(new in now.modules for home in homes for new in names_of(home, later)):
            yield from (operation.source, *homes)
    elif isinstance(operation, Merge):
        if not any(is_real(source, now) for source in operation.sources if source != operation.target):
            yield operation.target
    elif isinstance(operation, Move):
        for pair in operation.pairs:
            target = full_target(pair.source, pair.target)
            if "{" not in target and names.parent(target) != names.parent(pair.source.replace(":", ".")):
                yield from (names.parent(new) for new in names_of(target, later) if _is_defined(new, now))


def _brought(package: str, context: Context) -> Iterator[str]:
    """Modules and names in a package that a later phase has put there, by what they are called now."""
    tables = list(later_names(context.plan.phases, context.phase))
    for number, table in enumerate(tables):
        into = [target.partition("{")[0].rpartition(".")[0] for _, target in table.rows]  # which ones, nobody knows now
        for made in (*table.values(), *table.homes, *(names.join(above, "*") for above in into)):
            for new in names_of(made, tables[number + 1 :]):
                known = new.endswith("*") or new in context.now.modules or _is_defined(new, context.now)
                if names.below(new, package) and known:
                    yield new


def _is_defined(dotted: str, inventory: Inventory) -> bool:
    module = inventory.modules.get(names.parent(dotted))
    return module is not None and bool(module.path) and names.last(dotted) in inventory.facts(module.path).bound


def later_phases(context: Context) -> frozenset[str]:
    """Ids of the phases behind this one in the plan."""
    ids = [phase.id for phase in context.plan.phases]
    at = ids.index(context.phase.id) if context.phase.id in ids else len(ids)
    return frozenset(ids[at + 1 :])
