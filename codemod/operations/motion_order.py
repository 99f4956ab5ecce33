"""Which imports between the new modules stand at the top, which inside functions, and which cannot be at all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codemod.base import names
from codemod.source.graph import components

from .motion_anatomy import Anatomy
from .motion_imports import Wanted
from .motion_reads import Read, Reads

Successors = Callable[[str], Iterable[str]]
"""The modules that importing a module imports, apart from what is decided here."""


@dataclass(slots=True)
class Need:
    """Module `importer` needs `name`, which will live in module `home`."""

    importer: str
    home: str
    name: str
    anatomy: Anatomy  # of the module whose code needs it
    reads: list[Read] = field(default_factory=list)
    hard: bool = False  # needed while the importer is being imported
    sure: bool = True  # bound whatever conditions hold
    covered: bool = False  # the importer has a submodule of that name
    copied: bool = False  # the importer has a copy of its own under that name
    copy: Wanted | None = None  # the source's own import of the name, where that is what is needed
    place: str = "top"  # top | local | checking

    @property
    def quoted(self) -> bool:
        """True when annotations alone need the name."""
        return all(read.when == "note" for read in self.reads)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Modules that need each other while they are being imported, and the smallest step out."""

    modules: tuple[str, ...]
    names: tuple[str, ...]  # send these...
    target: str  # ... here
    need: Need


def arrange(needs: list[Need], running: frozenset[tuple[int, int]], beside: Successors) -> list[Cycle]:
    """Decide `place` for each need; returns the cycles that cannot be undone.

    `running` are the pieces, as (id of anatomy, number), whose code may run during import: what they read is needed
    then.  `beside` tells the imports that are there anyway.
    """
    for need in needs:
        need.hard = any(is_hard(need, read, running) for read in need.reads)
    edges: dict[str, set[str]] = {}
    for need in needs:
        if need.hard:
            edges.setdefault(need.importer, set()).update(loaded(need.importer, need.home))
    cycles = [cycle for group in components(_closed(edges)) if len(group) > 1 for cycle in [_cycle(group, needs)]]
    if cycles:
        return cycles
    soft: dict[tuple[str, str], list[Need]] = {}
    for need in needs:
        if not need.sure or need.covered or need.copied:
            need.place = "checking" if need.quoted else "local"  # importing it may fail
        elif not need.hard:
            soft.setdefault((need.importer, need.home), []).append(need)
    order = sorted(
        soft, key=lambda pair: (all(n.quoted for n in soft[pair]), -_weight(soft[pair]), _stays(soft[pair]), pair)
    )
    for importer, home in order:
        ways = loaded(importer, home)
        if home in edges.get(importer, ()) or not any(_reaches(way, importer, edges, beside) for way in ways):
            edges.setdefault(importer, set()).update(loaded(importer, home))
            continue
        for need in soft[importer, home]:
            need.place = "checking" if need.quoted else "local"
    return []


def loaded(importer: str, home: str) -> list[str]:
    """`home` and the packages above it, which importing it loads first, but for those that `importer` lies in."""
    return [package for package in names.prefixes(home) if package == home or not names.within(importer, package)]


def is_hard(need: Need, read: Read, running: frozenset[tuple[int, int]]) -> bool:
    """True when a read must find its name while the module is being imported, or cannot import it by itself."""
    if read.when == "note":
        return False
    if read.when == "now" or (id(need.anatomy), read.piece.number) in running:
        return True
    return read.function is None or not _can_import(need.anatomy, read)


def _can_import(anatomy: Anatomy, read: Read) -> bool:
    """True when the function around a read can hold an import of the name."""
    function = read.function
    start = anatomy.scopes.span(function)[0] if function is not None else 0
    if not anatomy.text.data.startswith((b"def", b"async", b"if"), start):
        return False  # a type alias in the shape of a function, see `downgrade`
    scope = read.use.scope
    while scope.parent is not None:
        if read.name in scope.globals or read.name in scope.bindings:
            return False
        scope = scope.parent
    return True


def running_pieces(shares: Iterable[Reads]) -> frozenset[tuple[int, int]]:
    """The pieces whose functions may be called while their module is imported: called there, or called by such."""
    found: set[tuple[int, int]] = set()
    for reads in shares:
        anatomy = reads.anatomy
        waiting = [read.name for by in reads.by_piece.values() for read in by if read.runs]
        waiting += list(_hooked(reads))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for piece in anatomy.definers(name):
                found.add((id(anatomy), piece.number))
                waiting += [read.name for read in reads.of(piece) if read.when == "later"]
    return frozenset(found)


_HOOKS = (b"__init_subclass__", b"__prepare__", b"__set_name__", b"__new__", b"__mro_entries__")


def _hooked(reads: Reads) -> Iterator[str]:
    """Classes of the module with hooks that run when another class is made from them, where one is."""
    for by in reads.by_piece.values():
        for read in by:
            if read.when == "now" and any(isinstance(node, ast.ClassDef) for node in read.piece.nodes):
                for piece in reads.anatomy.definers(read.name):
                    if any(hook in reads.anatomy.source(piece) for hook in _HOOKS):
                        yield read.name


def _stays(needs: list[Need]) -> bool:
    """True when the code that needs the names is what stays behind: what left may lean on it, rather."""
    return needs[0].importer == needs[0].anatomy.module.name


def _weight(needs: list[Need]) -> int:
    return len({(id(need.anatomy), read.piece.number) for need in needs for read in need.reads})


def _reaches(start: str, goal: str, edges: Mapping[str, set[str]], beside: Successors) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        module = waiting.pop()
        for following in (*edges.get(module, ()), *beside(module)):
            if following == goal:
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False


def _closed(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {module: set(edges.get(module, ())) for module in {*edges, *(m for ends in edges.values() for m in ends)}}


def _cycle(group: tuple[str, ...], needs: list[Need]) -> Cycle:
    """The edge within a group that the fewest names make: sending these along breaks it."""
    links: dict[tuple[str, str], list[Need]] = {}
    for need in needs:
        if need.hard and need.importer in group and need.home in group:
            links.setdefault((need.importer, need.home), []).append(need)
    importer, home = min(links, key=lambda pair: (len({n.name for n in links[pair]}), pair))
    chosen = links[importer, home]
    return Cycle(tuple(sorted(group)), tuple(sorted({need.name for need in chosen})), importer, chosen[0])
