"""`split`: the definitions of one module are divided among several, as the selectors of the plan choose."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from codemod.base import names
from codemod.base.findings import Finding, Place, Weight
from codemod.base.values import dataclass, field
from codemod.plan.model import Selector, Split
from codemod.source.facts import Unparsable
from codemod.source.inventory import Inventory
from codemod.source.text import Undecodable

from .motion_anatomy import UNREADABLE, Anatomy
from .motion_imports import Imports
from .motion_share import Motion, Replica
from .select import Chooser, is_glob
from .shim_standing import is_shim
from .split_replicas import Replicated


@dataclass(slots=True)
class Selected:
    """What a split asks for: the names that have to move, those that are where they should be, and the source."""

    motions: list[Motion] = field(default_factory=list)
    held: list[Motion] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)  # sources that become packages
    replicas: list[Replica] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


There = Callable[[str, str], "tuple[str, str] | None"]
"""(module, name) -> where that name is now, after later phases too; None when it is nowhere."""


def select(
    operation: Split, inventory: Inventory, there: There | None = None, exists: Callable[[str], bool] | None = None
) -> Selected:
    """The motions of a split in a repository that may have been split already.

    `there` finds a name at its target, or where later phases took it, `exists` does so for the target; without them
    only the target itself counts.
    """

    def at_target(module: str, name: str) -> tuple[str, str] | None:
        found = inventory.modules.get(module)
        return (module, name) if found is not None and name in inventory.facts(found.path).bound else None

    known = exists or (lambda target: target in inventory.modules)
    return _Selection(operation, inventory, there or at_target, known).run()


@dataclass(slots=True)
class _Selection:
    operation: Split
    inventory: Inventory
    there: There
    exists: Callable[[str], bool]
    result: Selected = field(default_factory=Selected)
    chosen: dict[str, Selector] = field(default_factory=dict)

    def run(self) -> Selected:
        operation = self.operation
        module = self.inventory.modules.get(operation.source)
        shim = module is not None and bool(module.path) and is_shim(self.inventory, module.path)
        if (module is None or shim) and self._all_held(shim=shim):
            return self.result
        module = None if shim else module
        if module is None:
            near = difflib.get_close_matches(operation.source, [m.name for m in self.inventory.modules], 3, 0.6)
            self._stop("source-missing", f"there is no {operation.source}", _did_you_mean(near))
            return self.result
        if not module.path:
            self._unsplit({})
            return self.result
        try:
            anatomy = Anatomy.of(self.inventory, module)
        except (Unparsable, Undecodable) as error:
            self._stop("source-unreadable", f"{module.name} cannot be read: {error}", UNREADABLE, module.path)
            return self.result
        chooser = Chooser(anatomy, Imports(anatomy, self.inventory))
        replicated = Replicated.of(operation, self.inventory, anatomy, list(chooser.names))
        self._choose(chooser, set(replicated.names))
        self._replicate(replicated, chooser)
        if any(names.below(selector.target, operation.source) for selector in operation.into):
            self.result.packages.append(operation.source)
        self._unsplit(chooser.names)
        return self.result

    def _all_held(self, *, shim: bool) -> bool:
        """True when the source is gone and every name that the plan spells out is where it was sent.

        Where none is, the `shim` that the source has left tells, with the targets.
        """
        spelled = [(name, s) for s in self.operation.into for name in s.names if not is_glob(name)]
        found = [(name, self.there(selector.target, name), selector) for name, selector in spelled]
        if not found:
            return shim and all(selector.target in self.inventory.modules for selector in self.operation.into)
        if any(where is None for _, where, _ in found):
            return False
        for name, where, selector in found:
            if where is not None:
                self._hold(name, where, selector)
        return True

    def _hold(self, name: str, where: tuple[str, str], selector: Selector) -> None:
        self.result.held.append(Motion(self.operation.source, name, where[0], where[1], selector.mark.key))

    def _stop(self, code: str, message: str, hint: str, path: str = "", key: str = "") -> None:
        place = Place(path) if path else None
        self.result.findings.append(
            Finding(code, message, Weight.MISMATCH, place, hint, key or self.operation.mark.key)
        )

    def _replicate(self, replicated: Replicated, chooser: Chooser) -> None:
        for name in replicated.missing():
            near = difflib.get_close_matches(name, sorted(chooser.names), 3, 0.6)
            self._stop("source-missing", f"{self.operation.source} defines no {name}", _did_you_mean(near))
        for item in replicated.replicas({motion.name for motion in self.result.motions}):
            if isinstance(item, Finding):
                self.result.findings.append(item)
            else:
                self.result.replicas.append(item)

    def _choose(self, chooser: Chooser, replicated: set[str]) -> None:
        """Give each name its selector: names spelled out first, then patterns, then the rest."""
        into = self.operation.into
        for selector in into:
            self._give((name for name in chooser.exact(selector) if name in chooser.names), selector)
        spelled = set(self.chosen)
        for selector in into:
            self._give(sorted(chooser.matching(selector) - spelled - replicated), selector)
        for selector in into:
            if selector.rest:
                settled = {*self.chosen, *replicated, *chooser.temporary}
                left = [name for name in chooser.names if name not in settled]
                self._give(left, selector)
        for name in chooser.names:
            given = self.chosen.get(name)
            if given is not None and given.target != self.operation.source:
                self.result.motions.append(Motion(self.operation.source, name, given.target, key=given.mark.key))

    def _give(self, found: Iterable[str], selector: Selector) -> None:
        for name in found:
            known = self.chosen.setdefault(name, selector)
            if known.target != selector.target:
                self._stop("split-ambiguous", f"{name} goes to both {known.target} and {selector.target}",
                           f"spell {name} out under one of them", key=selector.mark.key)  # fmt: skip

    def _unsplit(self, there: Iterable[str]) -> None:
        """Names that are spelled out and not in the source: they are at their target already, or missing."""
        there = set(there)
        for selector in self.operation.into:
            for name in (name for name in selector.names if name not in there and not is_glob(name)):
                where = self.there(selector.target, name)
                if where is not None:
                    self._hold(name, where, selector)
                else:
                    near = difflib.get_close_matches(name, sorted(there), 3, 0.6)
                    self._stop("source-missing", f"{self.operation.source} defines no {name}", _did_you_mean(near),
                               key=selector.mark.key)  # fmt: skip
            chosen = any(c is selector for c in self.chosen.values())
            if not chosen and not selector.names and not self.exists(selector.target):
                self._stop("split-empty", f"nothing in {self.operation.source} is meant for {selector.target}",
                           "correct the selector, or leave it out", key=selector.mark.key)  # fmt: skip


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else "correct the name"
