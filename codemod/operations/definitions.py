"""Whether a phase takes definitions to other modules at all, and the tree that is left when it has done so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codemod.base.findings import Finding
from codemod.base.values import dataclass, field
from codemod.plan.model import Merge, Operation, Split
from codemod.rewrite.intent import Symbol
from codemod.source.inventory import Inventory

from .move import Row


@dataclass(slots=True)
class Restructured:
    """The tree with definitions in their new modules, still spelled as before the phase, and what went where."""

    now: Inventory
    moves: dict[str, str] = field(default_factory=dict)  # old path -> new path
    symbols: dict[Symbol, Symbol] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)  # merged module -> target
    packages: list[str] = field(default_factory=list)  # modules that a split divides into a package, now or before
    findings: list[Finding] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)  # path that was written -> why
    renamed: set[Symbol] = field(default_factory=set)  # old names that are done with
    homes: set[str] = field(default_factory=set)  # modules that definitions are sent to, whether or not it works
    held: bool = True

    @property
    def blocked(self) -> bool:
        """True when nothing may be written."""
        return any(finding.blocks for finding in self.findings)


def restructured(
    operations: Sequence[Operation], rows: Sequence[Row], before: Inventory, later: Sequence[Mapping[str, str]],
    exempt: Sequence[str] = (),
) -> Restructured:  # fmt: skip
    """The tree after symbol moves, splits and merges; the same one where the phase asks for none.

    `exempt` are files that are never rewritten.
    """
    names_leave = any(row.name and not row.holds for row in rows)
    if not names_leave and not any(isinstance(operation, (Merge, Split)) for operation in operations):
        return Restructured(before)
    from .restructure import restructure  # most phases only move modules, and load sooner without it

    return restructure(operations, rows, before, later, exempt)
