"""Stubs beside the modules that `merge` unites: the same merge carried out on the `.pyi` files."""

from __future__ import annotations

from collections.abc import Callable

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import replace
from codemod.plan.model import Merge
from codemod.source.inventory import Inventory

from .merge import MergeResult


def with_stubs(
    done: MergeResult, operation: Merge, inventory: Inventory, merge: Callable[[Merge, Inventory], MergeResult]
) -> MergeResult:
    """What the merge comes to together with its stubs.

    A stub describes all of its module, so either each of the modules has one or none has: one that lacks what
    another module brings would hide that from type checkers.
    """
    if done.blocked or done.held:
        return done
    there = {name: m.path for name in dict.fromkeys((operation.target, *operation.sources))
             if (m := inventory.modules.get(name)) is not None and m.path.endswith(".py")}  # fmt: skip
    stubs = {path: path + "i" for path in there.values() if path + "i" in inventory.tree}
    if not stubs:
        return done
    bare = [name for name, path in there.items() if path not in stubs]
    if bare:
        typed = [name for name, path in there.items() if path in stubs]
        return replace(done, findings=(*done.findings, _alone(operation, bare, typed, stubs[there[typed[0]]])))
    described = {path: inventory.tree.read(stub) for path, stub in stubs.items()}
    result = merge(operation, inventory.after(inventory.tree.changed(writes=described)))
    if result.blocked:
        return replace(done, findings=(*done.findings, *(_of_stub(f) for f in result.findings if f.blocks)))
    return replace(
        done,
        writes={**done.writes, **{path + "i": data for path, data in result.writes.items()}},
        moves={**done.moves, **{old + "i": new + "i" for old, new in result.moves.items()}},
        deletes=done.deletes | {path + "i" for path in result.deletes},
    )


def _alone(operation: Merge, bare: list[str], typed: list[str], stub: str) -> Finding:
    """The refusal where some of the modules have a stub and others have none."""
    others = " and ".join(bare)
    return Finding(
        "merge-stub", f"{stub} is to describe {operation.target}, and nothing describes what {others} brings into it",
        Weight.REFUSAL, Place(stub), f"give {others} a stub first, or take {' and '.join(typed)} out of the merge",
        operation.mark.key,
    )  # fmt: skip


def _of_stub(finding: Finding) -> Finding:
    """What was found in the text of a stub, told at the stub."""
    place = finding.place
    if place is None or not place.path.endswith(".py"):
        return finding
    return replace(finding, place=replace(place, path=place.path + "i"))
