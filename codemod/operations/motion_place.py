"""Where the imports between the modules of a motion go: the top, a function, a block for type checkers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import replace
from codemod.rewrite.edits import Edit
from codemod.source.facts import Alias, Import
from codemod.source.graph import nearest
from codemod.source.modules import Module

from .motion_anatomy import Piece
from .motion_arrival import import_inside, is_block
from .motion_assemble import put_together
from .motion_imports import Wanted
from .motion_loading import SideImport, bound_name, ordered, side_imports
from .motion_order import Cycle, Need, Successors, arrange, running_pieces
from .motion_outside import Outside
from .motion_share import Share, sent
from .motion_state import Moving


def arrange_imports(moving: Moving) -> None:
    """Decide on every import that the motion calls for; what cannot be is among the findings."""
    for symbol, readers in moving.reads.items():
        share = moving.shares[symbol[0]]
        if any(r.piece.number not in share.targets for r in share.reads.by_name.get(symbol[1], ())):
            readers.add(symbol[0])
    needs = list(moving.needs.values())
    for need in needs:
        known = need.name in need.anatomy.scopes.module.bindings and need.copy is None
        need.sure = not known or need.name in need.anatomy.sure
        need.covered = names.join(need.importer, need.name) in moving.builds
    running = running_pieces(moving.shares.values())
    apart = frozenset(ordered(moving.shares)) if moving.apart else frozenset()
    for cycle in arrange(needs, running, _beside(moving), apart):
        moving.findings.append(_cycle_finding(cycle))
    for need in needs:
        _place(moving, need)
        _looked_up(moving, need)
        if need.hard and not need.sure:
            moving.shares[need.anatomy.module.name].refuse(
                "split-conditional", f"{need.name} is bound under a condition, so it cannot be imported",
                need.reads[0].piece, _together(need),
            )  # fmt: skip
        elif need.hard and need.covered:
            moving.covered(need.importer, need.name)
        elif need.hard and need.copied:
            moving.shares[need.anatomy.module.name].refuse(
                "assemble-hook", f"this needs all of {need.name}, and {need.importer} has a part of it",
                need.reads[0].piece, sent(need.reads[0].piece.binds, need.home, need.home),
            )  # fmt: skip
    moving.findings += _for_checkers(needs)
    _rebound_elsewhere(moving)
    beside: dict[tuple[str, str, Piece | None], list[SideImport]] = {}
    there = [side for share in moving.shares.values() for side in put_together(moving, share, needs)]
    for side in dict.fromkeys(side_imports(moving.shares, needs, there)):
        beside.setdefault((side.importer, side.source, side.before), []).append(side)
    for sides in beside.values():
        _import_beside(moving, sides)
    moving.findings += [f for share in moving.shares.values() for f in share.findings if f not in moving.findings]


def _for_checkers(needs: Sequence[Need]) -> Iterator[Finding]:
    """What annotations name and a running program does not find: somebody may read them there."""
    found: dict[str, list[Need]] = {}
    for need in needs:
        if need.place != "top" and any(read.when == "note" for read in need.reads):
            found.setdefault(need.importer, []).append(need)
    for importer, theirs in found.items():
        listed = ", ".join(sorted({need.name for need in theirs}))
        line = next(read.use.node.lineno for need in theirs for read in need.reads if read.when == "note")
        yield Finding(
            "annotation-only-import", f"annotations of {importer} name {listed}, imported there for type checkers only:"
            " a real import would close a cycle", Weight.REVIEW, Place(theirs[0].anatomy.path, line),
            "where annotations are read at run time, keep the two together",
        )  # fmt: skip


def _beside(moving: Moving) -> Successors:
    """The modules that importing a module loads, the imports decided in this motion left out."""
    known: dict[str, tuple[str, ...]] = {}

    def successors(name: str) -> tuple[str, ...]:
        if name not in known:
            known[name] = tuple(sorted({*_loads(moving, name), *_parts(moving, name)} - {name}))
        return known[name]

    return successors


def _parts(moving: Moving, name: str) -> Iterator[str]:
    """The modules that a source puts its registrars together from; those inside it find it loaded in any case."""
    share = moving.shares.get(name)
    if share is not None and any(replica.kind for replica in share.replicas.values()):
        targets = dict.fromkeys(share.targets.values())
        yield from (t for t in targets if not names.below(t, name) and moving.copied(share, t))


def _loads(moving: Moving, name: str) -> Iterator[str]:
    build, module = moving.builds.get(name), moving.inventory.modules.get(name)
    if build is not None:
        for wanted in build.wanted:
            inner = names.join(wanted.module, wanted.name)
            if not wanted.checking:
                yield from _with_parents(inner if inner in moving.inventory.modules else wanted.module, name)
    if module is None or not module.path:
        return
    gone = moving.gone.get(name, set())
    for statement in moving.inventory.facts(module.path).imports:
        if statement.scope == "function" or statement.guard == "checking":
            continue
        for number, alias in enumerate(statement.aliases):
            if (statement.start, number) not in gone:
                yield from _with_parents(_target(moving, statement, alias, module), name)


def _target(moving: Moving, statement: Import, alias: Alias, module: Module) -> str:
    """The module that an import clause loads, behind the motion; "" for one that is not ours."""
    if not statement.is_from:
        found = nearest(moving.inventory, alias.name, module.path)
        return found.name if found is not None else ""
    origin = moving.inventory.origin(statement, module.path)
    source = moving.inventory.modules.find(origin, module.path) if origin else None
    if source is None:
        return ""
    target = moving.inventory.target(source.module, alias.name)
    return moving.moved.get((target.module, target.name), (target.module, ""))[0]


def _place(moving: Moving, need: Need) -> None:
    """Write the import of a need where `arrange` put it."""
    build, source = moving.builds[need.importer], need.anatomy.module.name
    imports = moving.imports[need.importer if build.anatomy is not None else source]
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
                host = moving.hosts.setdefault(key, (read.function, {}))
                host[1].setdefault(module, set()).add(wanted.clause)


def _import_beside(moving: Moving, sides: Sequence[SideImport]) -> None:
    """Write the imports of modules that have to be loaded for what they do, all at one place."""
    first = sides[0]
    build, source = moving.builds[first.importer], first.source
    anatomy, stays = moving.anatomies[source], first.importer == source
    newline, lines = anatomy.text.newline, b""
    above = [p for p in moving.shares[source].staying() if first.before is None or p.end <= first.before.start]
    late = not stays or any(not p.is_import and p.kind not in ("docstring", "future") for p in above)
    for side in sides:
        parent, last = names.parent(side.target), names.last(side.target)
        bound = bound_name(anatomy, side.target, moving.shares[source].names if stays else ())
        module = Wanted(bound, parent, last, relative=moving.imports[source].relative).module_text(build.package)
        shown = last if bound == last else f"{last} as {bound}"
        line = (f"from {module} " if parent else "") + f"import {shown}  # noqa: {'E402, ' * late}F401"
        lines += line.encode() + newline
    arrival = next((a for a in build.arrivals if a.source == source), None)
    into = build.edits if stays or arrival is None else arrival.edits
    if first.before is not None:
        at, text = first.before.start, lines + newline * (2 if is_block(first.before) else 1)
    else:
        arrives = arrival is not None and into is arrival.edits
        pieces = arrival.pieces if arrives and arrival is not None else moving.shares[source].staying()
        at = pieces[-1].end if arrives else len(anatomy.text.data)
        text = newline * (2 if pieces and is_block(pieces[-1]) else 1) + lines
    into.append(Edit(at, at, text, "what registers itself stays loaded"))


def _looked_up(moving: Moving, need: Need) -> None:
    """A name that is imported where it is used is looked up in the module that gives it."""
    readers = moving.reads.get((need.anatomy.module.name, need.name))
    if need.place == "local" and readers is not None:
        readers.discard(need.importer)
        readers.add(need.copy.module if need.copy is not None else need.home)


def _rebound_elsewhere(moving: Moving) -> None:
    """A value that another file assigns through the module cannot be imported by name."""
    for source, share in moving.shares.items():
        needs = [n for n in moving.needs.values() if n.anatomy is share.anatomy and n.copy is None]
        names_ = {
            n.name for n in needs if n.name in share.names or (n.place == "top" and share.anatomy.definers(n.name))
        }
        values = [n for n in sorted(names_) if not any(is_block(p) for p in share.anatomy.definers(n))]
        imports = moving.imports[source]
        given = [n for n in sorted(imports.by_name) if imports.imported(n) and _readers(share, n)]
        outside = Outside(moving.inventory, source, share.anatomy.path) if values or given else None
        for name in [*values, *given]:
            path = outside.rebinds(name) if outside is not None else ""
            if path:
                own = {name} if share.anatomy.definers(name) else set()
                where = [*share.anatomy.definers(name), *(bound.piece for bound in imports.by_name.get(name, ()))]
                share.refuse(
                    "split-shares-global", f"{path} assigns {source}.{name}, which its readers would no longer see",
                    where[0], sent(own | _readers(share, name), source, source),
                )  # fmt: skip


def _together(need: Need) -> str:
    """The change to the plan that keeps a name and what reads it in one module."""
    source = need.anatomy.module.name
    if need.anatomy.definers(need.name) and need.importer != source:
        return sent([need.name], need.importer, source)
    return sent(need.reads[0].piece.binds if need.importer != source else [need.name], source, source)


def _readers(share: Share, name: str) -> set[str]:
    """The names that leave and read a name."""
    found = {n for read in share.reads.by_name.get(name, ()) for n in read.piece.binds}
    return {n for n in found if n in share.names}


def import_locally(moving: Moving) -> None:
    """Write the imports that stand in functions, once nothing is in the way."""
    for (importer, source, _), (host, modules) in moving.hosts.items():
        lines = [f"import {clause}" for clause in sorted(modules.pop("", ()))]
        lines += [f"from {module} import {', '.join(sorted(bound))}" for module, bound in sorted(modules.items())]
        edit = import_inside(moving.anatomies[source], host, lines)
        build = moving.builds[importer]
        arrival = next((a for a in build.arrivals if a.source == source), None)
        (build if importer == source or arrival is None else arrival).edits.append(edit)


def _with_parents(module: str, importer: str) -> Iterator[str]:
    """A module and the packages above it that are not being imported already."""
    return (package for package in names.prefixes(module) if not names.within(importer, package))


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
