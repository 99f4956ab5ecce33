"""What calls import: functions that import something as they run, and that are called while a module is imported.

    def create_app():
        from app.users import router

    app = create_app()

Two questions.  Which modules may make such calls: asked backwards from the functions that import what matters, by the
bytes alone, never too few by much.  What a call imports: followed forwards from the call, by statements that surely
run, so that nothing is said to run that may not.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory, Target
from codemod.source.modules import Module
from codemod.source.origins import origin_of
from codemod.source.search import Search, candidates, words_in
from codemod.source.text import Text, Undecodable, line_start

from .edges import definition_around
from .ops import Chain, From, Plain
from .resolve import Resolver
from .statements import chain_of

_DEEP = 6  # calls of functions that call functions
_MANY = 40  # functions that are asked for, on the way back from an import to a module that sets it off
_MAKING = ("__new__", "__init__")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Lazy:
    """An import inside a function: the module that the function stands in, and the import."""

    module: Module
    op: Plain | From


@dataclass(frozen=True, slots=True)
class _Code:
    """The top level of a module by name."""

    functions: dict[str, Function]
    classes: dict[str, ast.ClassDef]
    values: dict[str, ast.expr]


@dataclass(slots=True)
class Calls:
    """The calls that are made while the modules of one tree are imported; `callers` are those that count."""

    inventory: Inventory
    resolver: Resolver
    callers: set[str] = field(default_factory=set)
    codes: dict[str, _Code] = field(default_factory=dict)
    found: dict[tuple[str, Chain], tuple[Lazy, ...]] = field(default_factory=dict)

    # Backwards, from what is imported

    def set_off(self, targets: Collection[str]) -> set[str]:
        """The modules whose calls may import one of the targets, or what lies below one, as they are imported."""
        waiting = list(dict.fromkeys(self._functions(targets)))
        seen, callers = set(waiting), set[str]()
        while waiting and len(seen) <= _MANY:
            for path, around in self._uses(waiting.pop()):
                module = self.inventory.modules.at(path)
                if not around and module is not None:
                    callers.add(module.name)
                elif around and around not in seen:
                    seen.add(around)
                    waiting.append(around)
        return callers

    def _functions(self, targets: Collection[str]) -> Iterator[str]:
        """The names by which functions are called that import one of the targets."""
        for path in candidates(self.inventory.tree, Search(targets)):
            data = self.inventory.tree.read(path)
            if b"import" not in data or isinstance(self.inventory.read(path), Unparsable):
                continue
            for reference in self.resolver.references(path):
                if reference.statement.scope == "function" and reference.statement.guard != "checking":
                    whole = names.join(reference.module, reference.name)
                    if any(above in targets for above in names.prefixes(whole)):
                        name = definition_around(data, line_start(data, reference.statement.start))
                        yield from (name,) if name else ()

    def _uses(self, name: str) -> Iterator[tuple[str, str]]:
        """(file, the function around it, "" for none) of what may be a call of a function of that name."""
        word = name.encode()
        for path in self.inventory.tree.files((".py",)):
            data = self.inventory.tree.read(path)
            for at in words_in(data, word) if word in data else ():
                start = line_start(data, at)
                head = data[start:at].strip()
                is_call = data[at + len(word) : at + len(word) + 1] == b"(" and not head.endswith((b"def", b"class"))
                if is_call or head[:1] == b"@":
                    yield path, definition_around(data, start)

    # Forwards, from the call

    def of(self, module: Module, chain: Chain) -> tuple[Lazy, ...]:
        """What a call in a module imports for certain, in order."""
        if module.name not in self.callers:
            return ()
        key = (module.name, chain)
        if key not in self.found:
            self.found[key] = tuple(dict.fromkeys(self._called(module, chain, _DEEP)))
        return self.found[key]

    def imported_by(self, caller: str, chains: Sequence[Chain]) -> Iterator[str]:
        """The modules that the calls of a caller may load, packages above them included."""
        module = self.inventory.modules.get(caller)
        for lazy in (lazy for chain in chains for lazy in self.of(module, chain)) if module is not None else ():
            yield from self._loads(lazy)

    def _loads(self, lazy: Lazy) -> Iterator[str]:
        modules, near, op = self.inventory.modules, lazy.module, lazy.op
        name = op.name if isinstance(op, Plain) else names.absolute(near.package, op.level, op.module) or ""
        inner = [] if isinstance(op, Plain) else [names.join(name, asked) for asked, _ in op.names]
        for each in (name, *inner):
            reached = self.resolver.module(each, near.path) if each else None
            if reached is not None:
                yield from (above for above in names.prefixes(reached.name) if above in modules)

    def _called(self, module: Module, chain: Chain, depth: int) -> Iterator[Lazy]:
        target, rest = origin_of(self.inventory, module, chain[0]), list(chain[1:])
        while target is not None and not target.name and rest:
            inner = self.inventory.modules.get(target.module)
            target = origin_of(self.inventory, inner, rest.pop(0)) if inner is not None and inner.path else None
        if target is not None and target.name and depth:
            yield from self._run(target, rest, depth - 1)

    def _run(self, target: Target, rest: Sequence[str], depth: int) -> Iterator[Lazy]:
        """What calling a name of a module of ours imports, or a method of what it names."""
        home = self.inventory.modules.get(target.module)
        code = self._code(home) if home is not None else None
        if home is None or code is None:
            return
        value = code.values.get(target.name)
        if target.name in code.functions and not rest:
            yield from self._body(home, code.functions[target.name], "", depth)
        elif target.name in code.classes:
            for method in (*rest[:1],) or _MAKING:
                yield from self._method(home, target.name, method, depth) if len(rest) < 2 else ()
        elif isinstance(value, ast.Call) and len(rest) == 1 and (made := chain_of(value.func)) and depth:
            owner = origin_of(self.inventory, home, made[0]) if len(made) == 1 else None
            inner = self.inventory.modules.get(owner.module) if owner is not None and owner.name else None
            if owner is not None and inner is not None:
                yield from self._method(inner, owner.name, rest[0], depth - 1)

    def _method(self, home: Module, owner: str, method: str, depth: int) -> Iterator[Lazy]:
        code = self._code(home)
        node = code.classes.get(owner) if code is not None else None
        for inner in node.body if node is not None else ():
            if isinstance(inner, Function) and inner.name == method:
                yield from self._body(home, inner, owner, depth)
                return
        for base in node.bases if node is not None and depth else ():
            chain = chain_of(base)
            above = origin_of(self.inventory, home, chain[0]) if chain is not None and len(chain) == 1 else None
            there = self.inventory.modules.get(above.module) if above is not None and above.name else None
            if above is not None and there is not None and above.name != owner:
                yield from self._method(there, above.name, method, depth - 1)

    def _body(self, home: Module, function: Function, owner: str, depth: int) -> Iterator[Lazy]:
        """What surely runs of a function, up to where it may return."""
        arguments = function.args
        first = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)][:1] if owner else []
        own = {arg.arg for arg in ast.walk(arguments) if isinstance(arg, ast.arg)} - set(first)
        brought: dict[str, tuple[str, str]] = {}  # what its imports bind: (module, name)
        for node in _surely(function.body):
            if isinstance(node, ast.Import):
                yield from (Lazy(home, Plain(a.name, "", True, node.lineno)) for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                pairs = tuple((a.name, a.asname or a.name) for a in node.names)
                yield Lazy(home, From(node.module or "", node.level, pairs, node.lineno))
                origin = names.absolute(home.package, node.level, node.module or "") or ""
                brought.update({bound: (origin, asked) for asked, bound in pairs})
            for chain in called_in(node):
                if chain[0] in first and len(chain) == 2 and depth:
                    yield from self._method(home, owner, chain[1], depth - 1)
                elif chain[0] in brought:
                    origin, asked = brought[chain[0]]
                    there = self.resolver.module(origin, home.path)
                    if there is not None and there.path:
                        yield from self._called(there, (asked, *chain[1:]), depth)
                elif chain[0] not in own and chain[0] not in first:
                    yield from self._called(home, chain, depth)

    def _code(self, module: Module) -> _Code | None:
        if module.path not in self.codes:
            self.codes[module.path] = self._read(module)
        return self.codes[module.path]

    def _read(self, module: Module) -> _Code:
        code = _Code({}, {}, {})
        entry = self.inventory.tree.entry(module.path) if module.path.endswith(".py") else None
        try:
            body = parse(Text.of(self.inventory.tree.read(module.path))).body if entry and entry.is_file else []
        except (Unparsable, Undecodable):
            return code
        for node in body:
            if isinstance(node, Function):
                code.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                code.classes[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                code.values[node.targets[0].id] = node.value
        return code


def called_in(node: ast.AST) -> Iterator[Chain]:
    """The chains that a statement or an expression surely calls, inner ones first."""
    if isinstance(node, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.GeneratorExp)):
        return
    inner: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.IfExp):
        inner = [node.test]
    elif isinstance(node, ast.BoolOp):
        inner = [node.values[0]]
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        inner = [node.generators[0].iter]
    for each in inner:
        yield from called_in(each)
    chain = chain_of(node.func) if isinstance(node, ast.Call) else None
    if chain is not None:
        yield chain


def _surely(body: Sequence[ast.stmt]) -> Iterator[ast.stmt | ast.expr]:
    """The statements of a function that run whenever it is called, up to the first that may leave it."""
    for node in body:
        if isinstance(node, (ast.With, ast.AsyncWith)):
            yield from (item.context_expr for item in node.items)
            yield from _surely(node.body)
        elif isinstance(node, ast.If):
            yield node.test
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            yield node.iter
        elif not isinstance(node, (ast.While, ast.Match, ast.Try, *_DEFINING)) and type(node).__name__ != "TryStar":
            yield node
        if not isinstance(node, _DEFINING) and any(isinstance(inner, ast.Return) for inner in ast.walk(node)):
            return


_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
