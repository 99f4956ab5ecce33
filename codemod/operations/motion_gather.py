"""What stays, what arrives and what each needs: the first look at every module of a motion."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import replace
from codemod.references.bindings import can_rename, rename_definition
from codemod.rewrite.edits import Edit

from . import motion_exports as exports
from .motion_anatomy import Anatomy, Piece, is_checking_block
from .motion_arrival import Arrival
from .motion_build import Build
from .motion_dissolve import Dissolved, dissolve, dropped, within
from .motion_imports import Bound, Imports, Wanted, reanchored
from .motion_order import Need
from .motion_outside import Outside
from .motion_reads import Read
from .motion_share import Share
from .motion_state import Moving


def gather(moving: Moving) -> None:
    """Fill the builds with edits and arrivals, and note every need."""
    for name, build in moving.builds.items():
        _staying(moving, name, build)
        for source, share in moving.shares.items():
            pieces = share.leaving(name)
            if pieces:
                copies = moving.copied(share, name).values()
                pieces += [replace(piece, start=piece.code) for piece in copies]  # without the comments above
                _arriving(moving, source, share, sorted(pieces, key=lambda piece: piece.number), build)


def _staying(moving: Moving, name: str, build: Build) -> None:
    """What remains of a module that is there already."""
    anatomy = build.anatomy
    if anatomy is None:
        return
    share = moving.shares.get(name)
    staying = share.staying() if share else list(anatomy.pieces)
    spans = [(piece.start, piece.end) for piece in staying]
    found = dissolve(anatomy, moving.inventory, spans, lambda m, n: moving.lives(name, m, n))
    moving.dissolved[name, name] = found
    _captured(moving, anatomy, found)
    gone = set(found.gone)
    if share is not None:
        for piece in staying:
            for read in share.reads.of(piece):
                motion = share.names.get(read.name)
                if motion is not None:
                    moving.need(name, motion.target, name, read)
        gone |= _unused(moving, name, share)
        build.edits += exports.without(anatomy, set(share.names))
        build.unlisted = frozenset(share.names)
        build.gone += [(p.start, p.end) for p in anatomy.pieces if p.number in share.targets]
        build.gone += [(p.start, p.end) for p in exports.emptied(anatomy, set(share.names))]
    gone = {clause for clause in gone if within(clause[0], spans)}
    moving.gone[name] = gone | {
        (statement.start, number)
        for statement in anatomy.imports
        if statement.scope == "module" and not within(statement.start, spans)
        for number in range(len(statement.aliases))
    }
    edits, whole = dropped(anatomy, gone)
    build.edits += [edit for edit in (*found.edits, *edits) if within(edit.start, spans)]
    build.gone += [_import_lines(anatomy, anatomy.pieces[number]) for number in whole]
    if build.package != anatomy.module.package:
        cut = [(e.start, e.end) for e in build.edits]
        cut += build.gone
        build.edits += [
            e for e in reanchored(anatomy, 0, len(anatomy.text.data), build.package) if not within(e.start, cut)
        ]


def _import_lines(anatomy: Anatomy, piece: Piece) -> tuple[int, int]:
    """An import's lines; a comment above goes along unless more imports follow right below it."""
    following = anatomy.pieces[piece.number + 1] if piece.number + 1 < len(anatomy.pieces) else None
    shared = following is not None and following.is_import and following.start == piece.end
    return (piece.code if shared else piece.start), piece.end


def _arriving(moving: Moving, source: str, share: Share, pieces: list[Piece], build: Build) -> None:
    anatomy, imports = share.anatomy, moving.imports[source]
    spans = [(piece.start, piece.end) for piece in pieces]
    found = dissolve(anatomy, moving.inventory, spans, lambda m, n: moving.lives(build.name, m, n))
    moving.dissolved[source, build.name] = found
    _captured(moving, anatomy, found)
    arrival = Arrival(source, anatomy, pieces)
    local = {s.start for s in anatomy.imports if s.scope != "module"}
    gone = {clause for clause in found.gone if clause[0] in local and within(clause[0], spans)}
    cut, _ = dropped(anatomy, gone)
    arrival.edits += [*found.edits, *cut]
    taken = [(edit.start, edit.end) for edit in cut]
    for piece in pieces:
        moved = reanchored(anatomy, piece.start, piece.end, build.package)
        arrival.edits += [edit for edit in moved if not within(edit.start, taken)]
    arrival.edits += _renamed(moving, share, build.name, spans)
    arrival.sections = [
        section
        for number, section in enumerate(anatomy.sections)
        for inside in [[p for p in anatomy.pieces if p.section == number and not p.is_import]]
        if all(p.number in share.targets for p in inside)
        and [share.targets[p.number] for p in inside[:1]] == [build.name]
    ]
    if source in moving.builds:
        moving.builds[source].gone += [(section.start, section.end) for section in arrival.sections]
    build.arrivals.append(arrival)
    _supply(moving, source, share, imports, pieces, found, build)


