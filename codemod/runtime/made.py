"""What an expression at module level is, told by the third-party class or function that it comes from."""

from __future__ import annotations

import ast

from codemod.base import names
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory, Target
from codemod.source.modules import Module
from codemod.source.origins import origin_of
from codemod.source.text import Text, Undecodable

_DEEP = 12  # steps through modules, factories and base classes


def made(inventory: Inventory, module: Module, node: ast.expr, deep: int = 0) -> str:
    """`celery.Celery().task` for `app.task`, where `app` is what some module of ours makes; "" where that is not known.

    Names are followed through imports and re-exports, objects to the class that is called, classes of ours to their
    bases, and factories to what they return.
    """
    if deep > _DEEP:
        return ""
    if isinstance(node, ast.Call):
        maker = meant(inventory, module, node.func)
        body = _definition(inventory, maker)
        if isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef)) and maker is not None:
            return _returned(inventory, maker, body, deep)
        found = made(inventory, module, node.func, deep + 1)
        return found + "()" if found else ""
    target = meant(inventory, module, node)
    if target is not None:
        home = inventory.modules.get(target.module)
        if home is None:
            return names.join(target.module, target.name)
        return _defined(inventory, home, target, deep)
    if isinstance(node, ast.Attribute):
        owner = made(inventory, module, node.value, deep + 1)
        return names.join(owner, node.attr) if owner else ""
    return ""


def meant(inventory: Inventory, module: Module, node: ast.expr) -> Target | None:
    """The module or the name in one that a dotted expression means."""
    if isinstance(node, ast.Name):
        return origin_of(inventory, module, node.id)
    if not isinstance(node, ast.Attribute):
        return None
    owner = meant(inventory, module, node.value)
    if owner is None or owner.name:
        return None
    home = inventory.modules.get(owner.module)
    return origin_of(inventory, home, node.attr) if home is not None else Target(owner.module, node.attr)


def _defined(inventory: Inventory, home: Module, target: Target, deep: int) -> str:
    node = _definition(inventory, target)
    if isinstance(node, ast.ClassDef):
        bases = (made(inventory, home, base, deep + 1) for base in node.bases)
        return next((base for base in bases if base), "")
    value = getattr(node, "value", None)
    return made(inventory, home, value, deep + 1) if isinstance(value, ast.expr) else ""


def _definition(inventory: Inventory, target: Target | None) -> ast.stmt | None:
    """The statement that defines a name of ours."""
    home = inventory.modules.get(target.module) if target is not None and target.name else None
    if target is None or home is None or not home.path:
        return None
    try:
        text = Text.of(inventory.tree.read(home.path))
        for definition in inventory.facts(home.path).definitions:
            if definition.name == target.name:
                indent = text.column(definition.start) - 1
                piece = text.data[definition.start - indent : definition.end]
                lines = b"if 1:\n" + piece if indent else piece
                body = parse(Text(lines, (0,), "utf-8", False)).body
                return body[0].body[0] if isinstance(body[0], ast.If) and indent else body[0]
    except (Unparsable, Undecodable, IndexError):
        return None
    return None


def _returned(inventory: Inventory, maker: Target, body: ast.FunctionDef | ast.AsyncFunctionDef, deep: int) -> str:
    """What a factory returns, looked up in its own assignments first."""
    home = inventory.modules.get(maker.module)
    assigned = {
        target.id: node.value
        for node in ast.walk(body)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(body):
        if isinstance(node, ast.Return) and node.value is not None and home is not None:
            value = assigned.get(node.value.id, node.value) if isinstance(node.value, ast.Name) else node.value
            found = made(inventory, home, value, deep + 1)
            if found:
                return found
    return ""
