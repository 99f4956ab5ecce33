"""Old names that are modules again: what is meant by a name that such a module no longer has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.plan.model import Merge, Operation, Split
from codemod.rewrite.intent import Symbol
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.origins import star_names

from .later_names import Later, makes_again
from .move import Row, is_real, standing_module


def not_done(
    operations: Sequence[Operation], inventory: Inventory, later: Sequence[Later], landed: bool | None
) -> Iterator[Operation | Finding]:
    """The operations but for splits and merges that a later phase has undone: it made the source again, or the target
    is gone with what it held.

    `landed` tells whether the phase was carried out: the tree alone cannot; a finding where nobody knows.
    """
    made = {name for table in later for name in table.values()}
    for operation in operations:
        sources: Sequence[str] = ()
        if isinstance(operation, Split):
            sources = (operation.source,)
            parts = {names.join(operation.source, name) for part in operation.into for name in part.names}
            made |= {names.parent(name) for name in parts & made}  # what was sent away came back
        elif isinstance(operation, Merge):
            sources = [name for name in operation.sources if name != operation.target]
            made |= {name for name in sources if makes_again(name, later)}
            if landed and standing_module(operation.target, later, inventory) is None:
                continue
        again = next((name for name in sources if name in made and is_real(name, inventory)), "")
        if not again or landed is False:
            yield operation
        elif landed is None:
            yield Finding(
                "state-unknown", f"{again} is there, and a later phase makes it again: the tree alone cannot tell "
                "whether this was done", Weight.MISMATCH, None, "run with --assume done or --assume pending",
                operation.mark.key,
            )  # fmt: skip


def names_left(row: Row, inventory: Inventory) -> Iterator[tuple[Symbol, Symbol]]:
    """(old, new) for each name that the module which moved defines and the one under its old name has not.

    A late import of such a name can mean only what has moved: `app.user` is a package now, `app.user.core` the module.
    """
    here, there = inventory.modules.get(row.module), inventory.modules.get(row.new_module)
    if here is None or there is None or not there.path or _answers(here, inventory):
        return
    has = inventory.facts(here.path).bound | star_names(inventory, here)
    for name in sorted(inventory.facts(there.path).defined - has):
        if not name.startswith("__") and names.join(row.module, name) not in inventory.modules:
            yield (row.module, name), (row.new_module, name)


def modules_left(row: Row, inventory: Inventory) -> Iterator[tuple[str, str]]:
    """(old, new) for each module below the package that moved whose old name stands for nothing."""
    for module in inventory.modules.children(row.new_module):
        old = names.join(row.module, names.last(module.name))
        here = inventory.modules.get(row.module)
        if old not in inventory.modules and here is not None and names.last(old) not in _bound(here, inventory):
            yield old, module.name


def _bound(module: Module, inventory: Inventory) -> frozenset[str]:
    return inventory.facts(module.path).bound


def _answers(module: Module, inventory: Inventory) -> bool:
    """True when a module may have names that nobody can read off its text."""
    facts = inventory.facts(module.path)
    return facts.lazy or any(
        statement.is_star
        and statement.scope == "module"
        and inventory.modules.find(inventory.origin(statement, module.path) or "", module.path) is None
        for statement in facts.imports
    )
