"""Attributes that are named elsewhere than in a call's strings: keywords of `patch.multiple`, keys of `globals()`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from codemod.base.values import dataclass
from codemod.source.scopes import Scopes

from .view import View

_OWN = frozenset({"spec", "create", "spec_set", "autospec", "new_callable", "target"})
"""Keywords that are not names of attributes."""

_ASKING = frozenset({"get", "pop", "setdefault"})


@dataclass(frozen=True, slots=True)
class Named:
    """An attribute of a module that a call names, where it does, and how it is written there."""

    module: str
    name: str
    start: int
    end: int
    written: str
    line: int
    handed_on: bool = False  # what stands there is a name for other code too
    owner: tuple[int, int] = (0, 0)  # the module's expression, if the call fails where the attribute is not there
    spelled: str = ""  # and how that is written


def keyworded(view: View, scopes: Scopes, node: ast.Call, owners: Mapping[int, str]) -> Iterator[Named]:
    """The attributes that a call names by keywords; `owners` gives the module for the end of each expression.

    What is patched with DEFAULT is handed on by the keyword, which other code then spells.
    """
    owner = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "target"), None)
    module = owners.get(scopes.span(owner)[1], "") if owner is not None else ""
    if isinstance(owner, ast.Constant) and isinstance(owner.value, str):
        found = view.find(owner.value)
        module = found.module if found is not None and not found.name else ""
    for keyword in node.keywords if module else ():
        if keyword.arg is not None and keyword.arg not in _OWN:
            start = scopes.text.offset(keyword.lineno, keyword.col_offset)
            handed_on = ast.unparse(keyword.value).split(".")[-1] == "DEFAULT"
            end = start + len(keyword.arg.encode())
            yield Named(module, keyword.arg, start, end, keyword.arg, keyword.lineno, handed_on)


def keyed(view: View, scopes: Scopes, node: ast.AST, owners: Mapping[int, str]) -> Iterator[Named]:
    """The name that a literal key of a module's namespace stands for: `globals()["name"]`, `"name" in vars(module)`.

    `module.__dict__["name"]` and `"name" in dir(module)` are other ways to say it.
    """
    asked = by_key(node)
    if asked is None:
        return
    space, key, said = asked
    module = _whose(view, scopes, space, owners)
    if module:
        start, end = scopes.span(key)
        written = scopes.text.data[start:end].decode("utf-8", "replace")
        yield Named(module, said, start, end, written, key.lineno)


def by_key(node: ast.AST) -> tuple[ast.expr, ast.Constant, str] | None:
    """What is asked for a literal text, the literal and the text; None for anything else."""
    space: ast.expr | None = None
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        space, key = node.value, node.slice
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        space, key = node.comparators[0], node.left
    elif (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING and node.args
    ):
        space, key = node.func.value, node.args[0]
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or space is None:
        return None
    return space, key, key.value


def _whose(view: View, scopes: Scopes, space: ast.expr, owners: Mapping[int, str]) -> str:
    """The module whose namespace an expression gives; empty for any other."""
    if isinstance(space, ast.Attribute) and space.attr == "__dict__":
        return owners.get(scopes.span(space.value)[1], "")
    if not isinstance(space, ast.Call) or not isinstance(space.func, ast.Name):
        return ""
    if space.func.id == "globals" and not space.args:
        return view.module
    whole = space.func.id in ("globals", "vars", "dir") and space.args
    return owners.get(scopes.span(space.args[0])[1], "") if whole else ""
