"""The single walk behind scope analysis: every name with the scope it stands in, in order of evaluation."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from codemod.base.values import dataclass, replace

from .binding import Binding, Scope, resolve
from .embedded import parse_at, quoted_span, replacement_fields, strings_in, type_comments, typed_arguments
from .text import Text

EXACT_FSTRINGS = sys.version_info >= (3, 12)  # before, ast's positions inside f-strings are wrong (bpo-35212)


@dataclass(frozen=True, slots=True)
class Env:
    """Where the walk is: the scope, the kind of place, whether strings are annotations, the class for `__x`."""

    scope: Scope
    where: str = "code"
    quoted: bool = False
    private: str = ""

    @property
    def plain(self) -> Env:
        """The same place where strings are just strings."""
        return Env(self.scope, self.where, False, self.private) if self.quoted else self


@dataclass(frozen=True, slots=True)
class Raw:
    """A name as met; `early` when a class body reads it before binding it."""

    node: ast.Name
    scope: Scope
    context: str
    where: str
    attributes: tuple[ast.Attribute, ...]
    early: bool
    private: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found: scopes, raw uses by name, and the strings that could not be read."""

    module: Scope
    scopes: tuple[Scope, ...]
    found: dict[str, list[Raw]]
    skipped: tuple[tuple[ast.AST, str], ...]


def walk(tree: ast.Module, text: Text) -> Walk:
    """Walk a parsed file; `tree` must come from `text.data`."""
    walker = _Walker(text, tree)
    walker.run(tree.body, Env(walker.module))
    walker.comments()
    walker.finish()
    return Walk(walker.module, tuple(walker.scopes), walker.found, tuple(walker.skipped))


@dataclass(frozen=True, slots=True)
class _Store:
    """To be done when the walk gets here: bind the names of a target."""

    target: ast.expr
    kind: str


@dataclass(frozen=True, slots=True)
class _Bind:
    """To be done when the walk gets here: bind a name that has no node of its own."""

    name: str
    kind: str
    node: ast.AST


@dataclass(frozen=True, slots=True)
class _Special:
    """A call or subscript that makes its strings types if its root name turns out to be typing's."""

    root: ast.expr
    strings: tuple[ast.expr, ...]
    env: Env


_SILENT: frozenset[type] = frozenset(
    {ast.Load, ast.Store, ast.Del, ast.Pass, ast.Break, ast.Continue, ast.And, ast.Or, ast.Constant}
    | {kind for group in (ast.operator, ast.unaryop, ast.cmpop) for kind in group.__subclasses__()}
)
_CHECKED_CALLS = frozenset(
    {"cast", "TypeVar", "NewType", "ForwardRef", "TypeAliasType", "NamedTuple", "TypedDict", "assert_type"}
)
_LITERAL = frozenset({"Literal", "LiteralString"})
_TYPING = frozenset({"typing", "typing_extensions", "collections.abc"})
_BUILTIN_GENERICS = frozenset({"list", "dict", "set", "frozenset", "tuple", "type"})


