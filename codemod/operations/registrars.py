"""Routers, blueprints and command line apps: objects on which a module declares its routes, and what each one adds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from codemod.base.values import dataclass, field
from codemod.source.facts import Unparsable, parse
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.origins import origin_of
from codemod.source.text import Text, Undecodable

from .motion_anatomy import Anatomy, Definitions, Piece
from .motion_reads import Reads

VERBS = ("get", "post", "put", "patch", "delete", "options", "head", "trace")

Adds = tuple[str, int]
"""The attribute that holds what a method adds, and how many entries that are (0: cannot be told)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class whose objects collect what is declared on them in lists, in order."""

    shown: str
    methods: Mapping[str, Adds]
    prefix: str = ""  # the constructor's argument that stands before every path


def _one(slot: str, *methods: str) -> dict[str, Adds]:
    return dict.fromkeys(methods, (slot, 1))


_ROUTER = Kind(
    "APIRouter",
    {
        **_one("routes", *VERBS, "api_route", "websocket", "websocket_route", "route", "add_api_route", "add_route"),
        **_one("routes", "add_api_websocket_route", "add_websocket_route", "mount", "host"),
        "include_router": ("routes", 0),
    },
    "prefix",
)
_BLUEPRINT = Kind(
    "Blueprint",
    _one(
        "deferred_functions", *VERBS, "route", "websocket", "add_url_rule", "record", "record_once",
        "app_template_filter", "app_template_test", "app_template_global", "add_app_template_filter",
        "add_app_template_test", "add_app_template_global", "before_app_request", "after_app_request",
        "teardown_app_request", "app_context_processor", "app_errorhandler", "app_url_value_preprocessor",
        "app_url_defaults",
    ),
    "url_prefix",
)  # fmt: skip
_TYPER = Kind("Typer", {**_one("registered_commands", "command"), **_one("registered_groups", "add_typer")})

KINDS = {
    "fastapi.APIRouter": _ROUTER,
    "fastapi.routing.APIRouter": _ROUTER,
    "flask.Blueprint": _BLUEPRINT,
    "flask.blueprints.Blueprint": _BLUEPRINT,
    "quart.Blueprint": _BLUEPRINT,
    "typer.Typer": _TYPER,
    "typer.main.Typer": _TYPER,
}
"""Classes of which each part of a module can have an object of its own: an entry does not know which one it is in."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One use of a registrar on import: what it adds to which list; a `slot` of "" is none that parts can hand on."""

    piece: Piece
    method: str
    slot: str
    count: int = 0  # 0: cannot be told


@dataclass(frozen=True, slots=True)
class Uses:
    """The uses of one registrar while its module is imported."""

    declared: tuple[Declared, ...]
    whole: tuple[Piece, ...]  # it is given to something else: included, listed, aliased


def called_parts(node: ast.expr) -> tuple[str, list[str]]:
    """The root name of a chain of attributes and the attributes; ("", []) for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, parts[::-1]) if isinstance(node, ast.Name) else ("", [])


def spellings(inventory: Inventory, module: Module, node: ast.expr) -> set[str]:
    """An expression's dotted text, its last segment, and the full name of what it means."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    root, parts = called_parts(inner)
    if not root:
        return set()
    found = {".".join([root, *parts]), parts[-1] if parts else root}
    origin = origin_of(inventory, module, root)
    if origin is not None:
        found.add(".".join([part for part in (origin.module, origin.name) if part] + parts))
    return found


def constructor(anatomy: Anatomy, name: str) -> ast.Call | None:
    """The call whose value a top-level name holds; None where anything else binds it."""
    pieces = anatomy.definers(name)
    node = pieces[0].nodes[0] if len(pieces) == 1 and len(pieces[0].nodes) == 1 else None
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    return value if isinstance(value, ast.Call) and pieces[0].binds == {name} else None


