"""`limit`: sizes that must hold after the phase."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Barrel, Limit, Scaffold
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.ours import blocks

from .context import Context, Result
from .later import carried, missing, standing
from .shim_standing import is_shim


def run(operation: Limit, context: Context) -> Result:
    """A refusal for each package with too many modules and each module with too many lines."""
    inventory = context.now
    excepted = {name: number for key, number in operation.excepted for name in carried(key, context)}
    for name in operation.of:
        if standing(name, context) is None:
            yield from missing(name, context, operation.mark.key)
            return
    chosen = _chosen(operation, context)
    if operation.modules_per_package:
        for package, count in _counted(inventory, chosen):
            allowed = excepted.get(package, operation.modules_per_package)
            if count > allowed:
                yield _packed(operation, inventory, package, count, allowed)
    if operation.lines_per_module:
        for module in chosen:
            if not module.path or is_shim(inventory, module.path):
                continue
            count = _lines(inventory.tree.read(module.path))
            allowed = excepted.get(module.name, operation.lines_per_module)
            if count > allowed:
                yield Finding(
                    "module-too-long", f"{module.name} has {count} lines, {allowed} are allowed", Weight.REFUSAL,
                    Place(module.path, allowed + 1), "split it, or name it under `except`", operation.mark.key,
                )  # fmt: skip


def _lines(data: bytes) -> int:
    """The lines of a file without our blocks, which go again, and the blank lines in front of these."""
    for block in sorted(blocks(data), key=lambda block: -block.start):
        data = data[: block.start].rstrip() + b"\n" + data[block.end :].lstrip(b"\r\n")
    return len(data.splitlines())


def _chosen(operation: Limit, context: Context) -> list[Module]:
    """The modules that the limit is for: below its packages, or in every package that the plan has touched."""
    inventory = context.now
    if operation.of:
        scopes = [module.name for name in operation.of if (module := standing(name, context)) is not None]
        return sorted(
            (m for m in inventory.modules if any(names.within(m.name, scope) for scope in scopes)),
            key=lambda module: module.name,
        )
    touched = _touched(context)
    return sorted((m for m in inventory.modules if m.package in touched), key=lambda module: module.name)


def _touched(context: Context) -> set[str]:
    """Packages in which this phase changes a file, and those that the plan shapes up to here."""
    inventory = context.now
    found = {
        module.package
        for path, _, after in context.before.tree.delta(inventory.tree)
        if after is not None and (module := inventory.modules.at(path)) is not None
    }
    shaped = {new for _, new in context.moved} | {names.parent(new) for _, new in context.moved}
    for phase in context.plan.phases:
        shaped |= {op.package for op in phase.do if isinstance(op, Barrel | Scaffold)}
        if phase.id == context.phase.id:
            break
    for name in shaped:
        module = standing(name, context)
        if module is not None:
            found.add(module.package)
    return found


def _counted(inventory: Inventory, chosen: list[Module]) -> Iterator[tuple[str, int]]:
    """(package, number of modules directly in it, `__init__` and shims left out), by package."""
    counts: dict[str, int] = {}
    for module in chosen:
        if not module.is_package and names.parent(module.name) and not is_shim(inventory, module.path):
            counts[names.parent(module.name)] = counts.get(names.parent(module.name), 0) + 1
    yield from sorted(counts.items())


def _packed(operation: Limit, inventory: Inventory, package: str, count: int, allowed: int) -> Finding:
    module = inventory.modules.get(package)
    folder = module.folder if module is not None else posixpath.join(*package.split("."))
    return Finding(
        "package-too-full", f"{package} has {count} modules, {allowed} are allowed", Weight.REFUSAL, Place(folder),
        f"move some into packages of their own, or say `except: {{{package}: {count}}}`", operation.mark.key,
    )  # fmt: skip
