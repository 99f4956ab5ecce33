"""Modules that need what is not always there: an extra of the project, a system, what they raise an error about."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.source.extras import needed
from codemod.source.facts import Unparsable, parse
from codemod.source.graph import When, links_of
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.text import Text, Undecodable

from .barrel_modules import Apart

_MISSING = {"ImportError", "ModuleNotFoundError"}
_WINDOWS = frozenset({"_msi", "_overlapped", "_winapi", "msvcrt", "nt", "winreg", "winsound"})
"""Modules of the standard library that other systems do not have."""
_RAISING = lazy(rb"\bexcept\b.*(?:ImportError|ModuleNotFoundError)")


@dataclass(slots=True)
class Optional:
    """What the modules of one package need that is optional, looked up when the first one is asked for."""

    inventory: Inventory
    package: Module
    _needed: dict[str, tuple[str, int]] | None = field(default=None)

    def of(self, child: Module) -> Apart | None:
        """Why the barrel should not import a child module; None where it may."""
        if self._needed is None:
            self._needed = self._needing()
        for name in self._closure([child.name]) if self._needed else ():
            if name in self._needed:
                what, line = self._needed[name]
                missing = "is on Windows alone" if names.top(what) in _WINDOWS else "is not always installed"
                why = f"needs {what}, which {missing}"
                own = name == child.name
                return Apart("barrel-module-is-optional", why if own else f"loads {name}, which {why}", line * own)
        return None

    def _needing(self) -> dict[str, tuple[str, int]]:
        """The modules that need something optional, without those that importing the package loads already."""
        inventory, package = self.inventory, self.package
        _, optional = needed(inventory.tree, f"{package.folder}/__init__.py")
        root = inventory.modules.get(names.top(package.name))
        modules = [*([root] if root is not None else []), *inventory.modules.below(names.top(package.name))]
        needs = {module.name: _need(inventory, module, optional) for module in modules}
        found = {name: need for name, need in needs.items() if need is not None}
        for name in self._closure([*names.prefixes(package.name)]) if found else ():
            found.pop(name, None)
        return found

    def _closure(self, starts: list[str]) -> Iterator[str]:
        """Modules that are loaded with these, nearest first; imports that may fail in silence are not followed."""
        seen = set(starts)
        todo = list(starts)
        for name in todo:  # grows while it is read
            yield name
            module = self.inventory.modules.get(name)
            if module is None or not module.path:
                continue
            plain = {s.line for s in self.inventory.facts(module.path).imports if not s.guard and s.scope != "function"}
            for link in links_of(self.inventory, module):
                if link.when is When.LOAD and link.line in plain:
                    fresh = [above for above in names.prefixes(link.target) if above not in seen]
                    seen.update(fresh)
                    todo += fresh


def _need(inventory: Inventory, module: Module, optional: frozenset[str]) -> tuple[str, int] | None:
    """What is optional among what a module imports when it is loaded, and the line."""
    if not module.path.endswith(".py"):
        return None
    for statement in inventory.facts(module.path).imports:
        if statement.guard or statement.scope == "function" or statement.level:
            continue
        wanted = [statement.module] if statement.module else [alias.name for alias in statement.aliases]
        for name in wanted:
            top = names.top(name)
            if top in _WINDOWS:
                return name, statement.line
            if top in optional and top not in sys.stdlib_module_names and inventory.modules.get(top) is None:
                return name, statement.line
    raw = inventory.tree.read(module.path)
    if _RAISING.search(raw) is None:
        return None
    try:
        return _insists(parse(Text.of(raw)), inventory)
    except (Unparsable, Undecodable):
        return None


def _insists(tree: ast.Module, inventory: Inventory) -> tuple[str, int] | None:
    """A top-level `try` to import what is not ours whose handler ends in `raise`: what it imports, and the line."""
    for node in tree.body:
        if not isinstance(node, ast.Try):
            continue
        handlers = [handler for handler in node.handlers if _MISSING & set(_kinds(handler.type))]
        if not handlers or not all(isinstance(handler.body[-1], ast.Raise) for handler in handlers):
            continue
        for inner in node.body:
            wanted = [alias.name for alias in inner.names] if isinstance(inner, ast.Import) else []
            if isinstance(inner, ast.ImportFrom) and inner.module and not inner.level:
                wanted = [inner.module]
            for name in wanted:
                if inventory.modules.get(names.top(name)) is None:
                    return name, inner.lineno
    return None


def _kinds(caught: ast.expr | None) -> Iterator[str]:
    listed = caught.elts if isinstance(caught, ast.Tuple) else [caught] if caught is not None else []
    yield from (kind.id for kind in listed if isinstance(kind, ast.Name))
