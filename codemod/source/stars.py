"""Who imports everything from a module."""

from __future__ import annotations

from collections.abc import Iterator

from .inventory import Inventory
from .origins import may_star


def star_importers(inventory: Inventory, module: str) -> Iterator[str]:
    """Other files that say `from module import *`."""
    known = inventory.modules.get(module)
    own = known.path if known is not None else ""
    for path in inventory.tree.files((".py",)):
        if path == own or not inventory.answer(may_star, path):
            continue
        for statement in inventory.facts(path).imports:
            if statement.is_star:
                origin = inventory.origin(statement, path)
                found = inventory.modules.find(origin, path) if origin else None
                if found is not None and found.module.name == module:
                    yield path
                    break
