"""Code that looks at whatever names its module has: `globals()` in a loop, members of `sys.modules[__name__]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base.patterns import lazy
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .motion_anatomy import Anatomy, Piece

_SPELLED = lazy(rb"\b(?:globals|vars|locals|dir)\s*\(|modules\s*\[")
_STORING = ("update", "setdefault", "__setitem__", "pop", "__delitem__")


def listings(anatomy: Anatomy) -> Iterator[tuple[Piece, bool]]:
    """The pieces that look for names which nobody can tell, and True for those that do so on import."""
    found: dict[int, bool] = {}
    for node, above, now in _namespaces(anatomy):
        if not _is_settled(node, above):
            number = anatomy.piece_at(_offset(anatomy.text, node)).number
            found[number] = found.get(number, False) or now
    for number, now in sorted(found.items()):
        if anatomy.pieces[number].kind in ("definition", "statement"):
            yield anatomy.pieces[number], now


def asked(anatomy: Anatomy) -> Iterator[tuple[Piece, str]]:
    """Names that pieces look up in their module by a literal: `globals()["A"]`, `getattr(sys.modules[__name__], "A")`.

    Where a piece looks for names that nobody can tell when it runs, every literal of the module may be one.
    """
    for node, above, _ in _namespaces(anatomy):
        piece, name = anatomy.piece_at(_offset(anatomy.text, node)), _literal(node, above)
        if name:
            yield piece, name
    if any(not now for _, now in listings(anatomy)):
        for constant in every_node(anatomy.tree):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str) and constant.value.isidentifier():
                yield anatomy.piece_at(_offset(anatomy.text, constant)), constant.value


def _literal(node: ast.expr, above: tuple[ast.AST, ...]) -> str:
    """The name that is asked for in a namespace; "" where none is written out."""
    parent = above[-1] if above else None
    outer = above[-2] if len(above) > 1 else None
    given: ast.AST | None = None
    if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load):
        given = parent.slice
    elif isinstance(parent, ast.Attribute) and isinstance(node, ast.Subscript) and isinstance(parent.ctx, ast.Load):
        return parent.attr
    elif isinstance(parent, ast.Attribute) and parent.attr == "get" and isinstance(outer, ast.Call) and outer.args:
        given = outer.args[0]
    elif isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "getattr":
        given = parent.args[1] if len(parent.args) > 1 else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _namespaces(anatomy: Anatomy) -> Iterator[tuple[ast.expr, tuple[ast.AST, ...], bool]]:
    """Where the module looks at its names as a whole, with what stands around, and whether it does so on import."""
    if _SPELLED.search(anatomy.text.data) is None:
        return
    for node, above, now, bare in _walk(anatomy.tree, (), True, True):
        if isinstance(node, ast.expr) and _is_namespace(anatomy, node, bare):
            yield node, above, now


_Seen = tuple[ast.AST, tuple[ast.AST, ...], bool, bool]


def _walk(node: ast.AST, above: tuple[ast.AST, ...], now: bool, bare: bool) -> Iterator[_Seen]:
    """Each node with what stands around, whether it runs on import, and whether it does so in no class's own names."""
    yield node, above, now, bare
    inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    body = node.body if isinstance(node, ast.ClassDef) else []
    for inner in ast.iter_child_nodes(node):
        own = inside or any(inner is statement for statement in body)
        yield from _walk(inner, (*above[-2:], node), now and not inside, bare and not own)


def _offset(text: Text, node: ast.expr) -> int:
    return text.offset(node.lineno, node.col_offset)


def _is_namespace(anatomy: Anatomy, node: ast.expr, bare: bool) -> bool:
    """`globals()`, `vars()` and `dir()` on import outside a class, `sys.modules[__name__]`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not (node.args or node.keywords):
        known = node.func.id not in anatomy.scopes.module.bindings
        return known and (node.func.id == "globals" or (bare and node.func.id in ("vars", "locals", "dir")))
    return (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id == "__name__"
        and ast.unparse(node.value).endswith("modules")
    )  # fmt: skip


def _is_settled(node: ast.expr, above: tuple[ast.AST, ...]) -> bool:
    """True where a name is stored, or one that is written out is asked for."""
    parent = above[-1] if above else None
    outer = above[-2] if len(above) > 1 else None
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return True  # `sys.modules[__name__] = ...`
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return not isinstance(parent.ctx, ast.Load) or isinstance(parent.slice, ast.Constant)
    if isinstance(parent, ast.Attribute):
        if isinstance(node, ast.Subscript):
            return not parent.attr.startswith("__") or not isinstance(parent.ctx, ast.Load)
        asked = outer.args[0] if isinstance(outer, ast.Call) and outer.func is parent and outer.args else None
        return parent.attr in _STORING or (parent.attr == "get" and isinstance(asked, ast.Constant))
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
        named = len(parent.args) > 1 and isinstance(parent.args[1], ast.Constant)
        return parent.func.id in ("setattr", "delattr") or (parent.func.id in ("getattr", "hasattr") and named)
    return False
