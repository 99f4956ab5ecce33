"""Methods that cannot run while a module is imported, though an object of their class is made there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

from codemod.base.values import dataclass
from codemod.references.byname import called

from .motion_reads import Read, Reads

_QUIET_BASES = frozenset({"object", "ABC", "Protocol", "Generic", "Exception", "ValueError", "RuntimeError"})
_QUIET_DECORATORS = frozenset({"dataclass", "final", "runtime_checkable"})


@dataclass(frozen=True, slots=True)
class Made:
    """A class of which objects are made on import, and nothing else is done with it then."""

    idle: frozenset[int]  # ids of the methods that making one does not run
    kept: frozenset[str]  # the names that the objects get


def made_only(reads: Reads) -> dict[str, Made]:
    """The classes of a module whose objects are made on import and put under a name, where nothing uses them yet.

    `service = Service()` runs what makes the object, and what that calls of the object itself; other methods run when
    somebody asks for them.  A class is left out where that cannot be told: it has bases or decorators that are not
    known, gives the object away while it is made, or the class or the object is read in another way on import.
    """
    kept = _kept(reads)
    found = {}
    for name in sorted({read.name for read in chain.from_iterable(reads.by_piece.values()) if read.runs}):
        nodes = [node for piece in reads.anatomy.definers(name) for node in piece.nodes]
        if len(nodes) != 1 or not isinstance(nodes[0], ast.ClassDef):
            continue
        now = [read for read in reads.by_name[name] if read.when == "now" and not _is_mere(read)]
        homes = [kept.get(id(read.use.node)) for read in now]
        names = frozenset(one for home in homes if home is not None for one in home)
        if None in homes or any(read.when == "now" for one in names for read in reads.by_name.get(one, ())):
            continue
        idle = _idle(reads, nodes[0])
        if idle:
            found[name] = Made(frozenset(idle), names)
    return found


def _kept(reads: Reads) -> dict[int, list[str]]:
    """The name nodes of what is called on import for a value that is put under names: id -> these names."""
    found = {}
    for node in reads.anatomy.tree.body:
        if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        else:
            continue
        for value in _values(node.value):
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                found[id(value.func)] = names
    return found


def _values(node: ast.expr | None) -> Iterator[ast.expr]:
    """An expression, or what a list or another such display holds; not what would be hashed, and so asked."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _values(value)
    elif isinstance(node, (ast.List, ast.Tuple)):
        for value in node.elts:
            yield from _values(value)
    elif node is not None:
        yield node


def _is_mere(read: Read) -> bool:
    """True in an annotation, and where the class stands above another one, whose own objects are another matter."""
    for node in chain.from_iterable(ast.walk(one) for one in read.piece.nodes):
        if isinstance(node, ast.ClassDef) and any(base is read.use.node for base in node.bases):
            return True
        notes = (getattr(node, "annotation", None), getattr(node, "returns", None))
        if any(note is not None and read.use.node in ast.walk(note) for note in notes):
            return True
    return False


def _idle(reads: Reads, node: ast.ClassDef) -> set[int]:
    """The ids of the methods that making an object leaves alone; none where it cannot be told."""
    line = _line(reads, node)
    if line is None:
        return set()
    methods = {one.name: one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
    asked: set[str] = set()
    for other in line[1:]:  # what stands above may run whatever it names, at any time
        asked |= {one.attr for one in ast.walk(other) if isinstance(one, ast.Attribute)}
    running = [name for name in methods if name.startswith("__") or name in asked or methods[name].decorator_list]
    for name in running:  # grows
        if _gives_away(methods[name]):
            return set()
        attributes = {one.attr for one in ast.walk(methods[name]) if isinstance(one, ast.Attribute)}
        running += [other for other in methods if other in attributes and other not in running]
    return {id(method) for name, method in methods.items() if name not in running}


def _line(reads: Reads, node: ast.ClassDef) -> list[ast.ClassDef] | None:
    """The class and those of the module above it; None where one is not known to leave the objects alone."""
    line = [node]
    for one in line:  # grows
        if one.keywords or not all(_last(decorator) in _QUIET_DECORATORS for decorator in one.decorator_list):
            return None
        for base in one.bases:
            pieces = reads.anatomy.definers(base.id) if isinstance(base, ast.Name) else []
            above = [other for piece in pieces for other in piece.nodes if isinstance(other, ast.ClassDef)]
            if not above and _last(base) not in _QUIET_BASES:
                return None
            line += [other for other in above if other not in line]
    return line


def _last(node: ast.expr) -> str:
    """The last part of what a base or decorator is called."""
    if isinstance(node, ast.Call):
        return called(node)
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _gives_away(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for `registry.append(self)`: the object itself is read other than for one of its attributes."""
    first = (*method.args.posonlyargs, *method.args.args)[:1]
    own = first[0].arg if first else ""
    attributes = {id(one.value) for one in ast.walk(method) if isinstance(one, ast.Attribute)}
    named = (one for one in ast.walk(method) if isinstance(one, ast.Name) and one.id == own)
    return method.name != "__new__" and any(id(one) not in attributes for one in named)
