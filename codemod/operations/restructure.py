"""Definitions that change modules within a phase: symbol moves, splits and merges, before any module moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, replace
from codemod.plan.model import Barrel, Merge, Operation, Split
from codemod.references.rewriting import rewrite_references
from codemod.rewrite.intent import Intent, Symbol
from codemod.source.inventory import Inventory

from .definitions import Restructured
from .layout import new_parents
from .merge import merge
from .merge_stubs import with_stubs
from .motion import Motion, MotionResult, carry_out
from .motion_blocks import parted, together_again
from .motion_multiple import followed_together
from .motion_patches import followed
from .move import Row, is_real, standing_module, standing_symbol
from .set_aside import Aside
from .split import Selected, select


def restructure(
    operations: Sequence[Operation], rows: Sequence[Row], before: Inventory, later: Sequence[Mapping[str, str]],
    exempt: Sequence[str],
) -> Restructured:  # fmt: skip
    """Carry out what changes a definition's module.  Targets of the plan are names after the phase's moves."""
    earlier = {row.new_module: row.module for row in rows if not row.name and not row.holds}
    aside = Aside.of(before, _changing(operations, rows, earlier))
    result = _restructured(operations, rows, aside.bare, later, exempt, earlier)
    result.now = before if result.blocked else aside.put_back(result)
    return result


def _changing(operations: Sequence[Operation], rows: Sequence[Row], earlier: Mapping[str, str]) -> Iterator[str]:
    """The modules whose definitions change places, under their names before the phase."""
    yield from (row.module for row in rows if row.name)
    for operation in operations:
        if isinstance(operation, Split):
            yield from (operation.source, names.renamed(operation.source, earlier))
        elif isinstance(operation, Merge):
            yield from (names.renamed(name, earlier) for name in (*operation.sources, operation.target))


def _restructured(
    operations: Sequence[Operation], rows: Sequence[Row], before: Inventory, later: Sequence[Mapping[str, str]],
    exempt: Sequence[str], earlier: Mapping[str, str],
) -> Restructured:  # fmt: skip
    result = Restructured(before)
    result.findings += _taken_along(operations, rows, before)
    if result.blocked:
        return result
    asked = _motions(operations, rows, earlier, before, later, result)
    result.homes.update(motion.target for motion in asked.motions)
    result.homes.update(op.target for op in operations if isinstance(op, Merge) and _is_pending(op, before))
    barrels = {names.renamed(op.package, earlier) for op in operations if isinstance(op, Barrel)}
    if asked.motions and not result.blocked:
        _move(asked, before, result, barrels, frozenset(earlier.values()))
    for operation in operations:
        if isinstance(operation, Merge) and not result.blocked:
            _rename_first(operation, rows, exempt, result)
            target = names.renamed(operation.target, earlier)
            if not _is_pending(operation, before):
                target = standing_module(target, later, before) or target
            _merge(replace(operation, target=target), result)
    return result


def _taken_along(operations: Sequence[Operation], rows: Sequence[Row], before: Inventory) -> Iterator[Finding]:
    """Targets below a name that a package leaves and something else takes: the package would take them along."""
    leaving = {row.module: row.new_module for row in rows if not row.name and not row.holds}
    targets = [(op.target, op.mark) for op in operations if isinstance(op, Merge)]
    targets += [(part.target, part.mark) for op in operations if isinstance(op, Split) for part in op.into]
    for target, mark in targets:
        above = names.longest_prefix(names.parent(target), leaving)
        module = before.modules.get(above) if above is not None else None
        if above is not None and module is not None and module.folder:
            yield Finding(
                "plan-conflict", f"{target} lies below {above}, which goes to {leaving[above]} and is made "
                "again in this phase", Weight.MISMATCH, None, f"move {above} in a phase before", mark.key,
            )  # fmt: skip


def _is_pending(operation: Merge, before: Inventory) -> bool:
    """True while a source of a merge is there."""
    return any(name != operation.target and is_real(name, before) for name in operation.sources)


def _motions(
    operations: Sequence[Operation], rows: Sequence[Row], earlier: Mapping[str, str], before: Inventory,
    later: Sequence[Mapping[str, str]], result: Restructured,
) -> Selected:  # fmt: skip
    asked = Selected()
    for row in rows:
        renamed_only = row.new_module == row.module and row.new_name != row.name  # wherever its module goes
        target = row.module if renamed_only else names.renamed(row.new_module, earlier)
        if row.name and not row.holds and target != row.module:
            asked.motions.append(Motion(row.module, row.name, target, row.new_name))

    renamed = {row.module: row.new_module for row in rows if not row.name}
    held = {row.module: row.new_module for row in rows if not row.name and row.holds}

    def exists(target: str) -> bool:
        return standing_module(target, later, before) is not None

    finals = {(r.module, r.name): r.new_name for r in rows if r.name and (r.holds or r.new_module == r.module)}
    for operation in operations:
        if isinstance(operation, Split):
            home = names.renamed(operation.source, renamed)
            if any(names.below(part.target, home) for part in operation.into):
                result.packages.append(operation.source)
            called = {name: new for (module, name), new in finals.items() if module == operation.source}
            now = _now(operation, earlier, held, before, later)
            planned = {part.target: old.target for part, old in zip(now.into, operation.into, strict=True)}
            chosen = select(now, before, _Standing(called, planned, later, before), exists)
            result.findings += chosen.findings
            result.held = result.held and not chosen.motions
            result.symbols.update({(m.source, m.name): (m.target, m.final) for m in chosen.held})
            asked.motions += [replace(m, new_name=called.get(m.name, m.new_name)) for m in chosen.motions]
            asked.packages += chosen.packages
            asked.replicas += chosen.replicas
    return asked


@dataclass(frozen=True, slots=True)
class _Standing:
    """Finds a name that was split off, under what the phase calls it and what later phases make of that."""

    called: Mapping[str, str]
    planned: Mapping[str, str]  # target as it is called now -> as the plan has it, which is what later phases rename
    later: Sequence[Mapping[str, str]]
    before: Inventory

    def __call__(self, module: str, name: str) -> Symbol | None:
        """Where `name` of `module` is now; None when it is nowhere."""
        final = self.called.get(name, name)
        goals = dict.fromkeys((module, self.planned.get(module, module)))
        found = (standing_symbol(names.join(goal, final), self.later, self.before) for goal in goals)
        return next(filter(None, found), None)


def _now(
    operation: Split, earlier: Mapping[str, str], held: Mapping[str, str], before: Inventory,
    later: Sequence[Mapping[str, str]],
) -> Split:  # fmt: skip
    """A split under the names of the tree: those before the phase's moves, or those behind them and later ones."""
    source = operation.source
    if source not in before.modules:
        source = standing_module(names.renamed(source, held), later, before) or source
    moved = source != operation.source
    into = tuple(
        replace(part, target=(moved and standing_module(part.target, later, before)) or
                names.renamed(part.target, earlier)) for part in operation.into
    )  # fmt: skip
    return replace(operation, source=source, into=into)


