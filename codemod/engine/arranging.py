"""Import blocks that are left as they are: sorted again, they would run into a half-imported module."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from codemod.base.findings import Finding, Place, Weight
from codemod.base.patterns import lazy
from codemod.base.values import dataclass, field, replace
from codemod.rewrite.outcome import Outcome
from codemod.source.tree import Tree

_CIRCLES = ("import-cycle", "used-before-bound")
_FEW = 5  # files that are left alone, one after the other
_PLACES = lazy(r"\(([^():]+):\d+\)")


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


def circular(outcome: Outcome) -> bool:
    """True when the phase is refused for what would happen on import, and for nothing else."""
    return outcome.refused and all(finding.code in _CIRCLES for finding in outcome.findings if finding.blocks)


def arranged(sort: Sorter | None, computed: Callable[[Sorter | None], Outcome]) -> Outcome:
    """What comes out where blocks are sorted, but for those of a circle of imports that opens when they are not."""
    if sort is None:
        return computed(None)
    partly = _Partly(sort)
    first = outcome = computed(partly)
    while outcome.refused:
        blocking = [finding for finding in outcome.findings if finding.blocks]
        more = _to_leave([finding.message for finding in blocking], partly.changed)
        if not more or len(partly.alone) == _FEW or not circular(outcome):
            return first
        if len(partly.alone) == 1 and computed(None).refused:  # no order of imports is at fault
            return first
        partly = _Partly(sort, partly.alone | {more})
        outcome = computed(partly)
    alone = partly.alone
    for path in sorted(alone) if len(alone) > 1 else ():  # one that was tried in vain is sorted after all
        fewer = computed(_Partly(sort, alone - {path}))
        if not fewer.refused:
            alone, outcome = alone - {path}, fewer
    told = (
        Finding(
            "imports-unsorted", "sorted by the new names, its imports would run into a half-imported module",
            Weight.REVIEW, Place(path), "keep their order with a comment (`# isort: split`), or open the circle",
        )
        for path in sorted(alone)
    )  # fmt: skip
    return replace(outcome, findings=(*outcome.findings, *told)) if alone else outcome


def _to_leave(messages: Sequence[str], changed: Collection[str]) -> str:
    """The sorted file to try next: one of the circle, else the nearest on the way to it, else one loaded before it.

    What is loaded before a module is its packages.
    """
    said = "\n".join(messages)
    circles = "\n".join(message.rpartition(" enters ")[2] for message in messages)
    for text, choose in ((circles, min), (said, max)):
        named = {text.index(f"({path}:"): path for path in changed if f"({path}:" in text}
        if named:
            return named[choose(named)]
    folders = [f"{posixpath.dirname(place)}/" for place in _PLACES.findall(said)]
    packages = [path for path in changed if posixpath.basename(path) == "__init__.py"]
    above = [path for path in packages if any(folder.startswith(posixpath.dirname(path) + "/") for folder in folders)]
    return min(above, key=lambda path: (path.count("/"), path), default="")
