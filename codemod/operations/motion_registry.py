"""Code that registers itself when it is imported: whoever loaded it before the motion loads it afterwards, in order."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of
from codemod.source.text import Undecodable

from .motion_anatomy import Anatomy, Piece
from .motion_groups import Share
from .motion_order import Need
from .motion_reads import Reads

_OUTSIDE = frozenset({"receiver", "shared_task", "listens_for", "register", "connect"})
"""Decorators of well-known packages that register what they decorate."""

_UNORDERED = frozenset(
    {"task", "shared_task", "memoize", "cached", "cache", "limit", "tool", "receiver", "connect", "listens_for",
     "fixture", "periodic_task", "cron", "actor", "job", "subscribe", "exempt", "login_required"}
)  # fmt: skip
"""Registrations by name or signal, whose order decides nothing."""


@dataclass(frozen=True, slots=True)
class SideImport:
    """Module `importer` imports `target` for what it does, above a piece of its source (at the end where None)."""

    importer: str
    target: str
    source: str
    before: Piece | None


@dataclass(slots=True)
class Registry:
    """Finds what registers itself, and where."""

    inventory: Inventory
    anatomies: dict[str, Anatomy]
    known: dict[str, Reads | None] = field(default_factory=dict)
    unordered: set[tuple[int, Symbol]] = field(default_factory=set)  # (piece, registrar) where order does not matter

    def _reads(self, module: str) -> Reads | None:
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

    def keys(self, share: Share, piece: Piece) -> set[Symbol]:
        """What a piece registers itself with on import, as (module, name); the module is empty for other packages."""
        found: set[Symbol] = set()
        for node in piece.nodes:
            for decorator in getattr(node, "decorator_list", []):
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                given = self._registrar(share, called)
                found |= given
                if _dotted(called)[-1:] and _dotted(called)[-1] in _UNORDERED:
                    self.unordered |= {(piece.number, key) for key in given}
            if isinstance(node, ast.ClassDef):
                found |= {key for base in node.bases for key in self._watching(share.anatomy, base)}
        if piece.is_effect:
            home = share.targets.get(piece.number)
            for root in share.reads.changed_by(piece):
                motion = share.names.get(root)
                if motion is None or motion.target != home:
                    found.add(self._symbol(share.anatomy, root) or ("", root))
            for node in piece.nodes:
                parts = (
                    _dotted(node.value.func) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else []
                )
                motion = share.names.get(parts[0]) if parts else None
                if parts and (motion is None or motion.target != home):
                    assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
                    found |= self._registrar(share, node.value.func)
        return found

    def _registrar(self, share: Share, called: ast.expr) -> set[Symbol]:
        parts = _dotted(called)
        if not parts:
            return set()
        symbol = self._symbol(share.anatomy, parts[0])
        rest = parts[1:]
        while symbol is not None and not symbol[1] and rest:  # through a module
            inner = names.join(symbol[0], rest[0])
            symbol, rest = ((inner, "") if inner in self.inventory.modules else (symbol[0], rest[0])), rest[1:]
        if symbol is None or symbol[0] not in self.inventory.modules:
            return {("", ".".join(parts))} if parts[-1] in _OUTSIDE else set()
        return {symbol} if self._registers(symbol, bool(rest)) else set()

    def _symbol(self, anatomy: Anatomy, name: str) -> Symbol | None:
        if anatomy.definers(name):
            return anatomy.module.name, name
        found = origin_of(self.inventory, anatomy.module, name)
        return (found.module, found.name) if found is not None else None

    def _registers(self, symbol: Symbol, through: bool) -> bool:
        """True for an object whose method decorates (`through`), and for a function that changes its module's state."""
        reads = self._reads(symbol[0])
        nodes = [n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes] if reads is not None else []
        if reads is None or any(isinstance(node, ast.ClassDef) for node in nodes):
            return False
        functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        return any(_changes(reads.anatomy, node) for node in functions) if functions else through

    def _watching(self, anatomy: Anatomy, base: ast.expr, depth: int = 5) -> Iterator[Symbol]:
        """Base classes with `__init_subclass__`, which see each new subclass."""
        parts = _dotted(base)
        symbol = self._symbol(anatomy, parts[0]) if len(parts) == 1 else None
        reads = self._reads(symbol[0]) if symbol is not None else None
        if symbol is None or reads is None or not depth:
            return
        for node in (n for p in reads.anatomy.definers(symbol[1]) for n in p.nodes if isinstance(n, ast.ClassDef)):
            if any(isinstance(n, ast.FunctionDef) and n.name == "__init_subclass__" for n in node.body):
                yield symbol
            for above in node.bases:
                yield from self._watching(reads.anatomy, above, depth - 1)


