"""Which top-level names of a module the selectors of a `split` mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property

from codemod.plan.model import Selector

from .motion_anatomy import Anatomy, Piece, deleted
from .motion_imports import Imports
from .registrars import Routes, spellings

KEPT = frozenset({"__all__", "__getattr__", "__dir__", "__version__", "__author__", "__path__"})
"""Names that belong to a module as such: `rest` and globs leave them."""


def is_glob(text: str) -> bool:
    """True when a name in a plan is a pattern."""
    return any(char in text for char in "*?[")


def movable(anatomy: Anatomy) -> dict[str, list[Piece]]:
    """The names that a module defines at its top level, in order, with the pieces that bind them."""
    found: dict[str, list[Piece]] = {}
    imported = {name for piece in anatomy.pieces if piece.kind == "import" for name in piece.binds}
    for piece in anatomy.pieces:
        if piece.kind != "definition":
            continue
        for name in sorted(piece.binds - KEPT - imported):
            kinds = {binding.kind for binding in anatomy.scopes.module.bindings.get(name, ())}
            if kinds - {"import", "from", "del"}:
                found.setdefault(name, []).append(piece)
    return found


class Chooser:
    """Matches the names of one module against selectors."""

    def __init__(self, anatomy: Anatomy, imports: Imports) -> None:
        self.anatomy = anatomy
        self.imports = imports
        self.names = movable(anatomy)
        self.temporary = frozenset(deleted(anatomy))  # names that are spelled out, or go along with what reads them

    def exact(self, selector: Selector) -> Iterator[str]:
        """The names that a selector spells out, whether they are there or not."""
        return (name for name in selector.names if not is_glob(name))

    def matching(self, selector: Selector) -> set[str]:
        """The names that a selector means by a pattern, a base class, a decorator or a section."""
        found: set[str] = set()
        patterns = [name for name in selector.names if is_glob(name)]
        found.update(name for name in self.names if any(fnmatchcase(name, pattern) for pattern in patterns))
        if selector.bases:
            found |= self._derived(selector.bases)
        if selector.decorators:
            found.update(name for name, pieces in self.names.items() if self._decorated(pieces, selector.decorators))
        if selector.section:
            found |= self._in_section(selector.section)
        if selector.routes:
            found |= self._routed(selector.routes)
        return found - self.temporary

    @cached_property
    def routes(self) -> Routes:
        """The routes that the module declares."""
        return Routes.of(self.anatomy)

    def _routed(self, patterns: Sequence[str]) -> set[str]:
        """Handlers of the routes with such a path or tag."""
        found = {route.name for route in self.routes.found for pattern in patterns if route.matches(pattern)}
        return found & self.names.keys()

    def _derived(self, bases: Sequence[str]) -> set[str]:
        """Classes below one of the bases, through classes of the same module too."""
        above: dict[str, set[str]] = {}
        for name, pieces in self.names.items():
            for node in (node for piece in pieces for node in piece.nodes):
                if isinstance(node, ast.ClassDef) and node.name == name:
                    above[name] = {spelled for base in node.bases for spelled in self._spellings(base)}
        found: set[str] = set()
        wanted = set(bases)
        while True:
            more = {name for name, known in above.items() if known & wanted} - found
            if not more:
                return found
            found |= more
            wanted |= more

    def _decorated(self, pieces: Sequence[Piece], patterns: Sequence[str]) -> bool:
        for node in (node for piece in pieces for node in piece.nodes):
            for decorator in getattr(node, "decorator_list", []):
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if any(fnmatchcase(text, pattern) for text in self._spellings(called) for pattern in patterns):
                    return True
        return False

    def _in_section(self, titles: Sequence[str]) -> set[str]:
        wanted = [title.casefold().strip() for title in titles]
        numbers = {
            number
            for number, section in enumerate(self.anatomy.sections)
            if any(fnmatchcase(section.title.casefold(), title) for title in wanted)
        }
        return {name for name, pieces in self.names.items() if all(piece.section in numbers for piece in pieces)}

    def _spellings(self, node: ast.expr) -> set[str]:
        return spellings(self.imports.inventory, self.anatomy.module, node)
