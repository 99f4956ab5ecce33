"""Module names that what stands beside them proves: `{"app.user": ["User"]}`, `("app.user", "User")`.

A dotted name of a module next to names which this very module binds is no text that happens to look like one.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.source.facts import Unparsable

from .view import Ref, View

_MANY = 12  # entries of a record; more are a table


Place = ast.Dict | ast.Tuple | ast.List | ast.Call
"""Where literals stand beside each other."""


def proven(view: View, node: Place) -> Iterator[ast.Constant]:
    """The literals of one display, or of one call's arguments, that are surely names of modules.

    Where one key of a table lists what its module binds, the other keys that name modules are sure, too.
    """
    if isinstance(node, ast.Call):
        named = [keyword.value for keyword in node.keywords]
        yield from _beside(view, node.args)
        yield from _among(view, named, [*named, *node.args[:1]])
        yield from _among(view, node.args[:1], named)
        return
    if not isinstance(node, ast.Dict):
        yield from _beside(view, node.elts)
        if len(node.elts) == 2:
            yield from _beside(view, node.elts[::-1])
        return
    keyed = False
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            keyed = keyed or _says(view, key, value)
        if key is not None and isinstance(value, ast.Constant) and _says(view, value, key):
            yield value
    yield from _among(view, node.values, node.values)
    if keyed:
        yield from (key for key in node.keys if isinstance(key, ast.Constant) and _module(view, key) is not None)


def _beside(view: View, elements: Sequence[ast.expr]) -> Iterator[ast.Constant]:
    """Names of modules right in front of what they define, or of a list of what they bind."""
    for said, behind in itertools.pairwise(elements):
        if isinstance(said, ast.Constant) and _says(view, said, behind):
            yield said


def _among(view: View, elements: Sequence[ast.expr], others: Sequence[ast.expr]) -> Iterator[ast.Constant]:
    """Names of modules with what they define among the others: `{"module": "app.user", "name": "User"}`."""
    texts = [other for other in others if isinstance(other, ast.Constant)]
    for said in elements if len(others) <= _MANY else ():
        if isinstance(said, ast.Constant) and any(_says(view, said, other) for other in texts):
            yield said


def lists(view: View, ref: Ref, value: ast.expr) -> bool:
    """True when a table gives for a module nothing but names that it binds, or the one name of a definition in it.

    Names come in a display, or as the keys of a mapping.  A text alone may be a label that happens to be bound, too.
    """
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and _binds(view, ref, value.value, defined=True)
    elements = value.keys if isinstance(value, ast.Dict) else getattr(value, "elts", [])
    said = [element.value for element in elements if isinstance(element, ast.Constant)]
    return 0 < len(said) == len(elements) and all(isinstance(name, str) and _binds(view, ref, name) for name in said)


def _says(view: View, module: ast.expr, value: ast.expr) -> bool:
    ref = _module(view, module)
    return ref is not None and lists(view, ref, value)


def _module(view: View, literal: ast.expr) -> Ref | None:
    """The module that a literal with a dot in it names as a whole, by its old name or its present one."""
    if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str):
        return None
    dotted = "." in literal.value.strip(".") and not literal.value.startswith(".")
    return module_of(view, literal.value) if dotted else None


def module_of(view: View, name: str) -> Ref | None:
    """The module of that name, which is there before the phase or after it."""
    ref, known = view.find(name), view.inventory.modules
    return ref if ref is not None and (ref.module in known or view.successor(ref).module in known) else None


def _binds(view: View, ref: Ref, name: str, *, defined: bool = False) -> bool:
    """True when a module binds a name, by a definition where `defined`, or is a package with such a module."""
    inner, modules = names.join(ref.module, name), view.inventory.modules
    if (ref.module, name) in view.intent.symbols:
        return True
    if not defined and (inner in modules or inner in view.intent.modules):
        return True
    module = view.home(ref.module)
    facts = view.inventory.read(module.path) if module is not None and module.path else None
    if facts is None or isinstance(facts, Unparsable):
        return False
    if defined:
        return any(one.name == name and one.kind != "value" for one in facts.definitions)
    return name in facts.bound
