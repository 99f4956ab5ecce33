"""Code that registers itself or changes something while it is imported: what it adds to, what it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of
from codemod.source.text import Undecodable

from .motion_anatomy import Anatomy, Piece
from .motion_changes import Change, changes, root_of, shallow
from .motion_reads import Reads
from .motion_runs import EVERY, run_by

_OUTSIDE = frozenset({"receiver", "shared_task", "listens_for", "register", "connect"})
"""Decorators of well-known packages that register what they decorate."""

_UNORDERED = frozenset(
    {"task", "shared_task", "memoize", "cached", "cache", "limit", "tool", "receiver", "connect", "listens_for",
     "fixture", "periodic_task", "cron", "actor", "job", "subscribe", "exempt", "login_required"}
)  # fmt: skip
"""Registrations by name or signal, whose order decides nothing."""

_MAPPED = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta", "declarative_base", "SQLModel"})
"""Base classes of well-known packages that keep a list of their subclasses."""

_APPENDING = frozenset({"append", "insert", "extend", "appendleft", "push"})
_CHANGING = _APPENDING | {"add", "update", "setdefault", "register", "connect", "subscribe"}
_TAKING = _CHANGING | {"pop", "popleft", "popitem"}
_PLAIN = frozenset(
    {"property", "cached_property", "cache", "lru_cache", "wraps", "overload", "staticmethod", "classmethod",
     "contextmanager", "asynccontextmanager", "singledispatch", "abstractmethod", "override", "final", "deprecated",
     "setter", "getter", "deleter"}
)  # fmt: skip
"""Decorators that give a function, or something on which nothing is declared whose order counts."""

_MAKING = frozenset({"__new__", "__init__", "__prepare__"})


@dataclass(slots=True)
class Registry:
    """Finds what registers itself, and where; keys are (module, name), the module "" for another package's."""

    inventory: Inventory
    anatomies: dict[str, Anatomy]
    known: dict[str, Reads | None] = field(default_factory=dict)
    unordered: set[tuple[Anatomy, int, Symbol]] = field(default_factory=set)  # where order does not matter
    symbols: dict[tuple[str, str], Symbol | None] = field(default_factory=dict)

    def reads(self, module: str) -> Reads | None:
        """The reads of a module of the repository that can be read."""
        if module not in self.known:
            found = self.inventory.modules.get(module)
            anatomy = self.anatomies.get(module)
            try:
                if anatomy is None and found is not None and found.path:
                    anatomy = Anatomy.of(self.inventory, found)
            except (Unparsable, Undecodable):
                anatomy = None
            self.known[module] = Reads(anatomy) if anatomy is not None else None
        return self.known[module]

    def symbol(self, anatomy: Anatomy, name: str) -> Symbol:
        """Where a name of a module was defined; the module is "" where nobody can tell."""
        key = (anatomy.module.name, name)
        if key not in self.symbols:
            if anatomy.definers(name):
                self.symbols[key] = key
            else:
                found = origin_of(self.inventory, anatomy.module, name)
                self.symbols[key] = (found.module, found.name) if found is not None else None
        return self.symbols[key] or ("", name)

    def changed(self, anatomy: Anatomy, piece: Piece) -> list[tuple[Symbol, Change]]:
        """What a statement changes, each with the object that it is made to; an attribute of a module is one."""
        found: list[tuple[Symbol, Change]] = []
        for change in changes(anatomy, piece) if piece.is_effect else ():
            module, name = self.symbol(anatomy, change.root)
            found.append(((module, name), change) if name else ((module, change.attr), Change(change.root)))
        return found

    def writes(self, anatomy: Anatomy, piece: Piece) -> set[Symbol]:
        """What a piece registers itself with, or changes, on import."""
        found: set[Symbol] = set()
        for node in piece.nodes:
            for decorator in getattr(node, "decorator_list", []):
                called = _called(decorator)
                given = self._registrar(anatomy, called, calls=1 if isinstance(decorator, ast.Call) else 0)
                found |= given
                if _dotted(called)[-1:] and _dotted(called)[-1] in _UNORDERED:
                    self.unordered |= {(anatomy, piece.number, key) for key in given}
            if isinstance(node, ast.ClassDef):
                found |= {key for above in metaclasses(node) for key in self._watching(anatomy, above, True)}
                for base in node.bases:
                    found |= set(self._watching(anatomy, base))
                    mapped = self._mapped(anatomy, base)
                    found |= mapped
                    self.unordered |= {(anatomy, piece.number, key) for key in mapped}
            else:
                found |= self._called(anatomy, piece, node)
        return found | {key for key, _ in self.changed(anatomy, piece)}

    def _called(self, anatomy: Anatomy, piece: Piece, node: ast.stmt) -> set[Symbol]:
        """What the calls of a statement register with; a value that is kept may be one of a cache."""
        found: set[Symbol] = set()
        for call in (inner for inner in shallow(node) if isinstance(inner, ast.Call)):
            dotted = _dotted(call.func)
            if dotted == ["next"] and call.args and (root := root_of(call.args[0])):
                found |= {self.symbol(anatomy, root)} if anatomy.definers(root) else set()
            elif len(dotted) > 1 and not piece.is_effect:
                kept = dotted[-1] in _TAKING or dotted[-1].startswith(("add_", "register_", "define", "DEFINE"))
                found |= self._registrar(anatomy, call.func) if kept else set()
            else:
                given = self._registrar(anatomy, call.func)
                found |= given
                if not piece.is_effect and not self._appends(anatomy, call.func):
                    self.unordered |= {(anatomy, piece.number, key) for key in given}
        return found

    def _mapped(self, anatomy: Anatomy, base: ast.expr, depth: int = 5) -> set[Symbol]:
        """The base class of a mapped one, which has to have seen all of them before the first is used."""
        parts = _dotted(base)
        module, name = self.symbol(anatomy, parts[0]) if len(parts) == 1 else ("", "")
        reads = self.reads(module) if module in self.inventory.modules and depth else None
        if reads is None:
            return set()
        for node in (n for p in reads.anatomy.definers(name) for n in p.nodes):
            above: list[ast.expr] = node.bases if isinstance(node, ast.ClassDef) else []
            made = node.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else None
            known = [_dotted(made.func)] if made is not None else [_dotted(inner) for inner in above]
            if any(spelled[-1:] and spelled[-1] in _MAPPED for spelled in known):
                return {(module, name)}
            found = {key for inner in above for key in self._mapped(reads.anatomy, inner, depth - 1)}
            if found:
                return found
        return set()

    def _through(self, anatomy: Anatomy, called: ast.expr) -> tuple[Symbol | None, list[str]]:
        """What the object behind a call is, and the attributes that are taken of it; modules are passed through."""
        parts = _dotted(called)
        if not parts:
            return None, []
        symbol, rest = self.symbol(anatomy, parts[0]), parts[1:]
        while symbol[0] and not symbol[1] and rest:
            inner = names.join(symbol[0], rest[0])
            symbol, rest = ((inner, "") if inner in self.inventory.modules else (symbol[0], rest[0])), rest[1:]
        return symbol, rest

    def _registrar(self, anatomy: Anatomy, called: ast.expr, calls: int = EVERY, depth: int = 5) -> set[Symbol]:
        """What a call registers with; what it gives is called `calls` times over."""
        symbol, rest = self._through(anatomy, called)
        if symbol is None:
            return set()
        if symbol[0] not in self.inventory.modules:
            parts = _dotted(called)
            return {("", ".".join(parts))} if parts[-1] in _OUTSIDE else set()
        return self._states(symbol, bool(rest), calls, depth)

    def _appends(self, anatomy: Anatomy, called: ast.expr) -> bool:
        """True for a function whose calls are told apart by their order: it counts, or appends to a list."""
        symbol, _ = self._through(anatomy, called)
        reads = self.reads(symbol[0]) if symbol is not None and symbol[0] in self.inventory.modules else None
        nodes = [n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes] if reads and symbol else []
        inner = [n for node in nodes for n in ast.walk(node)]
        return any(isinstance(n, ast.Global) or (isinstance(n, ast.Attribute) and n.attr in _APPENDING) for n in inner)

    def _states(self, symbol: Symbol, through: bool, calls: int, depth: int) -> set[Symbol]:
        """The object whose method decorates (`through`), or what a function or constructor changes of its module."""
        reads = self.reads(symbol[0])
        nodes = [n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes] if reads is not None else []
        if reads is None:
            return set()
        functions: list[ast.AST] = [n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in ("__init__", "__new__")]
                return {key for n in made for key in self._changed(reads.anatomy, n)}
            value = node.value if isinstance(node, ast.Assign) else None
            if isinstance(value, ast.Attribute) and not through and reads.anatomy.definers(root_of(value)):
                return {(symbol[0], root_of(value))}  # `register = registry.register`
        if through and any(_is_object(node) for node in functions):
            return {symbol}  # what `@click.group()` makes of a function
        if functions:
            around = [d for node in functions for d in getattr(node, "decorator_list", [])] if depth else []
            wrapped = {key for one in around for key in self._registrar(reads.anatomy, _called(one), EVERY, depth - 1)}
            return wrapped | {key for node in functions for key in self._changed(reads.anatomy, node, calls)}
        return {symbol} if through else set()

    def _changed(self, anatomy: Anatomy, function: ast.AST, calls: int = EVERY) -> set[Symbol]:
        return {self.symbol(anatomy, name) for name in _changes(anatomy, run_by(function, calls))}

    def _watching(self, anatomy: Anatomy, base: ast.expr, meta: bool = False, depth: int = 5) -> Iterator[Symbol]:
        """Base classes with `__init_subclass__`, and what metaclasses change: they see each new subclass."""
        parts = _dotted(base)
        symbol = self.symbol(anatomy, parts[0]) if len(parts) == 1 else ("", "")
        reads = self.reads(symbol[0]) if symbol[0] in self.inventory.modules and depth else None
        if reads is None:
            return
        for node in (n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes if isinstance(n, ast.ClassDef)):
            for hook in (n for n in node.body if isinstance(n, ast.FunctionDef)):
                if meta and hook.name in _MAKING:
                    yield from self._changed(reads.anatomy, hook)
                    if _keeps(hook):
                        yield symbol
                elif not meta and hook.name == "__init_subclass__":
                    yield symbol
                    yield from self._changed(reads.anatomy, hook)
            for above in node.bases:
                yield from self._watching(reads.anatomy, above, meta, depth - 1)
            for above in metaclasses(node):
                yield from self._watching(reads.anatomy, above, True, depth - 1)


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _is_object(node: ast.AST) -> bool:
    """True for a function under a decorator that may make an object of it which others are declared on."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    called = [_dotted(_called(d)) for d in decorators]
    return any(parts and parts[-1] not in _PLAIN for parts in called)


def metaclasses(node: ast.ClassDef) -> Iterator[ast.expr]:
    """The metaclass that a class names, if it does."""
    return (keyword.value for keyword in node.keywords if keyword.arg == "metaclass")


def _keeps(hook: ast.FunctionDef) -> bool:
    """True for a method that changes what an attribute of its class holds: `cls.registry[name] = cls`."""
    own = {arg.arg for arg in hook.args.args[:1]}
    for node in ast.walk(hook):
        target: ast.expr | None = None
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            target = node.func.value
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in own:
            return True
    return False


def _dotted(node: ast.expr) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)] if isinstance(node, ast.Name) else []


def _changes(anatomy: Anatomy, nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The objects of its module that the code of a function changes: `REGISTRY[name] = f`, `HANDLERS.append(f)`."""
    values = {
        name
        for name, bindings in anatomy.scopes.module.bindings.items()
        if any(binding.kind in ("assign", "annotation", "import", "from") for binding in bindings)
    }
    classes = {n for n, found in anatomy.scopes.module.bindings.items() if any(b.kind == "class" for b in found)}
    for node in nodes:
        target: ast.expr | None = None
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in _CHANGING else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "next":
            target = node.args[0] if node.args else None
        elif isinstance(node, ast.Global):
            yield from node.names
        deep = isinstance(target, (ast.Attribute, ast.Subscript))
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name) and (target.id in values or (deep and target.id in classes)):
            yield target.id