def kind_of(inventory: Inventory, anatomy: Anatomy, name: str) -> Kind | None:
    """What a top-level name holds, where that is one of the kinds, or a class of the repository derived from one."""
    call = constructor(anatomy, name)
    return _kind(inventory, anatomy.module, call.func) if call is not None else None


def _kind(inventory: Inventory, module: Module, node: ast.expr, depth: int = 5) -> Kind | None:
    for spelled in spellings(inventory, module, node):
        if spelled in KINDS:
            return KINDS[spelled]
    root, parts = called_parts(node)
    origin = origin_of(inventory, module, root) if root and not parts else None
    home = inventory.modules.get(origin.module) if origin is not None else None
    if origin is None or home is None or not home.path or not depth:
        return None
    try:
        tree = parse(Text.of(inventory.tree.read(home.path)))
    except (Unparsable, Undecodable):
        return None
    bases = [b for n in tree.body if isinstance(n, ast.ClassDef) and n.name == origin.name for b in n.bases]
    return next((kind for base in bases for kind in [_kind(inventory, home, base, depth - 1)] if kind), None)


def uses_of(reads: Reads, name: str, kind: Kind) -> Uses:
    """How a module uses a registrar while it is imported."""
    declared: list[Declared] = []
    whole: list[Piece] = []
    for read in reads.by_name.get(name, ()):
        if read.when != "now":
            continue
        found = next((c for c in _calls(read.piece) if _root(c.func) is read.use.node), None)
        chain = [node.attr for node in read.use.attributes]
        method = chain[0] if chain else ""
        slot, count = kind.methods.get(method, ("", 0)) if len(chain) == 1 else ("", 0)
        if not chain:
            whole.append(read.piece)
        elif found is not None or not _is_loaded(read.use.attributes[-1], read.piece):
            declared.append(Declared(read.piece, ".".join(chain), slot, count if found is not None else 0))
    return Uses(tuple(declared), tuple(dict.fromkeys(whole)))


def _is_loaded(node: ast.Attribute, piece: Piece) -> bool:
    """True for an attribute that is merely read: neither stored to, nor called, nor changed through an index."""
    if not isinstance(node.ctx, ast.Load):
        return False
    for outer in (n for top in piece.nodes for n in ast.walk(top)):
        if isinstance(outer, ast.Call) and outer.func is node:
            return False
        if isinstance(outer, ast.Subscript) and outer.value is node and not isinstance(outer.ctx, ast.Load):
            return False
    return True


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _calls(piece: Piece) -> Iterator[ast.Call]:
    """The calls that are statements of their own, and those that decorate functions, of functions in classes too."""
    waiting = list(piece.nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definitions):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call):
                    yield decorator
                elif isinstance(decorator, ast.Attribute):  # `@app.command` without a call
                    yield ast.Call(decorator, [], [])
            waiting += node.body if isinstance(node, ast.ClassDef) else []
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node.value


# -- paths and tags


@dataclass(frozen=True, slots=True)
class Route:
    """A declaration with a path: every way to write its path, and its tags (or the name of a command)."""

    name: str  # the handler
    paths: tuple[str, ...]
    tags: tuple[str, ...] = ()

    def matches(self, pattern: str) -> bool:
        """True when a glob over paths (it begins with a slash or a star) or over tags means this route."""
        return any(fnmatchcase(text, pattern) for text in (self.paths if pattern[:1] in ("/", "*") else self.tags))


