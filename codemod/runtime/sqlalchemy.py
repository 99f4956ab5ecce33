"""SQLAlchemy: what a row says its class is, and classes that others name by a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codemod.base import names
from codemod.base.findings import Place
from codemod.base.values import dataclass
from codemod.rewrite.edits import Edit
from codemod.rewrite.outcome import OwnName
from codemod.source.facts import Unparsable, parse
from codemod.source.text import Text, Undecodable

from .kind import Moved, RuntimeName, Survey, dotted, literal

_STORED = ("polymorphic_identity", "__tablename__")


@dataclass(frozen=True, slots=True)
class SqlAlchemy:
    """Values made of `__name__` that stand in the database, and `relationship("Name")` of a renamed class."""

    name: str = "sqlalchemy"
    code: str = "runtime-sqlalchemy"

    def find(self, survey: Survey) -> Iterator[RuntimeName]:
        """The stored names of moved files, and the registry's names of renamed classes."""
        for moved in survey.moved:
            old, new = moved.module.name, moved.new
            if old != new and moved.holds(*(word.encode() for word in _STORED)):
                for node in _module_names(moved.tree):
                    edit = Edit(*moved.span(node), moved.quoted(old), f"what is stored stays {old}")
                    yield RuntimeName(
                        moved.place(node), f"the stored name {old}", new, "rows and tables bear the old one", (edit,)
                    )
        renamed = {name: new for (_, name), (_, new) in survey.intent.symbols.items() if name != new}
        for path, data in survey.holding(b"relationship(") if renamed else ():
            for line, name in _related(data):
                if name in renamed and b"sqlalchemy" in data:
                    yield RuntimeName(
                        Place(path, line), f"the class {name} of the mapper's registry", renamed[name],
                        "the text that names it here finds nothing", hint="write the new name",
                    )  # fmt: skip

    def own(self, moved: Moved) -> Iterator[OwnName]:
        """Stored names that are written there."""
        for node in _values(moved.tree) if moved.holds(*(word.encode() for word in _STORED)) else ():
            for inner in ast.walk(node):
                if isinstance(inner, ast.expr) and "." in literal(inner):
                    yield OwnName(moved.path, inner.lineno)


def _values(tree: ast.Module) -> Iterator[ast.expr]:
    """What is given to the keys that the database stores."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (v for k, v in zip(node.keys, node.values, strict=True) if literal(k) in _STORED)
        elif isinstance(node, (ast.keyword, ast.Assign)):
            key = node.arg if isinstance(node, ast.keyword) else dotted(node.targets[0])
            if key in _STORED:
                yield node.value


def _module_names(tree: ast.Module) -> Iterator[ast.expr]:
    """`__name__` in such a value, where a literal can stand in its place."""
    for value in _values(tree):
        inside = {id(inner) for node in ast.walk(value) if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)}
        for node in ast.walk(value):
            if isinstance(node, ast.Name) and node.id == "__name__" and id(node) not in inside:
                yield node


def _related(data: bytes) -> Iterator[tuple[int, str]]:
    """(line, name) of each class that a relationship names by a text without a dot."""
    try:
        tree = parse(Text.of(data))
    except (Undecodable, Unparsable):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and names.last(dotted(node.func)) == "relationship" and node.args:
            text = literal(node.args[0])
            if text.isidentifier():
                yield node.lineno, text
