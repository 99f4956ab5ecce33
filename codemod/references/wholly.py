"""Code that reads all names of a module: `vars(m)`, `m.__dict__`, `dir(m)`, where some of them leave it or join it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes

from .byname import QUOTED, WHOLE, called, leaving, modules_leaving
from .keyworded import by_key
from .view import View


def read_whole(view: View, scopes: Scopes, owners: Mapping[int, str]) -> Iterator[Finding]:
    """A finding where a file reads all names of a module, some of which leave it: `vars(m)`, `m.__dict__`, `dir(m)`.

    So where it is a package that gains or loses modules: they are names of it, too.  A name that stays under another
    one counts where the file holds the old one, and not as the literal that is asked for: that one follows.
    """
    left_it, renamed = leaving(view.intent), leaving(view.intent, renamed=True)
    nodes = list(every_node(scopes.tree)) if owners else []
    followed = {id(asked[0]) for node in nodes if (asked := by_key(node))}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            owner = node.value
        elif isinstance(node, ast.Call) and node.args and called(node) in WHOLE:
            owner = node.args[0]
        else:
            continue
        module = owners.get(scopes.span(owner)[1], "")
        if not module or not isinstance(owner, (ast.Name, ast.Attribute)):
            continue
        gone = sorted(left_it.get(module, ()))
        if id(node) not in followed:
            gone += sorted(name for name in renamed.get(module, ()) if name not in gone and _holds(scopes, name))
        lost, joined = _children_changed(view, module)
        gone += lost
        told = [_said(one, what) for one, what in ((joined, "join"), (gone, "leave")) if one]
        if told:
            yield Finding(
                "namespace-read", f"all names of {module} are read here; {', and '.join(told)}", Weight.REVIEW,
                Place(view.path, node.lineno),
                "look whether what left is missed" if gone else "look whether it may be among them",
            )  # fmt: skip


def _holds(scopes: Scopes, name: str) -> bool:
    """True when a text of the file is this name."""
    return any(part == name.encode() for match in QUOTED.finditer(scopes.text.data) for part in match[1].split(b"."))


def _said(found: Sequence[str], what: str) -> str:
    return f"{found[0]} and {len(found) - 1} more {what} it" if len(found) > 1 else f"{found[0]} {what}s it"


def _children_changed(view: View, package: str) -> tuple[list[str], list[str]]:
    """The modules that a package has only before the phase, and only after it, by their last names."""
    module = view.inventory.modules.get(package)
    if module is None or not module.is_package or not view.intent.modules:
        return [], []
    new = view.intent.module(package)
    before = {names.last(child.name) for child in view.inventory.modules.children(package)}
    left = before & set(modules_leaving(view.intent).get(package, ()))
    inside = {names.top(names.tail(name, new)) for name in view.intent.modules.values() if names.within(name, new)}
    after = before - left | inside - {""}
    return sorted(before - after), sorted(after - before)
