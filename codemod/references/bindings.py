"""Names in scopes: whether a bound name may change with what it names, and the edits at its uses when it does."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from codemod.base import names
from codemod.base.patterns import lazy
from codemod.rewrite.edits import Edit
from codemod.source.binding import Scope
from codemod.source.nodes import every_node
from codemod.source.scopes import Scopes, Use

from .byname import called
from .imports import Clause
from .literals import bodies
from .view import Ref, View

External = Callable[[str, str], bool]
"""(module, name) -> True when another file may reach the name through the module."""

_IMPORTS = ("import", "from")


def inside(scope: Scope, home: Scope) -> bool:
    """True when `scope` is `home` or lies in it."""
    here: Scope | None = scope
    while here is not None:
        if here is home:
            return True
        here = here.parent
    return False


def is_free(scopes: Scopes, name: str, home: Scope, readers: list[Scope], leaving: Collection[str] = ()) -> bool:
    """True when `name` can be bound in `home` and read in `readers` without meeting another meaning of it.

    `leaving` are names whose own bindings in `home` get other names at the same time.
    """
    left = name in leaving
    if (name in home.bindings and not left) or name in home.globals or name in home.nonlocals:
        return False
    if home is scopes.module and name in scopes.given:
        return False
    for use in scopes.named(name):
        if use.home is home and left:
            continue
        if inside(use.scope, home) and (use.home is None or not inside(use.home, home) or use.home is home):
            return False
    return not any(is_covered(name, home, reader) for reader in readers)


def is_covered(name: str, home: Scope, reader: Scope) -> bool:
    """True when a scope between `reader` and `home` gives the name another meaning."""
    here: Scope | None = reader
    while here is not None and here is not home:
        if name in here.bindings or name in here.globals:
            return True
        here = here.parent
    return False


def uses_of(scopes: Scopes, name: str, home: Scope) -> list[Use]:
    """Every use of a name that means its binding in `home`."""
    return [use for use in scopes.named(name) if use.home is home]


def declared(scopes: Scopes, name: str, home: Scope) -> bool:
    """True when a `global` or `nonlocal` statement somewhere names the binding."""
    return any(name in scope.globals or name in scope.nonlocals for scope in scopes.scopes if scope is not home)


def can_rename(
    scopes: Scopes, name: str, new: str, home: Scope, kinds: tuple[str, ...] = _IMPORTS, leaving: Collection[str] = ()
) -> bool:
    """True when every binding of `name` in `home` is one of `kinds` and `new` is free wherever it is read."""
    bindings = home.bindings.get(name, [])
    if not bindings or home.kind == "class" or any(b.kind not in kinds for b in bindings):
        return False
    if declared(scopes, name, home) and "def" not in kinds:
        return False
    if home is scopes.module and name in scopes.given:
        return False  # a star import brings the name, too
    readers = [use.scope for use in uses_of(scopes, name, home)]
    return is_free(scopes, new, home, readers, leaving)


def rename_uses(scopes: Scopes, name: str, new: str, home: Scope, reason: str) -> Iterator[Edit]:
    """The edits at every use of the binding."""
    for use in uses_of(scopes, name, home):
        start, end = scopes.span(use.node)
        yield Edit(start, end, new.encode(), reason)


_NAMING = frozenset({
    "namedtuple", "NamedTuple", "TypedDict", "NewType", "TypeVar", "ParamSpec", "TypeVarTuple", "TypeAliasType",
    "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "make_dataclass", "new_class", "type",
})  # fmt: skip
"""Calls that make something of a name, which type checkers and pickles want to be that to which it is bound."""

_KEYWORDS = ("typename", "cls_name", "name", "value")


def rename_definition(scopes: Scopes, name: str, new: str, reason: str) -> Iterator[Edit]:
    """The edits that rename a top-level definition in its own module: its statements, its uses, `global` lines."""
    home, text = scopes.module, scopes.text
    word = re.compile(rb"(?:(?:async[ \t]+)?def|class|type)(?:[ \t]|\\\r?\n)+")
    spans, said = set[tuple[int, int]](), set[tuple[int, int]]()
    for binding in home.bindings.get(name, []):
        node = binding.node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            match = word.match(text.data, text.offset(node.lineno, node.col_offset))
            if match:
                spans.add((match.end(), match.end() + len(name.encode())))
        elif isinstance(node, ast.Name):
            spans.add(scopes.span(node))
            said.update(_repeated(scopes, node))
    spans.update(scopes.span(use.node) for use in uses_of(scopes, name, home))
    for scope in scopes.scopes:
        if name in scope.globals:
            spans.update(_global_spans(scopes, scope, name))
    for start, end in sorted(spans | said):
        yield Edit(start, end, new.encode(), reason, review=(start, end) in said)


def _repeated(scopes: Scopes, target: ast.Name) -> Iterator[tuple[int, int]]:
    """The inside of the literal in `Point = namedtuple("Point", ...)`: what is made is called so, and found by that."""
    for node in every_node(scopes.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if target not in targets or not isinstance(value, ast.Call) or called(value) not in _NAMING:
            continue
        given = [
            *value.args[:1],
            *(one.value for one in value.keywords if one.arg in _KEYWORDS),
        ]
        for one in given:
            if isinstance(one, ast.Constant) and one.value == target.id:
                spans = bodies(scopes.text, one, target.id)
                yield from spans if len(spans) == 1 else ()


def _global_spans(scopes: Scopes, scope: Scope, name: str) -> Iterator[tuple[int, int]]:
    word = re.compile(rb"(?<![\w\x80-\xff])" + name.encode() + rb"(?![\w\x80-\xff])")
    for node in every_node(scope.node):
        if isinstance(node, ast.Global) and name in node.names:
            start, end = scopes.span(node)
            match = word.search(scopes.text.data, start, end)
            if match:
                yield match.span()


def home_of(scopes: Scopes, statement_start: int, name: str) -> Scope | None:
    """The scope in which the import statement at a byte offset binds `name`."""
    for scope in scopes.scopes:
        for binding in scope.bindings.get(name, []):
            node = binding.node
            if binding.kind in _IMPORTS and isinstance(node, ast.stmt) and scopes.span(node)[0] == statement_start:
                return scope
    return None


def import_homes(scopes: Scopes) -> dict[tuple[int, str], Scope]:
    """The scope in which an import binds a name, by the start of the statement and the name."""
    found: dict[tuple[int, str], Scope] = {}
    for scope in scopes.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.kind in ("import", "from") and isinstance(binding.node, ast.stmt):
                    found[scopes.span(binding.node)[0], name] = scope
    return found


def exported(tree: ast.Module, name: str) -> bool:
    """True when a literal `__all__` lists `name`."""
    return any(element.value == name for element, _ in export_elements(tree))


def export_elements(tree: ast.Module) -> Iterator[tuple[ast.Constant, list[ast.expr]]]:
    """Each string of `__all__` with the list that it stands in."""
    for node in every_node(tree):
        value: ast.expr | None = None
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
                value = node.value
        elif isinstance(node, ast.Call) and _extends(node.func) and node.args:
            value = node.args[0]
        for inner in every_node(value) if value is not None else ():
            if isinstance(inner, (ast.List, ast.Tuple, ast.Set)):
                for element in inner.elts:
                    if isinstance(element, ast.Constant) and isinstance(element.value, str):
                        yield element, inner.elts
            elif inner is value and isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner, []


def _extends(function: ast.expr) -> bool:
    """`__all__.extend`, `__all__.append`."""
    value = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(value, ast.Name) and value.id == "__all__"


def export_edits(scopes_text: Scopes, renames: dict[str, str], reason: str) -> Iterator[Edit]:
    """Rename (or, with an empty new name, take out) entries of `__all__`; what became one is listed once."""
    text = scopes_text.text
    elements = list(export_elements(scopes_text.tree))
    listed = {str(element.value) for element, _ in elements} - renames.keys()
    gone: dict[int, tuple[list[ast.expr], set[int]]] = {}  # the lists, and the numbers of the elements that leave them
    for element, siblings in elements:
        new = renames.get(str(element.value))
        if new is None:
            continue
        if siblings and (not new or new in listed):
            number = next(n for n, sibling in enumerate(siblings) if sibling is element)
            gone.setdefault(id(siblings), (siblings, set()))[1].add(number)
        elif new:
            start, end = scopes_text.span(element)
            quoted = text.data[start:end].replace(str(element.value).encode(), new.encode())
            yield Edit(start, end, quoted, reason)
        listed.add(new)
    for siblings, numbers in gone.values():
        yield from _cut(scopes_text, siblings, numbers, reason)


def _cut(scopes: Scopes, siblings: list[ast.expr], gone: set[int], reason: str) -> Iterator[Edit]:
    """Take elements out of a list display with their commas; those that stand side by side in one edit."""
    for first in sorted(number for number in gone if number - 1 not in gone):
        last = next(number for number in range(first, len(siblings)) if number + 1 not in gone)
        start, end = scopes.span(siblings[first])[0], scopes.span(siblings[last])[1]
        if last + 1 < len(siblings):
            yield Edit(start, scopes.span(siblings[last + 1])[0], b"", reason)
        elif first:
            yield Edit(scopes.span(siblings[first - 1])[1], end, b"", reason)
        else:
            match = _COMMA.match(scopes.text.data, end)
            yield Edit(start, match.end() if match else end, b"", reason)


_COMMA = lazy(rb"[ \t]*,")
_NAMESPACE = lazy(rb"(?<![\w.])(?:globals|locals|vars)\(")


def by_string(scopes: Scopes, name: str) -> bool:
    """True when the file may look the name up as a string: `globals()["name"]`."""
    data = scopes.text.data
    return bool(_NAMESPACE.search(data)) and any(f"{quote}{name}{quote}".encode() in data for quote in "\"'")


def _contested(clauses: Iterable[Clause], own: Mapping[str, str]) -> frozenset[str]:
    """The names that several imports of a file would bind, each to something else, and definitions of its own."""
    goals: dict[str, set[Ref | str]] = {}
    imported = set()
    for clause in clauses:
        imported.add(clause.bound)
        if clause.name != clause.bound:
            goals.setdefault(clause.name, set()).add(clause.new)
    for old in own.keys() - imported:
        goals.setdefault(own[old], set()).add(old)
    return frozenset(name for name, several in goals.items() if len(several) > 1)


class Rebinding:
    """Decides, clause by clause, which local name a `from` import binds after the phase."""

    def __init__(
        self, view: View, scopes: Scopes | None, external: External, clauses: Iterable[Clause], own: Mapping[str, str]
    ) -> None:
        self.view = view
        self.scopes = scopes
        self.external = external
        self.clauses = list(clauses)
        self.contested = _contested(self.clauses, own)
        self.renamed: dict[tuple[int, str], tuple[Scope, str]] = {}  # (id of home, old name) -> (home, new name)

    def name(self, clause: Clause, start: int) -> str:
        """The name that the clause binds; `start` is where its statement begins."""
        if clause.alias.asname and clause.alias.asname != clause.alias.name:
            return clause.bound
        if self.scopes is None or (clause.name == clause.bound and not self._hides(clause)):
            return clause.bound
        home = home_of(self.scopes, start, clause.bound)
        if home is None:
            return clause.bound
        key = (id(home), clause.bound)
        if key not in self.renamed and home is self.scopes.module and self._hides(clause):
            name = "_" + names.last(clause.new.module)
            given = any(new == name for _, new in self.renamed.values())
            if not given and can_rename(self.scopes, clause.bound, name, home):
                self.renamed[key] = (home, name)
        elif key not in self.renamed and self._may(clause, home, start):
            self.renamed[key] = (home, clause.name)
        return self.renamed[key][1] if key in self.renamed else clause.bound

    def _may(self, clause: Clause, home: Scope, start: int) -> bool:
        assert self.scopes is not None
        same = [clause.name] if self._is_there(clause, home, start) else []
        if not can_rename(self.scopes, clause.bound, clause.name, home, leaving=same) or self._mixed(clause, home):
            return False
        if clause.name in self.contested:
            return False
        if by_string(self.scopes, clause.bound):
            return False
        if home is not self.scopes.module:
            return True
        if clause.new.name:  # a symbol: its re-exports follow, see `propagate`
            return (self.view.module, clause.bound) in self.view.intent.symbols
        return not (exported(self.scopes.tree, clause.bound) or self.external(self.view.module, clause.bound))

    def _is_there(self, clause: Clause, home: Scope, start: int) -> bool:
        """True when another clause of the statement binds the new name, and to the same: two modules became one."""
        assert self.scopes is not None
        bindings = home.bindings.get(clause.name, [])
        node = bindings[0].node if len(bindings) == 1 and bindings[0].kind == "from" else None
        if not isinstance(node, ast.ImportFrom) or self.scopes.span(node)[0] != start:
            return False
        return any(other.bound == clause.name and other.new == clause.new for other in self.clauses)

    def _hides(self, clause: Clause) -> bool:
        """True when the clause would hide a submodule of the package in whose file it stands, and the phase is why."""
        if clause.new == clause.old or clause.new.name:
            return False
        return self.view.hides(clause.bound, clause.new.module, clause.old.module)

    def _mixed(self, clause: Clause, home: Scope) -> bool:
        """True when another import of the scope binds the same name to something else."""
        origins = set()
        for binding in home.bindings.get(clause.bound, []):
            node = binding.node
            if not isinstance(node, ast.ImportFrom) or binding.alias is None:
                return True
            if binding.alias.asname not in (None, binding.alias.name):
                return True
            origins.add((node.level, node.module))
        return len(origins) > 1

    def edits(self, reason: str) -> Iterator[Edit]:
        """The edits at the uses of every name that changes."""
        if self.scopes is None:
            return
        for (_, old), (home, new) in self.renamed.items():
            yield from rename_uses(self.scopes, old, new, home, reason)
