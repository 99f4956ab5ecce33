"""The places of other modules: `Path(user.__file__).parent`, `files(user.__package__)`, `inspect.getfile(user)`.

What a file finds by the place or by the package of a module that moves is found where it is after the phase.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.source.modules import Module
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes
from codemod.source.text import Text

from .ownpackage import Home, reading_edits
from .ownpath import is_finder, other_path_edits
from .reached import Reached
from .view import View

_ASKED = frozenset({"__file__", "__name__", "__package__", "__spec__"})


def other_place_edits(
    view: View, scopes: Scopes, reached: Sequence[Reached], owners: Mapping[int, str]
) -> Iterator[Edit | Finding]:
    """The edits to what is found by the place of another module; a finding where it cannot be followed.

    `owners` gives the module for the end of each expression that means one.
    """
    ends = {r.chain.segments[r.segments][2]: r.old.module for r in reached if r.old.name in _ASKED}
    data = scopes.text.data
    handed = owners if b"files(" in data or b"file(" in data else {}
    for name in sorted({*ends.values(), *handed.values()}):
        home = home_of(view, name)
        if home is None:
            continue
        asked = {end for end, one in ends.items() if one == name}
        meant = {end for end, one in handed.items() if one == name}
        yield from followed(view, name, home, _Reached(scopes, asked, meant))


def home_of(view: View, name: str) -> Home | None:
    """The folders of a module, by its old name, before and after; None where it stays, or nobody knows it."""
    module = view.inventory.modules.get(name)
    home = _home(view, module) if module is not None else _gone(view, name)
    return home if home is not None and home.old != home.new else None


def followed(view: View, name: str, home: Home, asked: Asked) -> Iterator[Edit | Finding]:
    """The edits to what is asked of the module `name`; a finding where it cannot be followed."""
    found = _edits(view, home, asked)
    if view.inventory.modules.get(name) is None:
        yield from (one for one in found if isinstance(one, Finding) or not one.review)
    elif home.new in view.intent.folders.values():
        yield from _told(view, asked.text, name, found)
    else:
        yield from found


def _told(view: View, text: Text, name: str, found: Iterator[Edit | Finding]) -> Iterator[Finding]:
    """Where a module that became a package by a split is asked for data which lies beside it.

    Nobody can tell by then whether the code counts from where the module was, so it is not edited, once or twice.
    """
    lines = {text.line(one.start) for one in found if isinstance(one, Edit) and not one.review}
    for line in sorted(lines):
        yield Finding(
            "own-path-moves", f"{name} is asked for its place, and is a package after the phase", Weight.REVIEW,
            Place(view.path, line), "look whether what it names is still found",
        )  # fmt: skip


class Asked(Protocol):
    """What in a file means one module."""

    @property
    def text(self) -> Text:
        """The file's text."""

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""

    def is_module(self, node: ast.AST) -> bool:
        """True for an expression that gives the module, or its name to a call that reads."""

    def attribute(self, node: ast.AST) -> str:
        """`__file__` of `module.__file__`, `__spec__.origin` of `module.__spec__.origin`; "" for anything else."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """What means a module by the names that the file binds."""

    scopes: Scopes
    asked: set[int]  # ends of `module.__file__` and its like
    meant: set[int]  # ends of what means the module itself

    @property
    def text(self) -> Text:
        return self.scopes.text

    @property
    def tree(self) -> ast.Module:
        return self.scopes.tree

    def is_module(self, node: ast.AST) -> bool:
        return isinstance(node, (ast.Name, ast.Attribute)) and self.scopes.span(node)[1] in self.meant

    def attribute(self, node: ast.AST) -> str:
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            return ""
        if node.attr in _ASKED:
            return node.attr if self.scopes.span(node)[1] in self.asked else ""
        inner = node.value
        specified = isinstance(inner, ast.Attribute) and inner.attr == "__spec__" and self.attribute(inner)
        return f"__spec__.{node.attr}" if specified else ""


def _edits(view: View, home: Home, asked: Asked) -> Iterator[Edit | Finding]:
    text, tree = asked.text, asked.tree

    def is_path(node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return is_finder(node) and asked.is_module(node.args[0])
        return asked.attribute(node) in ("__file__", "__spec__.origin")

    def kind(node: ast.AST) -> str:
        """ "package" for what gives the name of the module's package, "module" for the module, or its name."""
        if asked.is_module(node):
            return "module"
        attribute = asked.attribute(node)
        if attribute in ("__package__", "__spec__.parent"):
            return "package"
        return "module" if attribute in ("__name__", "__spec__.name") else ""

    paths = {end_of(text, node) for node in every_node(tree) if isinstance(node, ast.expr) and is_path(node)}
    if paths:
        yield from other_path_edits(view, text, tree, home.old, home.new, paths)
    yield from reading_edits(view, text, tree, home, kind)

    for node in every_node(tree):
        given = [*node.args[1:], *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
        for one in given:  # to what imports from there, or reads
            if not home.along and kind(one) == "package":
                yield Finding(
                    "own-name-moves", f"{ast.unparse(one)} is another package's; {home.moves}", Weight.REVIEW,
                    Place(view.path, one.lineno), "name the package that is meant",
                )  # fmt: skip


def end_of(text: Text, node: ast.expr) -> int:
    """Where an expression ends."""
    return text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)


def _home(view: View, module: Module) -> Home | None:
    """The folders of a module before and after; None for one without a file."""
    intent = view.intent
    folder = posixpath.dirname(module.path)
    divided = next((path for path, inside in intent.folders.items() if inside == folder), "")
    old = divided if divided and module.is_package else module.path  # its `__init__` is there already
    new = intent.folders.get(old) or posixpath.dirname(intent.files.get(old, old))
    name = intent.module(module.name)
    package = name if module.is_package else names.parent(name)
    along = intent.module(module.package) == package
    moves = _moves(module.name, module.package, package)
    return Home(posixpath.dirname(old), new, module.root, moves, along) if module.path else None


def _gone(view: View, name: str) -> Home | None:
    """The same for a module that is not there any more: what it was merged into stands for it.

    It may have been anything; data counts for its own only where it still lies in the folder.
    """
    above = view.inventory.modules.get(names.parent(name))
    new = view.inventory.modules.get(view.intent.module(name))
    if above is None or not above.folder or new is None or not new.path or new.is_package:
        return None
    return Home(above.folder, posixpath.dirname(new.path), above.root, _moves(name, above.name, new.package))


def _moves(name: str, old: str, new: str) -> str:
    return f"{name} moves from {old or 'the top'} to {new or 'the top'}"
