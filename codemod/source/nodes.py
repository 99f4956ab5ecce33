"""A syntax tree's nodes, fast: as `ast.walk`, without those that tell no more than what holds them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from typing import Any

# What holds no nodes, or only those that stand nowhere: `ast.Load()`, `ast.Add()`.
_LEAVES = frozenset(
    ("ctx", "op", "ops", "id", "attr", "arg", "module", "level", "asname", "kind", "is_async", "simple", "conversion")
)  # fmt: skip

_MIXED = frozenset(("keys", "kw_defaults", "kwd_attrs"))  # lists that hold more than nodes
_NONE = type(None)
_KEPT = "every_node"  # the attribute of a module that holds the nodes below it


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Kind of nodes -> its fields that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        none = issubclass(kind, (ast.Constant, ast.MatchSingleton, ast.alias, ast.Global, ast.Nonlocal))
        found = self[kind] = () if none else tuple(name for name in kind._fields if name not in _LEAVES)
        return found


_FIELDS = _Fields()


def every_node(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all nodes in it, outer ones first, without contexts (`ast.Load`) and operators (`ast.Add`).

    A module keeps what a walk has found, for the next one; nobody changes a tree that is walked.
    """
    known: list[ast.AST] | None = getattr(tree, _KEPT, None)
    return _walk(tree) if known is None else chain((tree,), known)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes that a node holds itself, without contexts and operators."""
    found: list[ast.AST] = []
    _add_children(node, found)
    return found


def _add_children(node: ast.AST, found: list[ast.AST]) -> None:
    for name in _FIELDS[node.__class__]:
        value: Any = getattr(node, name, None)
        kind = value.__class__
        if kind is list:
            found += value if name not in _MIXED else [item for item in value if isinstance(item, ast.AST)]
        elif kind is not _NONE and kind is not str:
            found.append(value)


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    todo = [tree]
    for node in todo:  # which grows meanwhile
        yield node
        _add_children(node, todo)
    if tree.__class__ is ast.Module:
        del todo[0]  # else the tree would hold itself, and nothing would free it
        setattr(tree, _KEPT, todo)
