"""A phase as a pure computation: from a tree and the plan to the trees of its commits and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codemod.base.findings import Finding
from codemod.operations import layout as layouts
from codemod.operations.context import Context, Write
from codemod.operations.layout import Layout
from codemod.operations.move import Row, later_names, moved_pairs, resolve
from codemod.operations.writers import WRITERS
from codemod.plan.model import Phase, Plan
from codemod.references.rewriting import Rewriting, rewrite_references
from codemod.rewrite.intent import Intent, Symbol
from codemod.rewrite.outcome import Change, Commit, Forecast, Outcome, Residue
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

Progress = Callable[[str, int, int], None]
Sorter = Callable[[Tree, Tree, Mapping[str, str]], Mapping[str, bytes]]


def compute(
    plan: Plan,
    phase: Phase,
    before: Inventory,
    *,
    date: str = "",
    landed: bool | None = None,
    assume: str = "",
    allow_code: bool = False,
    progress: Progress | None = None,
    sort: Sorter | None = None,
) -> Outcome:
    """Carry out `phase` on the tree of `before`, in memory.

    `date` is the ISO date for what the phase writes; `landed` whether a commit of this phase is in the history
    (None: not known); `assume` overrides it (`done` or `pending`); `sort` keeps sorted import blocks sorted.
    """
    if assume:
        landed = assume == "done"
    return _Computation(plan, phase, before, date, landed, allow_code, progress, sort).run()


@dataclass(slots=True)
class _Computation:
    """The state of one phase's computation."""

    plan: Plan
    phase: Phase
    before: Inventory
    date: str
    landed: bool | None
    allow_code: bool
    progress: Progress | None
    sort: Sorter | None
    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    held: bool = True
    candidates: tuple[str, ...] = ()

    def run(self) -> Outcome:
        intent, now = self._named()
        if self._blocked():
            return self._refused()
        context = Context(
            self.plan, self.phase, self.before, now, self.date,
            moved_pairs(self.plan.phases, self.phase, self.before),
        )  # fmt: skip
        now = self._sorted(self._written(context), intent)
        if self._blocked():
            return self._refused()
        return self._finish(now, intent)

    # -- names: moves, renames and what refers to them

    def _named(self) -> tuple[Intent, Inventory]:
        """The tree with every move done and every reference rewritten."""
        rows = resolve(self.phase.do, self.before, list(later_names(self.plan.phases, self.phase)), self.landed)
        self.findings += rows.findings
        if self._blocked():
            return Intent(), self.before
        self.held = all(row.holds for row in rows.rows)
        layout = layouts.lay_out(rows.rows, self.before)
        self.findings += layout.findings
        if self._blocked():
            return Intent(), self.before
        intent = intent_of(rows.rows, layout, self.before)
        rewriting = rewrite_references(self.before, intent, self.progress)
        self.findings += rewriting.findings
        self.changes += rewriting.changes
        self.candidates = rewriting.candidates
        return rewriting.intent, self._moved(rewriting, layout)

    def _moved(self, rewriting: Rewriting, layout: Layout) -> Inventory:
        files = rewriting.intent.files
        writes = {files.get(path, path): data for path, data in rewriting.writes.items()}
        tree = self.before.tree.changed(moves=files, writes={**layout.creates, **writes})
        now = self.before.after(tree)
        gone = layouts.emptied(files, now, set())
        return now.after(tree.changed(deletes=set(gone))) if gone else now

    # -- operations that write

    def _written(self, context: Context) -> Inventory:
        """The tree after the phase's writing operations, in the plan's order."""
        for operation in self.phase.do:
            run = WRITERS.get(type(operation))
            if run is not None:
                context = self._apply(run(operation, context), context)
        return context.now

    def _apply(self, results: object, context: Context) -> Context:
        writes: dict[str, bytes] = {}
        deletes: set[str] = set()
        for item in results:  # type: ignore[attr-defined]  # an iterator of Write and Finding
            if isinstance(item, Finding):
                self.findings.append(item)
            elif item.data is None:
                deletes.add(item.path)
            else:
                writes[item.path] = item.data
        if not writes and not deletes:
            return context
        tree = context.now.tree.changed(deletes=deletes, writes=writes)
        return replace(context, now=context.now.after(tree))

    def _sorted(self, now: Inventory, intent: Intent) -> Inventory:
        """The tree with import blocks that were sorted before sorted again."""
        if self.sort is None or now.tree == self.before.tree:
            return now
        writes = self.sort(self.before.tree, now.tree, intent.files)
        return now.after(now.tree.changed(writes=writes)) if writes else now

    # -- the outcome

    def _blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)

    def _refused(self) -> Outcome:
        unknown = any(finding.code == "state-unknown" for finding in self.findings)
        return Outcome(
            self.phase, self.before.tree, findings=tuple(self.findings), state="unknown" if unknown else "pending"
        )

    def _finish(self, now: Inventory, intent: Intent) -> Outcome:
        same = now.tree == self.before.tree
        state = "done" if same else "drifted" if self.held and intent.modules else "pending"
        commits = () if same else (Commit("move", now.tree),)
        return Outcome(
            self.phase, self.before.tree, commits, tuple(self.findings), tuple(self.changes), dict(intent.files),
            state=state,
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
