"""A phase as a pure computation: from a tree and the plan to the trees of its commits and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codemod.base import names
from codemod.base.findings import Finding, Weight
from codemod.operations.context import Context, Write
from codemod.operations.layout import Layout, emptied, lay_out
from codemod.operations.move import Row, later_names, resolve
from codemod.plan.model import Phase, Plan
from codemod.references.rewriting import Rewriting, rewrite_references
from codemod.rewrite.intent import Intent, Symbol
from codemod.rewrite.outcome import Change, Commit, Outcome
from codemod.source.inventory import Inventory

Progress = Callable[[str, int, int], None]


def compute(
    plan: Plan,
    phase: Phase,
    before: Inventory,
    *,
    date: str = "",
    moved: tuple[tuple[str, str], ...] = (),
    landed: bool | None = None,
    assume: str = "",
    allow_code: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Carry out `phase` on the tree of `before`, in memory.

    `date` is the ISO date for what the phase writes; `moved` the renames of earlier phases; `landed` whether a
    commit of this phase is in the history (None: not known); `assume` overrides it (`done` or `pending`).
    """
    if assume:
        landed = assume == "done"
    return _Computation(plan, phase, before, date, moved, landed, allow_code, progress).run()


@dataclass(slots=True)
class _Computation:
    """The state of one phase's computation."""

    plan: Plan
    phase: Phase
    before: Inventory
    date: str
    moved: tuple[tuple[str, str], ...]
    landed: bool | None
    allow_code: bool
    progress: Progress | None
    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def run(self) -> Outcome:
        rows = resolve(self.phase.do, self.before, list(later_names(self.plan.phases, self.phase)), self.landed)
        self.findings += rows.findings
        if self._blocked():
            return self._refused()
        layout = lay_out(rows.rows, self.before)
        self.findings += layout.findings
        if self._blocked():
            return self._refused()
        intent = intent_of(rows.rows, layout, self.before)
        rewriting = rewrite_references(self.before, intent, self.progress)
        self.findings += rewriting.findings
        self.changes += rewriting.changes
        now = self._moved(rewriting, layout)
        return self._finish(now, rewriting, rows.rows)

    def _blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)

    def _refused(self) -> Outcome:
        unknown = any(finding.code == "state-unknown" for finding in self.findings)
        return Outcome(
            self.phase, self.before.tree, findings=tuple(self.findings), state="unknown" if unknown else "pending"
        )

    def _moved(self, rewriting: Rewriting, layout: Layout) -> Inventory:
        files = rewriting.intent.files
        writes = {files.get(path, path): data for path, data in rewriting.writes.items()}
        tree = self.before.tree.changed(moves=files, writes={**layout.creates, **writes})
        now = self.before.after(tree)
        gone = emptied(files, now, set())
        return now.after(tree.changed(deletes=set(gone))) if gone else now

    def _finish(self, now: Inventory, rewriting: Rewriting, rows: Sequence[Row]) -> Outcome:
        held = all(row.holds for row in rows)
        same = now.tree == self.before.tree
        state = "done" if same and held else "drifted" if held else "pending"
        commits = () if same or self._blocked() else (Commit("move", now.tree),)
        return Outcome(
            self.phase, self.before.tree, commits, tuple(self.findings), tuple(self.changes),
            dict(rewriting.intent.files), state=state,
        )  # fmt: skip


def intent_of(rows: Sequence[Row], layout: Layout, inventory: Inventory) -> Intent:
    """The rename table of the rows; an old name that is a real module (or name) again is not old."""
    modules: dict[str, str] = {}
    symbols: dict[Symbol, Symbol] = {}
    for row in rows:
        if row.name:
            module = inventory.modules.get(row.module)
            again = row.holds and module is not None and row.name in inventory.facts(module.path).bound
            if not again:
                symbols[row.module, row.name] = (row.new_module, row.new_name)
        elif not (row.holds and row.module in inventory.modules):
            modules[row.module] = row.new_module
    return Intent(modules, symbols, layout.files, layout.creates)


__all__ = ["Context", "Mapping", "Weight", "Write", "compute", "names", "replace"]
