"""What may keep an attribute chain from reaching a module: a package's own names, and packages that still load."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.base import names
from codemod.source.graph import When, links_of
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of

from .view import View


def is_hidden(view: View, module: str, start: str) -> bool:
    """True when the attributes from `start` to `module` meet something else that a package's `__init__` binds."""
    inner = start
    for segment in names.tail(module, start).split(".") if module != start else ():
        package = view.inventory.modules.get(inner)
        bound = package is not None and bool(package.path) and view.inventory.binds(package, segment)
        inner = names.join(inner, segment)
        if package is not None and bound and view.intent.module(inner) == inner:
            meant = origin_of(view.inventory, package, segment)
            if meant is None or meant.name or view.intent.module(meant.module) != inner:
                return True  # and not what comes to that place
    return False


def comes_with(inventory: Inventory, module: str, package: str) -> bool:
    """True when importing the package loads the module below it, or the module is the package itself."""
    while module != package:
        above = inventory.modules.get(names.parent(module))
        links = links_of(inventory, above) if above is not None else ()
        if not any(link.when is When.LOAD and names.within(link.target, module) for link in links):
            return False
        module = names.parent(module)
    return True


def may_be_loading(view: View, module: str, start: str, was_from: str) -> bool:
    """True when a package on the way from `start` to `module` may still load as the file of `view` reads the chain.

    A package becomes an attribute of its parent only when it is imported whole; `from parent import package` does not
    ask the attribute alone.  What was so before, when the chain began at `was_from`, does not count.
    """
    own, old = view.new_module, view.module
    for package in names.prefixes(module) if own else ():
        if not names.below(package, start) or not names.within(own, package):
            continue
        behind = names.tail(own, package)
        was = old.removesuffix("." + behind if behind else "")
        was = was if view.intent.module(was) == package else ""
        if was and names.below(was, was_from):
            continue
        known = view.inventory.modules.get(was or package)
        if package == own or (known is not None and view.inventory.facts(known.path).imported):
            return True
    return False


def loaded_by(view: View, lines: Sequence[str], module: str) -> bool:
    """True when one of some new statements loads the module that a plain import would."""
    ends = {f"from {view.spell_from(names.parent(module), level)} import {names.last(module)}" for level in (0, 1)}
    return any(line.partition(" as ")[0] in ends for line in lines)