def _renamed(moving: Moving, share: Share, target: str, spans: Sequence[tuple[int, int]]) -> Iterator[Edit]:
    """A name that gets another one on the way is renamed in its own code; others import it."""
    scopes = share.anatomy.scopes
    for motion in share.names.values():
        if motion.target != target or motion.final == motion.name:
            continue
        kinds = tuple({b.kind for b in scopes.module.bindings[motion.name]} | {"def"})
        if not can_rename(scopes, motion.name, motion.final, scopes.module, kinds):
            moving.findings.append(
                Finding(
                    "rename-captured", f"{motion.final} is already bound or read where {motion.name} is used",
                    Weight.REFUSAL, Place(share.anatomy.path), "choose another new name", motion.key,
                )
            )  # fmt: skip
            continue
        edits = rename_definition(scopes, motion.name, motion.final, f"{motion.name} -> {motion.final}")
        yield from (edit for edit in edits if within(edit.start, spans))


def _supply(
    moving: Moving, source: str, share: Share, imports: Imports, pieces: list[Piece], found: Dissolved, build: Build
) -> None:
    """The imports of what arriving code reads."""
    by_name: dict[str, list[Read]] = {}
    for piece in pieces:
        for read in share.reads.of(piece):
            if id(read.use.node) not in found.uses and not _bound_in_passing(share, piece, read):
                by_name.setdefault(read.name, []).append(read)
            moving.reads.setdefault((source, read.name), set()).add(build.name)
    for name, reads in by_name.items():
        motion = share.names.get(name)
        if name in share.replicas:
            for read in reads:
                if not share.copies(read):
                    moving.need(build.name, source, source, read, beside_copy=True)
        elif motion is not None:
            for read in reads:
                moving.need(build.name, motion.target, source, read)
        elif imports.imported(name) and _copyable(share, imports, name):
            for wanted in imports.wanted(name, reads, build.package):
                _copy(moving, source, wanted, reads, build)
            for asked in _asked(share, imports, name):
                for wanted in imports.wanted(asked, [], build.package):
                    build.wanted.append(wanted)
        else:
            for read in reads:
                moving.need(build.name, source, source, read)
    inside = {piece.number for piece in pieces}
    for name, unknown in share.reads.unknown.items() if imports.stars else ():
        inside_now = [read for read in unknown if read.piece.number in inside]
        given = imports.from_star(name) if inside_now else None
        if given is not None:
            build.wanted.append(given)
        else:  # a star import from outside gives it, and stays: whatever it gives, the source has it
            for read in inside_now:
                moving.need(build.name, source, source, read)


def _bound_in_passing(share: Share, piece: Piece, read: Read) -> bool:
    """True for a name that a statement binds for itself, such as the variable of a loop, also where it is deleted."""
    if read.name in share.names:
        return False
    binding = [other for other in share.anatomy.definers(read.name) if not isinstance(other.nodes[0], ast.Delete)]
    here = {share.targets.get(other.number) for other in binding} == {share.targets.get(piece.number)}
    passing = isinstance(piece.nodes[0], ast.Delete) and here and all(p.kind == "statement" for p in binding)
    return passing or (piece.kind in ("statement", "main") and read.name in piece.binds)


def _asked(share: Share, imports: Imports, name: str) -> set[str]:
    """What the conditions around the imports of a name read."""
    guarded = [bound.piece for bound in imports.by_name[name] if bound.piece.kind == "guarded"]
    pieces = [piece for piece in guarded if not is_checking_block(piece.nodes[0])]
    return {read.name for piece in pieces for read in share.reads.of(piece)} - {n for p in pieces for n in p.binds}


