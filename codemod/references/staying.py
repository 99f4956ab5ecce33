"""The place of a module that stays where it is: `app.__file__`, `app.__path__[0]`, `sys.modules["app"].__file__`.

What moves away from beside it is found from there at its new place.
"""

from __future__ import annotations

import ast
import posixpath

from codemod.base import names
from codemod.source.modules import Module

from .view import View

_LOADED = ("sys.modules", "modules")


def staying_place(view: View, node: ast.expr) -> str:
    """The path of a module's file, or of a package's folder, that an expression gives; "" for anything else."""
    if isinstance(node, ast.Attribute) and node.attr == "__file__":
        module = _module(view, node.value)
        return module.path if module is not None and _stays(view, module) else ""
    first = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == 0
    if first and isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        module = _module(view, node.value.value) if node.value.attr == "__path__" else None
        return module.folder if module is not None and _stays(view, module) else ""
    return ""


def _stays(view: View, module: Module) -> bool:
    """True where the module's own place is none that others look after."""
    new = view.intent.files.get(module.path, module.path)
    return posixpath.dirname(new) == posixpath.dirname(module.path) and module.path not in view.intent.folders


def _module(view: View, node: ast.expr) -> Module | None:
    """The module that an expression means by what the file imports, or names as a text."""
    if isinstance(node, (ast.Subscript, ast.Call)):
        asked = node.value if isinstance(node, ast.Subscript) else node.func
        given = [node.slice] if isinstance(node, ast.Subscript) else node.args
        called = ast.unparse(asked)
        text = given[0].value if len(given) == 1 and isinstance(given[0], ast.Constant) else None
        known = called in _LOADED if isinstance(node, ast.Subscript) else names.last(called) == "import_module"
        found = view.inventory.modules.find(text, view.path) if known and isinstance(text, str) else None
        return found.module if found is not None and found.module.name == text else None
    chain = _dotted(node)
    for statement in view.inventory.facts(view.path).imports if chain else ():
        origin = view.inventory.origin(statement, view.path) if statement.is_from else None
        for alias in statement.aliases:
            bound = statement.bound(alias)
            if not names.within(chain, bound) or (statement.is_from and origin is None):
                continue
            whole = names.join(origin or "", alias.name) if statement.is_from or alias.asname else bound
            module = view.inventory.modules.get(names.rebase(chain, bound, whole))
            if module is not None:
                return module
    return None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    inner = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{inner}.{node.attr}" if inner and isinstance(node, ast.Attribute) else ""
