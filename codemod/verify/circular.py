"""A circle of imports that fails, in words."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight

from .world import Failure, Step


def finding_of(failure: Failure, starts: Sequence[str], weight: Weight, where: str, hint: str) -> Finding:
    """What to tell of a failure that importing one of `starts` meets; `where` says under which circumstances."""
    circle = circle_of(failure)
    steps = [f"{step.module} ({step.place})" for step in failure.steps]
    entered = f"{' -> '.join(steps[: -len(circle)])} enters " if len(steps) > len(circle) else ""
    chain = entered + " -> ".join([*steps[-len(circle) :], circle[0].module])
    others = f" (and {len(starts) - 1} more)" if len(starts) > 1 else ""
    if circle[0].module == failure.module:
        asked = f"{failure.module} has not bound {failure.name} yet"
    else:
        asked = f"{failure.module} gets its attribute {failure.name} when that is imported whole"
    message = f"`import {starts[0]}`{others} would fail{where}: {chain}: {asked}"
    return Finding("import-cycle", message, weight, circle[-1].place, hint)


def circle_of(failure: Failure) -> tuple[Step, ...]:
    """The modules being imported, from the one that was asked too early, or whose parent was, on."""
    asked = {failure.module, names.join(failure.module, failure.name)}
    first = next((i for i, step in enumerate(failure.steps) if step.module in asked), 0)
    return failure.steps[first:]