def last_segment(node: ast.AST) -> str:
    """The last name of a dotted expression, "" for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


class _Walker:
    """Walks one module with an explicit stack, so that deep expressions do not exhaust Python's own."""

    def __init__(self, text: Text, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.module = Scope("module", None, tree)
        self.scopes = [self.module]
        self.found: dict[str, list[Raw]] = {}
        self.specials: list[_Special] = []
        self.skipped: list[tuple[ast.AST, str]] = []
        self.nonlocal_bindings: list[tuple[Binding, Scope]] = []
        self.stack: list[tuple[Any, Env]] = []

    def finish(self) -> None:
        """What needs every binding: where nonlocal names live, and which strings are types after all."""
        for binding, scope in self.nonlocal_bindings:
            home = resolve(binding.name, scope, self.module)
            if home is not None:
                home.bindings[binding.name].append(binding)
        position = 0
        while position < len(self.specials):  # one may hold others
            special, position = self.specials[position], position + 1
            if self.makes_types(special):
                self.run(special.strings, replace(special.env, quoted=True))

    def makes_types(self, special: _Special) -> bool:
        """True when the root of a call or subscript is typing's, or a builtin generic."""
        root = special.root
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        home = resolve(root.id, special.env.scope, self.module)
        if home is None:
            return root is special.root and root.id in _BUILTIN_GENERICS
        for binding in home.bindings.get(root.id, ()):
            node = binding.node
            if isinstance(node, ast.ImportFrom) and node.module in _TYPING and not node.level:
                return True
            if isinstance(node, ast.Import) and binding.alias is not None and binding.alias.name in _TYPING:
                return True
        return False

    def run(self, nodes: Sequence[ast.AST], env: Env) -> None:
        """Walk `nodes` in order."""
        stack = self.stack
        self.push(nodes, env)
        table, generic = _TABLE, _Walker.generic
        while stack:
            node, env = stack.pop()
            table.get(node.__class__, generic)(self, node, env)

    def push(self, nodes: Iterable[Any], env: Env) -> None:
        """Put nodes on the stack such that the first is walked first."""
        self.stack.extend([(node, env) for node in nodes if node is not None][::-1])

    def generic(self, node: ast.AST, env: Env) -> None:
        stack, silent = self.stack, _SILENT
        for field in _fields(node.__class__):
            value = getattr(node, field, None)
            if value.__class__ is list:
                stack.extend([(item, env) for item in reversed(value) if item.__class__ not in silent or env.quoted])
            elif value is not None and (value.__class__ not in silent or env.quoted):
                stack.append((value, env))

    def silent(self, node: ast.AST, env: Env) -> None:
        pass

    # Names

    def use(self, node: ast.Name, context: str, env: Env, attributes: tuple[ast.Attribute, ...] = ()) -> None:
        name, scope, private = node.id, env.scope, ""
        if name[:2] == "__" and env.private and not name.endswith("__"):
            private = f"_{env.private}{name}"
        early = scope.kind == "class" and (private or name) not in scope.bindings
        self.found.setdefault(name, []).append(Raw(node, scope, context, env.where, attributes, early, private))

    def name(self, node: ast.Name, env: Env) -> None:
        if node.ctx.__class__ is ast.Load:
            self.use(node, "load", env)
        else:
            self.store(_Store(node, "assign"), env)

    def attribute(self, node: ast.Attribute, env: Env) -> None:
        attributes, root = [node], node.value
        while root.__class__ is ast.Attribute:
            attributes.append(root)
            root = root.value
        if root.__class__ is ast.Name:
            self.use(root, "load", env, tuple(reversed(attributes)))
        else:
            self.stack.append((root, env.plain))

    def bind(
        self, name: str, kind: str, node: ast.AST, env: Env, alias: ast.alias | None = None, home: Scope | None = None
    ) -> None:
        if name[:2] == "__" and env.private and not name.endswith("__"):
            name = f"_{env.private}{name}"
        scope = home or env.scope
        binding = Binding(name, kind, node, env.scope, alias)
        if name in scope.globals:
            scope = self.module
        elif name in scope.nonlocals:
            self.nonlocal_bindings.append((binding, scope))
            return
        scope.bindings.setdefault(name, []).append(binding)

    def store(self, store: _Store, env: Env) -> None:
        target, kind = store.target, store.kind
        if isinstance(target, ast.Name):
            home = None
            if kind == "walrus":
                home = env.scope
                while home.kind == "comprehension" and home.parent is not None:
                    home = home.parent
            self.bind(target.id, kind, target, env, home=home)
            self.use(target, "del" if kind == "del" else "store", env)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self.store(_Store(element, kind), env)
        elif isinstance(target, ast.Starred):
            self.store(_Store(target.value, kind), env)
        else:
            self.stack.append((target, env))

    def bound(self, marker: _Bind, env: Env) -> None:
        self.bind(marker.name, marker.kind, marker.node, env)

    def inner(self, kind: str, node: ast.AST, env: Env, *, private: str | None = None) -> Env:
        """The environment inside a new scope."""
        scope = Scope(kind, env.scope, node)
        self.scopes.append(scope)
        return Env(scope, env.where, False, env.private if private is None else private)

    # Definitions

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, env: Env) -> None:
        outer = self.parameters(node, env)
        inside = self.inner("function", node, outer)
        self.arguments(node.args, inside)
        self.push(node.body, inside)
        self.stack.append((_Bind(node.name, "def", node), env))
        notes = replace(outer, quoted=True)
        args = node.args
        every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
        self.push([a.annotation for a in every if a is not None] + [node.returns], notes)
        self.push([*node.decorator_list, *args.defaults, *args.kw_defaults], env)

    def arguments(self, args: ast.arguments, env: Env) -> None:
        for arg in (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg):
            if arg is not None:
                self.bind(arg.arg, "param", arg, env)

    def lambda_(self, node: ast.Lambda, env: Env) -> None:
        inside = self.inner("lambda", node, env)
        self.arguments(node.args, inside)
        self.push([node.body], inside)
        self.push([*node.args.defaults, *node.args.kw_defaults], env.plain)

    def class_(self, node: ast.ClassDef, env: Env) -> None:
        outer = self.parameters(node, env)
        self.stack.append((_Bind(node.name, "class", node), env))
        self.push(node.body, self.inner("class", node, outer, private=node.name.lstrip("_")))
        self.push([*node.bases, *(k.value for k in node.keywords)], outer)
        self.push(node.decorator_list, env)

    def parameters(self, node: ast.AST, env: Env) -> Env:
        """PEP 695: type parameters live in a scope of their own around the definition."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return env
        inside = self.inner("annotation", node, env)
        for parameter in parameters:
            self.bind(parameter.name, "type", parameter, inside)
            self.push([getattr(parameter, "bound", None), getattr(parameter, "default_value", None)], inside)
        return inside

    def type_alias(self, node: Any, env: Env) -> None:
        self.store(_Store(node.name, "assign"), env)
        self.push([node.value], self.parameters(node, env))

    # Statements that bind

    def assign(self, node: ast.Assign, env: Env) -> None:
        self.push([node.value, *(_Store(target, "assign") for target in node.targets)], env)

    def augment(self, node: ast.AugAssign, env: Env) -> None:
        self.push([node.value, _Store(node.target, "augment")], env)

    def annotated(self, node: ast.AnnAssign, env: Env) -> None:
        self.push([_Store(node.target, "annotation" if node.value is None else "assign")], env)
        notes = replace(env, quoted=True)
        self.push([node.annotation], notes)
        self.push([node.value], notes if last_segment(node.annotation) == "TypeAlias" else env)

    def named(self, node: ast.NamedExpr, env: Env) -> None:
        self.push([node.value, _Store(node.target, "walrus")], env.plain)

    def for_(self, node: ast.For | ast.AsyncFor, env: Env) -> None:
        self.push([node.iter, _Store(node.target, "for"), *node.body, *node.orelse], env)

    def with_(self, node: ast.With | ast.AsyncWith, env: Env) -> None:
        nodes: list[Any] = []
        for item in node.items:
            nodes.append(item.context_expr)
            if item.optional_vars is not None:
                nodes.append(_Store(item.optional_vars, "with"))
        self.push([*nodes, *node.body], env)

    def handler(self, node: ast.ExceptHandler, env: Env) -> None:
        self.push(node.body, env)
        if node.name:
            self.stack.append((_Bind(node.name, "except", node), env))
        self.push([node.type], env)

    def delete(self, node: ast.Delete, env: Env) -> None:
        self.push([_Store(target, "del") for target in node.targets], env)

    def import_(self, node: ast.Import, env: Env) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0], "import", node, env, alias)

    def from_(self, node: ast.ImportFrom, env: Env) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name, "from", node, env, alias)

    def global_(self, node: ast.Global, env: Env) -> None:
        if env.scope is not self.module:
            env.scope.globals.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal, env: Env) -> None:
        env.scope.nonlocals.update(node.names)

    def match_name(self, node: ast.MatchAs | ast.MatchStar, env: Env) -> None:
        if node.name:
            self.bind(node.name, "match", node, env)
        if isinstance(node, ast.MatchAs):
            self.push([node.pattern], env)

    def match_mapping(self, node: ast.MatchMapping, env: Env) -> None:
        if node.rest:
            self.bind(node.rest, "match", node, env)
        self.push([*node.keys, *node.patterns], env)

    # Expressions

    def comprehension(self, node: Any, env: Env) -> None:
        inside = self.inner("comprehension", node, env)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        first = node.generators[0]
        rest: list[Any] = [_Store(first.target, "for"), *first.ifs]
        for generator in node.generators[1:]:
            rest += [generator.iter, _Store(generator.target, "for"), *generator.ifs]
        self.push(rest + parts, inside)
        self.push([first.iter], env.plain)

    def call(self, node: ast.Call, env: Env) -> None:
        plain = env.plain
        kind = last_segment(node.func)
        if kind in _CHECKED_CALLS:
            strings = tuple(typed_arguments(kind, node))
            if strings:
                self.specials.append(_Special(node.func, strings, plain))
        self.generic(node, plain)

    def subscript(self, node: ast.Subscript, env: Env) -> None:
        if not env.quoted:
            kind, strings = last_segment(node.value), tuple(strings_in(node.slice))
            if strings and kind and kind not in _LITERAL:
                self.specials.append(_Special(node.value, strings[: 1 if kind == "Annotated" else None], env))
            self.generic(node, env)
            return
        kind = last_segment(node.value)
        plain = env.plain
        if kind in _LITERAL:
            self.push([node.value, node.slice], plain)
        elif kind == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            self.push(node.slice.elts[1:], plain)
            self.push([node.value, node.slice.elts[0]], env)
        else:
            self.push([node.value, node.slice], env)

    def constant(self, node: ast.Constant, env: Env) -> None:
        """A string where a type stands is an expression."""
        if not env.quoted or not isinstance(node.value, str):
            return
        span = quoted_span(self.text, node)
        expression = parse_at(self.text, *span) if span else None
        if expression is None:
            self.skipped.append((node, "a quoted annotation that is not one plain expression"))
        else:
            self.stack.append((expression, replace(env, where="annotation-string")))

    def joined(self, node: ast.JoinedStr, env: Env) -> None:
        inside = replace(env, where="fstring", quoted=False)
        if EXACT_FSTRINGS:
            self.generic(node, inside)
            return
        start = self.text.offset(node.lineno, node.col_offset)
        end = self.text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        parts: list[ast.AST] = []
        for span in replacement_fields(self.text, start, end):
            expression = parse_at(self.text, *span)
            if expression is None:
                self.skipped.append((node, "an expression in an f-string that could not be located"))
            else:
                parts.append(expression)
        self.push(parts, inside)

    def template(self, node: ast.AST, env: Env) -> None:
        self.generic(node, replace(env, where="fstring", quoted=False))

    # Type comments

    def comments(self) -> None:
        spans = list(type_comments(self.text)) if b"type:" in self.text.data else []
        if not spans:
            return
        strings = [self.extent(n) for n in ast.walk(self.tree) if _is_text(n)]
        for start, end in spans:
            if any(first <= start < last for first, last in strings):
                continue
            signature = self.text.data.startswith(b"(", start) and b"->" in self.text.data[start:end]
            parsed = parse_at(self.text, start, end, signature=signature)
            env = Env(self.scope_at(self.text.line(start)), "type-comment", True)
            if isinstance(parsed, ast.FunctionType):
                self.run([*parsed.argtypes, parsed.returns], env)
            elif parsed is not None:
                self.run([parsed], env)

    def extent(self, node: Any) -> tuple[int, int]:
        """The byte span of a node."""
        return self.text.offset(node.lineno, node.col_offset), self.text.offset(node.end_lineno, node.end_col_offset)

    def scope_at(self, line: int) -> Scope:
        """The innermost function or class body around a line; a header belongs to the scope around it."""
        best = self.module
        for scope in self.scopes:
            if scope.kind not in ("function", "class"):
                continue
            node: Any = scope.node
            if node.lineno <= line <= node.end_lineno and (scope.parent is not None):
                in_header = line < node.body[0].lineno
                best = scope.parent if in_header else scope
        return best


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))


_FIELDS: dict[type, tuple[str, ...]] = {}
_ATOMS = frozenset({"ctx", "op", "ops", "kind", "type_comment", "simple", "attr", "id", "lineno", "level", "str"})


def _fields(kind: type) -> tuple[str, ...]:
    """The fields of a node type that may hold nodes, last first."""
    known = _FIELDS.get(kind)
    if known is None:
        names: Sequence[str] = getattr(kind, "_fields", ())
        known = _FIELDS[kind] = tuple(name for name in reversed(names) if name not in _ATOMS)
    return known


def _table() -> dict[type, Callable[[_Walker, Any, Env], None]]:
    table: dict[str, Callable[[_Walker, Any, Env], None]] = {
        "Name": _Walker.name, "Attribute": _Walker.attribute, "Constant": _Walker.constant,
        "FunctionDef": _Walker.function, "AsyncFunctionDef": _Walker.function, "Lambda": _Walker.lambda_,
        "ClassDef": _Walker.class_, "TypeAlias": _Walker.type_alias, "Assign": _Walker.assign,
        "AugAssign": _Walker.augment, "AnnAssign": _Walker.annotated, "NamedExpr": _Walker.named, "For": _Walker.for_,
        "AsyncFor": _Walker.for_, "With": _Walker.with_, "AsyncWith": _Walker.with_, "ExceptHandler": _Walker.handler,
        "Delete": _Walker.delete, "Import": _Walker.import_, "ImportFrom": _Walker.from_, "Global": _Walker.global_,
        "Nonlocal": _Walker.nonlocal_, "MatchAs": _Walker.match_name, "MatchStar": _Walker.match_name,
        "MatchMapping": _Walker.match_mapping, "ListComp": _Walker.comprehension, "SetComp": _Walker.comprehension,
        "GeneratorExp": _Walker.comprehension, "DictComp": _Walker.comprehension, "Call": _Walker.call,
        "Subscript": _Walker.subscript, "JoinedStr": _Walker.joined, "TemplateStr": _Walker.template,
    }  # fmt: skip
    known: dict[type, Callable[[_Walker, Any, Env], None]] = {_Store: _Walker.store, _Bind: _Walker.bound}
    for name, visit in table.items():
        if hasattr(ast, name):
            known[getattr(ast, name)] = visit
    for kind in _SILENT - {ast.Constant}:
        known[kind] = _Walker.silent
    return known


_TABLE = _table()
