"""Statements that say where imports are searched: `sys.path.insert(0, ROOT)`, above imports that need it."""

from __future__ import annotations

import ast

from .motion_anatomy import Anatomy, Piece
from .motion_changes import shallow
from .motion_text import sort_kind

FIRST_PARTY = 3
"""What `sort_kind` says of the repository's own modules, and less of others."""

_WORDS = (b"sys.path", b"addsitedir")
_ADDING = ("insert", "append", "extend", "addsitedir")


def needed_above(anatomy: Anatomy, first_party: frozenset[str]) -> Piece | None:
    """The last statement that says where imports are searched, where no module of ours is imported above it."""
    if not any(word in anatomy.text.data for word in _WORDS):
        return None
    found: Piece | None = None
    for piece in anatomy.pieces:
        if found is None and any(sort_kind(module, first_party) >= FIRST_PARTY for module in _imported(piece)):
            return None
        if any(_says_where(inner) for node in piece.nodes for inner in shallow(node)):
            found = piece
    return found


def _says_where(node: ast.AST) -> bool:
    """`sys.path.append(x)`, `sys.path[:0] = [x]`, `sys.path += [x]`, `site.addsitedir(x)`."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called.startswith(("sys.path.", "site.")) and called.rpartition(".")[2] in _ADDING
    stored = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
    return stored and isinstance(node, ast.expr) and ast.unparse(node).partition("[")[0] == "sys.path"


def _imported(piece: Piece) -> list[str]:
    found: list[str] = []
    for node in piece.nodes:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append("." * node.level + (node.module or ""))
    return found
