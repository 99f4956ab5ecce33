"""`mirror`: the packages of one layer have counterparts of the same name in others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Mirror
from codemod.source.inventory import Inventory

from .context import Context, Result
from .later import missing, standing


def run(operation: Mirror, context: Context) -> Result:
    """A refusal for each name of the leading layer that another layer lacks, and for each that only it has."""
    inventory = context.now
    leading = _layer(operation.of, context)
    if leading is None:
        yield from missing(operation.of, context, operation.mark.key)
        return
    renamed = dict(operation.names)
    wanted = {renamed.get(name, name): name for name, folder in _parts(inventory, leading) if folder}
    for other in operation.others:
        layer = _layer(other, context)
        if layer is None:
            yield from missing(other, context, operation.mark.key)
            continue
        parts = dict(_parts(inventory, layer))
        for name in sorted(set(wanted) - set(parts)):
            if not {name, wanted[name]} & set(operation.excepted):
                yield _finding(operation, f"{other} has no {name}, {operation.of} has {wanted[name]}", layer, name)
        for name in sorted(set(parts) - set(wanted)):
            if parts[name] and name not in operation.excepted:
                yield _finding(operation, f"{other} has {name}, {operation.of} does not", f"{layer}/{name}", name)


def _layer(name: str, context: Context) -> str | None:
    """The folder of a layer, named as a package or as a path."""
    module = standing(name, context)
    if module is not None and module.folder:
        return module.folder
    folder = name.strip("/")
    return folder if folder and context.now.tree.below(folder) else None


def _parts(inventory: Inventory, folder: str) -> Iterator[tuple[str, bool]]:
    """(name, True for a folder) of what lies directly in a layer: folders with Python in them, and modules."""
    found: dict[str, bool] = {}
    for path in inventory.tree.below(folder):
        if path.endswith(".py"):
            head, slash, _ = path[len(folder) + 1 :].partition("/")
            name = head if slash else posixpath.splitext(head)[0]
            if not name.startswith("_"):
                found[name] = found.get(name, False) or bool(slash)
    yield from sorted(found.items())


def _finding(operation: Mirror, message: str, path: str, name: str) -> Finding:
    hint = f"move it in this phase, say under `names` what it is called there, or `except: [{name}]`"
    return Finding("not-mirrored", message, Weight.REFUSAL, Place(path), hint, operation.mark.key)
