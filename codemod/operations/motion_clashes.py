"""Whether everything that meets in one module can: names that would mean two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight

from .motion_anatomy import Anatomy
from .motion_build import Build
from .motion_dissolve import within
from .motion_imports import Bound, Imports, Same, Wanted, in_series
from .motion_reads import BUILTINS
from .motion_share import Motion, Share

_NONE: Mapping[str, Imports] = MappingProxyType({})


class Clashes:
    """What a module binds after the motion, and where that says two things at once."""

    def __init__(
        self, build: Build, imports: Imports | None, gone: set[tuple[int, int]], share: Share | None,
        merges: bool = False, sources: Mapping[str, Imports] = _NONE,
    ) -> None:  # fmt: skip
        self.build = build
        self.imports = imports
        self.gone = gone
        self.share = share
        self.merges = merges  # whole modules become this one
        self.sources = sources  # the imports of these modules

    def check(self, arriving: Iterable[Motion]) -> Iterator[Finding]:
        """Drop the wanted imports that are there already; tell of names that mean two things."""
        build = self.build
        build.wanted = [w for w in build.wanted if not self.has(w)]
        finals: dict[str, str] = {}
        lent: dict[str, tuple[str | None, str]] = {}
        for motion in arriving:
            given = self.sources[motion.source].lent(motion.name) if motion.source in self.sources else None
            if given is not None and lent.setdefault(motion.final, given) == given and self._is_standing(motion, given):
                continue
            known = finals.setdefault(motion.final, motion.source)
            if self.merges and (known != motion.source or self.defines(motion.final)):
                yield self._clash(motion.final)
            elif known != motion.source or self.defines(motion.final):
                yield Finding(
                    "target-taken", f"{build.name} has a {motion.final} already", Weight.MISMATCH, Place(build.path),
                    f"choose another target for {motion.name}, or move what stands there in the same phase",
                    motion.key,
                )  # fmt: skip
        meant: dict[str, Wanted] = {}
        for wanted in (w for w in build.wanted if w.bound != "*"):
            known_import = meant.setdefault(wanted.bound, wanted)
            packages = wanted.plain and known_import.plain and "." in wanted.module + known_import.module
            two = known_import.same != wanted.same and not packages and wanted.checking == known_import.checking
            if known_import.series or wanted.series:
                two = known_import.series != wanted.series
            other = lent.get(wanted.bound, (wanted.module, wanted.name)) != (wanted.module, wanted.name)
            if two or other or wanted.bound in finals or self._binds_other(wanted):
                yield self._clash(wanted.bound)
        yield from (self._clash(name) for name in sorted(lent.keys() & finals.keys()))
        fresh = set(finals) | set(meant) | set(lent)
        yield from (self._clash(name) for name in sorted(fresh & BUILTINS) if self.reads_builtin(name))
        if build.anatomy is not None:
            bound = {n for n in build.anatomy.scopes.module.bindings if self.defines(n)} & BUILTINS
            yield from (self._clash(name) for name in sorted(bound - fresh) if self.reads_builtin(name, False))

    def _is_standing(self, motion: Motion, given: tuple[str | None, str]) -> bool:
        """True when the module has nothing else by the name than what a block for type checkers `given` imports."""
        standing = self._standing(motion.final)
        owned = self._owns(motion.final) and (self.imports is None or self.imports.lent(motion.final) != given)
        return not owned and all(
            self.imports is not None and b.statement.is_from
            and (self.imports.origin(b.statement), b.alias.name) == given for b in standing
        )  # fmt: skip

    def _clash(self, name: str) -> Finding:
        hint = f"choose another target for what uses {name}, or give it another name in a phase before: `rename`"
        owner = next((a for a in self._anatomies() if a.definers(name)), None)
        if self.merges and owner is not None and owner.defines(name):
            beside = f"`rename: {{{owner.module.name}.{name}: ...}}`"
            hint = f"give that of {owner.module.name} another name beside the merge: {beside}"
        elif self.merges:
            hint = f"import it under another name in one of them first (`{name} as ...`)"
        place = Place(self.build.path)
        if owner is not None:
            place = Place(owner.path, owner.text.line(owner.definers(name)[0].code))
        return Finding(
            "name-clash", f"{name} would mean two things in {self.build.name}", Weight.REFUSAL, place, hint
        )  # fmt: skip

    def _anatomies(self) -> Iterator[Anatomy]:
        """The modules that meet."""
        yield from (arrival.anatomy for arrival in self.build.arrivals)
        if self.build.anatomy is not None:
            yield self.build.anatomy

    def _standing(self, name: str) -> list[Bound]:
        found = self.imports.by_name.get(name, []) if self.imports is not None else []
        return [
            bound for bound in found
            if (bound.statement.start, bound.statement.aliases.index(bound.alias)) not in self.gone
        ]  # fmt: skip

    def _same(self, wanted: Wanted, bound: Bound) -> bool:
        if wanted.series:
            return self._series(wanted.bound) == wanted.series
        if bound.statement.is_from:
            assert self.imports is not None
            return not wanted.plain and (self.imports.origin(bound.statement), bound.alias.name) == (
                wanted.module, wanted.name)  # fmt: skip
        return wanted.plain and bound.alias.name == wanted.module

    def _series(self, name: str) -> tuple[Same, ...]:
        assert self.imports is not None
        standing = in_series([self.imports.as_wanted(name, b, self.build.package) for b in self._standing(name)])
        return standing[0].series if standing else ()

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
        given = self.imports.lent(wanted.bound) if self.imports is not None else None
        return (self._owns(wanted.bound) and given != (wanted.module, wanted.name)) or bool(others)

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

    def reads_builtin(self, name: str, here: bool = True) -> bool:
        """True when code in the module means the builtin by this name, or what a star import gives."""
        for arrival in self.build.arrivals:
            spans = [(piece.start, piece.end) for piece in arrival.pieces]
            for use in arrival.anatomy.scopes.named(name):
                if use.home is None and within(arrival.anatomy.scopes.span(use.node)[0], spans):
                    return True
        anatomy = self.build.anatomy
        if anatomy is None or not here:
            return False
        left = self.share.targets if self.share is not None else {}
        uses = [use for use in anatomy.scopes.named(name) if use.home is None]
        return any(anatomy.piece_at(anatomy.scopes.span(use.node)[0]).number not in left for use in uses)


def _one_package(wanted: Wanted, bound: Bound) -> bool:
    """True for `import a.b` beside `import a.c`: both bind `a`."""
    plain = wanted.plain and not bound.statement.is_from and not bound.alias.asname
    return plain and wanted.bound == names.top(wanted.module)
