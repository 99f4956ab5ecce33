"""What an operation gets to see, and what it yields: writes and findings, never an action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from codemod.base.findings import Finding
from codemod.base.values import dataclass, field
from codemod.plan.model import Phase, Plan, Transform
from codemod.source.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Write:
    """Give the file at `path` these bytes; None deletes it."""

    path: str
    data: bytes | None
    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """The state of a phase when one of its writing operations runs."""

    plan: Plan
    phase: Phase
    before: Inventory  # as the phase found it
    now: Inventory  # with the phase's moves and earlier operations done
    date: str = ""  # ISO date of the phase's commit
    moved: tuple[tuple[str, str], ...] = ()  # old dotted name -> new, of this and all earlier phases, in order
    retired: tuple[tuple[str, str], ...] = ()  # the same, with what was merged, and split off by name
    landed: bool | None = None  # whether a commit of this phase is in the history; None: not known
    shims: dict[str, str] = field(default_factory=dict)  # old module -> new, of the shims that stand in the tree
    codemods: Mapping[Transform, Any] = field(default_factory=dict)  # the user's own, where code is allowed


Result = Iterator[Write | Finding]
"""A writing operation is `def run(operation: X, context: Context) -> Result`, a generator."""