def _copyable(share: Share, imports: Imports, name: str) -> bool:
    """True when the imports of a name need nothing but plain imports themselves, so that they can be repeated."""
    return all(
        imports.imported(asked) and all(bound.piece.kind == "import" for bound in imports.by_name[asked])
        for asked in _asked(share, imports, name)
    )


def _copy(moving: Moving, source: str, wanted: Wanted, reads: Sequence[Read], build: Build) -> None:
    """The source's own import of a name; one of our own modules may have to wait until a function runs.

    `import app` in a module of `app` waits for nothing: the package is being imported already.
    """
    inner = names.join(wanted.module, wanted.name)
    home = inner if inner in moving.inventory.modules else wanted.module
    fixed = wanted.block or wanted.checking or home not in moving.inventory.modules or home == build.name
    around = wanted.plain and names.within(build.name, home)
    if fixed or around or moving.clashes(build).has(wanted):
        build.wanted.append(wanted)
        return
    need = Need(build.name, home, wanted.bound, moving.anatomies[source], list(reads), copy=wanted)
    moving.needs[build.name, f"{source}:{wanted.module}:{wanted.name}", wanted.bound] = need


def _captured(moving: Moving, anatomy: Anatomy, found: Dissolved) -> None:
    for name, use in found.captured:
        line = use.node.lineno
        moving.findings.append(
            Finding(
                "name-clash", f"{name} means something else here, where it should mean what moves in",
                Weight.REFUSAL, Place(anatomy.path, line),
                f"give {name} another name in a phase before: `rename: {{{anatomy.module.name}.{name}: ...}}`",
            )
        )  # fmt: skip


def _unused(moving: Moving, name: str, share: Share) -> set[tuple[int, int]]:
    """Clauses that only leaving code used, and that nobody can reach through this module."""
    anatomy, imports = share.anatomy, moving.imports[name]
    if anatomy.module.is_package:
        return set()
    listed = set(exports.exported(anatomy) or ())
    outside = Outside(moving.inventory, name, anatomy.path)
    left = {p.number for p in share.staying()}

    def needed(bound: str, beside: frozenset[int] = frozenset()) -> bool:
        """True when something that stays reads a name, or somebody else may; pieces in `beside` do not count."""
        reads = share.reads.by_name.get(bound, [])
        here = any(r.piece.number in left - beside for r in reads)
        # What is patched follows a reader that is the only one; of several, none is the one that is meant.
        sole = len({share.targets.get(r.piece.number) for r in reads}) == 1
        return here or not reads or bound in listed or outside.mentions(bound, patched=not sole)

    for piece in share.staying():
        names_ = piece.binds if piece.kind == "guarded" else frozenset()
        every = [b for n in names_ for b in imports.by_name.get(n, []) if b.piece is piece]
        if every and all(_unmarked(b) for b in every) and not any(needed(n) for n in names_):
            moving.builds[name].gone.append((piece.start, piece.end))
            left.discard(piece.number)
    gone: set[tuple[int, int]] = set()
    for bound, clauses in imports.by_name.items():
        others = [b for b in clauses if b.piece.number in left]
        if others and all(_removable(b) for b in others) and not needed(bound):
            gone |= {_clause(b) for b in others}
    checking = imports.by_name.get("TYPE_CHECKING", [])
    whole = frozenset(dropped(anatomy, gone)[1])
    if gone and checking and all(_removable(b) for b in checking) and not needed("TYPE_CHECKING", whole):
        gone |= {_clause(b) for b in checking}
    return gone


def _removable(bound: Bound) -> bool:
    """True for a clause of a plain import statement, or one for type checkers, that nothing marks as wanted."""
    plain = bound.piece.kind == "import" or (bound.piece.is_import and is_checking_block(bound.piece.nodes[0]))
    return plain and _unmarked(bound)


def _unmarked(bound: Bound) -> bool:
    return "noqa" not in bound.comment and bound.alias.name != bound.alias.asname


def _clause(bound: Bound) -> tuple[int, int]:
    return bound.statement.start, bound.statement.aliases.index(bound.alias)
