"""Files that say nothing: what may go, or give way, without a loss."""

from __future__ import annotations

import ast

from .facts import Unparsable, parse
from .text import Text, Undecodable


def says_nothing(path: str, data: bytes) -> bool:
    """True for white space, and for Python that is comments, a docstring, `__future__` and an empty `__all__`."""
    if not data.strip():
        return True
    if not path.endswith((".py", ".pyi")):
        return False
    try:
        body = parse(Text.of(data)).body
    except (Unparsable, Undecodable):
        return False
    return all(_is_nothing(node) for node in body)


def _is_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        empty = isinstance(node.value, (ast.List, ast.Tuple)) and not node.value.elts
        return isinstance(target, ast.Name) and target.id == "__all__" and empty
    return False
