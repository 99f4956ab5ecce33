"""What code of a function runs when it is called: not that of the functions which it only makes and gives back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.references.byname import called

EVERY = 9
"""Calls of what a function gives, where nobody counts them."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WRAPPING = frozenset({"wraps", "update_wrapper", "cast", "contextmanager", "asynccontextmanager"})
"""Calls that take a function and do not run it."""


def run_by(function: ast.AST, calls: int = EVERY) -> Iterator[ast.AST]:
    """The nodes of a function that run when it is called, and what it gives is called `calls` times over.

    `@timed` calls `timed`, `@memo(3)` also what that gives; the wrapper within waits for the decorated function.
    """
    waiting: list[tuple[ast.AST, int]] = [(function, calls)]
    while waiting:
        node, left = waiting.pop()
        yield node
        waits = isinstance(node, (*_FUNCTIONS, ast.Lambda)) and node is not function and left < EVERY
        if waits and _is_handed_back(function, node):
            left -= 1
        if left >= 0:
            waiting += [(part, left) for part in ast.iter_child_nodes(node)]
        else:
            outside = [*getattr(node, "decorator_list", []), getattr(node, "args", None)]
            waiting += [(part, 0) for part in outside if part is not None]


def _is_handed_back(function: ast.AST, inner: ast.AST) -> bool:
    """True for a function that is given back, or to what only dresses it up, and not called or handed on."""
    name = getattr(inner, "name", "")
    decorators: list[ast.expr] = getattr(inner, "decorator_list", [])
    if any(not _dresses(decorator) for decorator in decorators):
        return False
    back: set[int] = set()  # ids of what is given back, or dressed up
    for node in ast.walk(function):
        if (isinstance(node, ast.Return) and node.value is not None) or (
            isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        ):
            back.add(id(node.value))
        elif isinstance(node, ast.Call) and called(node) in _WRAPPING:
            back |= {id(argument) for argument in node.args}
    if isinstance(inner, ast.Lambda):
        return id(inner) in back
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    return bool(uses) and all(id(use) in back for use in uses)


def _dresses(decorator: ast.expr) -> bool:
    call = decorator if isinstance(decorator, ast.Call) else None
    if call is not None and call.args and called(call) == "wraps":
        return True
    name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
    return name in _WRAPPING