def _dotted(node: ast.expr) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)] if isinstance(node, ast.Name) else []


def _changes(anatomy: Anatomy, function: ast.AST) -> bool:
    """True when a function changes an object of its module: `REGISTRY[name] = f`, `HANDLERS.append(f)`, `global`."""
    values = {
        name
        for name, bindings in anatomy.scopes.module.bindings.items()
        if any(binding.kind in ("assign", "annotation", "import", "from") for binding in bindings)
    }
    for node in ast.walk(function):
        target: ast.expr | None = None
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            target = node.func.value if node.func.attr in _CHANGING else None
        elif isinstance(node, ast.Global):
            return True
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name) and target.id in values:
            return True
    return False


_CHANGING = frozenset(
    {
        "append",
        "add",
        "update",
        "setdefault",
        "insert",
        "extend",
        "register",
        "connect",
        "appendleft",
        "push",
        "subscribe",
    }
)


def side_imports(
    shares: Mapping[str, Share], needs: Sequence[Need], registry: Registry, there: Sequence[SideImport] = ()
) -> Iterator[SideImport]:
    """The imports that keep what registers itself loaded, beside those `there`; refusals go to the shares."""
    for name, share in shares.items():
        cut = _Cut(share, needs, registry, [side for side in there if side.source == name])
        if cut.parts:
            yield from (side for side in cut.imports() if side not in there)


class _Cut:
    """One module that is divided, seen from its registries."""

    def __init__(self, share: Share, needs: Sequence[Need], registry: Registry, there: list[SideImport]) -> None:
        self.share = share
        self.needs = needs
        self.source = share.anatomy.module.name
        apart = {(self.source, name) for name in share.replicas}  # put in order by other means
        found = {p.number: registry.keys(share, p) - apart for p in share.anatomy.pieces if not p.is_import}
        self.keys = {number: keys for number, keys in found.items() if keys}
        self.ranked = {n: {k for k in keys if (n, k) not in registry.unordered} for n, keys in self.keys.items()}
        self.sides = there

    @property
    def parts(self) -> bool:
        """True when something that registers itself, or what it registers with, leaves."""
        return any(n in self.share.targets or self.host(k) != self.source for n, ks in self.keys.items() for k in ks)

    def home(self, number: int) -> str:
        """The module of a piece after the motion."""
        return self.share.targets.get(number, self.source)

    def host(self, key: Symbol) -> str:
        """The module that has to load what registers with `key`: where that lives, if it was the source's own."""
        motion = self.share.names.get(key[1]) if key[0] == self.source else None
        return motion.target if motion is not None else self.source

    def imports(self) -> Iterator[SideImport]:
        """The imports to add; the order in which things register is checked."""
        hosts: dict[str, list[int]] = {}
        for number, keys in self.keys.items():
            for host in sorted({self.host(key) for key in keys}):
                hosts.setdefault(host, []).append(number)
        for host, numbers in hosts.items():
            for target in dict.fromkeys(self.home(n) for n in numbers):
                if target != host:
                    self._load(host, target, min(n for n in numbers if self.home(n) == target))
        for host in hosts:
            if host != self.source:
                self._load(self.source, host, -1)
        self._check()
        yield from self.sides

    def _load(self, importer: str, target: str, number: int) -> None:
        if _loads(importer, target, self.needs) or any(
            s.importer == importer and s.target == target for s in self.sides
        ):
            return
        before = self._first_after(importer, number, target)
        self.sides.append(SideImport(importer, target, self.source, before))

    def _first_after(self, host: str, number: int, target: str) -> Piece | None:
        """The first piece of `host` behind a number, above which `target` can be imported; None for the end."""
        number = max([number, *self._needed(target, host)])
        for piece in self.share.anatomy.pieces:
            loose = piece.is_import or piece.kind in ("docstring", "future", "exports")
            if piece.number > number and self.home(piece.number) == host and not loose:
                return piece
        return None

    def _needed(self, target: str, host: str) -> list[int]:
        """Pieces of `host` whose names `target`, or what it loads, needs when it is loaded."""
        waiting, seen, found = [target], {target, host}, []
        while waiting:
            module = waiting.pop()
            reached = [side.target for side in self.sides if side.importer == module]
            for need in self.needs:
                if need.importer == module and need.place == "top":
                    reached.append(need.home)
                    if need.home == host and need.anatomy is self.share.anatomy:
                        found += [piece.number for piece in self.share.anatomy.definers(need.name)]
            for home in reached:
                if home not in seen:
                    seen.add(home)
                    waiting.append(home)
        return found

    def _check(self) -> None:
        """Importing the source must register everything in the old order; other ways in are told of."""
        homes = {self.source, *self.share.targets.values()}
        for module in sorted(homes):
            failed = _Load(self, module).failed
            if failed is not None:
                read = failed.reads[0]
                self.share.refuse(
                    "split-cycle", f"{failed.importer} needs {failed.name} of {failed.home}, which has to load "
                    "it for what registers itself", read.piece, f"send {failed.name} to {failed.importer} too",
                )  # fmt: skip
                return
        if self._wrong(self.source, refuse=True):
            return
        others = {self.home(n) for n in self.keys} - {self.source}
        for module in sorted(other for other in others if not names.below(other, self.source)):
            if self._wrong(module, refuse=False):
                return

    def _wrong(self, start: str, refuse: bool) -> bool:
        ran = _Load(self, start).ran
        for key in sorted({key for keys in self.ranked.values() for key in keys}):
            now = [n for n in ran if key in self.ranked.get(n, ())]
            if now == sorted(now):
                continue
            piece = self.share.anatomy.pieces[next(n for n, m in zip(now, sorted(now), strict=True) if n != m)]
            shown = ", ".join(sorted(piece.binds)) or "this"
            if refuse:
                self.share.refuse(
                    "split-registry-order", f"{shown} would register with {key[1]} in another order than before", piece,
                    f"keep what registers with {key[1]} in runs, or in one module",
                )  # fmt: skip
            else:
                self.share.findings.append(
                    Finding(
                        "registry-order", f"{shown} registers with {key[1]} out of order where {start} comes first",
                        Weight.REVIEW, self.share.place(piece), f"import {self.source} first",
                    )
                )  # fmt: skip
            return True
        return False


