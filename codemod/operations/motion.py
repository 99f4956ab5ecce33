"""Top-level definitions move between modules: their code, the imports on both sides, `__all__` and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.references.bindings import can_rename, rename_definition
from codemod.rewrite.edits import Edit
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Alias, Import, Unparsable
from codemod.source.graph import nearest
from codemod.source.inventory import Inventory
from codemod.source.modules import Module
from codemod.source.settings import line_length
from codemod.source.text import Text, Undecodable

from . import motion_exports as exports
from .layout import module_path, root_for
from .motion_anatomy import Anatomy, Piece, is_checking_block
from .motion_build import Arrival, Build, import_inside, is_block
from .motion_clashes import Clashes, order
from .motion_dissolve import Dissolved, dissolve, dropped, within
from .motion_groups import Motion, Share, divide
from .motion_imports import Bound, Imports, Wanted, joined, reanchored
from .motion_order import Cycle, Need, Successors, arrange, running_pieces
from .motion_outside import Outside
from .motion_reads import OWN, Host, Read
from .motion_registry import Registry, SideImport, bound_name, side_imports

__all__ = ["Motion", "MotionResult", "carry_out"]


@dataclass(frozen=True, slots=True)
class MotionResult:
    """What motion makes of a tree.  Paths are those behind the motion; names are still spelled as before it."""

    writes: Mapping[str, bytes] = field(default_factory=dict)  # files that were there, perhaps at another path
    creates: Mapping[str, bytes] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)  # a module that becomes a package: old path -> new path
    symbols: Mapping[Symbol, Symbol] = field(default_factory=dict)
    reads: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    """(source, name that moved code reads) -> the modules that read it now, the source included while it does."""
    findings: tuple[Finding, ...] = ()

    @property
    def blocked(self) -> bool:
        """True when nothing may be written."""
        return any(finding.blocks for finding in self.findings)


def carry_out(inventory: Inventory, motions: Sequence[Motion], *, packages: Iterable[str] = ()) -> MotionResult:
    """Move top-level names between the modules of `inventory`, all at once.

    `packages` are sources that become packages although no target lies below them.  Nothing is written when a
    finding blocks; imports are spelled in the names before the phase, so that the references pass rewrites them.
    """
    mover = _Mover(inventory, [m for m in motions if m.source != m.target], frozenset(packages))
    return mover.run()


@dataclass(slots=True)
class _Mover:
    """The state of one motion."""

    inventory: Inventory
    motions: list[Motion]
    packages: frozenset[str]
    anatomies: dict[str, Anatomy] = field(default_factory=dict)
    imports: dict[str, Imports] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    moved: dict[Symbol, Symbol] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    needs: dict[tuple[str, str, str], Need] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    reads: dict[Symbol, set[str]] = field(default_factory=dict)
    dissolved: dict[tuple[str, str], Dissolved] = field(default_factory=dict)  # (from, to)
    gone: dict[str, set[tuple[int, int]]] = field(default_factory=dict)  # import clauses that leave a module
    hosts: dict[tuple[str, str, int], tuple[Host, dict[str, set[str]]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def run(self) -> MotionResult:
        for step in (self._read, self._divide, self._prepare, self._gather, self._arrange, self._settle):
            step()
            if any(finding.blocks for finding in self.findings):
                return MotionResult(findings=tuple(self.findings))
        return self._written()

    # -- reading

    def _read(self) -> None:
        for name in dict.fromkeys(n for m in self.motions for n in (m.source, m.target)):
            module = self.inventory.modules.get(name)
            if module is None or not module.path:
                if any(m.source == name for m in self.motions):
                    self._mismatch("source-missing", f"there is no module {name}", "", "correct the name")
                continue
            try:
                self.anatomies[name] = Anatomy.of(self.inventory, module)
            except (Unparsable, Undecodable) as error:
                self._mismatch("source-unreadable", f"{name} cannot be read: {error}", module.path, "repair it first")
            else:
                self.imports[name] = Imports(self.anatomies[name], self.inventory)

    def _mismatch(self, code: str, message: str, path: str, hint: str) -> None:
        self.findings.append(Finding(code, message, Weight.MISMATCH, Place(path) if path else None, hint))

    def _divide(self) -> None:
        by_source: dict[str, list[Motion]] = {}
        for motion in self.motions:
            by_source.setdefault(motion.source, []).append(motion)
        for source, motions in by_source.items():
            share = divide(self.anatomies[source], motions)
            self.shares[source] = share
            self.findings += share.findings
            for motion in share.names.values():
                self.moved[source, motion.name] = (motion.target, motion.final)

    def _prepare(self) -> None:
        """A build for each module that changes."""
        first_party = frozenset(names.top(module.name) for module in self.inventory.modules)
        targets = dict.fromkeys(motion.target for share in self.shares.values() for motion in share.names.values())
        for name in dict.fromkeys([*self.shares, *targets]):
            anatomy = self.anatomies.get(name)
            becomes = name in self.packages or any(names.below(target, name) for target in targets)
            if anatomy is not None:
                path, module = anatomy.path, anatomy.module
                package = module.package
                if becomes and not module.is_package and name in self.shares:
                    path = module_path(name, module.root, package=True)
                    self.moves[anatomy.path] = path
                    package = name
                text = anatomy.text
            else:
                source = next(s for s in self.shares.values() if any(m.target == name for m in s.names.values()))
                if not self._possible(name):
                    continue
                path = module_path(name, root_for(name, source.anatomy.module.root, self.inventory))
                package = names.parent(name)
                text = Text(b"", (0,), source.anatomy.text.encoding, source.anatomy.text.bom)
            width = line_length(self.inventory.tree, path)
            self.builds[name] = Build(name, path, package, text, first_party, width, anatomy)

    def _possible(self, target: str) -> bool:
        """A new module cannot lie below a plain module that stays one."""
        for above in list(names.prefixes(target))[:-1]:
            module = self.inventory.modules.get(above)
            if module is not None and not module.is_package and above not in self.shares:
                self._mismatch("target-taken", f"{above} is a module, {target} cannot lie below it", module.path,
                               f"split {above}, or choose another target")  # fmt: skip
                return False
        known = self.inventory.modules.get(target)
        if known is not None and known.is_package and not known.path:
            self._mismatch("target-taken", f"{target} is a package without __init__", "", "name a module in it")
            return False
        return True

    # -- what each module needs

    def lives(self, home: str, module: str, name: str) -> str | None:
        """What (module, name) is called inside `home`; None when it lives elsewhere."""
        moved = self.moved.get((module, name))
        if moved is not None:
            return moved[1] if moved[0] == home else None
        if module != home or module not in self.anatomies:
            return None
        anatomy = self.anatomies[module]
        return name if anatomy.definers(name) else None

    def _gather(self) -> None:
        for name, build in self.builds.items():
            self._staying(name, build)
            for source, share in self.shares.items():
                pieces = share.leaving(name)
                if pieces:
                    self._arriving(source, share, pieces, build)
            if build.anatomy is None and not build.arrivals:
                continue
            self._header(build)

    def _staying(self, name: str, build: Build) -> None:
        """What remains of a module that is there already."""
        anatomy = build.anatomy
        if anatomy is None:
            return
        share = self.shares.get(name)
        staying = share.staying() if share else list(anatomy.pieces)
        spans = [(piece.start, piece.end) for piece in staying]
        found = dissolve(anatomy, self.inventory, spans, lambda m, n: self.lives(name, m, n))
        self.dissolved[name, name] = found
        self._captured(anatomy, found)
        gone = set(found.gone)
        if share is not None:
            for piece in staying:
                for read in share.reads.of(piece):
                    motion = share.names.get(read.name)
                    if motion is not None:
                        self._need(name, motion.target, name, read)
            gone |= self._unused(name, share)
            build.edits += exports.without(anatomy, set(share.names))
            build.gone += [(p.start, p.end) for p in anatomy.pieces if p.number in share.targets]
        gone = {clause for clause in gone if within(clause[0], spans)}
        self.gone[name] = gone | {
            (statement.start, number)
            for statement in anatomy.imports
            if statement.scope == "module" and not within(statement.start, spans)
            for number in range(len(statement.aliases))
        }
        edits, whole = dropped(anatomy, gone)
        build.edits += [edit for edit in (*found.edits, *edits) if within(edit.start, spans)]
        build.gone += [self._import_lines(anatomy, anatomy.pieces[number]) for number in whole]
        if build.package != anatomy.module.package:
            cut = [(e.start, e.end) for e in build.edits]
            cut += build.gone
            build.edits += [
                e for e in reanchored(anatomy, 0, len(anatomy.text.data), build.package) if not within(e.start, cut)
            ]

    def _import_lines(self, anatomy: Anatomy, piece: Piece) -> tuple[int, int]:
        """An import's lines; a comment above goes along unless more imports follow right below it."""
        following = anatomy.pieces[piece.number + 1] if piece.number + 1 < len(anatomy.pieces) else None
        shared = following is not None and following.is_import and following.start == piece.end
        return (piece.code if shared else piece.start), piece.end

    def _arriving(self, source: str, share: Share, pieces: list[Piece], build: Build) -> None:
        anatomy, imports = share.anatomy, self.imports[source]
        spans = [(piece.start, piece.end) for piece in pieces]
        found = dissolve(anatomy, self.inventory, spans, lambda m, n: self.lives(build.name, m, n))
        self.dissolved[source, build.name] = found
        self._captured(anatomy, found)
        arrival = Arrival(source, anatomy, pieces)
        local = {s.start for s in anatomy.imports if s.scope != "module"}
        gone = {clause for clause in found.gone if clause[0] in local and within(clause[0], spans)}
        cut, _ = dropped(anatomy, gone)
        arrival.edits += [*found.edits, *cut]
        taken = [(edit.start, edit.end) for edit in cut]
        for piece in pieces:
            moved = reanchored(anatomy, piece.start, piece.end, build.package)
            arrival.edits += [edit for edit in moved if not within(edit.start, taken)]
        arrival.edits += self._renamed(share, build.name, spans)
        arrival.sections = [
            section
            for number, section in enumerate(anatomy.sections)
            for inside in [[p for p in anatomy.pieces if p.section == number and not p.is_import]]
            if all(p.number in share.targets for p in inside)
            and [share.targets[p.number] for p in inside[:1]] == [build.name]
        ]
        if source in self.builds:
            self.builds[source].gone += [(section.start, section.end) for section in arrival.sections]
        build.arrivals.append(arrival)
        self._supply(source, share, imports, pieces, found, build)

    def _renamed(self, share: Share, target: str, spans: Sequence[tuple[int, int]]) -> Iterator[Edit]:
        """A name that gets another one on the way is renamed in its own code; others import it."""
        scopes = share.anatomy.scopes
        for motion in share.names.values():
            if motion.target != target or motion.final == motion.name:
                continue
            kinds = tuple({b.kind for b in scopes.module.bindings[motion.name]} | {"def"})
            if not can_rename(scopes, motion.name, motion.final, scopes.module, kinds):
                self.findings.append(
                    Finding(
                        "rename-captured", f"{motion.final} is already bound or read where {motion.name} is used",
                        Weight.REFUSAL, Place(share.anatomy.path), "choose another new name", motion.key,
                    )
                )  # fmt: skip
                continue
            edits = rename_definition(scopes, motion.name, motion.final, f"{motion.name} -> {motion.final}")
            yield from (edit for edit in edits if within(edit.start, spans))

    def _supply(
        self, source: str, share: Share, imports: Imports, pieces: list[Piece], found: Dissolved, build: Build
    ) -> None:
        """The imports of what arriving code reads."""
        by_name: dict[str, list[Read]] = {}
        for piece in pieces:
            for read in share.reads.of(piece):
                if id(read.use.node) not in found.uses:
                    by_name.setdefault(read.name, []).append(read)
                self.reads.setdefault((source, read.name), set()).add(build.name)
        for name, reads in by_name.items():
            motion = share.names.get(name)
            if motion is not None:
                for read in reads:
                    self._need(build.name, motion.target, source, read)
            elif imports.imported(name):
                for wanted in imports.wanted(name, reads, build.package):
                    self._copy(source, wanted, reads, build)
            else:
                for read in reads:
                    self._need(build.name, source, source, read)
        inside = {piece.number for piece in pieces}
        for name, unknown in share.reads.unknown.items() if imports.stars else ():
            inside_now = [read for read in unknown if read.piece.number in inside]
            given = imports.from_star(name) if inside_now else None
            if given is not None:
                build.wanted.append(given)
            else:  # a star import from outside gives it, and stays: whatever it gives, the source has it
                for read in inside_now:
                    self._need(build.name, source, source, read)

    def _copy(self, source: str, wanted: Wanted, reads: Sequence[Read], build: Build) -> None:
        """The source's own import of a name; one of our own modules may have to wait until a function runs."""
        inner = names.join(wanted.module, wanted.name)
        home = inner if inner in self.inventory.modules else wanted.module
        fixed = wanted.block or wanted.checking or home not in self.inventory.modules or home == build.name
        if fixed or self._clashes(build).has(wanted):
            build.wanted.append(wanted)
            return
        need = Need(build.name, home, wanted.bound, self.anatomies[source], list(reads), copy=wanted)
        self.needs[build.name, f"{source}:{wanted.module}:{wanted.name}", wanted.bound] = need

    def _clashes(self, build: Build) -> Clashes:
        return Clashes(
            build, self.imports.get(build.name), self.gone.get(build.name, set()), self.shares.get(build.name)
        )

    def _need(self, importer: str, home: str, source: str, read: Read) -> None:
        if importer == home:
            return
        key = (importer, source, read.name)
        if key not in self.needs:
            self.needs[key] = Need(importer, home, read.name, self.anatomies[source])
        self.needs[key].reads.append(read)

    def _captured(self, anatomy: Anatomy, found: Dissolved) -> None:
        for name, use in found.captured:
            line = use.node.lineno
            self.findings.append(
                Finding(
                    "name-clash", f"{name} means something else here, where it should mean what moves in",
                    Weight.REFUSAL, Place(anatomy.path, line), "rename one of them first",
                )
            )  # fmt: skip

    # -- imports that nobody needs any more

    def _unused(self, name: str, share: Share) -> set[tuple[int, int]]:
        """Clauses that only leaving code used, and that nobody can reach through this module."""
        anatomy, imports = share.anatomy, self.imports[name]
        if anatomy.module.is_package:
            return set()
        listed = set(exports.exported(anatomy) or ())
        outside = Outside(self.inventory, name, anatomy.path)
        left = {p.number for p in share.staying()}

        def needed(bound: str, beside: frozenset[int] = frozenset()) -> bool:
            """True when something that stays reads a name, or somebody else may; pieces in `beside` do not count."""
            reads = share.reads.by_name.get(bound, [])
            here = any(r.piece.number in left - beside for r in reads)
            return here or not reads or bound in listed or outside.mentions(bound)

        gone: set[tuple[int, int]] = set()
        for bound, clauses in imports.by_name.items():
            if all(_removable(b) for b in clauses) and not needed(bound):
                gone |= {_clause(b) for b in clauses}
        for piece in share.staying():
            names_ = piece.binds if piece.kind == "guarded" else frozenset()
            every = [b for n in names_ for b in imports.by_name.get(n, []) if b.piece is piece]
            if every and all(_unmarked(b) for b in every) and not any(needed(n) for n in names_):
                self.builds[name].gone.append((piece.start, piece.end))
                left.discard(piece.number)
        checking = imports.by_name.get("TYPE_CHECKING", [])
        whole = frozenset(dropped(anatomy, gone)[1])
        if gone and checking and all(_removable(b) for b in checking) and not needed("TYPE_CHECKING", whole):
            gone |= {_clause(b) for b in checking}
        return gone

    # -- order

    def _arrange(self) -> None:
        for symbol, readers in self.reads.items():
            share = self.shares[symbol[0]]
            if any(r.piece.number not in share.targets for r in share.reads.by_name.get(symbol[1], ())):
                readers.add(symbol[0])
        needs = list(self.needs.values())
        for need in needs:
            known = need.name in need.anatomy.scopes.module.bindings and need.copy is None
            need.sure = not known or need.name in need.anatomy.sure
            need.covered = names.join(need.importer, need.name) in self.builds
        running = running_pieces(share.reads for share in self.shares.values())
        for cycle in arrange(needs, running, self._beside()):
            self.findings.append(_cycle_finding(cycle))
        for need in needs:
            self._place(need)
            if need.hard and not need.sure:
                self.shares[need.anatomy.module.name].refuse(
                    "split-conditional", f"{need.name} is bound under a condition, so it cannot be imported",
                    need.reads[0].piece, f"keep {need.name} and what reads it together",
                )  # fmt: skip
            elif need.hard and need.covered:
                self._covered(need.importer, need.name)
        self._rebound_elsewhere()
        beside: dict[tuple[str, str, Piece | None], list[SideImport]] = {}
        for side in dict.fromkeys(side_imports(self.shares, needs, Registry(self.inventory, self.anatomies))):
            beside.setdefault((side.importer, side.source, side.before), []).append(side)
        for sides in beside.values():
            self._import_beside(sides)
        self.findings += [f for share in self.shares.values() for f in share.findings if f not in self.findings]

    def _beside(self) -> Successors:
        """The modules that importing a module loads, the imports decided in this motion left out."""
        known: dict[str, tuple[str, ...]] = {}

        def successors(name: str) -> tuple[str, ...]:
            if name not in known:
                known[name] = tuple(sorted(set(self._loads(name)) - {name}))
            return known[name]

        return successors

    def _loads(self, name: str) -> Iterator[str]:
        build, module = self.builds.get(name), self.inventory.modules.get(name)
        if build is not None:
            for wanted in build.wanted:
                inner = names.join(wanted.module, wanted.name)
                if not wanted.checking:
                    yield from _with_parents(inner if inner in self.inventory.modules else wanted.module, name)
        if module is None or not module.path:
            return
        gone = self.gone.get(name, set())
        for statement in self.inventory.facts(module.path).imports:
            if statement.scope == "function" or statement.guard == "checking":
                continue
            for number, alias in enumerate(statement.aliases):
                if (statement.start, number) not in gone:
                    yield from _with_parents(self._target(statement, alias, module), name)

    def _target(self, statement: Import, alias: Alias, module: Module) -> str:
        """The module that an import clause loads, behind the motion; "" for one that is not ours."""
        if not statement.is_from:
            found = nearest(self.inventory, alias.name, module.path)
            return found.name if found is not None else ""
        origin = self.inventory.origin(statement, module.path)
        source = self.inventory.modules.find(origin, module.path) if origin else None
        if source is None:
            return ""
        target = self.inventory.target(source.module, alias.name)
        return self.moved.get((target.module, target.name), (target.module, ""))[0]

    def _place(self, need: Need) -> None:
        """Write the import of a need where `arrange` put it."""
        build, source = self.builds[need.importer], need.anatomy.module.name
        imports = self.imports[need.importer if build.anatomy is not None else source]
        wanted = need.copy or Wanted(need.name, source, need.name, relative=imports.relative)
        notes = any(read.when == "note" for read in need.reads)
        if need.place == "top":
            build.wanted.append(wanted)
        elif need.place == "checking" or notes:
            build.wanted.append(replace(wanted, checking=True))
        if need.place == "local":
            module = "" if wanted.plain else wanted.module_text(build.package)
            for read in need.reads:
                if read.function is not None and read.when != "note":
                    key = (need.importer, source, need.anatomy.scopes.span(read.function)[0])
                    host = self.hosts.setdefault(key, (read.function, {}))
                    host[1].setdefault(module, set()).add(wanted.clause)

    def _local_imports(self) -> None:
        for (importer, source, _), (host, modules) in self.hosts.items():
            lines = [f"import {clause}" for clause in sorted(modules.pop("", ()))]
            lines += [f"from {module} import {', '.join(sorted(bound))}" for module, bound in sorted(modules.items())]
            edit = import_inside(self.anatomies[source], host, lines)
            build = self.builds[importer]
            arrival = next((a for a in build.arrivals if a.source == source), None)
            (build if importer == source or arrival is None else arrival).edits.append(edit)

    def _covered(self, package: str, name: str) -> None:
        self.findings.append(
            Finding(
                "name-clash", f"{package}.{name} would be both a module and a name of the package", Weight.REFUSAL,
                Place(self.builds[package].path), f"choose another name for the module {package}.{name}",
            )
        )  # fmt: skip

    def _import_beside(self, sides: Sequence[SideImport]) -> None:
        """Write the imports of modules that have to be loaded for what they do, all at one place."""
        first = sides[0]
        build, source = self.builds[first.importer], first.source
        anatomy, stays = self.anatomies[source], first.importer == source
        newline, lines = anatomy.text.newline, b""
        for side in sides:
            parent, last = names.parent(side.target), names.last(side.target)
            bound = bound_name(anatomy, side.target, self.shares[source].names if stays else ())
            module = Wanted(bound, parent, last, relative=self.imports[source].relative).module_text(build.package)
            shown = last if bound == last else f"{last} as {bound}"
            line = (f"from {module} " if parent else "") + f"import {shown}  # noqa: E402, F401"
            lines += line.encode() + newline
        arrival = next((a for a in build.arrivals if a.source == source), None)
        into = build.edits if stays or arrival is None else arrival.edits
        if first.before is not None:
            at, text = first.before.start, lines + newline * (2 if is_block(first.before) else 1)
        else:
            pieces = arrival.pieces if arrival is not None and into is arrival.edits else anatomy.pieces
            at, text = pieces[-1].end, newline * (2 if is_block(pieces[-1]) and not stays else 1) + lines
        into.append(Edit(at, at, text, "what registers itself stays loaded"))

    def _rebound_elsewhere(self) -> None:
        """A value that another file assigns through the module cannot be imported by name."""
        for source, share in self.shares.items():
            names_ = {n.name for n in self.needs.values() if n.anatomy is share.anatomy and n.name in share.names}
            values = [n for n in sorted(names_) if not any(is_block(p) for p in share.anatomy.definers(n))]
            outside = Outside(self.inventory, source, share.anatomy.path) if values else None
            for name in values:
                path = outside.rebinds(name) if outside is not None else ""
                if path:
                    share.refuse(
                        "split-shares-global", f"{path} assigns {source}.{name}, which its readers would no longer see",
                        share.anatomy.definers(name)[0], f"keep {name} and what reads it together",
                    )  # fmt: skip

    # -- clashes, order within a module

    def _settle(self) -> None:
        for build in self.builds.values():
            if any(w.checking for w in build.wanted):
                build.wanted.append(Wanted("TYPE_CHECKING", "typing", "TYPE_CHECKING"))
            build.wanted = joined(build.wanted)
            arriving = {name: motion for share in self.shares.values() for name, motion in share.names.items()
                        if motion.target == build.name}  # fmt: skip
            clashes = self._clashes(build)
            self.findings += clashes.check(arriving.values())
            for name in [other for other in self.builds if names.parent(other) == build.name]:
                if self.builds[name].anatomy is None and clashes.defines(names.last(name)):
                    self._covered(build.name, names.last(name))
            self.findings += order(build, self.shares, self.dissolved)

    def _header(self, build: Build) -> None:
        """Licence, `__future__` and `__all__` for what arrives."""
        futures = frozenset(f for arrival in build.arrivals for f in arrival.anatomy.futures)
        if build.anatomy is None:
            headers = list(dict.fromkeys(arrival.anatomy.header for arrival in build.arrivals))
            licences = b"".join(dict.fromkeys(header.licence for header in headers))
            cookie = next((header.cookie for header in headers if header.cookie), b"")
            pragmas = b"".join(dict.fromkeys(header.pragmas for header in headers))
            build.top = b"\n".join(part for part in (cookie + licences, pragmas) if part)
            build.futures = futures
        else:
            self._futures(build, futures)
        own = exports.exported(build.anatomy) if build.anatomy is not None else None
        for arrival in build.arrivals:
            motions = {m.name: m.final for m in self.shares[arrival.source].names.values() if m.target == build.name}
            listed = exports.exported(arrival.anatomy)
            if listed is None and own is not None:
                build.exports += [final for final in motions.values() if not final.startswith("_")]
            elif listed is not None and (own is not None or build.anatomy is None):
                build.exports += [motions[name] for name in listed if name in motions]
        build.exports = [name for name in dict.fromkeys(build.exports) if own is None or name not in own]

    def _futures(self, build: Build, futures: frozenset[str]) -> None:
        """`from __future__ import annotations` on one side alone changes when annotations are evaluated."""
        anatomy = build.anatomy
        assert anatomy is not None
        missing = futures - anatomy.futures
        arriving = [arrival for arrival in build.arrivals if b":" in arrival.anatomy.text.data]
        if missing and arriving:
            build.futures = missing
            self.findings.append(
                Finding("future-added", f"`from __future__ import {', '.join(sorted(missing))}` now holds for all of "
                        f"{build.name}", Weight.REVIEW, Place(build.path))
            )  # fmt: skip

    # -- the result

    def _written(self) -> MotionResult:
        self._local_imports()
        writes: dict[str, bytes] = {}
        creates: dict[str, bytes] = {}
        for build in self.builds.values():
            try:
                if build.anatomy is None:
                    creates[build.path] = build.text.raw(build.created())
                else:
                    writes[build.path] = build.text.raw(build.changed())
            except UnicodeEncodeError as error:
                finding = Finding(
                    "encoding-cannot-hold", f"{build.text.encoding} has no character for what arrives: {error.reason}",
                    Weight.REFUSAL, Place(build.path), "store the file as UTF-8 first",
                )  # fmt: skip
                return MotionResult(findings=(*self.findings, finding))
        self._own_names()
        reads = {symbol: tuple(sorted(readers)) for symbol, readers in sorted(self.reads.items())}
        return MotionResult(writes, creates, self.moves, self.moved, reads, tuple(self.findings))

    def _own_names(self) -> None:
        """Names such as `__file__` mean another thing in another module."""
        for share in self.shares.values():
            becomes = share.anatomy.path in self.moves
            for name in OWN:
                for use in share.anatomy.scopes.named(name):
                    piece = share.anatomy.piece_at(share.anatomy.scopes.span(use.node)[0])
                    moved = piece.number in share.targets or (becomes and name in ("__file__", "__path__"))
                    if use.home is None and moved and piece.kind != "main":
                        self.findings.append(
                            Finding("own-name-moves", f"{name} has another value in the new module", Weight.REVIEW,
                                    Place(share.anatomy.path, use.node.lineno))
                        )  # fmt: skip


