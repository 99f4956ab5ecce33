"""Where applications include routers: `app.include_router(router)`, one after the other in one block."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.values import dataclass
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Import, Unparsable
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.origins import origin_of
from codemod.source.scopes import Use
from codemod.source.text import Undecodable

from .motion_anatomy import Anatomy
from .registrars import called_parts

_CALL = b"include_router"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A statement that includes a router."""

    node: ast.stmt
    argument: ast.expr
    root: ast.Name  # the name that the argument begins with
    router: Symbol
    arguments: str  # the other arguments, as they are compared


@dataclass(slots=True)
class Application:
    """What one object includes in one block of statements, in order."""

    module: Module
    anatomy: Anatomy
    block: Sequence[ast.stmt]
    receiver: str
    inclusions: list[Inclusion]

    def touched(self, run: Sequence[Inclusion]) -> ast.stmt | None:
        """The first statement between those of a run that mentions what includes the routers."""
        own = [one.node for one in run]
        inner = self.block[self.block.index(own[0]) : self.block.index(own[-1])]
        root = self.receiver.partition(".")[0]
        for node in inner:
            if node not in own and any(isinstance(n, ast.Name) and n.id == root for n in ast.walk(node)):
                return node
        return None

    def lines(self, one: Inclusion) -> tuple[int, int]:
        """The lines of a statement, with their line break."""
        starts, data = self.anatomy.text.starts, self.anatomy.text.data
        last = one.node.end_lineno or one.node.lineno
        return starts[one.node.lineno - 1], starts[last] if last < len(starts) else len(data)

    def local(self, one: Inclusion) -> Import | None:
        """The import statement inside a function that gives a router; None when the module's imports do."""
        use = _use(self.anatomy, one.root)
        if use is None or use.home is None or use.home is self.anatomy.scopes.module:
            return None
        return next((found for found, _ in _clauses(self.anatomy, use)), None)

    def around(self, one: Inclusion) -> set[str]:
        """Names that mean something of their own in the functions around a statement."""
        use, found = _use(self.anatomy, one.root), set[str]()
        scope = use.scope if use is not None else None
        while scope is not None and scope.parent is not None:
            found |= set(scope.bindings)
            scope = scope.parent
        return found


def including(inventory: Inventory) -> list[Application]:
    """Every place of the repository where routers are included."""
    found: list[Application] = []
    for module in sorted(inventory.modules, key=lambda module: module.name):
        if module.path.endswith(".py") and _CALL in inventory.tree.read(module.path):
            try:
                found += inclusions(inventory, Anatomy.of(inventory, module))
            except (Unparsable, Undecodable):
                continue
    return found


def inclusions(inventory: Inventory, anatomy: Anatomy) -> Iterator[Application]:
    """The places of one module where routers are included."""
    for node in ast.walk(anatomy.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                by_receiver: dict[str, list[Inclusion]] = {}
                for statement in block:
                    receiver, found = _inclusion(inventory, anatomy, statement)
                    if found is not None:
                        by_receiver.setdefault(receiver, []).append(found)
                for receiver, run in by_receiver.items():
                    yield Application(anatomy.module, anatomy, block, receiver, run)


def _inclusion(inventory: Inventory, anatomy: Anatomy, node: ast.stmt) -> tuple[str, Inclusion | None]:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return "", None
    root, parts = called_parts(call.func)
    if not root or parts[-1:] != ["include_router"] or len(call.args) != 1:
        return "", None
    argument = call.args[0]
    router = _router(inventory, anatomy, argument)
    if router is None:
        return "", None
    arguments = ";".join(sorted(ast.dump(keyword) for keyword in call.keywords))
    return ".".join([root, *parts[:-1]]), Inclusion(node, argument, _root(argument), router, arguments)


def _root(node: ast.expr) -> ast.Name:
    while isinstance(node, ast.Attribute):
        node = node.value
    assert isinstance(node, ast.Name)
    return node


def _use(anatomy: Anatomy, node: ast.Name) -> Use | None:
    return next((use for use in anatomy.scopes.named(node.id) if use.node is node), None)


def _clauses(anatomy: Anatomy, use: Use) -> Iterator[tuple[Import, int]]:
    """The import clauses that give a name in the scope where it lives."""
    starts = {anatomy.scopes.span(b.node)[0] for b in use.bindings if isinstance(b.node, (ast.Import, ast.ImportFrom))}
    for statement in anatomy.imports:
        if statement.start in starts:
            for number, alias in enumerate(statement.aliases):
                if statement.bound(alias) == use.name:
                    yield statement, number


def _router(inventory: Inventory, anatomy: Anatomy, node: ast.expr) -> Symbol | None:
    """Where the router that an expression means is defined."""
    root, parts = called_parts(node)
    use = _use(anatomy, _root(node)) if root else None
    if use is None:
        return None
    if use.home is anatomy.scopes.module:
        found = origin_of(inventory, anatomy.module, root)
        module, name = (found.module, found.name) if found is not None else ("", "")
    else:
        clause = next(_clauses(anatomy, use), None)
        origin = inventory.origin(clause[0], anatomy.path) if clause is not None else None
        module, name = (origin, clause[0].aliases[clause[1]].name) if clause is not None and origin else ("", "")
        if names.join(module, name) in inventory.modules:
            module, name = names.join(module, name), ""
    for part in parts:
        if name or not module:
            return None
        inner = names.join(module, part)
        module, name = (inner, "") if inner in inventory.modules else (module, part)
    home = inventory.modules.get(module)
    if not name or home is None or not home.path:
        return None
    defined = origin_of(inventory, home, name)
    return (defined.module, defined.name) if defined is not None and defined.name else (module, name)
