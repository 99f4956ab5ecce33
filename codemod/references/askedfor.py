"""Names that a call asks a module for by a literal: `getattr(util, "shout")` follows `shout` as `util.shout` does."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes

from .byname import BY_NAME, called, goes_on_reading
from .view import Ref, View

_WORDS = (b"attr(", b".object(")


def may_ask_by_name(code: bytes) -> bool:
    """True when a call may name what it takes of an object; a cheap question."""
    return any(word in code for word in _WORDS)


def asked_for(view: View, scopes: Scopes) -> dict[int, ast.Constant]:
    """The literals of calls that may ask for a name which changes modules, by the end of what they ask."""
    found: dict[int, ast.Constant] = {}
    if not view.intent.symbols or not may_ask_by_name(scopes.text.data):
        return found
    for node in every_node(scopes.tree):
        if isinstance(node, ast.Call) and len(node.args) > 1 and called(node) in BY_NAME:
            owner, literal = node.args[:2]
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                found[scopes.span(owner)[1]] = literal
    return found


def gone(view: View, module: str, end: int, asked: Mapping[int, ast.Constant]) -> str:
    """The name that the expression with this end is asked for, and that leaves the module; "" where there is none."""
    literal = asked.get(end)
    old = Ref(module, str(literal.value)) if literal is not None else Ref(module)
    moved = view.intent.symbols.get((old.module, old.name)) if old.name else None
    leaves = moved is not None and moved[0] != view.intent.module(module)
    return old.name if leaves and not goes_on_reading(view, old) else ""


def renamed(scopes: Scopes, literal: ast.Constant, new: str, reason: str) -> Edit:
    """The literal with the name that it has to be asked for after the phase."""
    start, end = scopes.span(literal)
    written = scopes.text.data[start:end].replace(str(literal.value).encode(), new.encode())
    return Edit(start, end, written, reason)
