"""`merge`: several modules become one: imports united, docstrings, `__all__` and the order of need kept."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.plan.model import Merge
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.settings import line_length
from codemod.source.stars import star_importers
from codemod.source.text import Undecodable

from . import motion_exports as exports
from .layout import module_path, root_for
from .merge_equal import are_equal
from .motion_anatomy import UNREADABLE, Anatomy, Piece, is_annotated
from .motion_arrival import Arrival
from .motion_build import Build, future_added
from .motion_clashes import Clashes
from .motion_dissolve import Dissolved, dissolve, dropped, within
from .motion_imports import Bound, Imports, Wanted, joined, reanchored
from .motion_own import docstrings_written
from .motion_reads import Reads
from .motion_sequence import Demand, Part, order
from .motion_share import Motion, Share
from .motion_text import recast
from .move import is_real


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What merging makes of a tree; names are still spelled as before, `modules` tells what becomes of them."""

    writes: Mapping[str, bytes] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)  # the source that becomes the target's file
    deletes: frozenset[str] = frozenset()
    modules: Mapping[str, str] = field(default_factory=dict)  # merged module -> target
    symbols: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # other names for what is in them
    findings: tuple[Finding, ...] = ()
    held: bool = False  # the sources are gone and the target is there

    @property
    def blocked(self) -> bool:
        """True when nothing may be written."""
        return any(finding.blocks for finding in self.findings)


def merge(operation: Merge, inventory: Inventory) -> MergeResult:
    """Merge the sources of one operation; nothing is written when a finding blocks."""
    return _Merger(operation, inventory).run()


