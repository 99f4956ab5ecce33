"""An `__all__` that is put together from those of other modules: names that leave one of them are listed beside it.

from .client import *
from .errors import *

__all__ = client.__all__ + errors.__all__
__all__ += ("Timeout",)  # which went from `errors` to another module
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from codemod.base import names
from codemod.rewrite.edits import Edit
from codemod.source.facts import Facts
from codemod.source.text import Text

from .view import View


def may_join_exports(view: View, facts: Facts, code: bytes) -> bool:
    """True when the `__all__` of a file may hold that of a module which names leave; a cheap question."""
    return facts.exports_computed and bool(view.intent.symbols) and code.count(b"__all__") > 1


def joined_exports(
    view: View, facts: Facts, text: Text, tree: ast.Module, brought: Collection[tuple[str, str]]
) -> Iterator[Edit]:
    """The edit that lists what the lists of other modules lose; `brought` are names that the file imports anew."""
    statements = [node for node in tree.body if _says_exports(node)]
    sources = {source for node in statements for source in _sources(view, facts, node)}
    leaving = [
        (module, name) for module, name in view.intent.symbols
        if module in sources and (name in facts.bound or (module, name) in brought)
        and name not in (facts.exports or ())
    ]  # fmt: skip
    found = sorted({name for module, name in leaving if _is_listed(view, module, name)})
    if found:
        last = statements[-1]
        at = text.offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
        quoted = ", ".join(f'"{name}"' for name in found)
        listed = f"[{quoted}]" if _is_list(statements[0]) else f"({quoted}{',' if len(found) == 1 else ''})"
        yield Edit(at, at, text.newline + f"__all__ += {listed}".encode(), "the export follows its definition")


def _is_listed(view: View, module: str, name: str) -> bool:
    """True for a name that its old module exported; its new one does so now, if it has a list."""
    home, new = view.intent.symbols[module, name]
    old, there = (view.inventory.modules.get(n) for n in (module, home))
    if home == view.intent.module(module) or old is None or there is None:
        return False
    if view.inventory.facts(old.path).exports is None:
        return False
    exports = view.inventory.facts(there.path).exports
    return not name.startswith("_") if exports is None else new in exports


def _says_exports(node: ast.stmt) -> bool:
    """`__all__ = ...`, `__all__ += ...`, `__all__.extend(...)`."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        targets = [node.value.func.value]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    else:
        targets = [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _is_list(node: ast.stmt) -> bool:
    """True where the first value of `__all__` is surely a list."""
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    while isinstance(value, ast.BinOp):
        value = value.left
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.List) or (isinstance(called, ast.Name) and called.id in ("list", "sorted"))


def _sources(view: View, facts: Facts, node: ast.stmt) -> Iterator[str]:
    """The modules whose `__all__` a statement reads."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr == "__all__":
            yield from _meant(view, facts, ast.unparse(inner.value))
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            yield from _imported(view, facts, inner.id)


def _imported(view: View, facts: Facts, bound: str) -> Iterator[str]:
    """The module of `from module import __all__ as bound`."""
    for statement in facts.imports:
        if statement.is_from and any(a.name == "__all__" and statement.bound(a) == bound for a in statement.aliases):
            origin = view.origin(statement)
            if origin is not None:
                yield origin.module


def _meant(view: View, facts: Facts, dotted: str) -> Iterator[str]:
    """The module that an expression means by the imports of its file; a package binds the modules that it loads."""
    top = names.top(dotted)
    for statement in facts.imports:
        origin = view.origin(statement) if statement.is_from else None
        for alias in statement.aliases:
            if origin is not None and statement.is_star and dotted == names.last(origin.module) and view.is_init:
                yield origin.module
            elif statement.bound(alias) == top and origin is not None:
                yield names.join(view.member(origin, alias.name).module, dotted.partition(".")[2])
            elif statement.bound(alias) == top and not statement.is_from:
                yield names.join(alias.name if alias.asname else top, dotted.partition(".")[2])
