"""Imports that keep what a divided module does on import: what registers itself is loaded, effects keep their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass
from codemod.rewrite.intent import Symbol
from codemod.rewrite.statement import name_key

from .motion_anatomy import Anatomy, Piece
from .motion_order import Need
from .motion_share import Share, sent


@dataclass(frozen=True, slots=True)
class SideImport:
    """Module `importer` imports `target` for what it does, above a piece of its source (at the end where None)."""

    importer: str
    target: str
    source: str
    before: Piece | None


def side_imports(
    shares: Mapping[str, Share], needs: Sequence[Need], there: Sequence[SideImport] = ()
) -> Iterator[SideImport]:
    """The imports that keep what registers itself loaded, beside those `there`; refusals go to the shares."""
    for name, share in shares.items():
        cut = _Cut(share, needs, [side for side in there if side.source == name])
        if cut.parts:
            yield from (side for side in cut.imports() if side not in there)


def ordered(shares: Mapping[str, Share]) -> Iterator[str]:
    """The modules that count when they are loaded: where something registers itself, and where it registers with."""
    for share in shares.values():
        cut = _Cut(share, (), [])
        if cut.parts:
            yield cut.source
            for number, keys in cut.keys.items():
                yield cut.home(number)
                yield from (cut.host(key) for key in keys)
            yield from (cut.home(number) for pair in cut.tied for number in pair)


class _Cut:
    """One module that is divided, seen from its registries."""

    def __init__(self, share: Share, needs: Sequence[Need], there: list[SideImport]) -> None:
        self.share = share
        self.source = share.anatomy.module.name
        self.needs = sorted(needs, key=self._place)  # as they will stand in their statements
        effects = share.effects
        apart = {(self.source, name) for name in share.replicas}  # put in order by other means
        self.elsewhere: dict[int, str] = {}  # what if
        self.keys = {number: keys - apart for number, keys in effects.keys.items() if keys - apart}
        self.ranked = {number: keys - apart for number, keys in effects.ranked.items()}
        tied = {pair for pair, keys in effects.tied.items() if keys - apart}
        self.tied = {pair for pair in tied if self.home(pair[0]) != self.home(pair[1])}
        self.sides = there

    def _place(self, need: Need) -> tuple[bool, str, tuple[int, str, str]]:
        return need.home != self.source, need.home.lower(), name_key(need.name)

    @property
    def parts(self) -> bool:
        """True when something that registers itself, or what it registers with, leaves."""
        moved = any(n in self.share.targets or self.host(k) != self.source for n, ks in self.keys.items() for k in ks)
        return moved or bool(self.tied)

    def home(self, number: int) -> str:
        """The module of a piece after the motion."""
        return self.elsewhere.get(number) or self.share.targets.get(number, self.source)

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
            importer = self.source if names.below(host, self.source) else host  # which is loaded first, in any case
            for target in dict.fromkeys(self.home(n) for n in numbers):
                if target not in (importer, host):
                    self._load(importer, target, min(n for n in numbers if self.home(n) == target))
        for host in hosts:
            if host != self.source:
                self._load(self.source, host, -1)
        for first, second in sorted(self.tied):
            self._load(self.home(second), self.home(first), first)
        self._check()
        yield from self.sides

    def _load(self, importer: str, target: str, number: int) -> None:
        """Have `target` loaded by `importer` behind the piece of that number, unless something does so already."""
        above = names.below(importer, target)  # whoever imports a module has imported the packages above it
        if above or _loads(importer, target, self.needs) or any(
            s.importer == importer and s.target == target for s in self.sides
        ):  # fmt: skip
            return
        ahead = [one for one, two in self.tied if self.home(one) == importer and self.home(two) == target]
        before = self._first_after(importer, max([number, *ahead]), target)
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
        """Importing the source must do everything in the old order; other ways in are told of."""
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
        if self._wrong(self.source, refuse=True) or self._torn(self.source):
            return
        others = {self.home(n) for n in self.keys} | {self.home(n) for pair in self.tied for n in pair}
        for module in sorted(o for o in others - {self.source} if not names.below(o, self.source)):
            if self._torn(module) or self._wrong(module, refuse=False):
                return

    def _wrong(self, start: str, refuse: bool) -> bool:
        ran = [number for number in _Load(self, start).ran if number in self.keys]
        for key in sorted({key for keys in self.ranked.values() for key in keys}):
            now = [n for n in ran if key in self.ranked.get(n, ())]
            if now == sorted(now):
                continue
            piece = self.share.anatomy.pieces[next(n for n, m in zip(now, sorted(now), strict=True) if n != m)]
            if refuse:
                self.share.refuse(
                    "split-registry-order", f"{self._shown(piece)} would register with {key[1]} in another order than "
                    "before", piece, self._in_runs(key),
                )  # fmt: skip
            else:
                self.share.findings.append(
                    Finding(
                        "registry-order", f"{self._shown(piece)} registers with {key[1]} out of order where {start} "
                        "comes first", Weight.REVIEW, self.share.place(piece), f"import {self.source} first",
                    )
                )  # fmt: skip
            return True
        return False

    def _torn(self, start: str) -> bool:
        """Refuse where something would look at an object before it is changed, or the other way round."""
        place = {n: at for at, n in enumerate(_Load(self, start, *sorted(set(self.share.targets.values()))).ran)}
        torn = [(one, two) for one, two in sorted(self.tied) if place.get(one, len(place)) > place.get(two, -1)]
        if not torn:
            return False
        first, second = (self.share.anatomy.pieces[number] for number in torn[0])
        keys = {key[1] or key[0] for key in self.share.effects.tied[torn[0]]}
        way = "" if start == self.source else f" where {start} is imported first"
        self.share.refuse(
            "split-effect-order", f"{self._shown(second)} comes behind {self._shown(first)}, and on import one of "
            f"them sees what the other does to {', '.join(sorted(keys))}; it would come first{way}", second,
            self._regrouping(torn),
        )  # fmt: skip
        return True

    def _regrouping(self, torn: Sequence[tuple[int, int]]) -> str:
        """The smallest change to the plan that keeps these pieces in order: around the one that most are tied to."""
        count = Counter(number for pair in torn for number in pair)
        pivot = max(sorted(count), key=lambda number: (count[number], number))
        pairs = {pair for pair in self.tied if pivot in pair}
        others = {number for pair in pairs for number in pair} - {pivot}
        pieces = self.share.anatomy.pieces
        homes = {self.home(number) for number in others}
        if len(homes) == 1 and _named(pieces[pivot]):
            return sent(_named(pieces[pivot]), homes.pop(), self.source)
        bound = {name for number in others for name in _named(pieces[number])} or _named(pieces[pivot])
        return sent(bound, self.home(pivot), self.source)

    def _in_runs(self, key: Symbol) -> str:
        """The smallest change to the plan after which everything registers in order."""
        ranked = sorted(n for n, keys in self.ranked.items() if key in keys)
        named = [n for n in ranked if _named(self.share.anatomy.pieces[n])]
        for number in named:
            for home in dict.fromkeys(self.home(n) for n in ranked):
                if home != self.home(number) and self._would_do(number, home):
                    return sent(_named(self.share.anatomy.pieces[number]), home, self.source)
        fixed = {self.home(n) for n in ranked if n not in named}
        home = fixed.pop() if len(fixed) == 1 else Counter(self.home(n) for n in ranked).most_common(1)[0][0]
        away = {name for n in named if self.home(n) != home for name in _named(self.share.anatomy.pieces[n])}
        return sent(away, home, self.source)

    def _would_do(self, number: int, home: str) -> bool:
        """True when everything would register in order if that piece went to `home`."""
        self.elsewhere = {number: home}
        ran = _Load(self, self.source).ran
        self.elsewhere = {}
        every = {key for keys in self.ranked.values() for key in keys}
        return all(_in_order([n for n in ran if key in self.ranked.get(n, ())]) for key in every)

    def _shown(self, piece: Piece) -> str:
        """What a piece is called in a message."""
        return ", ".join(sorted(piece.binds)) or f"line {self.share.anatomy.text.line(piece.code)}"


def _named(piece: Piece) -> frozenset[str]:
    """The names of a piece that a plan can send somewhere."""
    return piece.binds if piece.kind == "definition" else frozenset()


def _in_order(numbers: Sequence[int]) -> bool:
    return list(numbers) == sorted(numbers)


class _Load:
    """Imports a module as Python would, as far as needs, side imports and the order of pieces go."""

    def __init__(self, cut: _Cut, *starts: str) -> None:
        self.cut = cut
        self.ran: list[int] = []  # pieces, in order
        self.failed: Need | None = None  # a name that was asked of a module which did not have it yet
        self.executed: set[int] = set()
        self.begun: set[str] = set()
        self.finished: set[str] = set()
        for start in starts:
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
                self.ran.append(piece.number)
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
