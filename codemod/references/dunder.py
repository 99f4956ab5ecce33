"""`__import__("a.b")`: it gives the top package, and the attributes behind it lead down to the module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.text import Text

from .view import Ref, View


def dunder_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits beside the literals, which are strings like others; a finding where a variable takes the package."""
    behind: dict[ast.AST, list[ast.Attribute]] = {}
    for node in every_node(tree):
        if isinstance(node, ast.Attribute):
            chain, inner = [node], node.value
            while isinstance(inner, ast.Attribute):
                chain.append(inner)
                inner = inner.value
            if len(chain) > len(behind.get(inner, ())):
                behind[inner] = chain[::-1]
    for node in every_node(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            yield from _call(view, text, node, behind.get(node, []))


def _call(view: View, text: Text, node: ast.Call, behind: list[ast.Attribute]) -> Iterator[Edit | Finding]:
    literal = node.args[0] if node.args else None
    if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str):
        return
    loaded = view.find(literal.value)
    if loaded is None:
        return
    listed = next((k.value for k in node.keywords if k.arg == "fromlist"), node.args[3] if len(node.args) > 3 else None)
    if listed is not None:
        yield from _listed(view, node, loaded, listed)
        return
    new = view.spell(view.successor(loaded).module, loaded.root)
    if "." not in literal.value:
        if "." in new:
            at = text.offset(literal.end_lineno or 1, literal.end_col_offset or 0)
            quote = text.data[at - 1 : at].decode()
            asked = f", fromlist=[{quote}{names.last(new)}{quote}]"
            yield Edit(at, at, asked.encode(), f"{literal.value} -> {new} by __import__")
        return
    current = view.find(names.top(literal.value))
    if current is None:
        return
    old: list[ast.Attribute] = []
    for attribute in behind:
        member = view.member(current, attribute.attr)
        if member.name:
            break
        current = member
        old.append(attribute)
    reached = view.successor(current)
    if not view.affected(current) and not view.affected(loaded):
        return
    if not old or not names.within(reached.module, names.top(new)):
        yield _told(view, node, loaded, "gives the top package, which the code behind it goes down from")
        return
    spelled = names.tail(view.spell(reached.module, loaded.root), names.top(new))
    start = text.offset(node.end_lineno or 1, node.end_col_offset or 0)
    end = text.offset(old[-1].end_lineno or 1, old[-1].end_col_offset or 0)
    if text.data[start:end] != f".{spelled}".encode():
        yield Edit(start, end, f".{spelled}".encode() if spelled else b"", f"{loaded.module} -> {new} by __import__")


def _listed(view: View, node: ast.Call, package: Ref, listed: ast.expr) -> Iterator[Finding]:
    """`__import__("app", fromlist=["user"])`: what is listed is read of the package."""
    for element in every_node(listed):
        if isinstance(element, ast.Constant) and isinstance(element.value, str) and element.value:
            member = view.member(package, element.value)
            after = view.successor(member)
            home = after.module if after.name else names.parent(after.module)
            if view.affected(member) and home != view.intent.module(package.module):
                yield _told(view, node, package, f"asks for {element.value}, which lives elsewhere after the phase")


def _told(view: View, node: ast.Call, loaded: Ref, what: str) -> Finding:
    return Finding(
        "loaded-name-moved", f"__import__ of {loaded.module} {what}", Weight.REVIEW, Place(view.path, node.lineno),
        "use importlib.import_module",
    )  # fmt: skip
