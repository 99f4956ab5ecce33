"""Modules that several source roots have under one name: whoever names one of them may mean another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.plan.model import Delete, Mark, Merge, Operation, Rename, Split
from codemod.source.inventory import Inventory

from .captures import rows_of


def ambiguous(operations: Sequence[Operation], inventory: Inventory) -> Iterator[Finding]:
    """A finding for each source that is there more than once."""
    for source, mark in _sources(operations, inventory):
        name = source.replace(":", ".")
        if inventory.modules.get(name) is None:
            name = names.parent(name)  # a top-level name
        found = inventory.modules.called(name)
        if found:
            where = " and ".join(module.path for module in found[:3]) + (" and more" if len(found) > 3 else "")
            choice = " or ".join(f"`source_roots: [{module.root}]`" for module in found[:3])
            yield Finding(
                "source-ambiguous", f"{name} is {where}, and nobody can tell which of them is meant where it is named",
                Weight.MISMATCH, None, f"say {choice}; what lies elsewhere stays as it is", mark.key,
            )  # fmt: skip


def _sources(operations: Sequence[Operation], inventory: Inventory) -> Iterator[tuple[str, Mark]]:
    yield from ((one.source, one.mark) for _, rows in rows_of(operations, inventory) for one in rows)
    for operation in operations:
        match operation:
            case Rename(pairs=pairs):
                yield from ((pair.source, pair.mark) for pair in pairs)
            case Split(source=source, mark=mark):
                yield source, mark
            case Merge(sources=sources, mark=mark):
                yield from ((source, mark) for source in sources)
            case Delete(modules=modules, mark=mark):
                yield from ((module, mark) for module in modules)
            case _:
                pass
