"""Stubs beside the modules of a motion: the same motion carried out on the `.pyi` files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.source.facts import Unparsable, facts_of
from codemod.source.inventory import Inventory

from .motion_share import Motion

Files = tuple[Mapping[str, bytes], Mapping[str, bytes], Mapping[str, str], bool]
"""Writes, creates, moves, and whether the motion is blocked."""


@dataclass(slots=True)
class Stubs:
    """What becomes of the stubs."""

    writes: dict[str, bytes] = field(default_factory=dict)
    creates: dict[str, bytes] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def carry_stubs(
    inventory: Inventory, motions: Sequence[Motion], carry: Callable[[Inventory, Sequence[Motion]], Files]
) -> Stubs:
    """Move the names in the stubs too; where that cannot be, a finding says that a stub was left behind."""
    result = Stubs()
    twins = _twins(inventory, motions)
    sources = {m.source for m in motions} & twins.keys()
    unseen = sorted({m.target for m in motions if m.target in inventory.modules} - twins.keys()) if sources else []
    orphans = sorted({m.target for m in motions if m.source not in twins and m.target in twins})
    if orphans or unseen:
        result.findings += [_left(inventory, name) for name in [*orphans, *(sorted(sources) if unseen else [])]]
        return result
    if not sources:
        return result
    stubs = {path: inventory.tree.read(path + "i") for path in twins.values()}
    try:
        defined = {name: facts_of(stubs[twins[name]]).defined for name in sources}
    except Unparsable:
        result.findings += [_left(inventory, name) for name in sorted(sources)]
        return result
    chosen = [m for m in motions if m.name in defined.get(m.source, frozenset())]
    writes, creates, moves, blocked = carry(inventory.after(inventory.tree.changed(writes=stubs)), chosen)
    if blocked:
        result.findings += [_left(inventory, name) for name in sorted(sources)]
        return result
    back = {moves.get(path, path) for path in twins.values()}
    result.writes.update({path + "i": data for path, data in writes.items() if path in back})
    result.creates.update({path + "i": data for path, data in creates.items()})
    result.moves.update({old + "i": new + "i" for old, new in moves.items()})
    return result


def _twins(inventory: Inventory, motions: Sequence[Motion]) -> dict[str, str]:
    """Modules of the motion that have a stub beside them -> the path of their `.py` file."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(n for m in motions for n in (m.source, m.target)):
        module = inventory.modules.get(name)
        if module is not None and module.path.endswith(".py") and module.path + "i" in inventory.tree:
            found[name] = module.path
    return found


def _left(inventory: Inventory, name: str) -> Finding:
    module = inventory.modules.get(name)
    path = module.path + "i" if module is not None else ""
    return Finding(
        "stub-left", f"the stub of {name} does not follow the definitions", Weight.REVIEW, Place(path),
        "move them in the stub by hand",
    )  # fmt: skip
