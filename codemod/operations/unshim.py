"""`unshim`: the shims of earlier phases go, once nothing in the repository uses them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Settled, Unshim
from codemod.references.keeping import entries_for, settling
from codemod.runtime.kinds import still_needed
from codemod.source.empty import says_nothing
from codemod.source.facts import Import
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

from .context import Context, Result, Write
from .later import later_phases
from .shim_left import left_by
from .shim_standing import Shim, has_own, in_lines, is_starred, is_typed, standing, without_block
from .shim_text import entries_of, package_shim, redirect_block, renamed_block, table_of
from .uses import code_of, mentions

_SHOWN = 20


def run(operation: Unshim, context: Context) -> Result:
    """Take out the shims that the operation names; refused with every place that still uses one."""
    inventory = context.now
    shims = list(standing(inventory))
    fresh = _fresh(context) if not operation.names else {}
    wanted = {
        old
        for shim in shims
        for old, _ in shim.names
        if _named(old, operation.names) and names.longest_prefix(old, fresh) is None
    }
    pinned = _pinned(context, shims) & wanted if not operation.names else frozenset()
    for old in sorted(pinned):
        message = f"the shim of {old} stays: a pin of the plan needs the old name"
        yield Finding("shim-pinned", message, Weight.NOTE, hint=f"`unshim: [{old}]` removes it all the same")
    wanted -= pinned
    if not wanted:
        return
    used = sorted(set(_used(inventory, shims, wanted, context.phase.settled)))
    for place, old in used[:_SHOWN]:
        yield _in_use(operation, f"the shim of {old} is used here", place)
    if len(used) > _SHOWN:
        yield _in_use(operation, f"shims are used in {len(used) - _SHOWN} more places", None)
    if not used:
        yield from _removed(inventory, shims, wanted)


def _fresh(context: Context) -> Mapping[str, str]:
    """Old name -> new of what gets its shim in this very phase or behind it: `all` means those of earlier ones."""
    phases, behind = context.plan.phases, later_phases(context)
    earlier = [phase for phase in phases if phase.id not in behind and phase.id != context.phase.id]
    found = left_by([phase for phase in phases if phase.id in behind], context.before)
    for old in left_by(earlier, context.before):
        found.pop(old, None)  # which of the two left it cannot be told
    return {**found, **left_by([context.phase], context.before)}


def _pinned(context: Context, shims: Sequence[Shim]) -> frozenset[str]:
    """The old names that a pin of this phase or an earlier one keeps importable."""
    pins: set[str] = set()
    for phase in context.plan.phases:
        pins.update(phase.pin)
        if phase.id == context.phase.id:
            break
    return still_needed(context.now, dict(_leading(shims)), pins) if pins else frozenset()


def _leading(shims: Sequence[Shim]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Old dotted name -> (module, name in it or "") of each shim."""
    for shim in shims:
        for old, new in shim.names:
            yield old, (names.parent(new), names.last(new)) if shim.kind == "renamed" else (new, "")


def _in_use(operation: Unshim, message: str, place: Place | None) -> Finding:
    hint = "run the phase that moved the name again, which rewrites what came since, `keep` the line where it means "
    hint += "something else, or leave this shim"
    return Finding("shim-in-use", message, Weight.REFUSAL, place, hint, operation.mark.key)


def _named(old: str, asked: Collection[str]) -> bool:
    return not asked or any(names.within(old, name.replace(":", ".")) for name in asked)


# -- uses


def _used(
    inventory: Inventory, shims: list[Shim], wanted: Collection[str], settled: Collection[Settled]
) -> Iterator[tuple[Place, str]]:
    modules, symbols, forwards = _kinds(inventory, shims, wanted)
    own = {shim.path for shim in shims if shim.block is None}
    last = {names.last(old).encode() for old in wanted}
    for path in inventory.tree.paths:
        entry = inventory.tree.entry(path)
        if not path.endswith((".py", ".pyi")) or path in own or entry is None or not entry.is_file:
            continue
        data = inventory.tree.read(path)
        if not any(name in data for name in last):
            continue
        for statement in inventory.facts(path).imports:
            for old in _old_names(inventory, path, data, statement, modules, symbols, forwards):
                yield Place(path, statement.line), old
    for old in sorted(wanted - forwards.keys()):
        for place in mentions(inventory, [old], own):
            if not _is_kept(inventory, settled, place):
                yield place, old


def _is_kept(inventory: Inventory, settled: Collection[Settled], place: Place) -> bool:
    """True for a line that the phase keeps as it is: whoever wrote so knows that it names no shim."""
    entries = entries_for(settled, place.path, rewrite=False)
    lines = inventory.tree.read(place.path).splitlines() if entries else []
    return bool(entries) and settling(entries, lines[(place.line or 1) - 1]) is not None


