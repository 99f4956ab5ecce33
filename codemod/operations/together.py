"""Packages that all of their modules leave together: `app.old.{name}: app.new.{name}` takes `app.old` to `app.new`.

Row by row nothing says what becomes of the package's own name, in `import_module("." + name, "app.old")` for instance.
"""

from __future__ import annotations

from codemod.base import names
from codemod.plan.model import Move, Operation, Pair, Phase
from codemod.plan.parts import parts_of
from codemod.source.empty import says_nothing
from codemod.source.inventory import Inventory
from codemod.source.modules import Module

from .captures import full_target, rows_of
from .later_names import renames_of


def with_packages(phase: Phase, inventory: Inventory) -> tuple[Operation, ...]:
    """The phase's operations, and a move of each package that would be left with an `__init__` that says nothing."""
    if phase.settings.shims != "none":  # the package stays for its shims
        return phase.do
    rows = [pair for _, expanded in rows_of(phase.do, inventory) for pair in expanded]
    into = {pair.source: full_target(pair.source, pair.target) for pair in rows}
    renamed = dict(renames_of(phase.do))
    others = {name for op in phase.do if not isinstance(op, Move) for name in parts_of(op, str)} | renamed.keys()
    found = []
    for package in sorted({names.parent(source) for source in into} - into.keys()):
        target = _left_for(inventory.modules.get(package), into, inventory)
        used = any(names.within(name.replace(":", "."), package) for name in (*others, *into.values()))
        if target and not used:
            mark = next(pair.mark for pair in rows if names.parent(pair.source) == package)
            found.append(Pair(package, target, mark))
    return (*phase.do, Move(tuple(found))) if found else phase.do


def _left_for(package: Module | None, into: dict[str, str], inventory: Inventory) -> str:
    """The new package that all of a package's modules go into under their own names; "" where there is none."""
    if package is None or not package.folder or not package.path:
        return ""
    if not says_nothing(package.path, inventory.tree.read(package.path)):
        return ""
    targets: set[str] = set()
    for path in inventory.tree.below(package.folder):
        if path == package.path or (path.endswith(".pyi") and path[:-1] in inventory.tree):
            continue
        module = inventory.modules.at(path)
        inner = names.tail(module.name, package.name) if module is not None else ""
        new = into.get(names.join(package.name, names.top(inner)), "")
        if not inner or names.last(new) != names.top(inner):
            return ""  # it stays, or gets another name
        targets.add(names.parent(new))
    target = targets.pop() if len(targets) == 1 else ""
    return "" if target in inventory.modules or names.within(target, package.name) else target
