"""Functions that list the modules of a package which they are given: `def load_all(package): iter_modules(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text, Undecodable

from .byname import called

SEARCHING = frozenset({"iter_modules", "walk_packages"})
"""Functions of `pkgutil` that take where to search."""

KNOWN = {"find_modules": False}
"""Functions of libraries that take a package, and whether they look below it, too: werkzeug's."""

_WORDS = (b"iter_modules", b"walk_packages")


def discoverers(inventory: Inventory, paths: Iterable[str]) -> dict[str, bool]:
    """The functions in some files that list the modules of what they are given, and whether those below it, too."""
    found = dict(KNOWN)
    for path in paths:
        found.update(inventory.answer(_discoverers, path))
    return found


def _discoverers(raw: bytes) -> tuple[tuple[str, bool], ...]:
    if not holds(raw, _WORDS):
        return ()
    try:
        tree = parse(Text.of(raw))
    except (Unparsable, Undecodable):
        return ()
    return tuple(_searching(tree))


def _searching(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    for node in every_node(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        given = _own(node)
        for call in every_node(node) if given else ():
            if isinstance(call, ast.Call) and called(call) in SEARCHING:
                wanted = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "path")]
                if any(isinstance(name, ast.Name) and name.id in given for one in wanted for name in every_node(one)):
                    yield node.name, called(call) == "walk_packages"


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The parameters of a function and what it makes of them; nothing for one that takes nothing."""
    every = function.args
    parameters = {one.arg for one in (*every.posonlyargs, *every.args, *every.kwonlyargs)} - {"self", "cls"}
    bound = {node.id for node in every_node(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return parameters | bound if parameters else set()
