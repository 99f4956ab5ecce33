"""Which statements of a module have to keep their order on import: what changes things, what looks at them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base.values import dataclass, field
from codemod.rewrite.intent import Symbol

from .motion_anatomy import Definitions, Piece
from .motion_changes import Change, consumed, shallow
from .motion_hooks import derives_from_type
from .motion_reads import Read, Reads
from .motion_registry import Registry, metaclasses

_HOOKS = ("__init_subclass__", "__prepare__", "__set_name__", "__new__", "__mro_entries__", "__init__")


@dataclass(frozen=True, slots=True)
class Touch:
    """How a piece comes upon an object on import: as a `base` of a class, in a `call`, or by its `value`."""

    symbol: Symbol
    how: str
    attr: str = ""  # what is taken of it
    hooked: bool = False  # of a base: code of it runs for each class that is made from it
    solid: bool = False  # a class or function, whose content nobody looks at in passing


@dataclass(slots=True)
class Effects:
    """What the pieces of one module do on import, and the order that this asks for."""

    keys: dict[int, set[Symbol]] = field(default_factory=dict)  # what a piece registers with, or changes
    ranked: dict[int, set[Symbol]] = field(default_factory=dict)  # ... where the order among them matters
    tied: dict[tuple[int, int], set[Symbol]] = field(default_factory=dict)
    """(first, second) -> the objects that one of them changes on import and the other one looks at"""

    @classmethod
    def of(cls, reads: Reads, registry: Registry) -> Effects:
        """What the statements of a module do."""
        anatomy = reads.anatomy
        pieces = [p for p in anatomy.pieces if not p.is_import and p.kind not in ("docstring", "future", "main")]
        found = cls()
        for piece in pieces:
            keys = registry.writes(anatomy, piece)
            if keys:
                found.keys[piece.number] = keys
                found.ranked[piece.number] = {k for k in keys if (anatomy, piece.number, k) not in registry.unordered}
        if found.keys:
            found._tie(pieces, _Touching(reads, registry))
        return found

    def _tie(self, pieces: Sequence[Piece], touching: _Touching) -> None:
        anatomy = touching.reads.anatomy
        written = {key for keys in self.keys.values() for key in keys}
        made = {
            piece.number: touching.registry.changed(anatomy, piece) for piece in pieces if piece.number in self.keys
        }
        for piece in pieces:
            touches = [t for t in touching.of(piece) if t.symbol in written]
            for number, keys in self.keys.items() if touches else ():
                if number == piece.number:
                    continue
                here = made.get(number, [])
                plain = keys - {key for key, _ in here} - self.keys.get(piece.number, set())
                seen = {key for key, change in here for t in touches if t.symbol == key and _decides(change, t)}
                seen |= {t.symbol for t in touches if t.symbol in plain and _looks(t)}
                if seen:
                    pair = (min(number, piece.number), max(number, piece.number))
                    self.tied.setdefault(pair, set()).update(seen)

    def before(self, number: int, apart: set[Symbol]) -> Iterator[int]:
        """The pieces that have to run before a piece, for other objects than those in `apart`."""
        ranked = self.ranked.get(number, set()) - apart
        yield from (other for other, keys in self.ranked.items() if other < number and keys & ranked)
        yield from (one for (one, two), keys in self.tied.items() if two == number and keys - apart)


def _decides(change: Change, touch: Touch) -> bool:
    """True when it matters to who touches an object whether it has been changed."""
    if touch.how == "base":
        return not change.attr or change.attr.startswith("__") or touch.hooked
    if touch.how == "make":
        return True
    if touch.how == "call":
        return not touch.attr or not change.attr or touch.attr == change.attr or bool(touch.symbol[1])
    if touch.attr:
        return change.attr in ("", touch.attr)
    return not change.attr and not touch.solid


def _looks(touch: Touch) -> bool:
    """True for who looks at what others have registered."""
    return touch.how == "call" or (touch.how == "value" and (bool(touch.attr) or not touch.solid))


class _Touching:
    """Finds what pieces touch."""

    def __init__(self, reads: Reads, registry: Registry) -> None:
        self.reads = reads
        self.registry = registry
        self.reached: dict[str, frozenset[str]] = {}

    def of(self, piece: Piece) -> Iterator[Touch]:
        """What a piece touches on import, also through the functions that it calls."""
        anatomy = self.reads.anatomy
        classes = [node for node in piece.nodes if isinstance(node, ast.ClassDef)]
        bases = {id(above) for node in classes for above in (*node.bases, *metaclasses(node))}
        looked, made = consumed(piece.nodes), _made(piece)
        for read in self.reads.of(piece):
            if read.when != "now":
                continue
            symbol, solid = self.registry.symbol(anatomy, read.name), self._solid(read.name)
            attr = read.use.attributes[0].attr if read.use.attributes else ""
            if id(read.use.node) in bases:
                yield from self._bases(read.name, set())
            elif read.runs:
                how = "make" if id(read.use.node) in made and self._is_class(read.name) else "call"
                yield _touch(symbol, how, attr, solid)
                for name in self._reach(read):
                    yield _touch(self.registry.symbol(anatomy, name), "call", "", self._solid(name))
            elif attr or id(read.use.node) in looked:
                yield _touch(symbol, "value", attr, solid)

    def _bases(self, name: str, seen: set[str]) -> Iterator[Touch]:
        anatomy = self.reads.anatomy
        if name in seen:
            return
        seen.add(name)
        yield Touch(self.registry.symbol(anatomy, name), "base", hooked=self._hooked(name), solid=True)
        for node in (n for p in anatomy.definers(name) for n in p.nodes if isinstance(n, ast.ClassDef)):
            for above in (*node.bases, *metaclasses(node)):
                if isinstance(above, ast.Name):
                    yield from self._bases(above.id, seen)

    def _hooked(self, name: str) -> bool:
        nodes = [n for p in self.reads.anatomy.definers(name) for n in p.nodes if isinstance(n, ast.ClassDef)]
        inner = [n.name for node in nodes for n in node.body if isinstance(n, ast.FunctionDef)]
        above = [b.id for node in nodes for b in metaclasses(node) if isinstance(b, ast.Name)]
        hooks = _HOOKS if any(derives_from_type(node) for node in nodes) else _HOOKS[:-1]
        return any(method in hooks for method in inner if method != "__new__" or hooks is _HOOKS) or any(
            self._hooked(other) for other in above
        )

    def _reach(self, read: Read) -> frozenset[str]:
        """The names that code reads which a call on import may run."""
        if read.name not in self.reached:
            self.reached[read.name] = frozenset()
            waiting, seen = [read.name], {read.name}
            while waiting:
                for piece in self.reads.anatomy.definers(waiting.pop()):
                    if any(isinstance(node, Definitions) for node in piece.nodes):
                        fresh = {inner.name for inner in self.reads.of(piece) if inner.when == "later"} - seen
                        seen |= fresh
                        waiting += fresh
            self.reached[read.name] = frozenset(seen - {read.name})
        return self.reached[read.name]

    def _solid(self, name: str) -> bool:
        pieces = self.reads.anatomy.definers(name)
        return bool(pieces) and all(isinstance(node, Definitions) for piece in pieces for node in piece.nodes)

    def _is_class(self, name: str) -> bool:
        pieces = self.reads.anatomy.definers(name)
        return any(isinstance(node, ast.ClassDef) for piece in pieces for node in piece.nodes)


def _touch(symbol: Symbol, how: str, attr: str, solid: bool) -> Touch:
    """A touch of what lies behind a module is one of that module's attribute."""
    if not symbol[1] and attr:
        return Touch((symbol[0], attr), how, "", False, solid)
    return Touch(symbol, how, attr, False, solid)


def _made(piece: Piece) -> set[int]:
    """Ids of the names that are called as they stand: `X()`, not `f(X)`."""
    calls = (inner for node in piece.nodes for inner in shallow(node) if isinstance(inner, ast.Call))
    return {id(call.func) for call in calls if isinstance(call.func, ast.Name)}
