"""Import blocks that are left as they are: sorted again, they would run into a half-imported module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.outcome import Outcome
from codemod.source.tree import Tree

_CIRCLES = ("import-cycle", "used-before-bound")
_FEW = 5  # files that are left alone, one after the other


class Sorter(Protocol):
    """Keeps sorted import blocks sorted: (tree before, tree after, moves) -> new bytes by path."""

    findings: list[Finding]

    def __call__(self, before: Tree, after: Tree, moves: Mapping[str, str]) -> Mapping[str, bytes]:
        """New bytes by path of `after`; `moves` maps paths before to paths after."""


@dataclass(slots=True)
class _Partly:
    """A sorter that leaves some files alone, and knows which others it changed."""

    sort: Sorter
    alone: frozenset[str] = frozenset()
    changed: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def __call__(self, before: Tree, after: Tree, moves: Mapping[str, str]) -> Mapping[str, bytes]:
        writes = {path: data for path, data in self.sort(before, after, moves).items() if path not in self.alone}
        self.findings = self.sort.findings
        self.changed |= writes.keys()
        return writes


def arranged(sort: Sorter | None, computed: Callable[[Sorter | None], Outcome]) -> Outcome:
    """What comes out where blocks are sorted, but for those of a circle of imports that opens when they are not."""
    if sort is None:
        return computed(None)
    partly = _Partly(sort)
    first = outcome = computed(partly)
    while outcome.refused:
        blocking = [finding for finding in outcome.findings if finding.blocks]
        said = "\n".join(finding.message for finding in blocking)
        more = [path for path in partly.changed if f"({path}:" in said]
        if not more or len(partly.alone) == _FEW or any(finding.code not in _CIRCLES for finding in blocking):
            return first
        partly = _Partly(sort, partly.alone | {min(more, key=lambda path: said.index(f"({path}:"))})
        outcome = computed(partly)
    if not partly.alone:
        return outcome
    told = (
        Finding(
            "imports-unsorted", "sorted by the new names, its imports would run into a half-imported module",
            Weight.REVIEW, Place(path), "keep their order with a comment (`# isort: split`), or open the circle",
        )
        for path in sorted(partly.alone)
    )  # fmt: skip
    return replace(outcome, findings=(*outcome.findings, *told))
