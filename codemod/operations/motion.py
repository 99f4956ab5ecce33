"""Top-level definitions move between modules: their code, the imports on both sides, `__all__` and comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.intent import Symbol
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.settings import line_length
from codemod.source.text import Text, Undecodable

from . import motion_exports as exports
from .layout import module_path, root_for
from .motion_anatomy import UNREADABLE, Anatomy, is_annotated
from .motion_build import Build, future_added
from .motion_effects import Effects
from .motion_examples import follow_examples
from .motion_folders import follow_folders
from .motion_gather import gather
from .motion_groups import divide
from .motion_imports import Imports, Wanted, joined
from .motion_own import docstrings_written, told
from .motion_place import arrange_imports, import_locally
from .motion_reads import Reads
from .motion_registry import Registry
from .motion_sequence import order
from .motion_share import Motion, Replica, Share
from .motion_state import Moving
from .motion_stubs import Files, carry_stubs

__all__ = ["Motion", "MotionResult", "Replica", "carry_out"]


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


def carry_out(
    inventory: Inventory, motions: Sequence[Motion], *, packages: Iterable[str] = (), replicas: Sequence[Replica] = (),
    offering: Iterable[str] = (),
) -> MotionResult:  # fmt: skip
    """Move top-level names between the modules of `inventory`, all at once.

    `packages` are sources that become packages although no target lies below them, `replicas` names of which each
    target gets a copy, `offering` those that get a barrel.  Nothing is written when a finding blocks; imports are
    spelled in the names before the phase, so that the references pass rewrites them.
    """
    chosen = [motion for motion in motions if motion.source != motion.target]
    result = _carried(inventory, chosen, packages, replicas, frozenset(offering))
    if result.blocked or not chosen:
        return result

    def carry(stubs: Inventory, inside: Sequence[Motion]) -> Files:
        done = _carried(stubs, inside, packages)
        return done.writes, done.creates, done.moves, done.blocked

    stubs = carry_stubs(inventory, chosen, carry)
    return replace(
        result, writes={**result.writes, **stubs.writes}, creates={**result.creates, **stubs.creates},
        moves={**result.moves, **stubs.moves}, findings=(*result.findings, *stubs.findings),
    )  # fmt: skip


def _carried(
    inventory: Inventory, motions: Sequence[Motion], packages: Iterable[str], replicas: Sequence[Replica] = (),
    offering: frozenset[str] = frozenset(),
) -> MotionResult:  # fmt: skip
    made = Moving(inventory, list(motions), frozenset(packages), replicas=tuple(replicas), offering=offering)
    moving = _steps(made)
    loaded = {"split-registry-order", "split-effect-order", "split-cycle"}
    if moving.blocked and {finding.code for finding in moving.findings if finding.blocks} <= loaded:
        again = _steps(replace(made, apart=True))
        moving = moving if again.blocked else again
    return MotionResult(findings=tuple(moving.findings)) if moving.blocked else _written(moving)


def _steps(made: Moving) -> Moving:
    """Take the steps on a fresh state with what `made` is asked for."""
    moving = Moving(
        made.inventory, list(made.motions), made.packages, replicas=made.replicas, apart=made.apart,
        offering=made.offering,
    )  # fmt: skip
    for step in (_read, _divide, _prepare, gather, _headers, arrange_imports, _settle):
        step(moving)
        if moving.blocked:
            break
    return moving


def _headers(moving: Moving) -> None:
    for build in moving.builds.values():
        if build.anatomy is not None or build.arrivals:
            _header(moving, build)


def _read(moving: Moving) -> None:
    for name in dict.fromkeys(n for m in moving.motions for n in (m.source, m.target)):
        module = moving.inventory.modules.get(name)
        if module is None or not module.path:
            if any(m.source == name for m in moving.motions):
                _mismatch(moving, "source-missing", f"there is no module {name}", "", "correct the name")
            continue
        try:
            moving.anatomies[name] = Anatomy.of(moving.inventory, module)
        except (Unparsable, Undecodable) as error:
            _mismatch(moving, "source-unreadable", f"{name} cannot be read: {error}", module.path, UNREADABLE)
        else:
            moving.imports[name] = Imports(moving.anatomies[name], moving.inventory)


def _mismatch(moving: Moving, code: str, message: str, path: str, hint: str) -> None:
    moving.findings.append(Finding(code, message, Weight.MISMATCH, Place(path) if path else None, hint))


def _divide(moving: Moving) -> None:
    by_source: dict[str, list[Motion]] = {}
    for motion in moving.motions:
        by_source.setdefault(motion.source, []).append(motion)
    registry = Registry(moving.inventory, moving.anatomies)
    for source, motions in by_source.items():
        anatomy, replicas = moving.anatomies[source], [r for r in moving.replicas if r.source == source]
        reads = registry.reads(source) or Reads(anatomy)
        effects = Effects.of(reads, registry)
        share = divide(anatomy, motions, replicas, reads, effects, source in moving.offering)
        moving.shares[source] = share
        moving.findings += share.findings
        for motion in share.names.values():
            moving.moved[source, motion.name] = (motion.target, motion.final)
        _guard(moving, share)


def _guard(moving: Moving, share: Share) -> None:
    """`python -m` runs the `__main__` of what becomes a package, so the main guard goes there."""
    module = share.anatomy.module
    inside = any(names.below(target, module.name) for target in share.targets.values())
    if module.is_package or not (inside or module.name in moving.packages):
        return
    for guard in [piece for piece in share.anatomy.pieces if piece.kind == "main"]:
        share.targets[guard.number] = names.join(module.name, "__main__")
        reads = [read for name in guard.binds for read in share.reads.by_name.get(name, ())]
        outside = next((read for read in reads if read.piece is not guard), None)
        if outside is not None:
            moving.findings.append(Finding(
                "split-conditional", f"{outside.name} is bound by the main guard, which goes to "
                f"{module.name}.__main__, and "
                "is read here", Weight.REFUSAL, share.place(outside.piece),
                f"hand {outside.name} over as an argument first, or choose targets beside {module.name}",
            ))  # fmt: skip


def _prepare(moving: Moving) -> None:
    """A build for each module that changes."""
    first_party = frozenset(names.top(module.name) for module in moving.inventory.modules)
    targets = dict.fromkeys(target for share in moving.shares.values() for target in (
        *(motion.target for motion in share.names.values()), *share.targets.values()))  # fmt: skip
    for name in dict.fromkeys([*moving.shares, *targets]):
        anatomy = moving.anatomies.get(name)
        becomes = name in moving.packages or any(names.below(target, name) for target in targets)
        if anatomy is not None:
            path, module = anatomy.path, anatomy.module
            package = module.package
            if becomes and not module.is_package and name in moving.shares:
                path = module_path(name, module.root, package=True)
                moving.moves[anatomy.path] = path
                package = name
            text = anatomy.text
        else:
            source = next(s for s in moving.shares.values() if name in s.targets.values())
            if not _possible(moving, name):
                continue
            path = module_path(name, root_for(name, source.anatomy.module.root, moving.inventory))
            package = names.parent(name)
            text = Text(b"", (0,), source.anatomy.text.encoding, source.anatomy.text.bom)
        width = line_length(moving.inventory.tree, path)
        moving.builds[name] = Build(name, path, package, text, first_party, width, anatomy)


def _possible(moving: Moving, target: str) -> bool:
    """A new module cannot lie below a plain module that stays one."""
    for above in list(names.prefixes(target))[:-1]:
        module = moving.inventory.modules.get(above)
        if module is not None and not module.is_package and above not in moving.shares:
            _mismatch(moving, "target-taken", f"{above} is a module, {target} cannot lie below it", module.path,
                           f"split {above}, or choose another target")  # fmt: skip
            return False
    known = moving.inventory.modules.get(target)
    if known is not None and known.is_package and not known.path:
        _mismatch(moving, "target-taken", f"{target} is a package without __init__", "", "name a module in it")
        return False
    return True


def _settle(moving: Moving) -> None:
    for build in moving.builds.values():
        clashes = moving.clashes(build)
        if any(w.checking and not clashes.has(w) for w in joined(build.wanted)):
            build.wanted.append(Wanted("TYPE_CHECKING", "typing", "TYPE_CHECKING"))
        build.wanted = joined(build.wanted)
        arriving = [m for share in moving.shares.values() for m in share.names.values() if m.target == build.name]
        for share in moving.shares.values():
            arriving += (
                Motion(share.replicas[name].source, name, build.name, key=share.replicas[name].key)
                for name in moving.copied(share, build.name)
            )
        moving.findings += clashes.check(arriving)
        for name in [other for other in moving.builds if names.parent(other) == build.name]:
            if moving.builds[name].anatomy is None and clashes.defines(names.last(name)):
                moving.covered(build.name, names.last(name))
            elif moving.builds[name].anatomy is None and clashes.reads_builtin(names.last(name)):
                moving.covered(
                    build.name, names.last(name), "something that its code reads, of Python or a star import"
                )
        moving.findings += order(build, moving.shares, moving.dissolved)


def _header(moving: Moving, build: Build) -> None:
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
        _futures(moving, build, futures)
    lists = [exports.exported(arrival.anatomy) for arrival in build.arrivals]
    own = exports.exported(build.anatomy) if build.anatomy is not None else None
    if own is not None or (build.anatomy is None and any(listed is not None for listed in lists)):
        for arrival, listed in zip(build.arrivals, lists, strict=True):
            share = moving.shares[arrival.source]
            motions = {m.name: m.final for m in share.names.values() if m.target == build.name}
            public = [final for final in motions.values() if not final.startswith("_")]
            build.exports += public if listed is None else [motions[name] for name in listed if name in motions]
            build.listed = build.listed or bool(public)
    build.exports = [name for name in dict.fromkeys(build.exports) if own is None or name not in own]


def _futures(moving: Moving, build: Build, futures: frozenset[str]) -> None:
    """`from __future__ import annotations` on one side alone changes when annotations are evaluated."""
    anatomy = build.anatomy
    assert anatomy is not None
    missing = futures - anatomy.futures
    for arrival in build.arrivals:
        late = anatomy.futures - arrival.anatomy.futures
        annotated = any(is_annotated(node) for piece in arrival.pieces for node in piece.nodes)
        if late - {"annotations"} or (late and annotated):
            moving.findings.append(future_added(build, late, f"what comes from {arrival.source}"))
    arriving = [arrival for arrival in build.arrivals if b":" in arrival.anatomy.text.data]
    if missing and arriving:
        build.futures = missing
        moving.findings.append(future_added(build, missing, f"all of {build.name}"))


def _written(moving: Moving) -> MotionResult:
    import_locally(moving)
    moving.findings += [f for build in moving.builds.values() for f in docstrings_written(build)]
    follow_examples(moving)
    follow_folders(moving)
    writes: dict[str, bytes] = {}
    creates: dict[str, bytes] = {}
    for build in moving.builds.values():
        try:
            if build.anatomy is None:
                creates[build.path] = build.text.raw(build.created())
            else:
                writes[build.path] = build.text.raw(build.changed())
        except UnicodeEncodeError as error:
            finding = Finding(
                "encoding-cannot-hold", f"{build.text.encoding} has no character for what arrives: {error.reason}",
                Weight.REFUSAL, Place(build.path),
                "choose a target that is stored as UTF-8, or store the file so first",
            )  # fmt: skip
            return MotionResult(findings=(*moving.findings, finding))
    moving.findings += told(moving)
    reads = {symbol: tuple(sorted(readers)) for symbol, readers in sorted(moving.reads.items())}
    return MotionResult(writes, creates, moving.moves, moving.moved, reads, tuple(moving.findings))
