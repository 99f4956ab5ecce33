"""Texts that say what something calls itself: `type(error).__name__ == "BadThing"`, and `"BadThing(1)"`, its repr.

No import leads from them to what they mean, so that nobody can tell; where something gets another name, they are told.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .view import View

_ASKING = (b".__name__", b".__qualname__")
_ASKED = ("__name__", "__qualname__")


def may_say_itself(view: View, code: bytes) -> bool:
    """True when a text of the file may say what something renamed calls itself; a cheap question."""
    words, shown = _renamed(view.intent)
    return bool(words) and ((holds(code, words) and holds(code, _ASKING)) or holds(code, shown))


def self_names(view: View, text: Text, tree: ast.Module) -> Iterator[Finding]:
    """A finding for each literal that is compared with a name which something has of itself, or that is its repr."""
    renamed = {name: new for (_, name), (_, new) in view.intent.symbols.items() if new != name}
    nodes = list(every_node(tree))
    said = {node.id for node in nodes if isinstance(node, ast.Name)}
    said |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    kept = _kept(nodes)
    for node in nodes:
        if isinstance(node, ast.Compare):
            for value, line in _compared(node, kept):
                if value in renamed:
                    yield _told(view, line, value, "compared with what something calls itself", renamed[value])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = _shown(node.value)
            if name in renamed and name in said:
                yield _told(view, node.lineno, name, "in what seems to be a repr", renamed[name])


def _told(view: View, line: int, name: str, where: str, new: str) -> Finding:
    return Finding(
        "name-of-itself", f"{name} is {where} here; the plan calls it {new}", Weight.REVIEW,
        Place(view.path, line), f"write {new}, if it is the one that is meant",
    )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _renamed(intent: Intent) -> tuple[frozenset[bytes], tuple[bytes, ...]]:
    """The names that become others, and the beginnings of the texts that show one."""
    words = {name.encode() for (_, name), (_, new) in intent.symbols.items() if new != name}
    shown = [quote + mark for word in sorted(words) for mark in (b"<" + word, word + b"(") for quote in (b'"', b"'")]
    return frozenset(words), tuple(shown)


def _shown(value: str) -> str:
    """The name with which a repr begins: `Name(...)`, `<Name ...>`; empty for any other text."""
    if value.startswith("<") and value.endswith(">"):
        front = value[1:-1].partition(" ")[0].partition(":")[0].partition("(")[0]
    else:
        front = value.partition("(")[0] if value.endswith(")") else ""
    return front if front.isidentifier() else ""


def _kept(nodes: list[ast.AST]) -> frozenset[str]:
    """The variables that are given such a name: `kind = type(error).__name__`."""
    return frozenset(
        target.id
        for node in nodes if isinstance(node, ast.Assign) and _is_own_name(node.value)
        for target in node.targets if isinstance(target, ast.Name)
    )  # fmt: skip


def _is_own_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _ASKED


def _compared(node: ast.Compare, kept: frozenset[str]) -> Iterator[tuple[str, int]]:
    """The texts, and their lines, that a comparison holds against such a name; those of a table included."""
    sides = [node.left, *node.comparators]
    if not any(_is_own_name(side) or (isinstance(side, ast.Name) and side.id in kept) for side in sides):
        return
    for side in sides:
        for literal in side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else (side,):
            if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                yield literal.value, literal.lineno
