"""The order in which definitions stand in a module: each above what needs it while the module is imported."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass

from .motion_anatomy import Anatomy, Piece
from .motion_arrival import Arrival
from .motion_build import Build
from .motion_dissolve import Dissolved
from .motion_hooks import Hooks
from .motion_reads import Read, Reads
from .motion_share import Share, sent

Unit = tuple[int, int]  # (number of the part, number of the piece)
Dissolutions = Mapping[tuple[str, str], Dissolved]  # by (source, target)


@dataclass(frozen=True, slots=True)
class Part:
    """Code of one module that comes to stand with that of others, and what its reads are called there."""

    anatomy: Anatomy
    pieces: Sequence[Piece]
    reads: Reads
    uses: Mapping[int, str]

    def local(self, read: Read) -> str:
        """The bare name of what a read means; "" for what an import gives."""
        known = self.uses.get(id(read.use.node))
        if known is not None:
            return known
        return read.name if self.anatomy.definers(read.name) else ""

    def defines(self, name: str) -> list[Piece]:
        """The pieces of this part that bind a name."""
        return [piece for piece in self.pieces if name in piece.binds and not piece.is_import]


class Demand:
    """What each piece needs while the module is imported, through the functions that it calls then."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.later: dict[str, set[str]] = {}  # name -> names that the code behind it reads when it runs
        self.hooks = Hooks()
        for part in parts:
            for piece in part.pieces:
                self.hooks.add(part.reads, piece, part.local)
                below = {part.local(read) for read in part.reads.of(piece) if read.when == "later"} - {""}
                for name in piece.binds if below else ():
                    self.later.setdefault(name, set()).update(below)

    def of(self, part: Part, piece: Piece) -> set[str]:
        """The names that must be bound when a piece is reached."""
        now = [read for read in part.reads.of(piece) if read.when == "now"]
        found = {part.local(read) for read in now}
        waiting = [name for read in now if read.runs for name in self.later.get(part.local(read), ())]
        waiting += self.hooks.run_by(part.reads, piece, part.local)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.later.get(name, ())
        return found - {""} - piece.binds

    def of_part(self, part: Part) -> set[str]:
        """The names that a part needs while it is imported."""
        return {name for piece in part.pieces for name in self.of(part, piece)}


def order(build: Build, shares: Mapping[str, Share], dissolved: Dissolutions) -> Iterator[Finding]:
    """Put what arrives in an order in which each definition stands above what needs it on import."""
    parts = [
        Part(a.anatomy, a.pieces, shares[a.source].reads, _uses(a, shares[a.source], dissolved[a.source, build.name]))
        for a in build.arrivals
    ]
    here = _standing(build, shares.get(build.name), dissolved)
    demand = Demand([*parts, *([here] if here is not None else [])])
    units = [(n, p.number) for n, part in enumerate(parts) for p in part.pieces]
    needs: dict[Unit, set[Unit]] = {unit: set() for unit in units}
    for one, two in pairwise(units):
        if one[0] == two[0]:
            needs[two].add(one)
    needed: set[str] = set()
    for number, part in enumerate(parts):
        for piece in part.pieces:
            names = demand.of(part, piece)
            needed |= names
            others = [
                (n, p.number) for n, other in enumerate(parts) if n != number for x in names for p in other.defines(x)
            ]
            needs[number, piece.number].update(others)
    ordered = _sorted(units, needs)
    if ordered is None:
        yield Finding(
            "split-order", f"what goes to {build.name} needs each other in both directions while it is imported",
            Weight.REFUSAL, Place(build.path), _left(build, shares, build.arrivals[-1:]),
        )  # fmt: skip
        return
    pieces = {(n, p.number): (arrival, p) for n, arrival in enumerate(build.arrivals) for p in arrival.pieces}
    build.sequence = [pieces[unit] for unit in ordered]
    if here is not None and build.sequence:
        arriving = {name for part in parts for piece in part.pieces for name in _called(build, shares, part, piece)}
        yield from _among(build, here, demand, arriving, needed - arriving, parts)


def _uses(arrival: Arrival, share: Share, found: Dissolved) -> dict[int, str]:
    """Reads of names that get another one on the way, and of those that came through imports."""
    renamed = {name: motion.final for name, motion in share.names.items() if motion.final != name}
    uses = {id(r.use.node): new for name, new in renamed.items() for r in share.reads.by_name.get(name, ())}
    return {**uses, **found.uses}


def _called(build: Build, shares: Mapping[str, Share], part: Part, piece: Piece) -> set[str]:
    share = shares[part.anatomy.module.name]
    return {share.names[name].final if name in share.names else name for name in piece.binds}


def _standing(build: Build, share: Share | None, dissolved: Dissolutions) -> Part | None:
    """The code that stays in a module that is there."""
    anatomy = build.anatomy
    if anatomy is None:
        return None
    reads = share.reads if share is not None else Reads(anatomy)
    pieces = share.staying() if share is not None else list(anatomy.pieces)
    arriving = {motion for arrival in build.arrivals for piece in arrival.pieces for motion in piece.binds}
    uses = dict(dissolved[build.name, build.name].uses)
    for name in arriving & reads.unknown.keys():  # a star import gave it
        uses.update((id(read.use.node), name) for read in reads.adopt(name))
    return Part(anatomy, pieces, reads, uses)


def _left(build: Build, shares: Mapping[str, Share], arrivals: Sequence[Arrival]) -> str:
    """The change to the plan that leaves what arrives from some modules there."""
    return "; ".join(
        sent({m.name for m in shares[a.source].names.values() if m.target == build.name}, a.source, a.source)
        for a in arrivals
    )


def _among(
    build: Build, here: Part, demand: Demand, arriving: set[str], needed: set[str], parts: Sequence[Part]
) -> Iterator[Finding]:
    """Above the first statement that needs what arrives on import; refused where that needs what stands below."""
    readers = [piece for piece in here.pieces if demand.of(here, piece) & arriving]
    build.before = min(readers, key=lambda piece: piece.number, default=None)
    if build.before is None:
        return
    late = [n for n in sorted(needed) for p in here.defines(n) if p.number >= build.before.number]
    if late:
        place = Place(here.anatomy.path, here.anatomy.text.line(build.before.code))
        users = {
            p.anatomy.module.name: {n for x in p.pieces if demand.of(p, x) & set(late) for n in x.binds} for p in parts
        }
        hint = "; ".join(sent(bound, source, source) for source, bound in users.items() if bound)
        yield Finding(
            "split-order", f"{build.name} needs what arrives before {', '.join(late)}, which what arrives needs itself",
            Weight.REFUSAL, place, hint,
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
