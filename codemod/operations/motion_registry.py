"""Code that registers itself or changes something while it is imported: what it adds to, what it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Symbol
from codemod.source.search import words_in

from .motion_anatomy import Anatomy, Definitions, Piece
from .motion_changes import Change, changes, root_of, shallow
from .motion_meanings import Meanings, dotted
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
"""Decorators that give a function, or something that goes where the function goes whose parts are declared on it."""

_DEEP = 5  # names that stand for one another, base classes, functions that call functions
_MAKING = frozenset({"__new__", "__init__", "__prepare__"})


@dataclass(slots=True)
class Registry(Meanings):
    """Finds what registers itself, and where; keys are (module, name), the module "" for another package's."""

    unordered: set[tuple[Anatomy, int, Symbol]] = field(default_factory=set)  # where order does not matter
    stated: dict[tuple[Symbol, tuple[str, ...], int, int], set[Symbol]] = field(default_factory=dict)

    def changed(self, anatomy: Anatomy, piece: Piece) -> list[tuple[Symbol, Change]]:
        """What a statement changes, each with the object that it is made to; an attribute of a module is one."""
        found: list[tuple[Symbol, Change]] = []
        for change in changes(anatomy, piece) if piece.is_effect else ():
            module, name = self.symbol(anatomy, change.root)
            found.append(((module, name), change) if name else ((module, change.attr), Change(change.root)))
        return found

    def writes(self, anatomy: Anatomy, piece: Piece) -> set[Symbol]:
        """What a piece registers itself with, or changes, on import."""
        found = {key for node in piece.nodes for key in self._written(anatomy, piece, node)}
        return found | {key for key, _ in self.changed(anatomy, piece)}

    def _written(
        self, anatomy: Anatomy, piece: Piece, node: ast.stmt, own: frozenset[str] = frozenset()
    ) -> Iterator[Symbol]:
        """What one statement registers with; `own` are names of the class that it stands in."""
        for decorator in getattr(node, "decorator_list", []):
            called = _called(decorator)
            given = self._registrar(anatomy, called, calls=1 if isinstance(decorator, ast.Call) else 0)
            given = given if root_of(called) not in own else set()
            yield from given
            if _last(called) in _UNORDERED or self._dispatches(anatomy, called):
                self.unordered |= {(anatomy, piece.number, key) for key in given}
        if not isinstance(node, ast.ClassDef):
            yield from self._called(anatomy, piece, node, own)
            return
        for above in metaclasses(node):
            yield from self._watching(anatomy, above, True)
        for base in node.bases:
            yield from self._watching(anatomy, base)
            mapped = self._mapped(anatomy, base)
            yield from mapped
            self.unordered |= {(anatomy, piece.number, key) for key in mapped}
        yield from self._inside(anatomy, piece, node)

    def _inside(self, anatomy: Anatomy, piece: Piece, node: ast.ClassDef) -> Iterator[Symbol]:
        """What the statements of a class body register with: they run on import, too."""
        own = _bound_in(node) | {inner.name for inner in node.body if isinstance(inner, Definitions)}
        for inner in node.body:
            yield from self._written(anatomy, piece, inner, own)
            changed = set(_changes(anatomy, shallow(inner))) - own if not isinstance(inner, Definitions) else ()
            yield from (self.symbol(anatomy, name) for name in changed)
            value = inner.value if isinstance(inner, (ast.Assign, ast.AnnAssign)) else None
            for symbol, home, one in self.values(anatomy, value.func, _DEEP) if isinstance(value, ast.Call) else ():
                if isinstance(one, ast.ClassDef):
                    yield from self._method(symbol, home, one, "__set_name__", EVERY, _DEEP)

    def _is_plain(self, symbol: Symbol) -> bool:
        """True for a function, or what `@property` and its like make of one."""
        nodes = self._nodes(symbol)
        made = [_last(_called(one)) for node in nodes for one in getattr(node, "decorator_list", [])]
        plain = all(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in nodes)
        return bool(nodes) and plain and _PLAIN.issuperset(made)

    def _nodes(self, symbol: Symbol) -> list[ast.stmt]:
        """The statements that bind a name of the repository."""
        reads = self.reads(symbol[0]) if symbol[0] in self.inventory.modules else None
        return [n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes] if reads is not None else []

    def _dispatches(self, anatomy: Anatomy, called: ast.expr) -> bool:
        """True for `show.register` of a function that dispatches on types: their order decides nothing."""
        found = [symbol for symbol, rest in self.through(anatomy, called) if rest == ["register"]]
        made = [one for symbol in found for n in self._nodes(symbol) for one in getattr(n, "decorator_list", [])]
        return any(_last(_called(one)) == "singledispatch" for one in made)

    def _called(self, anatomy: Anatomy, piece: Piece, node: ast.stmt, own: frozenset[str] = frozenset()) -> set[Symbol]:
        """What the calls of a statement register with; a value that is kept may be one of a cache."""
        found: set[Symbol] = set()
        for call in (inner for inner in shallow(node) if isinstance(inner, ast.Call) and root_of(inner) not in own):
            said = dotted(call.func)
            if said == ["next"] and call.args and (root := root_of(call.args[0])):
                found |= {self.symbol(anatomy, root)} if anatomy.definers(root) else set()
            elif len(said) > 1 and not piece.is_effect:
                kept = said[-1] in _TAKING or said[-1].startswith(("add_", "register_", "define", "DEFINE"))
                found |= self._registrar(anatomy, call.func) if kept else set()
            else:
                given = self._registrar(anatomy, call.func)
                found |= given
                if not piece.is_effect and not self._appends(anatomy, call.func):
                    self.unordered |= {(anatomy, piece.number, key) for key in given}
        return found

    def _mapped(self, anatomy: Anatomy, base: ast.expr, depth: int = _DEEP) -> set[Symbol]:
        """The base class of a mapped one, which has to have seen all of them before the first is used."""
        for symbol, home, node in self.values(anatomy, base, depth):
            above: list[ast.expr] = node.bases if isinstance(node, ast.ClassDef) else []
            made = node.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else None
            known = [dotted(made.func)] if made is not None else [dotted(inner) for inner in above]
            if any(spelled[-1:] and spelled[-1] in _MAPPED for spelled in known):
                return {symbol}
            found = {key for inner in above for key in self._mapped(home, inner, depth - 1)}
            if found:
                return found
        return set()

    def _registrar(self, anatomy: Anatomy, called: ast.expr, calls: int = EVERY, depth: int = _DEEP) -> set[Symbol]:
        """What a call registers with; what it gives is called `calls` times over."""
        found: set[Symbol] = set()
        if isinstance(called, ast.Lambda):
            return self._changed(anatomy, called, calls)
        if not dotted(called) and root_of(called):  # an item, or what a call gives: nobody can tell
            known = self.meanings(anatomy, root_of(called))
            return {symbol for symbol in known if symbol[0] in self.inventory.modules}
        for symbol, rest in self.through(anatomy, called):
            if symbol[0] in self.inventory.modules:
                near = symbol[0] == anatomy.module.name
                if not (near and rest and self._is_plain(symbol)):
                    found |= self._states(symbol, rest, calls, depth)
            elif (parts := dotted(called))[-1] in _OUTSIDE:
                found.add(("", ".".join(parts)))
        return found

    def _appends(self, anatomy: Anatomy, called: ast.expr) -> bool:
        """True for a function whose calls are told apart by their order: it counts, or appends to a list."""
        inner = [
            n for symbol, _ in self.through(anatomy, called) for node in self._nodes(symbol) for n in ast.walk(node)
        ]
        return any(isinstance(n, ast.Global) or (isinstance(n, ast.Attribute) and n.attr in _APPENDING) for n in inner)

    def _states(self, symbol: Symbol, through: Sequence[str], calls: int, depth: int) -> set[Symbol]:
        """The object whose method decorates (`through`), or what a function or constructor changes of its module."""
        key = (symbol, tuple(through), calls, depth)
        if key not in self.stated:  # once: functions call each other in many ways
            self.stated[key] = self._stated(symbol, through, calls, depth)
        return self.stated[key]

    def _stated(self, symbol: Symbol, through: Sequence[str], calls: int, depth: int) -> set[Symbol]:
        reads, nodes = self.reads(symbol[0]), self._nodes(symbol)
        if reads is None:
            return set()
        functions: list[ast.AST] = [n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for node in nodes:
            if isinstance(node, ast.ClassDef) and through:
                return self._method(symbol, reads.anatomy, node, through[0], calls, depth)
            if isinstance(node, ast.ClassDef):
                made = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in ("__init__", "__new__")]
                return {key for n in made for key in self._changed(reads.anatomy, n)}
            value = node.value if isinstance(node, ast.Assign) else None
            if isinstance(value, ast.Attribute) and not through and reads.anatomy.definers(root_of(value)):
                return {(symbol[0], root_of(value))}  # `register = registry.register`
            if value is not None and not through and depth:
                return self._given(reads.anatomy, value, calls, depth - 1)
        if through and functions:
            return {symbol}  # what `@click.group()` makes of a function, or one that dispatches
        if functions:
            around = [d for node in functions for d in getattr(node, "decorator_list", [])] if depth else []
            found = {key for one in around for key in self._registrar(reads.anatomy, _called(one), EVERY, depth - 1)}
            for function in functions:
                found |= self._changed(reads.anatomy, function, calls)
                found |= self._handed(reads.anatomy, function, calls, depth - 1) if depth else set()
            return found
        return {symbol} if through else set()

    def _method(
        self, symbol: Symbol, anatomy: Anatomy, node: ast.ClassDef, name: str, calls: int, depth: int
    ) -> set[Symbol]:
        """What a method that is called on its class registers with, be it the class itself."""
        found: set[Symbol] = set()
        for inner in node.body:
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name == name:
                kept = isinstance(inner, ast.FunctionDef) and _keeps(inner)
                found |= self._changed(anatomy, inner, calls) | ({symbol} if kept else set())
            elif isinstance(inner, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in inner.targets):
                found |= self._given(anatomy, inner.value, calls, depth - 1) if depth else set()
        for above in node.bases if depth and not found else ():
            for base, home, one in self.values(anatomy, above, depth - 1):
                if isinstance(one, ast.ClassDef):
                    found |= self._method(base, home, one, name, calls, depth - 1)
        return found

    def _given(self, anatomy: Anatomy, value: ast.expr, calls: int, depth: int) -> set[Symbol]:
        """What calls of a value register with: `add = registry.add`, `tool = register("tool")`, `partial(register)`."""
        while isinstance(value, ast.Call):
            if dotted(value.func)[-1:] in (["partial"], ["staticmethod"], ["classmethod"]) and value.args:
                value = value.args[0]
            else:
                value, calls = value.func, calls + 1
        return self._registrar(anatomy, value, calls, depth)

    def _handed(self, anatomy: Anatomy, function: ast.AST, calls: int, depth: int) -> set[Symbol]:
        """What the functions register with that a function calls itself."""
        every = list(run_by(function, calls))
        own = _bound_in(function) | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        found: set[Symbol] = set()
        for node in every:
            if isinstance(node, ast.Call) and root_of(node.func) not in own:
                base, over = node.func, 0
                while isinstance(base, ast.Call):
                    base, over = base.func, over + 1
                for symbol in self.named(anatomy, base):  # no methods: what these change is seen by their names
                    found |= self._states(symbol, (), over, depth)
        return found

    def _changed(self, anatomy: Anatomy, function: ast.AST, calls: int = EVERY) -> set[Symbol]:
        return {self.symbol(anatomy, name) for name in _changes(anatomy, run_by(function, calls))}

    def _watching(self, anatomy: Anatomy, base: ast.expr, meta: bool = False, depth: int = _DEEP) -> Iterator[Symbol]:
        """Base classes with `__init_subclass__`, and what metaclasses change: they see each new subclass."""
        if isinstance(base, ast.Call):
            yield from self._made(anatomy, base, depth - 1)
        for symbol, home, node in self.values(anatomy, base, depth):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                yield from self._made(home, node.value, depth - 1)
            if not isinstance(node, ast.ClassDef):
                continue
            if not meta and self._asked(symbol):
                yield symbol
            for hook in (n for n in node.body if isinstance(n, ast.FunctionDef)):
                if meta and hook.name in _MAKING:
                    yield from self._changed(home, hook)
                    if _keeps(hook):
                        yield symbol
                elif not meta and hook.name == "__init_subclass__":
                    yield symbol
                    yield from self._changed(home, hook)
            for above in node.bases:
                yield from self._watching(home, above, meta, depth - 1)
            for above in metaclasses(node):
                yield from self._watching(home, above, True, depth - 1)

    def _asked(self, symbol: Symbol) -> bool:
        """True for a class whose subclasses code asks for: it knows those whose modules are loaded."""
        tree, own = self.inventory.tree, self.inventory.modules.get(symbol[0])
        for path in tree.files((".py",)):
            asks = self.inventory.answer(_asks_for_subclasses, path)
            if asks and ((own is not None and path == own.path) or any(words_in(tree.read(path), symbol[1].encode()))):
                return True
        return False

    def _made(self, anatomy: Anatomy, call: ast.Call, depth: int) -> Iterator[Symbol]:
        """The same for a class that a function gives: of those that it is given, and those that it derives from."""
        for above in (one for given in call.args for one in (given.elts if isinstance(given, ast.Tuple) else [given])):
            yield from self._watching(anatomy, above, depth=depth)
            yield from self._watching(anatomy, above, True, depth)
        for _, home, function in self.values(anatomy, call.func, depth):
            for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
                for above in node.bases if isinstance(node, ast.ClassDef) else ():
                    yield from self._watching(home, above, depth=depth)
                for above in metaclasses(node) if isinstance(node, ast.ClassDef) else ():
                    yield from self._watching(home, above, True, depth)


def _asks_for_subclasses(data: bytes) -> bool:
    return b"__subclasses__" in data


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _last(called: ast.expr) -> str:
    """The last segment of a chain of names; "" for any other expression."""
    return next(reversed(dotted(called)), "")


def _bound_in(node: ast.AST) -> frozenset[str]:
    """The names that are assigned somewhere in a class or function."""
    stored = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store))
    return frozenset(inner.id for inner in stored)


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
