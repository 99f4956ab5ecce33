"""`imports: facade`: call sites outside a package import from its barrel what the barrel offers."""

from __future__ import annotations

from collections.abc import Iterable

from codemod.base import names
from codemod.rewrite.intent import Symbol
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of


def offered(inventory: Inventory, packages: Iterable[str]) -> dict[Symbol, Symbol]:
    """(defining module, name) -> (package, name) for what the barrels of `packages` export; the nearest barrel wins."""
    found: dict[Symbol, Symbol] = {}
    for package in sorted(set(packages), key=lambda name: (name.count("."), name)):
        module = inventory.modules.get(package)
        if module is None or not module.path:
            continue
        for name in inventory.facts(module.path).exports or ():
            origin = origin_of(inventory, module, name)
            if origin is None or not origin.name or not names.below(origin.module, package):
                continue
            for step in _on_the_way(inventory, origin.module, package):
                found[step, origin.name] = (package, name)
    return found


def _on_the_way(inventory: Inventory, module: str, package: str) -> list[str]:
    """The defining module; barrels between it and the package are call sites' own choice and stay."""
    return [module] if module in inventory.modules and names.below(module, package) else []