def _with_parents(module: str, importer: str) -> Iterator[str]:
    """A module and the packages above it that are not being imported already."""
    return (package for package in names.prefixes(module) if not names.within(importer, package))


def _removable(bound: Bound) -> bool:
    """True for a clause of a plain import statement, or one for type checkers, that nothing marks as wanted."""
    plain = bound.piece.kind == "import" or (bound.piece.is_import and is_checking_block(bound.piece.nodes[0]))
    return plain and _unmarked(bound)


def _unmarked(bound: Bound) -> bool:
    return "noqa" not in bound.comment and bound.alias.name != bound.alias.asname


def _clause(bound: Bound) -> tuple[int, int]:
    return bound.statement.start, bound.statement.aliases.index(bound.alias)


def _cycle_finding(cycle: Cycle) -> Finding:
    need = cycle.need
    read = next((r for r in need.reads if r.when == "now"), need.reads[0])
    listed = ", ".join(cycle.names)
    stays = cycle.target == need.anatomy.module.name
    return Finding(
        "split-cycle", f"{' and '.join(cycle.modules)} would need each other while they are imported "
        f"({cycle.target} needs {listed})", Weight.REFUSAL, Place(need.anatomy.path, read.use.node.lineno),
        f"{'leave' if stays else 'send'} {listed} {'in' if stays else 'to'} {cycle.target}",
    )  # fmt: skip
