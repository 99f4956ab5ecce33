"""Variables that hold a module: `kept = app.user`, and what is read of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from codemod.source.scopes import Scopes

from .view import View

Read = tuple[str, tuple[int, int]]
"""A name that is read of what a variable holds, and its place; no name where the variable is used as a whole."""


def kept(scopes: Scopes, node: ast.AST | None, owners: Mapping[int, str]) -> list[tuple[str, tuple[int, int], str]]:
    """(name, place, module) of what is read of a module that a variable is given, where it is given nothing else.

    `owners` gives the module for the end of each expression that means one.
    """
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name):
        return []
    module = owners.get(scopes.span(node.value)[1], "") if isinstance(node.value, (ast.Name, ast.Attribute)) else ""
    return [(name, place, module) for name, place in read_of(scopes, target)] if module else []


def is_followed(view: View, scopes: Scopes, node: ast.AST | None, owners: Mapping[int, str]) -> bool:
    """True where a variable is given a module of which just attributes are read, and all of them stay with it."""
    read = kept(scopes, node, owners)
    homes = [view.intent.symbols.get((module, name), (view.intent.module(module), name))[0] for name, _, module in read]
    return bool(read) and all(
        name and home == view.intent.module(module) for (name, _, module), home in zip(read, homes, strict=True)
    )


def read_of(scopes: Scopes, target: ast.Name) -> list[tuple[str, tuple[int, int]]]:
    """What is read of the module that a variable holds, with its place; ("", ...) where it is used as a whole.

    Nothing where the variable is bound more than once.
    """
    uses = [use for use in scopes.named(target.id) if use.node is target]
    home = uses[0].home if uses else None
    if home is None or len(home.bindings.get(target.id, ())) != 1:
        return []
    found: list[tuple[str, tuple[int, int]]] = []
    for use in scopes.named(target.id):
        if use.home is home and use.node is not target:
            attributes = scopes.chain(use).attributes
            found.append((attributes[0][0], attributes[0][1:]) if attributes else ("", scopes.span(use.node)))
    return found
