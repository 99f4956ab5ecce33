"""The phase that leaves the shims of another one, so that each may be squashed into one commit.

What it writes follows from the tree before the other phase, and from the tree that it is carried out on.
"""

from __future__ import annotations

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import replace
from codemod.operations.context import Write
from codemod.operations.later_names import later_names
from codemod.operations.move import standing_module, standing_symbol
from codemod.operations.shim_standing import standing_names
from codemod.plan.model import Phase, Plan
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Change, Commit, Outcome
from codemod.source.inventory import Inventory
from codemod.verify import links, order, repeat

from .past import Origin
from .phase import compute, shims_left


def compute_shims(plan: Plan, phase: Phase, before: Inventory, origin: Origin | None) -> Outcome:
    """The shims that are missing on the tree of `before`; without an `origin` only the tree itself can tell."""
    if origin is None:
        return _told_by_tree(plan, phase, before)

    def follow(intent: Intent) -> Intent:
        return _followed(plan, phase, intent, before)

    results = shims_left(plan, origin.phase, origin.inventory, before, follow)
    if results is None:
        return _told_by_tree(plan, phase, before)
    findings = [one for one in results if isinstance(one, Finding)]
    writes = [one for one in results if isinstance(one, Write) and one.data is not None]
    changes = tuple(Change(Place(one.path), one.reason) for one in writes)
    after = before.after(before.tree.changed(writes={one.path: one.data for one in writes if one.data is not None}))
    if after.tree != before.tree and not any(finding.blocks for finding in findings):
        changed = [one.path for one in writes]
        findings += links.check(before, after, Intent(), changed, ())
        findings += order.check(before, after, Intent(), changed)
        again = shims_left(plan, origin.phase, origin.inventory, after, follow) or ()
        second = {one.path: one.data for one in again if isinstance(one, Write) and one.data is not None}
        findings += repeat.check(after.tree, after.tree.changed(writes=second))
    blocked = any(finding.blocks for finding in findings)
    commits = (Commit("shim", after.tree),) if after.tree != before.tree and not blocked else ()
    state = "pending" if commits or blocked else "done"
    return Outcome(phase, before.tree, commits, tuple(findings), changes, state=state)


def _followed(plan: Plan, phase: Phase, intent: Intent, now: Inventory) -> Intent:
    """The rename table, its new names as later phases of the plan have made them."""
    later = tuple(later_names(plan.phases, phase))
    modules = {old: standing_module(new, later, now) or new for old, new in intent.modules.items()}
    symbols = {old: standing_symbol(names.join(*new), later, now) or new for old, new in intent.symbols.items()}
    return replace(intent, modules=modules, symbols=symbols)


def _told_by_tree(plan: Plan, phase: Phase, before: Inventory) -> Outcome:
    """Whether the shims have been left, as far as a tree can tell: one that has none may have lost them again."""
    of = next(one for one in plan.phases if one.id == phase.shims_of)
    outcome = compute(plan, of, before)
    if outcome.moving or outcome.refused:
        what = f"phase {phase.id} leaves the shims of {of.id}, which is not done"
        finding = Finding("depends-on", what, Weight.MISMATCH, None, f"run --phase {of.id} first", phase.mark.key)
        return Outcome(phase, before.tree, findings=(finding,), state=outcome.state)
    if standing_names(before):
        return Outcome(phase, before.tree, state="done")
    what = f"phase {of.id} holds, but no commit in the history is one of it: what its shims are for cannot be told"
    hint = "keep the trailers of the message when commits are squashed, fetch the history, or run with --assume done"
    finding = Finding("state-unknown", what, Weight.MISMATCH, None, hint, phase.mark.key)
    return Outcome(phase, before.tree, findings=(finding,), state="unknown")
