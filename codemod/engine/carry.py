"""An open branch follows the phases that it lacks.

For each of them, oldest first: what the main line did before the phase is merged as git merges, so that only
ordinary conflicts appear; the phase is run on the result, new files of the branch included; and what a hand or a
hook changed in the published phase is merged over the tree that the phase computes.  Merging the main line as it is
would have git match moved files by their likeness, and lose what it cannot match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, replace
from codemod.plan.conflicts import destination
from codemod.plan.model import Merge, Move, Operation, Pair, Phase, Rename, Selector, Split
from codemod.shell.merging import merge_commits, merge_trees, stand_in
from codemod.source.inventory import Inventory

from .history import Stage, written
from .past import Origin
from .session import Session


@dataclass(frozen=True, slots=True)
class Carried:
    """What a branch's tree becomes; with findings it could not be carried."""

    tree_id: str
    phases: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def carried(session: Session, stages: Sequence[Stage], commit: str, tip: str) -> Carried:
    """The tree of the branch `commit` after the phases, and after whatever else led to the commit `tip`.

    Every tree on the way stands in a commit that has as parents what went into it, so that git finds the base of the
    next merge: a phase may come from a line older than the branch, or both sides may have merged each other before.
    """
    git = session.repository.git
    done: list[str] = []
    origins: dict[str, Origin] = {}
    now, tree = commit, session.repository.tree_id(commit)
    for stage in stages:
        merged = merge_commits(git, now, stage.base)
        if merged.conflicts:
            return Carried(tree, tuple(done), tuple(_conflicts(merged.conflicts, f"before phase {stage.phase.id}")))
        tree = merged.tree_id
        now = stand_in(git, tree, now, stage.base)
        if tree == stage.before:
            if stage.phase.shims_in:
                origins[stage.phase.id] = Origin(stage.phase, stage.session.inventory(tree))
            tree = stage.after
        else:
            before = stage.session.inventory(tree)
            phase = followed(stage.phase, stage.session.inventory(stage.before), before)
            outcome = stage.session.compute(phase, before, commit, stage.date, origins)
            if outcome.moving:
                origins[phase.id] = Origin(phase, before)
            if outcome.refused:
                return Carried(tree, tuple(done), tuple(f for f in outcome.findings if f.blocks))
            tree = written(stage.session, tree, outcome)
            if stage.computed != stage.after:
                merged = merge_trees(git, stage.computed, tree, stage.after, folders=False)
                if merged.conflicts:
                    where = f"with what was changed by hand in phase {stage.phase.id}"
                    return Carried(tree, tuple(done), tuple(_conflicts(merged.conflicts, where)))
                tree = merged.tree_id
        done.append(stage.phase.id)
        now = stand_in(git, tree, now, stage.last)
    merged = merge_commits(git, now, tip)
    if merged.conflicts:
        return Carried(tree, tuple(done), tuple(_conflicts(merged.conflicts, "after the last phase")))
    return Carried(merged.tree_id, tuple(done))


def _conflicts(paths: Sequence[str], where: str) -> Iterator[Finding]:
    for path in paths:
        yield Finding(
            "carry-conflict", f"{path} was changed on both sides {where}", Weight.REFUSAL, Place(path),
            "merge the main line up to there by hand, then carry again",
        )  # fmt: skip


def followed(phase: Phase, main: Inventory, branch: Inventory) -> Phase:
    """The phase without what the branch has removed, or renamed, of the sources that the main line had."""
    return replace(phase, do=tuple(kept for one in phase.do if (kept := _kept(one, main, branch)) is not None))


def _kept(operation: Operation, main: Inventory, branch: Inventory) -> Operation | None:
    if isinstance(operation, Move | Rename):
        pairs = tuple(
            pair for pair in operation.pairs
            if not _gone(pair.source, main, branch) or _has(branch, _goal(operation, pair))
        )  # fmt: skip
        return replace(operation, pairs=pairs) if pairs else None
    if isinstance(operation, Split):
        into = tuple(kept for one in operation.into if (kept := _selected(operation.source, one, main, branch)))
        return replace(operation, into=into) if into else None
    if isinstance(operation, Merge):
        sources = tuple(source for source in operation.sources if not _gone(source, main, branch))
        return replace(operation, sources=sources) if sources else None
    return operation


def _goal(operation: Move | Rename, pair: Pair) -> str:
    """What a source becomes: a branch may have brought it there itself, and what refers to the old name follows."""
    if isinstance(operation, Move):
        return destination(pair.source, pair.target)
    return names.join(names.parent(pair.source.replace(":", ".")), pair.target)


def _selected(source: str, selector: Selector, main: Inventory, branch: Inventory) -> Selector | None:
    """What a split still sends to a target: names that the branch has removed are not missed."""
    if _gone(source, main, branch):
        return (
            selector
            if selector.names and all(_has(branch, names.join(selector.target, name)) for name in selector.names)
            else None
        )
    kept = tuple(name for name in selector.names if not _gone(f"{source}:{name}", main, branch))
    return replace(selector, names=kept) if kept or not selector.names else None


def _gone(source: str, main: Inventory, branch: Inventory) -> bool:
    """True for a module, or a name in one, that the main line had and the branch has not."""
    return _has(main, source) and not _has(branch, source)


def _has(inventory: Inventory, name: str) -> bool:
    """True for a module, and for a name that a module binds: `a.b:c`, or `a.b.c` where that is no module."""
    if ":" not in name and name in inventory.modules:
        return True
    holder, _, inner = name.replace(":", ".").rpartition(".")
    module = inventory.modules.get(holder)
    return module is not None and bool(module.path) and inventory.binds(module, inner)
