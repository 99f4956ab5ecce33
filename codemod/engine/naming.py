"""What a phase calls what: its rename table, and the packages with barrels under the names of the phase."""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.values import replace
from codemod.operations.context import Context
from codemod.operations.definitions import Restructured
from codemod.operations.later import composed_later, made_later
from codemod.operations.later_names import literal_names
from codemod.operations.layout import Layout
from codemod.operations.move import Row, is_real
from codemod.operations.reused import modules_left, names_left
from codemod.plan.model import Barrel, Phase, Plan
from codemod.references.facade import offered
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.inventory import Inventory
from codemod.source.modules import at_root


def barrels_until(plan: Plan, phase: Phase) -> list[str]:
    """The packages that the plan gives barrels, up to and with `phase`, under the names of that phase."""
    found: list[str] = []
    for other in plan.phases:
        table = literal_names(other.do)
        found = [names.renamed(name, table) for name in found]
        found += [operation.package for operation in other.do if isinstance(operation, Barrel)]
        if other.id == phase.id:
            break
    return found


def given_by_barrels(context: Context, *, again: bool) -> dict[Symbol, Symbol]:
    """(defining module, name) -> (package, name) of the barrels so far.

    How modules are imported that a later phase has made is that phase's matter when this one runs `again`.
    """
    late = made_later(context) if again else frozenset()
    given = offered(context.now, barrels_until(context.plan, context.phase))
    return {symbol: new for symbol, new in given.items() if symbol[0] not in late}


def composed_since(context: Context, *, again: bool) -> frozenset[str]:
    """The files whose imports a later phase has written, when this one runs `again`: that is its matter, too."""
    late = composed_later(context) if again else frozenset()
    found = (context.now.modules.get(name) for name in late)
    return frozenset(module.path for module in found if module is not None and module.path)


def faced_later(intent: Intent, plan: Plan, phase: Phase, before: Inventory) -> Intent:
    """The table without names that a barrel gives already, where a later phase lets call sites import from barrels.

    Such names are those of a module that is the barrel of its parts by now, and call sites have been let back.
    """
    later = itertools.dropwhile(lambda other: other.id != phase.id, plan.phases)
    if all(other.settings.imports != "facade" for other in later) or phase.settings.imports == "facade":
        return intent
    given = offered(before, barrels_until(plan, phase)) if intent.symbols else {}
    kept = {old: new for old, new in intent.symbols.items() if given.get(new) != old}
    return replace(intent, symbols=kept) if len(kept) < len(intent.symbols) else intent


def intent_of(rows: Sequence[Row], layout: Layout, made: Restructured, inventory: Inventory) -> Intent:
    """The rename table of a phase; an old name that is a real module (or name) again is not old."""
    modules: dict[str, str] = {}
    symbols: dict[Symbol, Symbol] = {}
    for row in sorted(rows, key=lambda r: bool(r.name)):  # modules first: a name goes where its module goes
        if row.name:
            module = inventory.modules.get(row.module)
            again = row.holds and module is not None and row.name in inventory.facts(module.path).defined
            if not again and not _brought(row.module, row.name, made):
                stays = row.new_module == row.module
                home = names.renamed(row.module, modules) if stays else row.new_module
                symbols[row.module, row.name] = (home, row.new_name)
        elif not (row.holds and is_real(row.module, inventory)):
            modules[row.module] = row.new_module
        else:  # its old name is a module again
            modules.update(modules_left(row, inventory))
            symbols.update(names_left(row, inventory))
    for old, (module_name, name) in made.symbols.items():
        if _brought(*old, made):
            continue
        symbols[old] = (names.renamed(module_name, modules), name)
    for merged, target in made.modules.items():
        modules[merged] = names.renamed(target, modules)
    folders = dict(_divided(made, modules, layout, inventory))
    covers = frozenset(_covering(made, inventory))
    unlisted = frozenset(symbol for symbol in symbols if not _may_be_starred(*symbol, inventory))
    return Intent(
        modules, symbols, layout.files, layout.creates, folders=folders, covers=covers, unlisted=unlisted
    )  # fmt: skip


def _may_be_starred(module_name: str, name: str, inventory: Inventory) -> bool:
    """False where a module says in `__all__` what a star import gives, and this name is not among it."""
    module = inventory.modules.get(module_name)
    facts = inventory.facts(module.path) if module is not None and module.path else None
    return facts is None or facts.exports is None or facts.exports_computed or name in facts.exports


def _covering(made: Restructured, inventory: Inventory) -> Iterator[Symbol]:
    """Names that arrive in a package where they meant a submodule before."""
    for target in {*made.modules.values(), *(module for module, _ in made.symbols.values())}:
        package, now = inventory.modules.get(target), made.now.modules.get(target)
        if package is None or now is None or not package.is_package or not now.path:
            continue
        for name in made.now.facts(now.path).bound:
            if names.join(target, name) in inventory.modules and not inventory.binds(package, name):
                yield target, name


def _brought(module: str, name: str, made: Restructured) -> bool:
    """True for an old name of a module that stays and has it again, of another one that was merged into it."""
    there = made.now.modules.get(module)
    again = there is not None and there.path and name in made.now.facts(there.path).defined
    return (module, name) in made.renamed and bool(again)


def _divided(
    made: Restructured, modules: Mapping[str, str], layout: Layout, inventory: Inventory
) -> Iterator[tuple[str, str]]:
    """(the file of a module that a split divided, the folder of its parts), also when an earlier run did so."""
    for source in made.packages:
        package = made.now.modules.get(source) or inventory.modules.get(names.renamed(source, modules))
        if package is not None and package.is_package and package.path:
            path = at_root(package.root, source.replace(".", "/")) + ".py"
            yield path, posixpath.dirname(layout.files.get(package.path, package.path))