def _move(
    asked: Selected, before: Inventory, result: Restructured, offering: Iterable[str] = (),
    leaving: frozenset[str] = frozenset(),
) -> None:  # fmt: skip
    motions = asked.motions
    ready = parted(before, [motion.source for motion in motions])
    done: MotionResult = carry_out(ready, motions, packages=asked.packages, replicas=asked.replicas, offering=offering)
    done = together_again(done) if ready is not before else done
    result.findings += (_with_order(finding, leaving) for finding in done.findings)
    if done.blocked:
        return
    sources = {motion.target: motion.source for motion in motions}
    parents = new_parents(sources, before, done.moves)
    writes = {**parents, **done.creates, **done.writes}
    result.moves.update(done.moves)
    result.symbols.update(done.symbols)
    result.reasons.update((path, _reason(path, motions, before, done)) for path in writes)
    result.now = before.after(before.tree.changed(moves=done.moves, writes=writes))
    for follow in (followed, followed_together):
        patched, findings = follow(done.reads, done.symbols, result.now)
        result.findings += findings
        result.reasons.update(dict.fromkeys(patched, "what a test patches follows the code that reads it"))
        result.now = result.now.after(result.now.tree.changed(writes=patched)) if patched else result.now


def _with_order(finding: Finding, leaving: frozenset[str]) -> Finding:
    """A finding whose hint says so where the phase makes room itself, but later: modules move behind definitions."""
    taken = finding.message.partition(" is a module, ")[0] if finding.code == "target-taken" else ""
    return replace(finding, hint=f"move {taken} in a phase before this one") if taken in leaving else finding


def _reason(path: str, motions: Sequence[Motion], before: Inventory, done: MotionResult) -> str:
    """What the motions did to one file."""
    earlier = {new: old for old, new in done.moves.items()}
    own = before.modules.at(earlier.get(path, path))
    leaving = [m.name for m in motions if own is not None and m.source == own.name]
    if leaving:
        return f"{', '.join(leaving)} moved out"
    stem = path.removesuffix(".py").replace("/", ".")
    arriving = [m.final for m in motions if stem == m.target or stem.endswith("." + m.target)]
    return f"{', '.join(arriving)} moved in" if arriving else "the imports follow what moved"


def _rename_first(operation: Merge, rows: Sequence[Row], exempt: Sequence[str], result: Restructured) -> None:
    """Names of the merged modules that the phase renames have their new names before they meet."""
    merged = {*operation.sources, operation.target}
    renamed = {
        (row.module, row.name): (row.module, row.new_name) for row in rows
        if row.name and not row.holds and row.module == row.new_module and row.module in merged
    }  # fmt: skip
    if not renamed:
        return
    done = rewrite_references(result.now, Intent(symbols=renamed), exempt=exempt)
    result.findings += done.findings
    result.symbols.update({old: (operation.target, name) for old, (_, name) in renamed.items()})
    result.renamed |= renamed.keys()
    result.reasons.update(dict.fromkeys(done.writes, "renamed before modules are merged"))
    result.now = result.now.after(result.now.tree.changed(writes=done.writes))


def _merge(operation: Merge, result: Restructured) -> None:
    done = with_stubs(merge(operation, result.now), operation, result.now, merge)
    result.findings += done.findings
    result.modules.update(done.modules)
    result.held = result.held and done.held
    if done.blocked or done.held:
        return
    result.symbols.update(done.symbols)
    source = next((name for name in operation.sources if name in result.now.modules), operation.target)
    parents = new_parents({operation.target: source}, result.now, done.moves)
    writes = {**parents, **done.writes}
    result.moves.update(done.moves)
    result.reasons.update(dict.fromkeys(writes, f"merged into {operation.target}"))
    tree = result.now.tree.changed(moves=done.moves, deletes=set(done.deletes), writes=writes)
    result.now = result.now.after(tree)
