"""Finds the module that a command line names, by its dotted name or its path."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from codemod.base.errors import RepositoryError
from codemod.base.findings import Finding, Weight

if TYPE_CHECKING:
    from codemod.source.inventory import Inventory
    from codemod.source.modules import Module


def module_of(inventory: Inventory, named: str) -> Module:
    """The module called `named`, or the one whose file or folder that is; RepositoryError with the nearest ones."""
    modules = inventory.modules
    path = named.removeprefix("./").rstrip("/")
    found = modules.get(named) or modules.at(path) or modules.at(f"{path}/__init__.py")
    if found is None:
        found = next((module for module in modules if module.folder == path or module.path == path), None)
    if found is None:
        known = [module.name for module in modules] + [module.path for module in modules]
        near = get_close_matches(named, known, 3)
        hint = f"did you mean {', '.join(near)}?" if near else "codemod inspect lists every module"
        raise RepositoryError(Finding("source-missing", f"there is no module {named!r}", Weight.MISMATCH, hint=hint))
    return found
