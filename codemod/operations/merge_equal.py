"""Definitions that stand in several merged modules: whether one of them serves for all."""

from __future__ import annotations

import ast

from .motion_anatomy import Definitions, Piece


def are_equal(one: Piece, two: Piece) -> bool:
    """True when two definitions are the same code and it does not matter that there is one object instead of two."""
    nodes = [*one.nodes, *two.nodes]
    if len(nodes) != 2 or ast.dump(nodes[0]) != ast.dump(nodes[1]):
        return False
    node = nodes[0]
    if isinstance(node, Definitions):
        return True
    value = getattr(node, "value", None)
    return isinstance(value, ast.expr) and _shareable(value)


def _shareable(value: ast.expr) -> bool:
    """True for values that cannot change, and for loggers and type variables."""
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return called in ("getLogger", "get_logger", "TypeVar", "ParamSpec", "compile", "frozenset", "namedtuple")
    if isinstance(value, (ast.Tuple, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Attribute, ast.Subscript)):
        return all(_shareable(inner) for inner in ast.iter_child_nodes(value) if isinstance(inner, ast.expr))
    return False
