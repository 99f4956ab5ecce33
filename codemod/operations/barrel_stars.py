"""Files that star-import the package of a barrel: a new name of the package reaches them."""

from __future__ import annotations

from collections.abc import Mapping

from codemod.source.inventory import Inventory, Target
from codemod.source.modules import Module
from codemod.source.origins import origin_of
from codemod.source.stars import star_importers

Rivals = Mapping[str, list[tuple[str, Target | None]]]
"""Name -> the files that bind it though they star-import the package, and what it is there."""


def star_rivals(inventory: Inventory, package: Module) -> Rivals:
    """Name -> the files that star-import the package and bind that name by other means, each with what it is there.

    Where that is what the barrel offers, an import of it from the module itself say, the two mean the same.
    """
    found: dict[str, list[tuple[str, Target | None]]] = {}
    for path in star_importers(inventory, package.name):
        module = inventory.modules.at(path)
        for name in sorted(inventory.facts(path).bound):
            origin = origin_of(inventory, module, name) if module is not None else None
            found.setdefault(name, []).append((path, origin))
    return found
