"""What runs while a class is made: `__init_subclass__` of the classes above it, and what makes it in a metaclass."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from codemod.base.values import dataclass

from .motion_anatomy import Piece
from .motion_reads import Read, Reads

_ON_SUBCLASS = frozenset({"__init_subclass__", "__mro_entries__"})
_ON_MAKING = frozenset({"__new__", "__init__", "__prepare__"})

Local = Callable[[Read], str]
"""The bare name of what a read means where the code comes to stand; "" for what an import gives."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A class at the top of a module: what its hooks read, and what stands above it."""

    subclass: frozenset[str]  # names that are read when another class is made from it
    making: frozenset[str]  # names that are read when it makes a class, as a metaclass
    above: frozenset[tuple[str, bool]]  # names of bases, and with True of metaclasses


class Hooks:
    """The classes of code that comes to stand in one module, by name."""

    def __init__(self) -> None:
        self.classes: dict[str, list[_Class]] = {}

    def add(self, reads: Reads, piece: Piece, local: Local) -> None:
        """Note the classes of a piece."""
        for node in piece.nodes:
            if isinstance(node, ast.ClassDef):
                found = _Class(
                    frozenset(_read_by(reads, piece, node, _ON_SUBCLASS, local)),
                    frozenset(_read_by(reads, piece, node, _ON_MAKING, local)),
                    frozenset(_above(reads, piece, node, local)),
                )
                for name in piece.binds:
                    self.classes.setdefault(name, []).append(found)

    def run_by(self, reads: Reads, piece: Piece, local: Local) -> set[str]:
        """The names that are read when the classes of a piece are made."""
        found: set[str] = set()
        seen: set[tuple[str, bool]] = set()
        waiting = [a for node in piece.nodes if isinstance(node, ast.ClassDef)
                   for a in _above(reads, piece, node, local)]  # fmt: skip
        while waiting:
            name, meta = waiting.pop()
            if (name, meta) in seen:
                continue
            seen.add((name, meta))
            for one in self.classes.get(name, ()):
                found |= one.making if meta else one.subclass
                waiting += [(above, meta or metaclass) for above, metaclass in one.above if not (meta and metaclass)]
        return found


def derives_from_type(node: ast.ClassDef) -> bool:
    """True for a class that looks like a metaclass."""
    return any(isinstance(base, ast.Name) and base.id.endswith(("type", "Meta", "Type")) for base in node.bases)


def _above(reads: Reads, piece: Piece, node: ast.ClassDef, local: Local) -> Iterator[tuple[str, bool]]:
    """The names of a class's bases and, with True, of its metaclass."""
    meta = {id(n) for k in node.keywords if k.arg == "metaclass" for n in ast.walk(k.value)}
    bases = {id(n) for base in node.bases for n in ast.walk(base)}
    for read in reads.of(piece):
        if id(read.use.node) in bases or id(read.use.node) in meta:
            yield local(read), id(read.use.node) in meta


def _read_by(reads: Reads, piece: Piece, node: ast.ClassDef, hooks: frozenset[str], local: Local) -> set[str]:
    """The names that hooks of a class read, and the methods that they call."""
    methods = {n.name: n for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    running = [name for name in methods if name in hooks]
    for name in running:  # grows
        called = (n.attr for n in ast.walk(methods[name]) if isinstance(n, ast.Attribute))
        running += [other for other in dict.fromkeys(called) if other in methods and other not in running]
    ran = {id(methods[name]) for name in running}
    return {local(read) for read in reads.of(piece) if read.when == "later" and id(read.function) in ran} - {""}
