"""`ownership`: who owns which module, from the plan's scaffolds and CODEOWNERS, written to a file."""

from __future__ import annotations

from collections.abc import Iterator

from codemod.analysis.ownership import codeowners, owners_of
from codemod.base import names
from codemod.plan.model import Ownership, Plan, Scaffold
from codemod.source.modules import Module

from .context import Context, Result
from .generated import part
from .later import carried, missing, standing
from .shim_standing import is_shim


def run(operation: Ownership, context: Context) -> Result:
    """Write the table, unless this phase or a later one has."""
    package = standing(operation.of, context)
    if package is None:
        yield from missing(operation.of, context, operation.mark.key)
        return
    inner = "\n".join(_table(context, package))
    yield from part(context, operation.to, f"Ownership of {operation.of}", f"ownership {operation.of}", inner)


def _table(context: Context, package: Module) -> Iterator[str]:
    inventory = context.now
    path, rules = codeowners(inventory.tree)
    owners = scaffold_owners(context.plan)
    modules = [package, *inventory.modules.below(package.name)]
    rows = []
    unowned = 0
    for module in modules:
        if not module.path or is_shim(inventory, module.path):
            continue
        by_plan = planned_owner(module.name, context, owners)
        by_file = " ".join(owners_of(module.path, rules))
        unowned += not (by_plan or by_file)
        rows.append(f"| `{module.name}` | {by_plan or '–'} | {by_file or '–'} |")
    yield f"{len(rows)} modules, {unowned} without an owner."
    yield ""
    yield f"| Module | Owner by the plan | {path or 'CODEOWNERS'} |"
    yield "| --- | --- | --- |"
    yield from rows


def scaffold_owners(plan: Plan) -> dict[str, str]:
    """Package -> owner, of every scaffold in the plan."""
    return {
        operation.package: operation.owner
        for phase in plan.phases
        for operation in phase.do
        if isinstance(operation, Scaffold) and operation.owner
    }


def planned_owner(module: str, context: Context, owners: dict[str, str]) -> str:
    """The owner of the package that a module lives in, or will live in when the plan is carried out."""
    for name in reversed(list(carried(module, context))):
        while name:
            if name in owners:
                return owners[name]
            name = names.parent(name)
    return ""
