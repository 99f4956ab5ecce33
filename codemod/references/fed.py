"""Texts that a variable takes to a call which imports: `full = "a.b." + name`, then `import_module(full)`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from codemod.base.values import replace
from codemod.source.nodes import children, every_node

from .byname import called
from .computed import looked_for_in
from .literals import Spot, String
from .spoken import IMPORTING

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def fed(
    literals: Iterable[tuple[String, Spot]], tree: ast.Module, spoken: Mapping[str, str]
) -> Iterator[tuple[String, Spot]]:
    """The literals of a file and where they stand; those that a variable takes to a call stand in that call."""
    calls = _fed_to(tree, spoken)
    for node, place in literals:
        call = calls.get(id(node), "") if not place.call else ""
        yield node, replace(place, call=call) if call else place


def _fed_to(tree: ast.Module, spoken: Mapping[str, str]) -> dict[int, str]:
    """The id of each literal that such a text begins with -> the call that takes it.

    The variable is assigned in the function where the call stands.  `spoken` are other names of such calls.
    """
    found: dict[int, str] = {}
    if not any(True for node in every_node(tree) for _ in _taken(node, spoken)):
        return found
    scopes: list[ast.AST] = [tree]
    for scope in scopes:  # grows
        given: dict[str, list[ast.expr]] = {}
        taken: dict[str, str] = {}
        waiting = list(children(scope))
        while waiting:
            node = waiting.pop()
            if isinstance(node, _SCOPES):
                scopes.append(node)
                continue
            waiting += children(node)
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        given.setdefault(target.id, []).append(node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and isinstance(node.target, ast.Name):
                given.setdefault(node.target.id, []).extend([node.value] if node.value is not None else [])
            taken.update(_taken(node, spoken))
        for name, call in taken.items():
            for value in given.get(name, ()):
                found.update((id(head), call) for head in _head(value))
    return found


def _taken(node: ast.AST, spoken: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(variable, call) where a call that imports takes one, or one is looked for among the loaded modules."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
        name = called(node)
        name = spoken.get(name, name)
        if name in IMPORTING:
            yield node.args[0].id, name
    for key in looked_for_in(node):
        if isinstance(key, ast.Name):
            yield key.id, "import_module"


def _head(value: ast.expr) -> Iterator[ast.expr]:
    """The literal that a text which is put together begins with."""
    together = False
    while not isinstance(value, (ast.Constant, ast.JoinedStr)):
        together = True
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Mod)):
            value = value.left
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format":
            value = value.func.value
        else:
            return
    if together or isinstance(value, ast.JoinedStr):
        yield value