@dataclass(slots=True)
class Routes:
    """The routes that a module declares, and where a path cannot be read from the text."""

    anatomy: Anatomy
    found: list[Route] = field(default_factory=list)
    unread: list[Piece] = field(default_factory=list)

    @classmethod
    def of(cls, anatomy: Anatomy) -> Routes:
        """The routes of a module."""
        result = cls(anatomy)
        for piece in anatomy.pieces:
            for node in piece.nodes:
                for call, handlers in _declarations(node):
                    result._add(piece, call, handlers)
        return result

    def _add(self, piece: Piece, call: ast.Call, handlers: Iterable[str]) -> None:
        root, parts = called_parts(call.func)
        if len(parts) != 1 or parts[0] not in _PATHS:
            return
        node = call.args[0] if call.args else _keyword(call, "path", "rule")
        path = self._text(node)
        if path is None:
            self.unread.append(piece)
            return
        made = constructor(self.anatomy, root)
        prefix, tags = "", self._tags(call)
        if made is not None:
            prefix = self._text(_keyword(made, "prefix", "url_prefix")) or ""
            tags += self._tags(made)
        paths = tuple(dict.fromkeys([path, prefix + path, *(["/"] if not prefix + path else [])]))
        self.found += [Route(handler, paths, tuple(tags)) for handler in handlers]

    def _tags(self, call: ast.Call) -> list[str]:
        node = _keyword(call, "tags")
        found: list[str] = []
        for element in node.elts if isinstance(node, (ast.List, ast.Tuple)) else ():
            text = self._text(element)
            root, parts = called_parts(element)
            found += [text] if text is not None else [".".join([root, *parts]), parts[-1]] if parts else []
        return found

    def _text(self, node: ast.expr | None, depth: int = 5) -> str | None:
        """The text of an expression of constants; None where it is anything else."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if node is None or not depth:
            return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _sum([self._text(node.left, depth - 1), self._text(node.right, depth - 1)])
        if isinstance(node, ast.JoinedStr):
            return _sum([self._text(part, depth - 1) for part in node.values])
        if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
            return self._text(node.value, depth - 1)
        pieces = self.anatomy.definers(node.id) if isinstance(node, ast.Name) else []
        bound = pieces[0].nodes[0] if len(pieces) == 1 else None
        if isinstance(bound, (ast.Assign, ast.AnnAssign)) and bound.value is not None:
            return self._text(bound.value, depth - 1)
        return None


_PATHS = frozenset({*VERBS, "route", "api_route", "websocket", "websocket_route", "command", *(
    "add_api_route", "add_route", "add_url_rule", "add_api_websocket_route", "add_websocket_route")})  # fmt: skip


def _declarations(node: ast.stmt) -> Iterator[tuple[ast.Call, list[str]]]:
    """Calls that declare a route, and the top-level names of the handlers."""
    if isinstance(node, Definitions):
        yield from ((d, [node.name]) for d in node.decorator_list if isinstance(d, ast.Call))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        values = [*node.value.args[1:], *(k.value for k in node.value.keywords)]
        yield node.value, [v.id for v in values if isinstance(v, ast.Name)]


def _keyword(call: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg in names), None)


def _sum(parts: list[str | None]) -> str | None:
    return None if any(part is None for part in parts) else "".join(part or "" for part in parts)


# -- parts of a registrar that an earlier run put together


def parts_of(inventory: Inventory, anatomy: Anatomy) -> Iterator[tuple[str, str]]:
    """(registrar, module) of each part that a module puts together: `router.routes.extend(part_router.routes)`."""
    slots = {slot for kind in KINDS.values() for slot, _ in kind.methods.values()}
    for node in (n for piece in anatomy.pieces if piece.kind in ("statement", "definition") for n in piece.nodes):
        for inner in ast.walk(node) if isinstance(node, (ast.Expr, ast.Assign)) else ():
            if isinstance(inner, ast.Attribute) and inner.attr in slots:
                root, parts = called_parts(inner)
                origin = origin_of(inventory, anatomy.module, root) if len(parts) == 1 else None
                if origin is not None and origin.module != anatomy.module.name:
                    yield origin.name, origin.module


def alike(anatomy: Anatomy, name: str, piece: Piece) -> bool:
    """True when a module binds a name by the same statement."""
    own = [ast.dump(node) for other in anatomy.definers(name) for node in other.nodes]
    return own == [ast.dump(node) for node in piece.nodes]
