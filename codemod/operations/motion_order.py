"""Which imports between the new modules stand at the top, which inside functions, and which cannot be at all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from codemod.base import names
from codemod.base.values import dataclass, field
from codemod.source.graph import components

from .motion_anatomy import Anatomy
from .motion_hooks import derives_from_type
from .motion_imports import Wanted
from .motion_making import made_only
from .motion_reads import Read, Reads
from .motion_share import Share

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


@dataclass(frozen=True, slots=True)
class Run:
    """When the code of a piece may run while its module is imported."""

    last: int  # the number of the last top-level piece that may run it
    homes: frozenset[str]  # the modules that these pieces go to
    idle: frozenset[int] = frozenset()  # ids of functions in it that do not run, see `made_only`


Running = Mapping[tuple[int, int], Run]
"""By (id of anatomy, number of the piece)."""


def arrange(
    needs: list[Need], running: Running, beside: Successors, apart: frozenset[str] = frozenset()
) -> list[Cycle]:
    """Decide `place` for each need; returns the cycles that cannot be undone.

    What the code of a `running` piece reads is needed during import: at the top if that can be, else in the function,
    where the name is there by then.  `beside` tells the imports that are there anyway; what would load one of the
    modules `apart` stands in a function, wherever that can be.
    """
    cycles = _arranged(needs, running, beside, apart)
    return [] if cycles and not _arranged(needs, {}, beside, apart, running) else cycles


def _arranged(
    needs: list[Need], running: Running, beside: Successors, apart: frozenset[str], trusted: Running | None = None
) -> list[Cycle]:
    """Arrange with what `running` code reads needed on import; of `trusted` code it is proven afterwards."""
    for need in needs:
        need.place = "top"
        need.hard = any(is_hard(need, read, running) for read in need.reads)
    edges: dict[str, set[str]] = {}
    for need in needs:
        if need.hard:
            edges.setdefault(need.importer, set()).update(loaded(need.importer, need.home))
    cycles = [cycle for group in components(_closed(edges)) if len(group) > 1 for cycle in [_cycle(group, needs)]]
    if cycles:
        return cycles
    _soft(needs, edges, beside, apart)
    return [
        Cycle((need.importer, need.home), (need.name,), need.importer, need)
        for need in needs if need.place == "local" and _is_early(need, trusted or {})
    ]  # fmt: skip


def _soft(needs: list[Need], edges: dict[str, set[str]], beside: Successors, apart: frozenset[str]) -> None:
    """Imports that may stand in a function stand at the top where that closes no cycle."""
    soft: dict[tuple[str, str], list[Need]] = {}
    for need in needs:
        if not need.sure or need.covered or need.copied:
            need.place = "checking" if need.quoted else "local"  # importing it may fail
        elif not need.hard:
            soft.setdefault((need.importer, need.home), []).append(need)
    order = sorted(
        soft, key=lambda pair: (all(n.quoted for n in soft[pair]), -_weight(soft[pair]), _stays(soft[pair]), pair)
    )
    open_: dict[str, set[str]] = {}  # what the needs that are not decided yet would load
    for importer, home in order if apart else ():
        open_.setdefault(importer, set()).update(loaded(importer, home))

    def beyond(module: str) -> Iterable[str]:
        return (*beside(module), *open_.get(module, ()))

    for importer, home in order:
        ways = loaded(importer, home)
        there = home in edges.get(importer, ())
        open_.get(importer, set()).difference_update(ways)
        early = any(way == other or _reaches(way, other, edges, beyond) for way in ways for other in apart)
        if not early and (there or not any(_reaches(way, importer, edges, beside) for way in ways)):
            edges.setdefault(importer, set()).update(ways)
            continue
        for need in soft[importer, home]:
            need.place = "checking" if need.quoted else "local"


def _is_early(need: Need, running: Running) -> bool:
    """True when code that runs during import would import a name from another module than the one that runs it.

    That one has the name by then; loading any other one in the middle could run things in another order, or too early.
    """
    reached = [run for read in need.reads for run in [_reached(need, read, running)] if run is not None]
    return any(run.homes - {need.home} for run in reached)


def loaded(importer: str, home: str) -> list[str]:
    """`home` and the packages above it, which importing it loads first, but for those that `importer` lies in."""
    return [package for package in names.prefixes(home) if package == home or not names.within(importer, package)]


def is_hard(need: Need, read: Read, running: Running) -> bool:
    """True when a read must find its name while the module is being imported, or cannot import it by itself."""
    if read.when == "note":
        return False
    if read.when == "now" or _reached(need, read, running) is not None:
        return True
    return read.function is None or not _can_import(need.anatomy, read)


def _reached(need: Need, read: Read, running: Running) -> Run | None:
    """When code that runs during import comes to a read, if it does: the name was bound by then, or it had failed."""
    run = running.get((id(need.anatomy), read.piece.number)) if read.when == "later" else None
    if run is not None and id(read.function) in run.idle:
        return None
    definers = need.anatomy.definers(need.name) if need.copy is None else []
    return run if run is not None and (not definers or any(p.number < run.last for p in definers)) else None


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


def running_pieces(shares: Iterable[Share]) -> Running:
    """The pieces whose functions may be called while their module is imported: called there, or called by such."""
    found: dict[tuple[int, int], Run] = {}
    for share in shares:
        anatomy, reads = share.anatomy, share.reads
        callers: dict[str, dict[str, int]] = {}  # module that the calling piece goes to -> name -> last such piece
        calls = [(read.name, read.piece.number) for by in reads.by_piece.values() for read in by if read.runs]
        for name, number in (*calls, *_hooked(reads)):
            known = callers.setdefault(share.targets.get(number, anatomy.module.name), {})
            known[name] = max(number, known.get(name, -1))
        for number, idle, home, last in _runs(reads, callers):
            run = found.get((id(anatomy), number), Run(-1, frozenset(), idle))
            found[id(anatomy), number] = Run(max(last, run.last), run.homes | {home}, run.idle & idle)
    return found


def _runs(reads: Reads, callers: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[int, frozenset[int], str, int]]:
    """(number of a piece, ids of its functions that do not run, module that calls, the last piece to call)."""
    made = made_only(reads)
    while True:
        idle = {piece.number: one.idle for name, one in made.items() for piece in reads.anatomy.definers(name)}
        ran = {home: _run(reads, names_, idle) for home, names_ in callers.items()}
        read = {name for _, seen in ran.values() for name in seen}
        used = {name for name, one in made.items() if name in read or not one.kept.isdisjoint(read)}
        if not used:
            break
        made = {name: one for name, one in made.items() if name not in used}
    for home, (found, _) in ran.items():
        yield from ((number, idle.get(number, frozenset()), home, last) for number, last in found.items())


def _run(
    reads: Reads, called: Mapping[str, int], idle: Mapping[int, frozenset[int]]
) -> tuple[dict[int, int], set[str]]:
    """The pieces behind names that are called, and behind those that they read: number -> the last piece to call.

    Also the names that they read.  `idle` are functions of a piece that do not run.
    """
    found: dict[int, int] = {}
    seen: set[str] = set()
    read: set[str] = set()
    for first in sorted(called, key=lambda name: -called[name]):  # the last one first: it settles the number
        waiting = [first]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for piece in reads.anatomy.definers(name):
                found[piece.number] = max(called[first], found.get(piece.number, -1))
                still = idle.get(piece.number, ())
                later = [one.name for one in reads.of(piece) if one.when == "later" and id(one.function) not in still]
                read.update(later)
                waiting += later
    return found, read


_HOOKS = (b"__init_subclass__", b"__prepare__", b"__set_name__", b"__new__", b"__mro_entries__")


def _hooked(reads: Reads) -> Iterator[tuple[str, int]]:
    """Classes of the module with hooks that run when another class is made from them, and the piece that makes one."""
    for by in reads.by_piece.values():
        for read in by:
            if read.when == "now" and any(isinstance(node, ast.ClassDef) for node in read.piece.nodes):
                yield from ((name, read.piece.number) for name in _hooks_of(reads, read.name))


def _hooks_of(reads: Reads, name: str) -> Iterator[str]:
    """The class and those above it, as far as they have hooks."""
    line = [name]
    for above in line:  # grows
        for piece in reads.anatomy.definers(above):
            classes = [node for node in piece.nodes if isinstance(node, ast.ClassDef)]
            making = (b"__init__",) if any(derives_from_type(node) for node in classes) else ()
            if any(hook in reads.anatomy.source(piece) for hook in (*_HOOKS, *making)):
                yield above
            higher = (read.name for read in reads.of(piece) if read.when == "now") if classes else ()
            line += [other for other in dict.fromkeys(higher) if other not in line]


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