@dataclass(slots=True)
class _Merger:
    operation: Merge
    inventory: Inventory
    anatomies: dict[str, Anatomy] = field(default_factory=dict)
    imports: dict[str, Imports] = field(default_factory=dict)
    reads: dict[str, Reads] = field(default_factory=dict)
    dissolved: dict[str, Dissolved] = field(default_factory=dict)
    dropped: dict[str, set[int]] = field(default_factory=dict)  # pieces whose equal stands elsewhere
    notes: dict[str, bytes] = field(default_factory=dict)  # source -> comment above what comes from it
    findings: list[Finding] = field(default_factory=list)

    @property
    def target(self) -> str:
        return self.operation.target

    def run(self) -> MergeResult:
        sources = [name for name in self.operation.sources if name != self.target]
        there = [name for name in sources if is_real(name, self.inventory)]
        if not there and self.target in self.inventory.modules:
            return MergeResult(modules=dict.fromkeys(sources, self.target), held=True)
        self._read(there, sources)
        if self._blocked:
            return MergeResult(findings=tuple(self.findings))
        for name, anatomy in self.anatomies.items():
            spans = [(0, len(anatomy.text.data))]
            self.dissolved[name] = dissolve(anatomy, self.inventory, spans, self.lives)
            self._captured(anatomy, self.dissolved[name])
        self._starred()
        self._definitions()
        self._guards()
        if self._blocked:
            return MergeResult(findings=tuple(self.findings))
        base = self._base()
        build = self._build(base)
        if self._blocked:
            return MergeResult(findings=tuple(self.findings))
        return self._result(base, build)

    @property
    def _blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)

    def _refuse(self, code: str, message: str, path: str, hint: str, line: int = 0) -> None:
        weight = Weight.MISMATCH if code in ("source-missing", "source-unreadable", "merge-package") else Weight.REFUSAL
        self.findings.append(
            Finding(code, message, weight, Place(path, line) if path else None, hint, self.operation.mark.key)
        )

    def _read(self, there: Sequence[str], sources: Sequence[str]) -> None:
        for name in sources:
            if name not in there and self.target not in self.inventory.modules:
                self._refuse("source-missing", f"there is no module {name}", "", "correct the name")
        for name in [self.target, *there] if self.target in self.inventory.modules else there:
            module = self.inventory.modules.get(name)
            assert module is not None
            alone = module.path and list(self.inventory.tree.below(module.folder)) == [module.path]
            if module.is_package and name != self.target and not alone:
                self._refuse("merge-package", f"{name} is a package", module.path,
                             f"name its modules instead: {self._inside(name)}")  # fmt: skip
                continue
            if not module.path:
                self._refuse(
                    "merge-package", f"{name} is a package without __init__", "", "name a module in it as target"
                )
                continue
            try:
                anatomy = self.anatomies[name] = Anatomy.of(self.inventory, module)
            except (Unparsable, Undecodable) as error:
                self._refuse("source-unreadable", f"{name} cannot be read: {error}", module.path, UNREADABLE)
                continue
            self.imports[name] = Imports(anatomy, self.inventory)
            self.reads[name] = Reads(anatomy)

    def _inside(self, package: str) -> str:
        """The modules of a package, for the plan."""
        found = sorted(m.name for m in self.inventory.modules if names.parent(m.name) == package)
        return ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")

    def lives(self, module: str, name: str) -> str | None:
        """The bare name of (module, name) in the merged module."""
        anatomy = self.anatomies.get(module)
        if anatomy is None:
            return None
        if not anatomy.definers(name) and name not in self.imports[module].by_name:
            return None
        return self._aliased(module, name) or name

    def _aliased(self, module: str, name: str) -> str:
        """What `from .a import x as name` in a merged module comes to where `a` is merged too: `x`, or ""."""
        seen = set[tuple[str, str]]()
        while module in self.anatomies and (module, name) not in seen:
            seen.add((module, name))
            found = self.imports[module].by_name.get(name, ())
            if len(found) != 1 or not found[0].statement.is_from or self.anatomies[module].definers(name):
                break
            origin = self.imports[module].origin(found[0].statement)
            if origin not in self.anatomies or names.join(origin, found[0].alias.name) in self.inventory.modules:
                break
            module, name = origin, found[0].alias.name
        return name if len(seen) > 1 else ""

    def _starred(self) -> None:
        """Names that star imports between the merged modules gave are simply there."""
        for name, reads in self.reads.items():
            given = {o for s in self.imports[name].stars for o in [self.imports[name].origin(s)] if o in self.anatomies}
            for unknown in list(reads.unknown):
                if any(origin and self.lives(origin, unknown) for origin in given):
                    for read in reads.adopt(unknown):
                        self.dissolved[name].uses[id(read.use.node)] = unknown

    def _captured(self, anatomy: Anatomy, found: Dissolved) -> None:
        for name, use in found.captured:
            owner = next((o for o, other in self.anatomies.items() if o != anatomy.module.name and
                          other.definers(name)), anatomy.module.name)  # fmt: skip
            self._refuse(
                "name-clash", f"{name} means something else here, where it should mean that of {owner}", anatomy.path,
                f"give that another name beside the merge: `rename: {{{owner}.{name}: ...}}`", use.node.lineno,
            )  # fmt: skip

    # -- names that several modules define

    def _definitions(self) -> None:
        """Equal definitions are united; other clashes refuse."""
        owners: dict[str, str] = {}
        for name, anatomy in self.anatomies.items():
            for piece in anatomy.pieces:
                if piece.is_import or piece.kind in ("future", "exports", "main"):
                    continue
                for bound in sorted(piece.binds - {"__all__"}):
                    owner, lent = owners.setdefault(bound, name), self.imports[name].lent(bound)
                    if owner != name and (lent is None or self.imports[owner].lent(bound) != lent):
                        self._united(bound, owner, name, piece)

    def _united(self, bound: str, owner: str, name: str, piece: Piece) -> None:
        one = self.anatomies[owner].definers(bound)
        two = self.anatomies[name].definers(bound)
        equal = len(one) == len(two) == 1 and one[0].binds == piece.binds == {bound} and are_equal(one[0], two[0])
        if equal and self._reads_alike(owner, one[0], name, two[0]):
            self.dropped.setdefault(name, set()).add(piece.number)
            return
        anatomy = self.anatomies[name]
        self._refuse(
            "name-clash", f"{bound} is defined in {owner} and, differently, in {name}", anatomy.path,
            f"give it another name in one of them, beside the merge: `rename: {{{name}.{bound}: ...}}`",
            anatomy.text.line(piece.code),
        )  # fmt: skip

    def _reads_alike(self, owner: str, one: Piece, name: str, two: Piece) -> bool:
        """True when two equal texts read the same things: names that both modules bind alike."""
        read = {r.name for r in self.reads[owner].of(one)} | {r.name for r in self.reads[name].of(two)}
        for inner in sorted(read):
            ours, theirs = self.imports[owner], self.imports[name]
            if ours.imported(inner) != theirs.imported(inner):
                return False
            if ours.imported(inner) and {_meant(ours, b) for b in ours.by_name[inner]} != {
                _meant(theirs, b) for b in theirs.by_name[inner]}:  # fmt: skip
                return False
        return True

    def _guards(self) -> None:
        """At most one main guard can stay."""
        guarded = [name for name, a in self.anatomies.items() if any(p.kind == "main" for p in a.pieces)]
        if len(guarded) > 1:
            self._refuse(
                "merge-main", f"{' and '.join(guarded)} both run as scripts (`if __name__ == \"__main__\"`)",
                self.anatomies[guarded[1]].path, f"take {guarded[1]} out of the merge, or its main guard out first",
            )  # fmt: skip

    # -- order and text

    def _base(self) -> str:
        """The module whose file becomes the target: the target itself, else the one that needs none of the others."""
        if self.target in self.anatomies:
            return self.target
        needs = {name: self._needs(name) for name in self.anatomies}
        try:
            ready = TopologicalSorter(needs)
            ready.prepare()
            first = set(ready.get_ready())
        except CycleError:
            first = set(self.anatomies)
        return next(name for name in self.anatomies if name in first)

    def _needs(self, name: str) -> set[str]:
        """The other modules whose names a module reads while it is imported."""
        parts = {
            other: Part(anatomy, anatomy.pieces, self.reads[other], self.dissolved[other].uses)
            for other, anatomy in self.anatomies.items()
        }
        needed = Demand(list(parts.values())).of_part(parts[name])
        return {other for other, part in parts.items() if other != name and any(part.defines(n) for n in needed)}

    def _build(self, base: str) -> Build:
        anatomy = self.anatomies[base]
        path, package = anatomy.path, anatomy.module.package
        if base != self.target:
            path = module_path(self.target, root_for(self.target, anatomy.module.root, self.inventory))
            package = names.parent(self.target)
        first_party = frozenset(names.top(module.name) for module in self.inventory.modules)
        width = line_length(self.inventory.tree, path)
        build = Build(self.target, path, package, anatomy.text, first_party, width, anatomy)
        gone = self._gone(base)
        edits, whole = dropped(anatomy, gone)
        build.edits += [*self.dissolved[base].edits, *edits]
        build.gone += [(anatomy.pieces[n].code, anatomy.pieces[n].end) for n in whole]
        cut = [(e.start, e.end) for e in build.edits] + build.gone
        build.edits += [e for e in reanchored(anatomy, 0, len(anatomy.text.data), package) if not within(e.start, cut)]
        shares: dict[str, Share] = {}
        for name in self._order(base):
            shares[name] = self._arrive(name, build)
        arriving = [motion for share in shares.values() for motion in share.names.values()]
        self._unite(build, base)
        build.wanted = joined(build.wanted)
        clashes = Clashes(build, self.imports[base], gone, None, merges=True, sources=self.imports)
        if any(w.checking and not clashes.has(w) for w in build.wanted):
            build.wanted.append(Wanted("TYPE_CHECKING", "typing", "TYPE_CHECKING"))
        self.findings += clashes.check(arriving)
        found = {(name, self.target): d for name, d in self.dissolved.items()}
        self.findings += order(build, shares, {**found, (self.target, self.target): self.dissolved[base]})
        build.sequence.sort(key=lambda item: item[1].kind == "main")
        self.findings += docstrings_written(build)
        return build

    def _order(self, base: str) -> list[str]:
        """The modules that arrive: each behind those that it needs, otherwise as listed."""
        waiting = [name for name in self.anatomies if name != base]
        found: list[str] = []
        while waiting:
            free = [name for name in waiting if not (self._needs(name) & set(waiting))]
            chosen = free[0] if free else waiting[0]
            waiting.remove(chosen)
            found.append(chosen)
        return found

    def _gone(self, name: str) -> set[tuple[int, int]]:
        """Import clauses that mean the merged module itself, star imports included."""
        gone = set(self.dissolved[name].gone)
        for statement in self.anatomies[name].imports:
            if statement.is_star and self.imports[name].origin(statement) in self.anatomies:
                gone.add((statement.start, 0))
        return gone

    def _arrive(self, name: str, build: Build) -> Share:
        """Everything of a module but its docstring, imports and `__all__`."""
        anatomy, imports = self.anatomies[name], self.imports[name]
        left_out = self.dropped.get(name, set())
        pieces = [
            p for p in anatomy.pieces
            if not p.is_import and p.kind not in ("docstring", "future", "exports") and p.number not in left_out
        ]  # fmt: skip
        gone = self._gone(name)
        arrival = Arrival(name, anatomy, pieces, sections=list(anatomy.sections), lead=self._lead(name, build))
        spans = [(piece.start, piece.end) for piece in pieces]
        local = {s.start for s in anatomy.imports if s.scope != "module"}
        cut, _ = dropped(anatomy, {clause for clause in gone if clause[0] in local})
        arrival.edits += [*self.dissolved[name].edits, *cut]
        taken = [(edit.start, edit.end) for edit in cut]
        for start, end in spans:
            moved = reanchored(anatomy, start, end, build.package)
            arrival.edits += [edit for edit in moved if not within(edit.start, taken)]
        if pieces:
            build.arrivals.append(arrival)
        build.wanted += imports.every(gone, build.package)
        share = Share(anatomy, self.reads[name], targets=dict.fromkeys((p.number for p in pieces), self.target))
        bound = {n for p in pieces for n in p.binds}
        share.names = {n: Motion(name, n, self.target, key=self.operation.mark.key) for n in sorted(bound)}
        return share

    def _lead(self, name: str, build: Build) -> bytes:
        """A licence that the target does not have yet, and the docstring, as comments above what follows."""
        anatomy = self.anatomies[name]
        lead = b""
        if anatomy.header.licence and build.anatomy is not None:
            ours = build.anatomy.header.licence.split()
            if anatomy.header.licence.split() != ours:
                lead += recast(anatomy.header.licence, build.newline)
        for piece in anatomy.pieces:
            if piece.kind == "docstring" and isinstance(piece.nodes[0], ast.Expr):
                value = piece.nodes[0].value
                text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
                lines = [line.strip() for line in text.strip().splitlines()]
                lead += b"".join((f"# {line}" if line else "#").encode() + build.newline for line in lines)
        return lead

    def _unite(self, build: Build, base: str) -> None:
        """`__future__` and `__all__` of all."""
        anatomy = self.anatomies[base]
        futures = frozenset(f for a in self.anatomies.values() for f in a.futures) - anatomy.futures
        build.futures = futures
        if futures:
            self.findings.append(future_added(build, futures, f"all of {self.target}"))
        for name, other in self.anatomies.items():
            late = (anatomy.futures | futures) - other.futures if other is not anatomy else frozenset()
            if late - {"annotations"} or (late and is_annotated(other.tree)):
                self.findings.append(future_added(build, late, f"what comes from {name}"))
        lists = {name: exports.exported(a) for name, a in self.anatomies.items()}
        if all(listed is None for listed in lists.values()):
            return
        starred = {name for name in lists if any(star_importers(self.inventory, name))}
        reading = [n for n, a in self.anatomies.items() if any(exports.readers(a, self.reads[n]))]
        reader = next((name for name in reading if lists[name] is not None), "")
        for beside in lists if reader else ():
            if beside != reader and (lists[beside] or beside in starred):
                self._refuse(
                    "merge-list-read", f"{reader} reads its `__all__`, in which names of {beside} would come to stand",
                    self.anatomies[reader].path, f"take {reader} out of the merge, or let it read a list of its own",
                )  # fmt: skip
        paths = self.inventory.tree.files((".py",))
        read = bool(reader) or any(self.inventory.answer(exports.may_read_lists, path) for path in paths)
        given = exports.given(lists, {n: exports.public(a) for n, a in self.anatomies.items()}, starred, read=read)
        for name in lists:
            build.exports += given[name] if name != base else ()
        own = lists[base]
        if own is None:
            build.new_exports = True
            build.exports = [*given[base], *build.exports]
        build.exports = [n for n in dict.fromkeys(build.exports) if own is None or n not in own]

    def _result(self, base: str, build: Build) -> MergeResult:
        anatomy = self.anatomies[base]
        try:
            data = build.text.raw(build.changed())
        except UnicodeEncodeError as error:
            self._refuse("encoding-cannot-hold", f"{build.text.encoding} lacks a character: {error.reason}", build.path,
                         "choose a target that is stored as UTF-8, or store the file so first")  # fmt: skip
            return MergeResult(findings=tuple(self.findings))
        moves = {anatomy.path: build.path} if build.path != anatomy.path else {}
        deletes = frozenset(a.path for name, a in self.anatomies.items() if name != base)
        modules = dict.fromkeys((n for n in self.operation.sources if n != self.target), self.target)
        symbols = {
            (name, bound): (self.target, lives)
            for name, imports in self.imports.items() for bound in imports.by_name
            for lives in [self._aliased(name, bound)] if lives not in ("", bound)
        }  # fmt: skip
        return MergeResult({build.path: data}, moves, deletes, modules, symbols, tuple(self.findings))


def _meant(imports: Imports, bound: Bound) -> tuple[str | None, str]:
    if bound.statement.is_from:
        return imports.origin(bound.statement), bound.alias.name
    return None, bound.alias.name
