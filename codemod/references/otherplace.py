"""The places of other modules: `Path(user.__file__).parent`, `files(user.__package__)`, `inspect.getfile(user)`.

What a file finds by the place or by the package of a module that moves is found where it is after the phase.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.rewrite.edits import Edit
from codemod.source.modules import Module
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes

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
        module = view.inventory.modules.get(name)
        home = _home(view, module) if module is not None else _gone(view, name)
        if home is None or home.old == home.new:
            continue
        asked = {end for end, one in ends.items() if one == name}
        meant = {end for end, one in handed.items() if one == name}
        found = _Asking(view, scopes, home, asked, meant).run()
        if module is None:
            yield from (one for one in found if isinstance(one, Finding) or not one.review)
        elif home.new in view.intent.folders.values():
            yield from _told(view, scopes, name, found)
        else:
            yield from found


def _told(view: View, scopes: Scopes, name: str, found: Iterator[Edit | Finding]) -> Iterator[Finding]:
    """Where a module that became a package by a split is asked for data which lies beside it.

    Nobody can tell by then whether the code counts from where the module was, so it is not edited, once or twice.
    """
    lines = {scopes.text.line(one.start) for one in found if isinstance(one, Edit) and not one.review}
    for line in sorted(lines):
        yield Finding(
            "own-path-moves", f"{name} is asked for its place, and is a package after the phase", Weight.REVIEW,
            Place(view.path, line), "look whether what it names is still found",
        )  # fmt: skip


class _Asking:
    """What one file asks of one module that comes to another folder."""

    def __init__(self, view: View, scopes: Scopes, home: Home, asked: set[int], meant: set[int]) -> None:
        self.view, self.scopes, self.home = view, scopes, home
        self.asked, self.meant = asked, meant  # ends of `module.__file__` and its like, and of `module`

    def run(self) -> Iterator[Edit | Finding]:
        text, tree = self.scopes.text, self.scopes.tree
        paths = {
            self.scopes.span(node)[1] for node in every_node(tree) if isinstance(node, ast.expr) and self.is_path(node)
        }
        if paths:
            yield from other_path_edits(self.view, text, tree, self.home.old, self.home.new, paths)
        yield from reading_edits(self.view, text, tree, self.home, self.kind)

        for node in every_node(tree):
            given = [*node.args[1:], *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
            for one in given:  # to what imports from there, or reads
                if not self.home.along and self.kind(one) == "package":
                    yield Finding(
                        "own-name-moves", f"{ast.unparse(one)} is another package's; {self.home.moves}", Weight.REVIEW,
                        Place(self.view.path, one.lineno), "name the package that is meant",
                    )  # fmt: skip

    def attribute(self, node: ast.AST) -> str:
        """`__file__` of `module.__file__`, `__spec__.origin` of `module.__spec__.origin`; "" for anything else."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            return ""
        if node.attr in _ASKED:
            return node.attr if self.scopes.span(node)[1] in self.asked else ""
        inner = node.value
        specified = isinstance(inner, ast.Attribute) and inner.attr == "__spec__" and self.attribute(inner)
        return f"__spec__.{node.attr}" if specified else ""

    def is_path(self, node: ast.expr) -> bool:
        """True for what gives the path of the module's file."""
        if isinstance(node, ast.Call):
            return is_finder(node) and self.scopes.span(node.args[0])[1] in self.meant
        return self.attribute(node) in ("__file__", "__spec__.origin")

    def kind(self, node: ast.AST) -> str:
        """ "package" for what gives the name of the module's package, "module" for the module, or its name."""
        if isinstance(node, (ast.Name, ast.Attribute)) and self.scopes.span(node)[1] in self.meant:
            return "module"
        asked = self.attribute(node)
        if asked in ("__package__", "__spec__.parent"):
            return "package"
        return "module" if asked in ("__name__", "__spec__.name") else ""


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
