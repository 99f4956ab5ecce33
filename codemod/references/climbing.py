"""What an expression makes of a path by going up: `Path(__file__).resolve().parent`, `os.path.dirname(x)`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from codemod.base.values import dataclass

from .byname import called

_SAME = frozenset({"resolve", "absolute", "expanduser", "as_posix"})  # methods that give the same place
_SPELLED = frozenset({"abspath", "realpath", "normpath", "fspath", "str", "normcase"})  # functions that do
_PATHS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})


@dataclass(frozen=True, slots=True)
class Climb:
    """A place: how many steps above what it starts from, and whether it is a string or a path object."""

    steps: int
    is_path: bool


def climb(node: ast.expr, known: Callable[[ast.expr], Climb | None]) -> Climb | None:
    """What an expression makes of a place that is `known`; None where it is something else than a place above it."""
    found = known(node)
    if found is not None:
        return found
    if isinstance(node, ast.Attribute) and node.attr == "parent":
        inner = climb(node.value, known)
        return Climb(inner.steps + 1, True) if inner is not None and inner.is_path else None
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
        inner, number = climb(node.value.value, known), node.slice
        if inner is None or not inner.is_path or not isinstance(number, ast.Constant):
            return None
        return Climb(inner.steps + 1 + number.value, True) if isinstance(number.value, int) else None
    if not isinstance(node, ast.Call):
        return None
    name = called(node)
    if isinstance(node.func, ast.Attribute) and name in _SAME:
        return climb(node.func.value, known)
    inner = climb(node.args[0], known) if len(node.args) == 1 else None
    if inner is None:
        return None
    if name == "dirname":
        return Climb(inner.steps + 1, False)
    return Climb(inner.steps, name in _PATHS) if name in _PATHS | _SPELLED else None
