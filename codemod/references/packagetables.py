"""Tables of a package's own file that list the names of its modules, `{"user": ["User"]}`, for whoever loads them.

The code that loads them may stand anywhere, so the names are the proof: each is bound by the module of that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .literals import bodies
from .proven import lists, module_of
from .view import Ref, View

_MARK = b"__name__"
_ASKING = frozenset({"get", "pop", "setdefault"})


def may_hold_package_tables(view: View, code: bytes) -> bool:
    """True when a package's own file may hand such a table on, together with the package's name; a cheap question."""
    if not view.is_init or not view.module or _MARK not in code:
        return False
    return any(
        names.parent(old) == view.module and b'"%s"' % names.last(old).encode() in code.replace(b"'", b'"')
        for old in view.intent.modules
    )


def package_table_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to the keys of modules that move; a finding for one that leaves the package."""
    for entries in _tables(tree).values():
        if any(_lists(view, key, value) for key, value in entries):
            for key, _ in entries:
                yield from _followed(view, text, key)


Entry = tuple[ast.expr, ast.expr | None]
"""A key and its value; none where the key is just asked for: `table["user"].append("User")`."""


def _tables(tree: ast.Module) -> dict[str | int, list[Entry]]:
    """The entries of each table: of a display, or of all displays and subscripts of one variable."""
    found: dict[str | int, list[Entry]] = {}
    variables: dict[int, str] = {}
    stored: set[int] = set()
    for node in every_node(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                variables[id(node.value)] = target.id
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                stored.add(id(target))
                found.setdefault(target.value.id, []).append((target.slice, node.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and id(node) not in stored:
            found.setdefault(node.value.id, []).append((node.slice, None))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING:
            if isinstance(node.func.value, ast.Name) and node.args:
                found.setdefault(node.func.value.id, []).append((node.args[0], None))
        elif isinstance(node, ast.Dict):
            keys = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
            found.setdefault(variables.get(id(node), id(node)), []).extend(keys)
    return found


def _lists(view: View, key: ast.expr, value: ast.expr | None) -> bool:
    ref = _module(view, key)
    return ref is not None and not isinstance(value, (ast.Constant, type(None))) and lists(view, ref, value)


def _module(view: View, key: ast.expr) -> Ref | None:
    """The module below the package that a key names."""
    name = key.value if isinstance(key, ast.Constant) else None
    return module_of(view, names.join(view.package, name)) if isinstance(name, str) and name.isidentifier() else None


def _followed(view: View, text: Text, key: ast.expr) -> Iterator[Edit | Finding]:
    ref = _module(view, key)
    if ref is None or not isinstance(key, ast.Constant):
        return
    new, spans = view.successor(ref).module, bodies(text, key, str(key.value))
    tail = names.tail(new, view.new_package) if names.below(new, view.new_package) else ""
    if tail == key.value:
        return
    if tail and len(spans) == 1:
        yield Edit(*spans[0], tail.encode(), f"{ref.module} -> {new} in a table of the package", review=True)
    else:
        yield Finding(
            "loaded-name-moved", f"a table names {ref.module} as a module of the package, which it leaves",
            Weight.REVIEW, Place(view.path, key.lineno),
        )  # fmt: skip
