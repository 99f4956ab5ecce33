"""What each piece of a module reads, and when: on import, when a function runs, or never (annotations)."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from codemod.base.values import dataclass
from codemod.source.binding import Binding
from codemod.source.scopes import Use

from .motion_anatomy import Anatomy, Definitions, Piece
from .motion_changes import changes

BUILTINS = frozenset(dir(builtins)) | {
    "__file__", "__path__", "__annotations__", "__builtins__", "__class__", "__module__", "__qualname__", "__dict__",
    "WindowsError", "reveal_type", "reveal_locals",
}  # fmt: skip
OWN = ("__name__", "__file__", "__package__", "__path__", "__spec__", "__loader__")
"""Names whose value depends on the module that reads them."""


_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route", "websocket"})
_CALLS = frozenset({"__call__", "__wrapped__", "func"})

Host = ast.FunctionDef | ast.AsyncFunctionDef | ast.If


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A name of the module's own namespace, read in a piece."""

    name: str
    piece: Piece
    when: str  # now | later | note
    use: Use
    function: Host | None = None  # the outermost one around a later read; the main guard counts
    runs: bool = False  # read on import where something is called: the code behind the name may run then


class Reads:
    """The reads of one module, by name and by piece."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.by_name: dict[str, list[Read]] = {}
        self.by_piece: dict[int, list[Read]] = {}
        self.unknown: dict[str, list[Read]] = {}  # neither bound here nor built in: what star imports give
        notes, calls = self._marks()
        for name in anatomy.scopes.names:
            for use in anatomy.scopes.named(name):
                if use.home is anatomy.scopes.module and use.context != "store":
                    self._add(self._read(use, notes, calls))
                elif use.home is None and use.name not in BUILTINS:
                    self.unknown.setdefault(name, []).append(self._read(use, notes, calls))
        for found in self.by_piece.values():
            found.sort(key=lambda read: (read.use.node.lineno, read.use.node.col_offset))

    def _add(self, read: Read) -> None:
        self.by_name.setdefault(read.name, []).append(read)
        self.by_piece.setdefault(read.piece.number, []).append(read)

    def of(self, piece: Piece) -> list[Read]:
        """The reads in a piece, in order."""
        return self.by_piece.get(piece.number, [])

    def adopt(self, name: str) -> list[Read]:
        """Count a name that only a star import gives among the module's own; returns its reads."""
        found = self.unknown.pop(name, [])
        for read in found:
            self._add(read)
        return found

    def _read(self, use: Use, notes: set[int], calls: set[int]) -> Read:
        anatomy = self.anatomy
        piece = anatomy.piece_at(anatomy.scopes.span(use.node)[0])
        function = self._outermost(use)
        guard = piece.nodes[-1]
        if piece.kind == "main" and isinstance(guard, ast.If) and not use.scope.deferred:
            return Read(use.name, piece, "later", use, guard)
        if use.where in ("annotation-string", "type-comment") or id(use.node) in notes:
            when = "note"
        else:
            when = "later" if use.scope.deferred else "now"
        runs = when == "now" and id(use.node) in calls and not self._is_attribute_of_function(use)
        return Read(use.name, piece, when, use, function, runs)

    def _is_attribute_of_function(self, use: Use) -> bool:
        """`f.register(int)`: what a decorator hung on a function is called, the function is not."""
        chain = {node.attr for node in use.attributes}
        return bool(chain - _CALLS) and all(binding.kind == "def" for binding in use.bindings)

    def _outermost(self, use: Use) -> Host | None:
        """The outermost function whose body holds the use; None when a lambda is further out."""
        found: ast.AST | None = None
        scope = use.scope
        while scope.parent is not None:
            if scope.is_function:
                found = scope.node
            scope = scope.parent
        return found if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)) else None

    def _marks(self) -> tuple[set[int], set[int]]:
        """Ids of the name nodes in annotations that are never evaluated, and of those that take part in calls."""
        lazy = "annotations" in self.anatomy.futures
        routes = b"flask" not in self.anatomy.text.data  # which reads no annotations
        notes: set[int] = set()
        calls: set[int] = set()
        waiting: list[tuple[ast.AST, bool]] = [(self.anatomy.tree, False)]  # and whether a function is around it
        while waiting:
            node, inside = waiting.pop()
            if isinstance(node, Definitions):
                for decorator in node.decorator_list if not inside else ():
                    calls.update(_names(decorator))
            elif isinstance(node, ast.AnnAssign) and (lazy or inside):
                notes.update(_names(node.annotation))
            elif isinstance(node, ast.Call) and not inside:
                calls.update(_names(node))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for annotation in _annotations(node) if lazy and not (routes and _is_route(node)) else ():
                    notes.update(_names(annotation))
                waiting += [(inner, True) for inner in node.body]
                waiting += [(inner, inside) for inner in (*node.decorator_list, node.args)]
            elif not (inside and isinstance(node, ast.expr)):
                waiting += [(inner, inside) for inner in ast.iter_child_nodes(node)]
        return notes, calls

    def lookups(self, named: bool = True) -> Iterator[Piece]:
        """The pieces that reach the module's names at run time: `globals()`, `exec(text)`, `sys.modules[__name__]`.

        With `named` false also those that give the module's name away, to whom it may concern.
        """
        anatomy, seen = self.anatomy, set()
        calls = {id(use.node) for name in ("globals", "vars", "exec", "eval", "locals", "dir")
                 for use in anatomy.scopes.named(name) if use.home is None}  # fmt: skip
        owns = {id(use.node) for use in anatomy.scopes.named("__name__") if use.home is None}
        for node in ast.walk(anatomy.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and id(node.func) in calls:
                few = len(node.args) + len(node.keywords) <= (1 if node.func.id in ("exec", "eval") else 0)
                local = node.func.id in ("vars", "locals", "dir") and self._has_own_names(node.func)
                found = few and not local
            else:
                found = isinstance(node, ast.Subscript) and id(node.slice) in owns
            if isinstance(node, ast.Call) and not named and not _is_usual(node.func):
                found = found or any(id(a) in owns for a in (*node.args, *(k.value for k in node.keywords)))
            piece = anatomy.piece_at(anatomy.scopes.span(node)[0]) if found and isinstance(node, ast.expr) else None
            if piece is not None and piece.number not in seen:
                seen.add(piece.number)
                yield piece

    def _has_own_names(self, node: ast.Name) -> bool:
        """True in a function or in the body of a class: `locals()` are its own there."""
        scope = next((use.scope for use in self.anatomy.scopes.named(node.id) if use.node is node), None)
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        return scope is not None and scope is not self.anatomy.scopes.module

    # -- what is written

    def rebound(self) -> Iterator[tuple[str, Binding, Piece]]:
        """(name, binding, piece) of each module-level name that a function or class binds through `global`."""
        module = self.anatomy.scopes.module
        for name, bindings in module.bindings.items():
            for binding in bindings:
                if binding.scope is not module and binding.scope.kind != "comprehension":
                    offset = self.anatomy.text.offset(
                        getattr(binding.node, "lineno", 1), getattr(binding.node, "col_offset", 0)
                    )
                    yield name, binding, self.anatomy.piece_at(offset)

    def changed_by(self, piece: Piece) -> frozenset[str]:
        """Module-level names whose objects an import-time statement changes: `x.a = 1`, `x[k] = v`, `x.add(y)`."""
        return frozenset(change.root for change in changes(self.anatomy, piece))


def _is_usual(called: ast.expr) -> bool:
    """True for calls that take `__name__` as a mere name: loggers, applications."""
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name.lower().startswith(("get", "logger", "flask", "blueprint", "celery", "log"))


def _is_route(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for `@router.get("/users")`: FastAPI and its kin read the annotations of a handler when it is declared."""
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _ROUTES
        and (one.args or any(keyword.arg == "path" for keyword in one.keywords)) for one in node.decorator_list
    )  # fmt: skip


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    args = node.args
    for arg in (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg):
        if arg is not None and arg.annotation is not None:
            yield arg.annotation
    if node.returns is not None:
        yield node.returns


def _names(node: ast.AST) -> Iterator[int]:
    return (id(inner) for inner in ast.walk(node) if isinstance(inner, ast.Name))
