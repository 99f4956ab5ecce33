"""Paths of which a loop gives the last part: `for name in NAMES: open(join(HERE, name))`.

What stands in the table is a path below a known folder, so the files say for sure which of its texts are meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass
from codemod.source.nodes import every_node

from .byname import called

_SAME = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"})


@dataclass(frozen=True, slots=True)
class Given:
    """A name with the literals that it may stand for, and the code in which it does."""

    name: str
    literals: tuple[ast.Constant, ...]
    inside: tuple[ast.AST, ...]
    table: str = ""  # what the literals' list is called, where it has a name


def givens(tree: ast.Module, named: dict[str, ast.expr]) -> Iterator[Given]:
    """The names that loops bind to the texts of a table; `named` are names that are bound once."""
    for node in every_node(tree):
        if isinstance(node, (ast.For, ast.AsyncFor)):
            yield from _looped(node.target, node.iter, tuple(node.body), named)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            for loop in node.generators:
                yield from _looped(loop.target, loop.iter, (node,), named)


def _looped(
    target: ast.expr, source: ast.expr, inside: tuple[ast.AST, ...], named: dict[str, ast.expr]
) -> Iterator[Given]:
    """The names that a loop binds to texts."""
    if isinstance(source, ast.Call) and called(source) == "enumerate" and source.args:
        if isinstance(target, ast.Tuple) and len(target.elts) == 2:
            yield from _looped(target.elts[1], source.args[0], inside, named)
        return
    while isinstance(source, ast.Call) and called(source) in _SAME and len(source.args) == 1:
        source = source.args[0]
    table = source.id if isinstance(source, ast.Name) else ""
    source = named.get(table, source)
    if not isinstance(source, (ast.List, ast.Tuple, ast.Set)):
        return
    if isinstance(target, ast.Name):
        yield from _given(target.id, source.elts, inside, table)
    for place, element in enumerate(target.elts if isinstance(target, ast.Tuple) else ()):
        rows = [row.elts for row in source.elts if isinstance(row, (ast.Tuple, ast.List))]
        if isinstance(element, ast.Name) and len(rows) == len(source.elts) and all(place < len(row) for row in rows):
            yield from _given(element.id, [row[place] for row in rows], inside, table)


def _given(name: str, values: Sequence[ast.expr], inside: tuple[ast.AST, ...], table: str = "") -> Iterator[Given]:
    literals = tuple(one for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str))
    bound = any(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)
                for part in inside if isinstance(part, ast.stmt) for n in every_node(part))  # fmt: skip
    if literals and not bound:
        yield Given(name, literals, inside, table)


def loads(name: str, inside: Sequence[ast.AST]) -> int:
    """How often some code reads a name."""
    found = (node for part in inside for node in every_node(part))
    return sum(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in found)
