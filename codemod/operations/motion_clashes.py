"""Whether everything that meets in one module can: names that clash, and an order in which definitions can stand."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight

from .motion_anatomy import Piece
from .motion_arrival import Arrival
from .motion_build import Build
from .motion_dissolve import Dissolved, within
from .motion_groups import Motion, Share
from .motion_imports import Bound, Imports, Wanted
from .motion_reads import BUILTINS, Reads

Unit = tuple[int, int]  # (number of the arrival, number of the piece)


class Clashes:
    """What a module binds after the motion, and where that says two things at once."""

    def __init__(self, build: Build, imports: Imports | None, gone: set[tuple[int, int]], share: Share | None) -> None:
        self.build = build
        self.imports = imports
        self.gone = gone
        self.share = share

    def check(self, arriving: Iterable[Motion]) -> Iterator[Finding]:
        """Drop the wanted imports that are there already; tell of names that mean two things."""
        build = self.build
        build.wanted = [w for w in build.wanted if not self.has(w)]
        finals: dict[str, str] = {}
        for motion in arriving:
            known = finals.setdefault(motion.final, motion.source)
            if known != motion.source or self.defines(motion.final):
                yield Finding(
                    "target-taken", f"{build.name} has a {motion.final} already", Weight.MISMATCH, Place(build.path),
                    "choose another target or another name, or move what stands there in the same phase", motion.key,
                )  # fmt: skip
        meant: dict[str, Wanted] = {}
        for wanted in (w for w in build.wanted if w.bound != "*"):
            known_import = meant.setdefault(wanted.bound, wanted)
            packages = wanted.plain and known_import.plain and "." in wanted.module + known_import.module
            two = known_import.same != wanted.same and not packages and wanted.checking == known_import.checking
            if two or wanted.bound in finals or self._binds_other(wanted):
                yield self._clash(wanted.bound)
        fresh = set(finals) | set(meant)
        yield from (self._clash(name) for name in sorted(fresh & BUILTINS) if self._reads_builtin(name))
        if build.anatomy is not None:
            bound = {n for n in build.anatomy.scopes.module.bindings if self.defines(n)} & BUILTINS
            yield from (self._clash(name) for name in sorted(bound - fresh) if self._reads_builtin(name, False))

    def _clash(self, name: str) -> Finding:
        return Finding(
            "name-clash", f"{name} would mean two things in {self.build.name}", Weight.REFUSAL, Place(self.build.path),
            "rename one of them first, or choose another target",
        )  # fmt: skip

    def _standing(self, name: str) -> list[Bound]:
        found = self.imports.by_name.get(name, []) if self.imports is not None else []
        return [
            bound for bound in found
            if (bound.statement.start, bound.statement.aliases.index(bound.alias)) not in self.gone
        ]  # fmt: skip

    def _same(self, wanted: Wanted, bound: Bound) -> bool:
        if bound.statement.is_from:
            assert self.imports is not None
            return not wanted.plain and (self.imports.origin(bound.statement), bound.alias.name) == (
                wanted.module, wanted.name)  # fmt: skip
        return wanted.plain and bound.alias.name == wanted.module

    def has(self, wanted: Wanted) -> bool:
        """True when the module imports just this already."""
        if wanted.bound == "*":
            assert self.imports is not None
            return any(self.imports.origin(statement) == wanted.module for statement in self.imports.stars)
        return any(
            self._same(wanted, bound) and (wanted.checking or bound.statement.guard != "checking")
            for bound in self._standing(wanted.bound)
        )

    def _binds_other(self, wanted: Wanted) -> bool:
        """True when the module binds the name of an import to something else."""
        standing = self._standing(wanted.bound)
        others = [b for b in standing if not self._same(wanted, b) and not _one_package(wanted, b)]
        return self._owns(wanted.bound) or bool(others)

    def _owns(self, name: str) -> bool:
        """True when the module defines the name itself and keeps it."""
        anatomy = self.build.anatomy
        if anatomy is None:
            return False
        left = self.share.targets if self.share is not None else {}
        return any(piece.number not in left for piece in anatomy.definers(name))

    def defines(self, name: str) -> bool:
        """True when the module keeps a name, as a definition or an import."""
        return self._owns(name) or bool(self._standing(name))

    def _reads_builtin(self, name: str, here: bool = True) -> bool:
        """True when code in the module means the builtin by this name."""
        for arrival in self.build.arrivals:
            spans = [(piece.start, piece.end) for piece in arrival.pieces]
            for use in arrival.anatomy.scopes.named(name):
                if use.home is None and within(arrival.anatomy.scopes.span(use.node)[0], spans):
                    return True
        anatomy = self.build.anatomy
        return here and anatomy is not None and any(use.home is None for use in anatomy.scopes.named(name))


def _one_package(wanted: Wanted, bound: Bound) -> bool:
    """True for `import a.b` beside `import a.c`: both bind `a`."""
    plain = wanted.plain and not bound.statement.is_from and not bound.alias.asname
    return plain and wanted.bound == names.top(wanted.module)


def order(
    build: Build, shares: Mapping[str, Share], dissolved: Mapping[tuple[str, str], Dissolved]
) -> Iterator[Finding]:
    """Put what arrives in an order in which each definition stands before what needs it on import."""
    units = [(n, p.number) for n, arrival in enumerate(build.arrivals) for p in arrival.pieces]
    definers: dict[str, list[Unit]] = {}
    for number, arrival in enumerate(build.arrivals):
        for motion in shares[arrival.source].names.values():
            if motion.target == build.name:
                definers.setdefault(motion.final, []).extend(
                    (number, p.number) for p in arrival.anatomy.definers(motion.name)
                )
    needs: dict[Unit, set[Unit]] = {unit: set() for unit in units}
    for one, two in pairwise(units):
        if one[0] == two[0]:
            needs[two].add(one)
    ours: set[tuple[Unit, str]] = set()
    for number, arrival in enumerate(build.arrivals):
        uses = dissolved[arrival.source, build.name].uses
        for piece in arrival.pieces:
            for read in shares[arrival.source].reads.of(piece):
                local = uses.get(id(read.use.node))
                if local is not None and read.when == "now":
                    unit = (number, piece.number)
                    needs[unit].update(d for d in definers.get(local, ()) if d[0] != number)
                    ours.add((unit, local))
    ordered = _sorted(units, needs)
    if ordered is None:
        yield Finding(
            "split-order", f"what goes to {build.name} needs each other in both directions while it is imported",
            Weight.REFUSAL, Place(build.path), "send one of the definitions elsewhere",
        )  # fmt: skip
        return
    by_number: dict[Unit, tuple[Arrival, Piece]] = {
        (n, p.number): (arrival, p) for n, arrival in enumerate(build.arrivals) for p in arrival.pieces
    }
    build.sequence = [by_number[unit] for unit in ordered]
    yield from _among(build, set(definers), {name for _, name in ours} - set(definers), dissolved)


def _among(
    build: Build, arriving: set[str], needed: set[str], dissolved: Mapping[tuple[str, str], Dissolved]
) -> Iterator[Finding]:
    """Where what arrives stands in a module that is there: above the first statement that needs it on import."""
    anatomy = build.anatomy
    if anatomy is None or not build.sequence:
        return
    uses = dissolved[build.name, build.name].uses
    reads = Reads(anatomy)
    readers = [
        read.piece
        for by in reads.by_piece.values()
        for read in by
        if read.when == "now" and uses.get(id(read.use.node)) in arriving
    ]
    starred = [read for name in arriving for read in reads.unknown.get(name, ())]
    readers += [read.piece for read in starred if read.when == "now"]
    build.before = min(readers, key=lambda piece: piece.number, default=None)
    if build.before is None:
        return
    late = [n for n in sorted(needed) for p in anatomy.definers(n) if p.number >= build.before.number]
    if late:
        yield Finding(
            "split-order", f"{build.name} needs what arrives before {', '.join(late)}, which what arrives needs itself",
            Weight.REFUSAL, Place(anatomy.path, anatomy.text.line(build.before.code)), "choose another target",
        )  # fmt: skip


def _sorted(units: list[Unit], needs: Mapping[Unit, set[Unit]]) -> list[Unit] | None:
    """A stable topological order; None when there is none."""
    waiting = {unit: len(needs[unit]) for unit in units}
    users: dict[Unit, list[Unit]] = {}
    for unit, below in needs.items():
        for other in below:
            users.setdefault(other, []).append(unit)
    ready = [unit for unit in units if not waiting[unit]]
    heapq.heapify(ready)
    found: list[Unit] = []
    while ready:
        unit = heapq.heappop(ready)
        found.append(unit)
        for user in users.get(unit, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, user)
    return found if len(found) == len(units) else None