def _kinds(
    inventory: Inventory, shims: list[Shim], wanted: Collection[str]
) -> tuple[set[str], dict[str, dict[str, str]], dict[str, tuple[str, str]]]:
    """The old modules; the names that modules offer besides their own; packages that were modules, with their file."""
    modules: set[str] = set()
    symbols: dict[str, dict[str, str]] = {}
    forwards: dict[str, tuple[str, str]] = {}
    for shim in shims:
        for old, new in shim.names:
            if old not in wanted:
                continue
            if shim.kind == "renamed":
                home = inventory.modules.at(shim.path)
                for module in (names.parent(old), home.name if home is not None else ""):
                    symbols.setdefault(module, {})[names.last(old)] = old
            elif shim.kind == "forward":
                forwards[old] = (shim.path, new)
            else:
                modules.add(old)
    return modules, symbols, forwards


def _old_names(
    inventory: Inventory, path: str, data: bytes, statement: Import, modules: set[str],
    symbols: Mapping[str, Mapping[str, str]], forwards: Mapping[str, tuple[str, str]],
) -> Iterator[str]:  # fmt: skip
    """Old names that an import statement reaches, with what the file then takes from them."""
    origin = inventory.origin(statement, path) if statement.is_from else None
    if statement.is_from and origin is None:
        return
    for alias in statement.aliases:
        full = names.join(origin or "", alias.name) if statement.is_from else alias.name
        yield from (old for old in modules if names.within(full, old) or (origin and names.within(origin, old)))
        if origin is not None:
            yield from (old for name, old in symbols.get(origin, {}).items() if name == alias.name)
            if origin in forwards and not _bound(inventory, forwards[origin][0], origin, alias.name):
                yield origin
        for old in [*symbols, *forwards]:  # `import a.b`, then `a.b.name`
            if full == old or (not statement.is_from and names.within(full, old)):
                heads = {names.last(old), alias.asname or names.last(old)}
                offered = symbols.get(old, {})
                found = _taken(data, heads)
                lost = {
                    name for name in found if old in forwards and not _bound(inventory, forwards[old][0], old, name)
                }
                if lost or not offered.keys().isdisjoint(found):
                    found &= _taken(code_of(data), heads)  # what comments say is no use
                yield from (offered[name] for name in offered if name in found)
                if not lost.isdisjoint(found):
                    yield old


def _taken(data: bytes, heads: Collection[str]) -> set[str]:
    """The attributes that are read of names."""
    every = (re.findall(rb"\b" + re.escape(head.encode()) + rb"\s*\.\s*(\w+)", data) for head in heads)
    return {name.decode("utf-8", "replace") for found in every for name in found}


def _bound(inventory: Inventory, path: str, package: str, name: str) -> bool:
    """True when a package that forwards has a name itself."""
    return name in inventory.facts(path).bound or names.join(package, name) in inventory.modules or name == "*"


# -- removal


def _removed(inventory: Inventory, shims: list[Shim], wanted: Collection[str]) -> Iterator[Write]:
    writes: dict[str, bytes | None] = {}
    for shim in sorted(shims, key=lambda shim: (shim.path, -(shim.block.start if shim.block else 0))):
        if any(old in wanted for old, _ in shim.names):
            data = writes.get(shim.path)
            writes[shim.path] = _without(shim, data or inventory.tree.read(shim.path), wanted)
    tree = inventory.tree.changed(deletes={path for path, data in writes.items() if data is None})
    for path in _left_over(tree, [path for path, data in writes.items() if data is None]):
        writes[path] = None
    for path, data in sorted(writes.items()):
        yield Write(path, data, "the shim goes")


def _without(shim: Shim, data: bytes, wanted: Collection[str]) -> bytes | None:
    """The file without what is wanted of its shim; None when nothing is left of it."""
    stays = {old: new for old, new in shim.names if old not in wanted}
    if shim.block is None:
        first = shim.names[0]
        if first[0] in wanted:
            return None
        return in_lines(package_shim(*first, {old: new for old, new in stays.items() if old != first[0]}), data)
    block = shim.block
    if stays and shim.kind == "redirect":
        table = table_of(block.inner.decode())
        text = redirect_block({old: new for old, new in table.items() if old in stays or not new})
    elif stays and shim.kind == "renamed":
        entries = [entry for entry in entries_of(block) if entry.old in stays]
        text = renamed_block(entries, has_own(block), is_typed(block), is_starred(block))
    else:
        rest = without_block(data, block)
        return None if rest.startswith(b'"""Its names have moved;') and rest.count(b"\n") == 1 else rest
    return data[: block.start] + in_lines(text, data) + data[block.end :]


def _left_over(tree: Tree, gone: list[str]) -> Iterator[str]:
    """`__init__` files that stood only so that a shim below them could be imported."""
    folders = {posixpath.dirname(path) for path in gone}
    while folders:
        folder = folders.pop()
        inside = tree.below(folder) if folder else ()
        if inside == (f"{folder}/__init__.py",) and says_nothing(inside[0], tree.read(inside[0])):
            yield inside[0]
            tree = tree.changed(deletes={inside[0]})
            folders.add(posixpath.dirname(folder))
