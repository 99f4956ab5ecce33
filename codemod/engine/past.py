"""Where the shims of a phase come from when they are a phase of their own: what was computed before, or the history."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.base.values import dataclass
from codemod.plan.model import Phase, Plan, Unshim
from codemod.shell.commits import Landed, publications
from codemod.source.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Origin:
    """A phase, and the tree on which it moves what the shims are for."""

    phase: Phase
    inventory: Inventory


@dataclass(frozen=True, slots=True)
class Past:
    """What the history says: the first commit of the phase that moved, and whether its shims have been left since."""

    first: str = ""
    left: bool = False


def past_of(history: Sequence[Landed], plan: Plan, phase: Phase) -> Past:
    """What the commits of a history, newest first, say of a phase that leaves shims.

    A later phase that took shims away tells that they were there, should their own commit have lost its trailers.
    """
    known = list(publications(history, phase.shims_of))
    moved = next((steps for steps in known if any(step.kind == "move" for step in steps)), None)
    steps = moved or (known[-1] if known else None)
    since = history[: history.index(steps[0])] if steps else history
    own = next((one for one in since if one.phase == phase.id), None)
    ids = [one.id for one in plan.phases]
    takes = {one.id for one in plan.phases[ids.index(phase.id) :] if any(isinstance(do, Unshim) for do in one.do)}
    left = (own is not None and own.kind != "undo") or any(one.phase in takes and one.kind != "undo" for one in since)
    return Past(steps[-1].commit if steps else "", left)
