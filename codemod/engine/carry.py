"""An open branch follows the phases that it lacks.

For each of them, oldest first: what the main line did before the phase is merged as git merges, so that only
ordinary conflicts appear; the phase is run on the result, new files of the branch included; and what a hand or a
hook changed in the published phase is merged over the tree that the phase computes.  Merging the main line as it is
would have git match moved files by their likeness, and lose what it cannot match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Merge, Move, Operation, Phase, Split
from codemod.shell.merging import merge_trees
from codemod.source.inventory import Inventory

from .history import Stage, written
from .session import Session


@dataclass(frozen=True, slots=True)
class Carried:
    """What a branch's tree becomes; with findings it could not be carried."""

    tree_id: str
    phases: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def carried(session: Session, stages: Sequence[Stage], base: str, tree: str, tip: str, commit: str) -> Carried:
    """The tree of a branch after the phases, and after whatever else led to the tree `tip`.

    `base` is the tree that the branch began with, `tree` its own; `commit` is the branch's, for its history.
    """
    git = session.repository.git
    done: list[str] = []
    for stage in stages:
        merged = merge_trees(git, base, tree, stage.before)
        if merged.conflicts:
            return Carried(tree, tuple(done), tuple(_conflicts(merged.conflicts, f"before phase {stage.phase.id}")))
        tree = merged.tree_id
        if tree == stage.before:
            tree = stage.after
        else:
            before = stage.session.inventory(tree)
            phase = followed(stage.phase, stage.session.inventory(stage.before), before)
            outcome = stage.session.compute(phase, before, commit, stage.date)
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
        base = stage.after
    merged = merge_trees(git, base, tree, tip)
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
    if isinstance(operation, Move):
        pairs = tuple(pair for pair in operation.pairs if not _gone(pair.source, main, branch))
        return replace(operation, pairs=pairs) if pairs else None
    if isinstance(operation, Split):
        return None if _gone(operation.source, main, branch) else operation
    if isinstance(operation, Merge):
        sources = tuple(source for source in operation.sources if not _gone(source, main, branch))
        return replace(operation, sources=sources) if sources else None
    return operation


def _gone(source: str, main: Inventory, branch: Inventory) -> bool:
    """True for a module, or a name in one, that the main line had and the branch has not."""
    module, _, name = source.partition(":")
    there, here = main.modules.get(module), branch.modules.get(module)
    if there is None or here is None:
        return there is not None
    return bool(name) and main.binds(there, name) and not branch.binds(here, name)
