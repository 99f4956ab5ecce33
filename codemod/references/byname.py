"""Attributes that a call names by a string: `patch.object(module, "name")`, `getattr(package, "module")`."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Symbol
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes

from .view import Ref, View

_BY_NAME = frozenset({"object", "setattr", "getattr", "hasattr", "delattr"})
"""Calls that take an object and the name of one of its attributes."""

_QUOTED = re.compile(rb"[\"']([\w\x80-\xff]+)[\"']")


def called(node: ast.Call) -> str:
    """The last name of what is called; empty for anything but a name or an attribute."""
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def may_name(view: View, code: bytes) -> bool:
    """True when a call may name something renamed by a string; a cheap question."""
    if b"attr(" not in code and b".object(" not in code:
        return False
    words = _words(frozenset(view.intent.modules), frozenset(view.intent.symbols.items()))
    return any(match[1] in words for match in _QUOTED.finditer(code))


@functools.lru_cache(maxsize=8)
def _words(modules: frozenset[str], symbols: frozenset[tuple[Symbol, Symbol]]) -> frozenset[bytes]:
    """The names of which one must stand in quotes."""
    words = {name for (_, name), (_, new) in symbols if new != name}
    return frozenset(word.encode() for word in words | {names.last(name) for name in modules})


def named_attributes(view: View, scopes: Scopes, owners: Mapping[int, str]) -> Iterator[Edit | Finding]:
    """The edits to the literals; a finding where the module that is named leaves its package.

    `owners` gives the module for the end of each expression that means one.
    """
    for node in every_node(scopes.tree) if owners else ():
        if not isinstance(node, ast.Call) or len(node.args) < 2 or called(node) not in _BY_NAME:
            continue
        owner, literal = node.args[:2]
        module = owners.get(scopes.span(owner)[1])
        if module is None or not isinstance(literal, ast.Constant) or not isinstance(literal.value, str):
            continue
        old = view.member(view.find(module) or Ref(module), literal.value)
        new = view.successor(old)
        if not view.affected(old):
            continue
        home, name = (new.module, new.name) if new.name else (names.parent(new.module), names.last(new.module))
        what = names.join(module, literal.value)
        if home == view.intent.module(module):
            start, end = scopes.span(literal)
            written = scopes.text.data[start:end].replace(literal.value.encode(), name.encode())
            if name != literal.value:
                yield Edit(start, end, written, f"{what} -> {names.join(home, name)} by its name")
        elif not (old.name and _goes_on_reading(view, old)):
            yield Finding(
                "named-attribute-moved", f"{what} is asked for by a string, and is {names.join(home, name)} after the"
                " phase", Weight.REVIEW, Place(view.path, node.lineno),
            )  # fmt: skip


def _goes_on_reading(view: View, ref: Ref) -> bool:
    """True when a module still binds a name whose definition has left it."""
    module = view.inventory.modules.get(ref.module)
    return module is not None and ref.name in view.inventory.facts(module.path).bound
