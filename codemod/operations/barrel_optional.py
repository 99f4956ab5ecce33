"""Modules that need what is not always there: an extra of the project, a system, what they raise an error about."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.source.extras import needed
from codemod.source.facts import Unparsable, parse
from codemod.source.graph import When, links_of
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.text import Text, Undecodable

from .barrel_modules import Apart, foreign, imported_beside

_MISSING = {"ImportError", "ModuleNotFoundError"}
_WINDOWS = frozenset({"_msi", "_overlapped", "_winapi", "msvcrt", "nt", "winreg", "winsound"})
"""Modules of the standard library that other systems do not have."""
_SOMETIMES = _WINDOWS | {
    "bz2", "crypt", "ctypes", "curses", "dbm", "fcntl", "grp", "lzma", "nis", "ossaudiodev", "pty", "pwd", "readline",
    "resource", "spwd", "sqlite3", "ssl", "syslog", "termios", "tkinter", "tomllib", "tty", "zoneinfo",
}  # fmt: skip
"""Those that a system or a version lacks, and those that Python may be built without."""
_FALLING_BACK = lazy(rb"\bexcept\b[^\n:]*(?:ImportError|ModuleNotFoundError)")
_RAISING = lazy(rb"except\b.*(?:ImportError|ModuleNotFoundError)")


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
        required, optional = needed(inventory.tree, f"{package.folder}/__init__.py")
        found, importing = dict[str, tuple[str, int]](), _importing(optional | _WINDOWS)
        for path in inventory.tree.files((".py",)):
            module = inventory.modules.at(path)
            if module is None or names.top(module.name) != names.top(package.name):
                continue
            need = _need(inventory, module, optional) if inventory.answer(importing, path) else None
            need = need or _insisted(inventory, path)
            if need is not None:
                found[module.name] = need
            if inventory.answer(_may_fall_back, path):
                found.update(_tolerated(inventory, module, required))
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


@cache
def _importing(tops: frozenset[str]) -> Callable[[bytes], bool]:
    """A cheap question: may a content import one of these modules?"""
    either = b"|".join(name.encode() for name in sorted(tops))
    pattern = re.compile(rb"(?:from|import|,)(?:[ \t]|\\\r?\n)*(?:" + either + rb")\b")
    return lambda data: pattern.search(data) is not None


def _need(inventory: Inventory, module: Module, optional: frozenset[str]) -> tuple[str, int] | None:
    """What is optional among what a module imports when it is loaded, and the line."""
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
    return None


def _may_fall_back(raw: bytes) -> bool:
    return _FALLING_BACK.search(raw) is not None


def _tolerated(inventory: Inventory, module: Module, required: frozenset[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Modules of ours that a module does without where they cannot be imported, with what they need that others do not.

    `try: from .fast import Reader` with a handler says that `fast` need not load; what it alone imports is why.
    """
    tried = {s.line for s in inventory.facts(module.path).imports if s.guard == "fallback"}
    for link in links_of(inventory, module) if tried else ():
        other = inventory.modules.get(link.target)
        if other is None or not other.path or other.path == module.path or link.line not in tried:
            continue
        for top, line in foreign(inventory, inventory.facts(other.path), other.path):
            if top.lower() not in required and not imported_beside(inventory, top, other.path):
                yield other.name, (top, line)


def _insisted(inventory: Inventory, path: str) -> tuple[str, int] | None:
    """What is not ours among what a file cannot do without, and the line; most of the standard library always is."""
    for name, line in inventory.answer(_insists, path):
        top = names.top(name)
        if inventory.modules.get(top) is None and (top in _SOMETIMES or top not in sys.stdlib_module_names):
            return name, line
    return None


def _insists(raw: bytes) -> tuple[tuple[str, int], ...]:
    """The imports in each top-level `try` whose handler of an import that fails ends in `raise`, with their lines."""
    if _RAISING.search(raw) is None:
        return ()
    try:
        tree = parse(Text.of(raw))
    except (Unparsable, Undecodable):
        return ()
    return tuple(found for node in tree.body if isinstance(node, ast.Try) for found in _tried(node))


def _tried(node: ast.Try) -> Iterator[tuple[str, int]]:
    handlers = [handler for handler in node.handlers if _MISSING & set(_kinds(handler.type))]
    if not handlers or not all(isinstance(handler.body[-1], ast.Raise) for handler in handlers):
        return
    for inner in node.body:
        if isinstance(inner, ast.Import):
            yield from ((alias.name, inner.lineno) for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom) and inner.module and not inner.level:
            yield inner.module, inner.lineno


def _kinds(caught: ast.expr | None) -> Iterator[str]:
    listed = caught.elts if isinstance(caught, ast.Tuple) else [caught] if caught is not None else []
    yield from (kind.id for kind in listed if isinstance(kind, ast.Name))