class _Load:
    """Imports a module as Python would, as far as needs, side imports and the order of pieces go."""

    def __init__(self, cut: _Cut, start: str) -> None:
        self.cut = cut
        self.ran: list[int] = []  # pieces that registered something, in order
        self.failed: Need | None = None  # a name that was asked of a module which did not have it yet
        self.executed: set[int] = set()
        self.begun: set[str] = set()
        self.finished: set[str] = set()
        self._load(start)

    def _load(self, module: str) -> None:
        if module in self.begun:
            return
        cut = self.cut
        for package in names.prefixes(names.parent(module)):
            self._load(package)
        self.begun.add(module)
        for need in cut.needs:
            if need.importer == module and need.place == "top":
                self._load(need.home)
                self._ask(need)
        for piece in cut.share.anatomy.pieces:
            for side in cut.sides:
                if side.importer == module and side.before is piece:
                    self._load(side.target)
            if cut.home(piece.number) == module:
                self.executed.add(piece.number)
                self.ran += [piece.number] if piece.number in cut.keys else []
        for side in cut.sides:
            if side.importer == module and side.before is None:
                self._load(side.target)
        self.finished.add(module)

    def _ask(self, need: Need) -> None:
        anatomy = self.cut.share.anatomy
        if need.home in self.finished or need.anatomy is not anatomy or need.copy is not None:
            return
        if any(piece.number not in self.executed for piece in anatomy.definers(need.name)):
            self.failed = self.failed or need


def _loads(importer: str, target: str, needs: Sequence[Need]) -> bool:
    return any(n.importer == importer and n.home == target and n.place == "top" for n in needs)


def bound_name(anatomy: Anatomy, target: str, taken: Iterable[str]) -> str:
    """A name for an imported module that the importing module does not use yet."""
    used = anatomy.scopes.names | anatomy.scopes.module.bindings.keys() | set(taken)
    last = names.last(target)
    return next(name for name in (last, f"_{last}", f"_{last}_module", f"_{last}_registers") if name not in used)
