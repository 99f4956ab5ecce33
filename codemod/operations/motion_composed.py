"""What a module has put a registrar together from so far: parts, and slices of them where they took turns."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from codemod.base.values import dataclass, field
from codemod.source.inventory import Inventory
from codemod.source.origins import origin_of

from .motion_anatomy import Anatomy, Piece
from .motion_reads import Reads
from .registrars import Declared, Kind, called_parts, uses_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of entries in a registrar's list: what one statement declares, or a span of a part's list."""

    count: int  # 0: cannot be told
    declared: Declared | None = None  # None: of a part that an earlier phase made
    part: str = ""
    start: int = 0


@dataclass(slots=True)
class Composed:
    """The order of a registrar's entries by slot, and the statements that make it."""

    order: dict[str, list[Entry]] = field(default_factory=dict)
    statements: list[Piece] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)  # part -> what its registrar is called in the module
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)  # part -> slot -> entries (0: cannot be told)
    unread: Piece | None = None  # it changes a list in a way of its own


def composed(inventory: Inventory, anatomy: Anatomy, name: str, kind: Kind, declared: Sequence[Declared]) -> Composed:
    """Read the statements that put a registrar together; `declared` are its uses on import, in order."""
    found = Composed()
    slots = dict.fromkeys(slot for slot, _ in kind.methods.values())
    for slot in slots:
        order = found.order[slot] = []
        for one in declared:
            if one.slot == slot:
                order.append(Entry(one.count, one))
            elif one.method.partition(".")[0] == slot:
                fresh = _Statement(inventory, anatomy, name, slot, found, kind).of(one.piece, order)
                if fresh is None:
                    found.unread = one.piece
                    return found
                order[:] = fresh
                if one.piece not in found.statements:
                    found.statements.append(one.piece)
    return found


@dataclass(slots=True)
class _Statement:
    """One statement that puts parts into a list."""

    inventory: Inventory
    anatomy: Anatomy
    name: str
    slot: str
    found: Composed
    kind: Kind

    def of(self, piece: Piece, order: list[Entry]) -> list[Entry] | None:
        """The list behind the statement; None where it cannot be read."""
        node = piece.nodes[0] if len(piece.nodes) == 1 else None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            root, parts = called_parts(call.func)
            added = self._span(call.args[0], order) if len(call.args) == 1 and not call.keywords else None
            known = (root, parts) == (self.name, [self.slot, "extend"])
            return [*order, *added] if known and added is not None else None
        if not isinstance(node, ast.Assign) or not _whole(node.targets) or not isinstance(node.value, ast.List):
            return None
        fresh: list[Entry] = []
        for element in node.value.elts:
            span = self._span(element.value, order) if isinstance(element, ast.Starred) else None
            if span is None:
                return None
            fresh += span
        return fresh

    def _span(self, node: ast.expr, order: list[Entry]) -> list[Entry] | None:
        """`part.routes`, `part.routes[1:3]`, or a slice of the list itself."""
        start, stop = 0, 0
        if isinstance(node, ast.Subscript):
            bounds = _bounds(node.slice)
            if bounds is None:
                return None
            (start, stop), node = bounds, node.value
        root, parts = called_parts(node)
        if parts != [self.slot]:
            return None
        if root == self.name:
            return _cut(order, start, stop)
        origin = origin_of(self.inventory, self.anatomy.module, root)
        if origin is None or origin.name != self.name or origin.module == self.anatomy.module.name:
            return None
        self.found.bound[origin.module] = root
        size = self.found.sizes.setdefault(origin.module, self._sizes(origin.module)).get(self.slot, 0)
        return [Entry((stop or size) - start if stop or size else 0, None, origin.module, start)]

    def _sizes(self, part: str) -> dict[str, int]:
        """How many entries a part's lists have."""
        module = self.inventory.modules.get(part)
        reads = Reads(Anatomy.of(self.inventory, module)) if module is not None and module.path else None
        uses = uses_of(reads, self.name, self.kind) if reads is not None else None
        if uses is None or uses.whole or not all(one.slot and one.count for one in uses.declared):
            return {}
        found: dict[str, int] = {}
        for one in uses.declared:
            found[one.slot] = found.get(one.slot, 0) + one.count
        return found


def _whole(targets: Sequence[ast.expr]) -> bool:
    """True for `list[:] = ...`."""
    target = targets[0]
    return len(targets) == 1 and isinstance(target, ast.Subscript) and _bounds(target.slice) == (0, 0)


def _bounds(node: ast.expr) -> tuple[int, int] | None:
    """(start, stop) of a slice of numbers, 0 for a stop that is left out."""
    if not isinstance(node, ast.Slice) or node.step is not None:
        return None
    values = [0 if bound is None else bound.value if isinstance(bound, ast.Constant) else None
              for bound in (node.lower, node.upper)]  # fmt: skip
    start, stop = values
    return (start, stop) if isinstance(start, int) and isinstance(stop, int) else None


def _cut(order: Sequence[Entry], start: int, stop: int) -> list[Entry] | None:
    """The entries of a list between two numbers; None where these do not fall between entries."""
    if not start and not stop:
        return list(order)
    found: list[Entry] = []
    at = 0
    for entry in order:
        if at >= start and not (stop and at >= stop):
            found.append(entry)
        if not entry.count and stop and at < stop:
            return None
        at += entry.count
    fits = not found or sum(entry.count for entry in found) == (stop - start if stop else at - start)
    return found if fits else None


@dataclass(frozen=True, slots=True)
class Span:
    """A run of entries of one module's list that stands together in the whole."""

    home: str
    entries: tuple[Entry, ...]
    first: int  # number of the first in the module's list
    size: int  # how many the module's list has


def spans(order: Sequence[Entry], homes: Mapping[int, str], source: str) -> Iterator[Span]:
    """The whole as runs of the lists of its modules; `homes` tells where pieces that leave go."""
    ranks: dict[str, list[int]] = {}  # module -> numbers of its entries in the whole, in the order of its own list
    placed = [_home(entry, homes, source) for entry in order]
    for number in sorted(range(len(order)), key=lambda number: _rank(order[number])):
        ranks.setdefault(placed[number], []).append(number)
    within = {number: at for numbers in ranks.values() for at, number in enumerate(numbers)}
    runs = groupby(range(len(order)), lambda number: (placed[number], within[number] - number))
    for (home, _), run in runs:
        together = list(run)
        entries = tuple(order[number] for number in together)
        yield Span(home, entries, within[together[0]], len(ranks[home]))


def prefix(order: Sequence[Entry], homes: Mapping[int, str], source: str, home: str) -> list[Entry]:
    """The entries of one module's list, in its own order."""
    return sorted((e for e in order if _home(e, homes, source) == home), key=_rank)


def _home(entry: Entry, homes: Mapping[int, str], source: str) -> str:
    return entry.part if entry.declared is None else homes.get(entry.declared.piece.number, source)


def _rank(entry: Entry) -> tuple[int, int]:
    """What a part has stands above what arrives in it."""
    return (0, entry.start) if entry.declared is None else (1, entry.declared.piece.number)
