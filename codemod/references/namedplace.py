"""The places of modules that a string names: `Path(import_module("app.user").__file__)`, `get_data("app.user", "x")`.

What is found beside such a module is found where it is after the phase, as it is where the module is imported.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from codemod.base.findings import Finding
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field
from codemod.rewrite.edits import Edit
from codemod.source.nodes import every_node
from codemod.source.sieve import holds
from codemod.source.text import Text

from .byname import called
from .otherplace import followed, home_of
from .ownpackage import READING
from .view import View
from .whereabouts import binds

_WORDS = (b"import_module", b"find_spec", b".modules[", b"resource", b"pkgutil", b"PackageLoader")
_CALLS = (b".modules[", *(f"{name}(".encode() for name in sorted({*READING, "import_module", "find_spec"})))
_LITERAL = lazy(rb"[\"'][A-Za-z_\x80-\xff][\w\x80-\xff]*(?:\.[\w\x80-\xff]+)*[\"']")


def may_name_places(view: View, data: bytes) -> bool:
    """True when the file may ask a module that moves, named by a string, for its place; a cheap question."""
    if not view.intent.files or not holds(data, _WORDS) or not holds(data, _CALLS):
        return False
    return any(view.intent.module(name) != name for name in _written(data))


def _written(data: bytes) -> set[str]:
    return {found[0][1:-1].decode("utf-8", "replace") for found in _LITERAL.finditer(data)}


def named_place_edits(view: View, text: Text, tree: ast.Module) -> Iterator[Edit | Finding]:
    """The edits to what is found by the place of a module that a string names; a finding where nobody can follow."""
    for name in sorted(_written(text.data)):
        home = home_of(view, name) if view.intent.module(name) != name else None
        if home is not None:
            yield from followed(view, name, home, _Literal(text, tree, name))


@dataclass(slots=True)
class _Literal:
    """What means one module by its name in a string, or by a name that is bound once, to the module."""

    text: Text
    tree: ast.Module
    name: str
    bound: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        once = {name for name, times in Counter(binds(self.tree)).items() if times == 1}
        self.bound = frozenset(
            target.id
            for node in every_node(self.tree)
            if isinstance(node, ast.Assign) and self.is_module(node.value)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in once and not self.is_name(node.value)
        )

    def is_name(self, node: ast.AST) -> bool:
        """True for the literal itself."""
        return isinstance(node, ast.Constant) and node.value == self.name

    def is_module(self, node: ast.AST) -> bool:
        """True for the literal, the call that imports it, and a name for what that gives."""
        if isinstance(node, ast.Name):
            return node.id in self.bound and isinstance(node.ctx, ast.Load)
        if isinstance(node, ast.Subscript):
            of = node.value
            return isinstance(of, ast.Attribute) and of.attr == "modules" and self.is_name(node.slice)
        return self.is_name(node) or self.is_call(node, "import_module")

    def is_call(self, node: ast.AST, function: str) -> bool:
        """True for a call that takes the literal alone."""
        return (
            isinstance(node, ast.Call)
            and called(node) == function
            and len(node.args) == 1
            and not node.keywords
            and self.is_name(node.args[0])
        )

    def attribute(self, node: ast.AST) -> str:
        """`__file__` of `import_module("a.b").__file__`, `__spec__.origin` of `find_spec("a.b").origin`; else ""."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            return ""
        of = node.value
        if self.is_module(of) and not self.is_name(of):
            return node.attr
        specified = isinstance(of, ast.Attribute) and of.attr == "__spec__" and self.attribute(of)
        return f"__spec__.{node.attr}" if specified or self.is_call(of, "find_spec") else ""
