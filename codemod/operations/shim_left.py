"""The old names for which phases leave a shim, by the plan alone."""

from __future__ import annotations

from collections.abc import Sequence

from codemod.plan.model import Merge, Phase, Split
from codemod.source.inventory import Inventory

from .move import moved_pairs


def left_by(phases: Sequence[Phase], inventory: Inventory) -> dict[str, str]:
    """Old name -> new of what phases leave a shim for; captures by what stands in `inventory`."""
    phases = [phase for phase in phases if phase.settings.shims != "none"]
    found = dict(moved_pairs(phases, phases[-1], inventory)) if phases else {}
    for operation in (operation for phase in phases for operation in phase.do):
        if isinstance(operation, Merge):
            found.update({source: operation.target for source in operation.sources if source != operation.target})
        elif isinstance(operation, Split):
            found[operation.source] = operation.source
    return found
