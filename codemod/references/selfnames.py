"""What goes by the name that something has of itself: `type(error).__name__ == "BadThing"`, `"BadThing(1)"`, its repr.

So do functions and tables that are looked up by it: `visit_BadThing`, `{"BadThing": 1}`.  No import leads from there to
what is meant, so that nobody can tell; where something gets another name, they are told.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.rewrite.intent import Intent
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .view import View

_ASKING = (b".__name__", b".__qualname__")
_ASKED = ("__name__", "__qualname__")
_OWN = rb"\.__(?:qual)?name__\b"
_LOOKED_UP = lazy(
    rb"\[[^\]\n]*%s|\b(?:getattr|get|pop|setdefault)\([^\n]*%s|_[\"']\s*\+\s*[^\n]*%s|_\{[^}\n]*%s|_%%s[\"']\s*%%[^\n]*%s"
    % ((_OWN,) * 5)
)
"""`TABLE[type(x).__name__]`, `getattr(self, type(x).__name__)`, `"visit_" + type(x).__name__` and the like."""
_VISITING = ("visit_", "leave_", "depart_", "enter_", "exit_")  # which libraries look up


def may_say_itself(view: View, code: bytes) -> bool:
    """True when a text of the file may say what something renamed calls itself; a cheap question."""
    words, shown, found = _renamed(view.intent)
    return bool(words) and ((holds(code, words) and holds(code, _ASKING)) or holds(code, shown) or holds(code, found))


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
    classes = {old: new for old, new in renamed.items() if _is_class(old)}
    found = _found_by_it(view, classes, nodes)
    yield from sorted(found, key=lambda one: one.place.line if one.place is not None else 0)


def _found_by_it(view: View, renamed: Mapping[str, str], nodes: Sequence[ast.AST]) -> Iterator[Finding]:
    """A finding for each function and key that is spelled as if a class's name of itself led to it."""
    paths = view.inventory.tree.files((".py",))
    looked_up = bool(renamed) and any(view.inventory.answer(_looks_up, path) for path in paths)
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            front, mark, old = node.name.rpartition("_")
            if old in renamed and mark and (f"{front}_" in _VISITING or (looked_up and not front.startswith("test"))):
                yield Finding(
                    "name-of-itself", f"{node.name} is called after {old}; the plan calls that {renamed[old]}",
                    Weight.REVIEW, Place(view.path, node.lineno),
                    f"call it {front}_{renamed[old]}, if it is found by what an object calls itself",
                )  # fmt: skip
        keys = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else []
        for key in keys if looked_up else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value in renamed:
                yield _told(view, key.lineno, key.value, "a key", renamed[key.value])


def _looks_up(code: bytes) -> bool:
    """True when something is found by what an object calls itself."""
    return holds(code, _ASKING) and _LOOKED_UP.search(code) is not None


def _is_class(name: str) -> bool:
    """True for a name that is spelled as classes are."""
    plain = name.lstrip("_")
    return plain[:1].isupper() and not plain.isupper()


def _told(view: View, line: int, name: str, where: str, new: str) -> Finding:
    return Finding(
        "name-of-itself", f"{name} is {where} here; the plan calls it {new}", Weight.REVIEW,
        Place(view.path, line), f"write {new}, if it is the one that is meant",
    )  # fmt: skip


@functools.lru_cache(maxsize=4)
def _renamed(intent: Intent) -> tuple[frozenset[bytes], tuple[bytes, ...], tuple[bytes, ...]]:
    """The names that become others, the beginnings of the texts that show one, and what may be found by a class's."""
    words = {name.encode() for (_, name), (_, new) in intent.symbols.items() if new != name}
    shown = [quote + mark for word in sorted(words) for mark in (b"<" + word, word + b"(") for quote in (b'"', b"'")]
    classes = [word for word in sorted(words) if _is_class(word.decode())]
    found = [form % word for word in classes for form in (b"_%s(", b'"%s"', b"'%s'")]
    return frozenset(words), tuple(shown), tuple(found)


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
