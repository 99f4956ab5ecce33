"""What a statement changes while its module is imported: objects behind names, or one attribute of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass

from .motion_anatomy import Anatomy, Definitions, Piece

_SETTERS = ("setattr", "delattr")


@dataclass(frozen=True, slots=True)
class Change:
    """The object behind a top-level name is changed: one attribute of it, or (where that is "") any part."""

    root: str
    attr: str = ""


@dataclass(frozen=True, slots=True)
class _Loop:
    """What a loop variable stands for."""

    roots: tuple[str, ...]
    listed: bool  # the names of a tuple or list, rather than what something gives


def changes(anatomy: Anatomy, piece: Piece) -> frozenset[Change]:
    """What a piece changes by `x.a = 1`, `x[k] = v`, `x.add(y)`, `setattr(x, ...)`, for the names of a loop too."""
    loops = {name: loop for node in piece.nodes for name, loop in _loops(node)}
    found: set[Change] = set()
    for node in (inner for top in piece.nodes for inner in shallow(top)):
        for change in _changes(anatomy, node):
            loop = loops.get(change.root)
            if loop is None:
                found.add(change)
            else:
                found |= {Change(root, change.attr if loop.listed else "") for root in loop.roots}
    return frozenset(change for change in found if change.root in anatomy.scopes.module.bindings)


def _changes(anatomy: Anatomy, node: ast.AST) -> Iterator[Change]:
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        yield Change(root_of(node), _first_attribute(node))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if isinstance(call.func, ast.Attribute):
            root = root_of(call.func)
            kinds = {binding.kind for binding in anatomy.scopes.module.bindings.get(root, ())}
            yield Change(root, _first_attribute(call.func) if kinds == {"import"} else "")
        elif isinstance(call.func, ast.Name) and call.func.id in _SETTERS:
            named = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else ""
            yield from (Change(root_of(argument), str(named)) for argument in call.args[:1])
        elif isinstance(call.func, ast.Name) and _changes_arguments(anatomy, call.func.id):
            yield from (Change(root_of(argument)) for argument in call.args)


def _changes_arguments(anatomy: Anatomy, name: str) -> bool:
    """True for a function of the module that sets attributes or items of its parameters."""
    for node in (n for piece in anatomy.definers(name) for n in piece.nodes):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            args = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args)}
            for inner in ast.walk(node):
                stored = isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(inner.ctx, ast.Load)
                if stored and root_of(inner) in args:
                    return True
                called = inner.func if isinstance(inner, ast.Call) else None
                given = {root_of(argument) for argument in inner.args[:1]} if isinstance(inner, ast.Call) else set()
                if isinstance(called, ast.Name) and called.id in _SETTERS and given & args:
                    return True
    return False


def _loops(node: ast.AST) -> Iterator[tuple[str, _Loop]]:
    for inner in shallow(node):
        if isinstance(inner, (ast.For, ast.AsyncFor, ast.comprehension)):
            roots = tuple(dict.fromkeys(n.id for n in ast.walk(inner.iter) if isinstance(n, ast.Name)))
            loop = _Loop(roots, isinstance(inner.iter, (ast.Tuple, ast.List, ast.Set)))
            yield from ((n.id, loop) for n in ast.walk(inner.target) if isinstance(n, ast.Name))


def shallow(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, function and class bodies left out."""
    waiting: list[ast.AST] = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, (*Definitions, ast.Lambda)):
            waiting += ast.iter_child_nodes(inner)


def root_of(node: ast.AST) -> str:
    """The name that a chain of attributes, items and calls begins with; "" for any other expression."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _first_attribute(node: ast.AST) -> str:
    """The attribute that stands right behind the root of a chain; "" where something else does."""
    last: ast.AST = node
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        last, node = node, node.func if isinstance(node, ast.Call) else node.value
    return last.attr if isinstance(last, ast.Attribute) else ""


def consumed(nodes: Sequence[ast.AST]) -> set[int]:
    """Ids of the names whose content an expression looks at on the spot: items, operators, loops, conditions."""
    found: set[int] = set()
    for inner in (n for node in nodes for n in shallow(node)):
        looked: list[ast.expr] = []
        if isinstance(inner, (ast.Subscript, ast.Starred, ast.FormattedValue)):
            looked = [inner.value]
        elif isinstance(inner, (ast.For, ast.comprehension)):
            looked = [inner.iter]
        elif isinstance(inner, (ast.If, ast.IfExp, ast.While, ast.Assert)):
            looked = [inner.test]
        elif isinstance(inner, ast.BinOp):
            looked = [inner.left, inner.right]
        elif isinstance(inner, ast.Compare):
            looked = [inner.left, *inner.comparators]
        elif isinstance(inner, ast.BoolOp):
            looked = inner.values
        elif isinstance(inner, ast.UnaryOp):
            looked = [inner.operand]
        elif isinstance(inner, ast.Dict):
            looked = [value for key, value in zip(inner.keys, inner.values, strict=True) if key is None]
        found |= {id(node) for node in looked if isinstance(node, ast.Name)}
    return found
