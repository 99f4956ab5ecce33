"""A phase as a pure computation: from a tree and the plan to the trees of its commits and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from codemod.base.findings import Finding, Place, Weight
from codemod.base.spread import Spread, alone
from codemod.base.values import dataclass, field, replace
from codemod.operations import layout as layouts
from codemod.operations import listed, shim, shim_standing, tracker
from codemod.operations.context import Context, Write
from codemod.operations.definitions import Restructured, restructured
from codemod.operations.later_names import later_names, literal_names
from codemod.operations.layout import Layout
from codemod.operations.move import resolve, retired_names
from codemod.operations.reclaimed import reclaimed
from codemod.operations.reused import not_done
from codemod.operations.together import with_packages
from codemod.operations.twins import ambiguous
from codemod.operations.uses import left_behind
from codemod.operations.writers import WRITERS
from codemod.plan.model import Ban, Merge, Phase, Plan, Transform, Unshim
from codemod.references.rewriting import Progress, Rewriting, rewrite_references
from codemod.references.settled import Settled
from codemod.references.told import rewritten
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Change, Commit, Outcome, Residue
from codemod.rewrite.seen import Seen
from codemod.rewrite.usercode import Call
from codemod.runtime import kinds
from codemod.source.inventory import Inventory
from codemod.verify import repeat

from . import budget
from .arranging import Sorter, arranged, circular
from .dividing import Part
from .examining import Examination, Question, asked
from .facing import face
from .laying import Laid, followed, laid_out
from .naming import barrels_until, composed_since, faced_later, given_by_barrels, intent_of


def compute(
    plan: Plan,
    phase: Phase,
    before: Inventory,
    *,
    date: str = "",
    landed: bool | None = None,
    assume: str = "",
    codemods: Mapping[Transform, Call] | None = None,
    progress: Progress | None = None,
    sort: Sorter | None = None,
    spread: Spread = alone,
    seen: Sequence[Seen] = (),
) -> Outcome:
    """Carry out `phase` on the tree of `before`, in memory.

    `date` is the ISO date for what the phase writes; `landed` whether a commit of this phase is in the history
    (None: not known); `assume` overrides it (`done` or `pending`); `codemods` are the user's own, where their code may
    run; `sort` keeps sorted import blocks sorted; `spread` divides work on many files; `seen` is what a trace has seen.
    """
    if assume:
        landed = assume == "done"

    def outcome_of(phase: Phase, sort: Sorter | None) -> Outcome:
        return _Computation(plan, phase, before, date, landed, codemods or {}, progress, sort, spread, seen).run()

    outcome = arranged(sort, lambda sort: outcome_of(phase, sort))
    if phase.settings.imports == "facade" and circular(outcome):  # which barrel is at fault shows where it is not used
        direct = outcome_of(replace(phase, settings=replace(phase.settings, imports="direct")), sort)
        return replace(direct, phase=phase) if circular(direct) else outcome
    return outcome


def shims_left(
    plan: Plan, phase: Phase, origin: Inventory, now: Inventory, follow: Callable[[Intent], Intent]
) -> tuple[Write | Finding, ...] | None:
    """The shims of what `phase` moves on the tree of `origin`, as they are to stand in that of `now`; None: nothing.

    `follow` tells what has become of the new names since.
    """
    work = _Computation(plan, phase, origin, "", False, {}, None, None, alone)
    intent, _ = work._named()
    if work._blocked():
        return tuple(finding for finding in work.findings if finding.blocks)
    if work.held:
        return None
    return tuple(work.shims(Context(plan, phase, origin, now), follow(intent)))


@dataclass(slots=True)
class _Computation:
    """The state of one phase's computation."""

    plan: Plan
    phase: Phase
    before: Inventory
    date: str
    landed: bool | None
    codemods: Mapping[Transform, Call]
    progress: Progress | None
    sort: Sorter | None
    spread: Spread
    seen: Sequence[Seen] = ()
    findings: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    held: bool = True
    written: set[str] = field(default_factory=set)  # by operations, not by the rewriting of references
    candidates: tuple[str, ...] = ()
    named: Intent = field(default_factory=Intent)  # what is to be called what, before references say more
    runtime: kinds.Found = ()  # names that live outside the code, where some are pinned
    settled: Settled = field(default_factory=Settled)  # what the first run leaves to the second one
    whole: bool = True  # False for a part of a phase that is divided
    proving: bool = True  # False for the second run that the proof itself makes

    def run(self) -> Outcome:
        made = self._carried_out()
        if made is None:
            return self._refused()
        context, intent = made
        shimmed = self._shimmed(context, intent)
        left = self._examined(context.now, shimmed, intent) if self.proving else ()
        return self._finish(context, shimmed, intent, left)

    def _carried_out(self) -> tuple[Context, Intent] | None:
        """The phase but for its shims, and its rename table; None when it is refused."""
        intent, now = self._named()
        if self._blocked():
            return None
        gone = list(retired_names(self.plan.phases, self.phase, self.before))
        moved = tuple((old, new) for old, new, is_row in gone if is_row)
        standing = shim_standing.standing_names(self.before)
        context = Context(
            self.plan, self.phase, self.before, now, self.date, moved, tuple(one[:2] for one in gone), self.landed,
            standing, self.codemods,
        )  # fmt: skip
        context = self._each(shim_standing.follow(context, intent), context)
        told = rewritten(self.before, context.now, intent, self.phase.settled, self._ours())
        context = self._each((Write(path, data, "the plan says so") for path, data in told), context)
        context = self._written(context)
        if self._blocked():
            return None
        context = self._listed(self._faced(context))
        if self.whole:
            context = self._tracked(context)
        return replace(context, now=self._sorted(context.now, intent)), intent

    def _part(self, phase: Phase, before: Inventory) -> Part | None:
        """A part of this phase; None where the tree that it ends with would not work."""
        work = _Computation(
            self.plan, phase, before, self.date, False, self.codemods, None, self.sort, self.spread, whole=False
        )  # fmt: skip
        made = work._carried_out()
        if made is None or work.held:
            return None
        if made[0].now.tree != before.tree:
            result = Examination.of(phase, before, made[0].now, made[1], work.candidates)
            work.findings += [*result.links(self.spread), *result.order()]
        commit = Commit(work._kind(made[1]), made[0].now.tree)
        return None if work._blocked() else Part(phase, *made, frozenset(work.written), commit)

    # -- names: moves, renames and what refers to them

    def _named(self) -> tuple[Intent, Inventory]:
        """The tree with every move done and every reference rewritten."""
        findings, changes = len(self.findings), len(self.changes)
        self.findings += ambiguous(self.phase.do, self.before)
        found = self._laid_out(self.before) if not self._blocked() else None
        if found is None:
            return Intent(), self.before
        if self.phase.pin:
            self.runtime = kinds.runtime_names(self.before, found[0])
        pinned = kinds.pinned(self.before, self.runtime, self.phase.pin)
        self.written |= pinned.keys()
        if pinned:  # the code says these names itself before it moves, so that nothing else has to know of them
            del self.findings[findings:], self.changes[changes:]
            found = self._laid_out(self.before.after(self.before.tree.changed(writes=pinned)))
            if found is None:
                return Intent(), self.before
            pins = (name for kind, name in self.runtime if kind.name in self.phase.pin and name.edits)
            self.changes += [
                Change(Place(found[0].files.get(name.place.path, name.place.path)), name.edits[0].reason)
                for name in pins
            ]
        self.named = found[0]
        return self._rewritten(*found)

    def _laid_out(self, before: Inventory) -> tuple[Intent, Layout, Restructured] | None:
        """What is to be called what and which files move, with definitions moved between files; None when refused."""
        merged = literal_names([o for o in self.phase.do if isinstance(o, Merge)])
        behind = list(later_names(self.plan.phases, self.phase))
        later = [merged, *behind]
        rows = resolve(with_packages(self.phase, before), before, later, self.landed)
        todo = list(not_done(self.phase.do, before, behind, self.landed))
        self.findings += [*rows.findings, *(item for item in todo if isinstance(item, Finding))]
        if self._blocked():
            return None
        self.held = all(row.holds for row in rows.rows)
        operations = [item for item in todo if not isinstance(item, Finding)]
        made = restructured(operations, rows.rows, before, later, self._ours())
        freed = reclaimed(before, rows.rows, made.homes)
        if freed.reasons:
            before = freed.now
            made = restructured(operations, rows.rows, before, later, self._ours())
        self.findings += freed.findings
        made.reasons.update(freed.reasons)
        self.findings += made.findings
        self.held = self.held and made.held
        if self._blocked():
            return None
        self.changes += [Change(Place(path), reason) for path, reason in sorted(made.reasons.items())]
        self.written |= made.reasons.keys()
        layout = layouts.lay_out(rows.rows, made.now)
        self.findings += layout.findings
        if self._blocked():
            return None
        intent = faced_later(intent_of(rows.rows, layout, made, before), self.plan, self.phase, before)
        return replace(intent, barrels=frozenset(barrels_until(self.plan, self.phase))), layout, made

    def _rewritten(self, intent: Intent, layout: Layout, made: Restructured) -> tuple[Intent, Inventory]:
        """The tree with files moved and every reference rewritten."""
        rewriting = rewrite_references(
            made.now, intent, self.progress, made.reasons.keys(), exempt=self._ours(), spread=self.spread,
            settled=self.settled, kept=self.phase.settled,
            sieves=[*kinds.sieves(made.now), shim_standing.marked(made.now)] if self.proving else (),
        )  # fmt: skip
        self.findings += rewriting.findings
        self.changes += rewriting.changes
        self.candidates = rewriting.candidates
        now = self._moved(rewriting, layout, made)
        files = {**intent.files, **{old: intent.files.get(new, new) for old, new in made.moves.items()}}
        return replace(rewriting.intent, files=files), now

    def _ours(self) -> tuple[str, ...]:
        """What is never rewritten: the plan and its tracker."""
        return tuple(path for path in (self.plan.path, self.plan.tracker) if path)

    def _moved(self, rewriting: Rewriting, layout: Layout, made: Restructured) -> Inventory:
        files = rewriting.intent.files
        writes = {files.get(path, path): data for path, data in rewriting.writes.items()}
        linked = layouts.links(files, made.now.tree) if files else {}
        writes.update((files.get(path, path), data) for path, data in linked.items())
        tree = made.now.tree.changed(moves=files, writes={**layout.creates, **writes})
        now = self.before.after(tree)
        gone = layouts.emptied(files, now, set())
        packages = filter(None, map(self.before.modules.get, rewriting.intent.modules))
        self.findings += left_behind(now, gone, files, {package.folder for package in packages if package.folder})
        return now.after(tree.changed(deletes=set(gone))) if gone else now

    # -- operations that write

    def _written(self, context: Context) -> Context:
        """The tree after the phase's writing operations, in the plan's order; bans last: they ask what is in use."""
        for operation in sorted(self.phase.do, key=lambda one: isinstance(one, Ban)):
            run = WRITERS.get(type(operation))
            if run is not None:
                context = self._each(run(operation, context), context)
        return context

    def _each(self, results: Iterable[Write | Finding], context: Context) -> Context:
        """The context with what an operation writes; what it finds is kept."""
        writes: dict[str, bytes] = {}
        deletes: set[str] = set()
        for item in results:
            if isinstance(item, Finding):
                self.findings.append(item)
                continue
            if item.data is None:
                deletes.add(item.path)
            else:
                writes[item.path] = item.data
            self.changes.append(Change(Place(item.path), item.reason))
        self.written |= writes.keys()
        if not writes and not deletes:
            return context
        tree = context.now.tree.changed(deletes=deletes, writes=writes)
        return replace(context, now=context.now.after(tree))

    def _tracked(self, context: Context) -> Context:
        """The context with the phase's boxes ticked and its line in the tracker."""
        return self._each(tracker.run(self.plan, self.phase, context), context)

    def _listed(self, context: Context) -> Context:
        """The context with lists of packages that a build keeps brought up to date."""
        stays = self.phase.settings.shims == "file"  # what a package leaves behind is a package
        done = listed.follow(self.before, context.now, self.phase.settled, self._ours(), stays=stays)
        return self._each(done, context)

    def _faced(self, context: Context) -> Context:
        """Call sites import from the barrels of the plan so far."""
        if self.phase.settings.imports != "facade":
            return context
        given = given_by_barrels(context, again=self.held)
        leave = composed_since(context, again=self.held)
        faced = face(self.before.tree, self.named.files, context.now, given, self.progress, self.spread, leave)
        self.changes += faced.changes
        self.findings += faced.findings
        return replace(context, now=faced.now)

    def _sorted(self, now: Inventory, intent: Intent) -> Inventory:
        """The tree with import blocks that were sorted before sorted again."""
        if self.sort is None or now.tree == self.before.tree:
            return now
        writes = self.sort(self.before.tree, now.tree, intent.files)
        self.findings += self.sort.findings
        return now.after(now.tree.changed(writes=writes)) if writes else now

    # -- the outcome

    def _blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)

    def _refused(self) -> Outcome:
        unknown = any(finding.code == "state-unknown" for finding in self.findings)
        return Outcome(
            self.phase, self.before.tree, findings=tuple(self.findings), state="unknown" if unknown else "pending"
        )

    def _shimmed(self, context: Context, intent: Intent) -> Inventory:
        """The tree with shims for what this run of the phase moved."""
        if self.held or self.phase.shims_in:
            return context.now
        return self._each(self.shims(context, intent), context).now

    def shims(self, context: Context, intent: Intent) -> Iterator[Write | Finding]:
        """The shims of what the phase moves, onto the tree of `context.now`."""
        kind = self.phase.settings.shims
        if kind == "none":  # what a pin needs stays importable all the same
            intent = kinds.importable(self.runtime, self.phase.pin, intent)
            kind = "redirect" if all("." in name for name in intent.modules) else "file"
        yield from shim.shims(context, intent, kind)

    def _examined(self, now: Inventory, shimmed: Inventory, intent: Intent) -> tuple[Residue, ...]:
        """Every question about the result, side by side: what is found is kept, the ledger of old names is given."""
        result = Examination.of(self.phase, self.before, shimmed, intent, self.candidates)
        questions: dict[str, Question] = {}  # what takes longest comes first
        if now.tree != self.before.tree or shimmed.tree != now.tree:
            if self.whole:
                questions["repeat"] = lambda: (self._repeated(shimmed), ())
            questions["links"] = lambda: (result.links(), ())
        questions["left"] = lambda: result.left(self._ours(), self.seen)
        if "links" in questions:
            questions["order"] = lambda: (result.order(), ())
        questions["runtime"] = lambda: (self._outside(), ())
        answers = asked(questions, result.size, self.spread)
        for which in ("runtime", "links", "order", "repeat"):
            if which in answers and not (which == "repeat" and self._blocked()):
                self.findings += answers[which][0]
        if self._blocked():
            return ()
        self.findings += answers["left"][0]
        return answers["left"][1]

    def _outside(self) -> Iterator[Finding]:
        """What those lose who know a name outside the code."""
        runtime = self.runtime if self.phase.pin else kinds.runtime_names(self.before, self.named)
        return kinds.findings(runtime, self.phase.pin, self.phase.settings.shims)

    def _repeated(self, after: Inventory) -> Iterator[Finding]:
        """What a second run would change: nothing, else it is our bug (or the user's own codemod's)."""
        second = _Computation(
            self.plan, self.phase, after, self.date, True, self.codemods, None, self.sort, alone,
            settled=self.settled, proving=False,
        ).run()  # fmt: skip
        foreign = any(isinstance(operation, Transform) for operation in self.phase.do)
        for finding in (*repeat.check(after.tree, second.after), *(f for f in second.findings if f.blocks)):
            yield replace(finding, weight=Weight.REVIEW) if foreign else finding

    def _kind(self, intent: Intent) -> str:
        """What the phase's first commit is, for its trailer."""
        symbols_leave = any(old[0] != new[0] for old, new in intent.symbols.items())
        if not self.held and (intent.files or symbols_leave):
            return "move"
        if intent.modules or intent.symbols:
            return "rewrite"
        return "unshim" if all(isinstance(operation, Unshim) for operation in self.phase.do) else "write"

    def _finish(
        self, context: Context, shimmed: Inventory, intent: Intent, left: tuple[Residue, ...]
    ) -> Outcome:  # fmt: skip
        now = context.now
        whole = Commit(self._kind(intent), now.tree)
        laid = Laid((whole,) if now.tree != self.before.tree else ())
        if self.proving:
            laid = laid_out(
                Part(self.phase, context, intent, frozenset(self.written), whole), held=self.held, carry_out=self._part
            )
        commits = list(laid.commits)
        if shimmed.tree != now.tree:
            commits.append(Commit("shim", shimmed.tree, about="shims for the old paths"))
        if self.proving:
            commits = list(followed(commits, self.before.tree))
            self.findings += budget.too_large(commits, self.before.tree, budget.Budget.of(self.phase.settings))
        state = "done" if not commits else "drifted" if self.held and (intent.modules or intent.symbols) else "pending"
        if self._blocked():
            commits = []
        return Outcome(
            self.phase, self.before.tree, tuple(commits), tuple(dict.fromkeys(self.findings)), tuple(self.changes),
            dict(intent.files), left, laid.forecast, state, not self.held,
        )  # fmt: skip
