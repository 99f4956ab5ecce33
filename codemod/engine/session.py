"""A session: one plan over one repository, from what is committed there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from codemod.base.errors import PlanError, RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, replace
from codemod.plan.model import Phase, Plan, Transform
from codemod.rewrite.outcome import Outcome
from codemod.rewrite.seen import Seen
from codemod.rewrite.usercode import Call
from codemod.shell import lock, publish
from codemod.shell.commits import Landed, landed, newest
from codemod.shell.objects import listed, read_tree
from codemod.shell.repository import DEEPEN, Head, Repository, discover, identity, is_shallow, meant, today
from codemod.shell.trees import Cost, cost, patch, scratch
from codemod.source.inventory import Inventory
from codemod.source.tree import Tree

from .events import CarryResult, Listener, PhaseStatus, Prospect, Request, RunResult, Silent
from .past import Origin, past_of
from .places import placed
from .reading import Reading, read_plan
from .remembered import Remembered

KEPT = 3  # inventories, each with contents that it has read


@dataclass(frozen=True, slots=True)
class Start:
    """What a computation starts from: a commit, its tree, and what is in its history."""

    head: Head
    tree_id: str
    inventory: Inventory


@dataclass(frozen=True, slots=True)
class Ready:
    """A repository that was found ahead of time, what HEAD was then, and the tree of it."""

    repository: Repository
    commit: str
    tree_id: str
    tree: Tree


class Session:
    """A plan and the repository that it is for.  Nothing but `run` and `undo` changes either."""

    def __init__(
        self, request: Request, plan: Plan, repository: Repository, listener: Listener,
        ready: Ready | None = None,
    ) -> None:  # fmt: skip
        self.request = request
        self.plan_file = Path(os.path.realpath(request.plan))  # where one stands may vanish with what moves
        self.plan = plan
        self.repository = repository
        self.listener = listener
        self.remembered = Remembered(repository.common_dir)
        self._ready = ready
        self._start: Start | None = None
        self._inventories: dict[str, Inventory] = {}  # by the id of the tree
        self._moves: dict[str, str] = {}  # paths that phases computed so far have left, for what a trace has seen
        self._history: tuple[str, tuple[Landed, ...]] = ("", ())

    @classmethod
    def open(cls, request: Request, listener: Listener | None = None, reading: Reading | None = None) -> Session:
        """Read the plan and find its repository; raises PlanError or RepositoryError.

        A publication that was killed is finished or taken back first.
        """
        listener = listener or Silent()
        ready = None if reading is None else _likely(request)
        plan = read_plan(request.plan) if reading is None else reading.plan(request.plan)
        if request.repo is None and plan.repository:
            ready = None
        repository = find_repository(request, plan) if ready is None else ready.repository
        plan = replace(plan, path=path_within(request.plan, repository))
        recover(repository, listener)
        return cls(request, plan, repository, listener, ready)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The source roots, deepest first."""
        return self.start().inventory.modules.roots

    def start(self) -> Start:
        """What HEAD holds now."""
        head = self.repository.head()
        if self._start is None or self._start.head != head:
            ready = self._ready if self._ready is not None and self._ready.commit == head.commit else None
            tree_id = ready.tree_id if ready is not None else self.repository.tree_id(head.commit)
            self._start = Start(head, tree_id, self.inventory(tree_id))
        return self._start

    def inventory(self, tree_id: str) -> Inventory:
        """The inventory of a tree of git's; what is known of a content is known in all of them."""
        if tree_id not in self._inventories:
            if self._ready is not None and self._ready.tree_id == tree_id:
                tree = self._ready.tree
            else:
                tree = read_tree(self.repository.git, tree_id, self.repository.folder)
            learned = next(iter(self._inventories.values()), None)
            while len(self._inventories) > KEPT:  # the first one stays: it is HEAD's
                del self._inventories[list(self._inventories)[1]]
            self._inventories[tree_id] = inventory = Inventory(tree, self.plan.source_roots, learned=learned)
            if learned is None:
                self.remembered.recall(inventory)
        return self._inventories[tree_id]

    def landed(self, phase: Phase, head: str) -> Landed | None:
        """The newest commit of a phase in the history of `head`, None where it was undone since."""
        return newest(self._landed(head), phase)

    def compute(
        self, phase: Phase, before: Inventory, head: str, date: str, origins: Mapping[str, Origin] | None = None
    ) -> Outcome:
        """What a phase comes to on a tree; git's history is asked only where the tree alone cannot tell.

        `origins` are phases, by id, that were computed but are not in that history, with the trees they began with.
        """
        if phase.shims_of:
            return self._shims(phase, before, head, (origins or {}).get(phase.shims_of))
        from codemod.shell.pool import Pool
        from codemod.shell.sorting import RuffSorter

        from .phase import compute

        pool = Pool.of_machine()

        def computed(known: bool | None) -> Outcome:
            return compute(
                self.plan,
                phase,
                before,
                date=date,
                landed=known,
                assume=self.request.assume,
                codemods=self.codemods,
                progress=self.listener.progress,
                sort=RuffSorter(),
                spread=pool,
                seen=self._seen(before),
            )

        outcome = computed(None)
        if not self.request.assume and (outcome.refused or outcome.state == "unknown"):
            known = self.landed(phase, head) is not None
            if not known and outcome.state == "unknown" and is_shallow(self.repository):
                outcome = replace(outcome, findings=tuple(map(_cut_off, outcome.findings)))
            elif known or outcome.state == "unknown":
                outcome = computed(known)
        self._moves.update(outcome.moves)
        self.remembered.keep(next(iter(self._inventories.values()), before), before)
        return replace(outcome, findings=placed(outcome.findings, self.plan, str(self.request.plan)))

    def _shims(self, phase: Phase, before: Inventory, head: str, origin: Origin | None) -> Outcome:
        """What a phase that leaves the shims of another comes to."""
        from .shimming import compute_shims

        if self.request.assume == "done":
            return Outcome(phase, before.tree, state="done")
        told = origin is not None  # what is found about shims that nobody can have left yet is news
        if origin is None:
            past = past_of(self._landed(head), self.plan, phase)
            if past.left and not self.request.assume:
                return Outcome(phase, before.tree, state="done")
            base = past.first and self.repository.git.lookup("rev-parse", "--verify", "--quiet", f"{past.first}^1")
            if base:
                of = next(one for one in self.plan.phases if one.id == phase.shims_of)
                origin = Origin(of, self.inventory(self.repository.tree_id(base)))
        outcome = compute_shims(self.plan, phase, before, origin)
        if outcome.state == "done" and not told:
            return Outcome(phase, before.tree, state="done")
        return replace(outcome, findings=placed(outcome.findings, self.plan, str(self.request.plan)))

    def _landed(self, head: str) -> tuple[Landed, ...]:
        """The commits of ours in the history of `head`, newest first."""
        if self._history[0] != head:
            self._history = (head, landed(self.repository.git, head))
        return self._history[1]

    def _seen(self, now: Inventory) -> tuple[Seen, ...]:
        """What traces have seen, at the paths that the files have in a tree of this session's."""
        found = []
        for one in self._traced:
            path, steps = one.path, len(self._moves)
            while path not in now.tree and path in self._moves and steps:
                path, steps = self._moves[path], steps - 1
            found.append(one if path == one.path else replace(one, path=path))
        return tuple(found)

    @cached_property
    def _traced(self) -> tuple[Seen, ...]:
        """What `codemod trace` has kept."""
        from codemod.shell.tracing import load, place_of

        return load(self.repository) if place_of(self.repository).is_file() else ()

    @cached_property
    def codemods(self) -> Mapping[Transform, Call]:
        """The user's own codemods, none unless their code may run; raises RepositoryError."""
        if not self.request.allow_code:
            return {}
        from codemod.shell.usercode import load_codemods

        return load_codemods(self.plan, [self.plan_file.parent, self.repository.folder])

    def preview(self, phases: Sequence[str] = ()) -> tuple[Outcome, ...]:
        """The outcome of each phase, the tree of one being the start of the next; ends with the first refused one."""
        start, date = self.start(), self.date()
        chosen = self.chosen(phases)
        now, outcomes, origins = start.inventory, [], dict[str, Origin]()
        for number, phase in enumerate(chosen, 1):
            self.listener.phase(phase, number, len(chosen))
            outcome = self.compute(phase, now, start.head.commit, date, origins)
            outcomes.append(outcome)
            if outcome.moving:
                origins[phase.id] = Origin(phase, now)
            if outcome.refused:
                break
            now = now.after(outcome.after)
        return tuple(outcomes)

    def date(self) -> str:
        """The date that commits made now would bear."""
        try:
            return identity(self.repository).date
        except RepositoryError:
            return today()

    def chosen(self, ids: Sequence[str]) -> tuple[Phase, ...]:
        """The phases with these ids in the plan's order, all when there are none; raises PlanError."""
        known = [phase.id for phase in self.plan.phases]
        unknown = [name for name in ids if name not in known]
        if unknown:
            raise PlanError(*(_no_such_phase(name, known) for name in unknown))
        return tuple(phase for phase in self.plan.phases if not ids or phase.id in ids)

    def patch(self, before: Tree, after: Tree) -> bytes:
        """The patch between two trees, with nothing written to the user's repository."""
        start = self.start()
        with scratch(self.repository, start.inventory.tree, start.tree_id, keep=False) as trees:
            return patch(trees.git, trees.write(before), trees.write(after))

    def net_patch(self, outcomes: Sequence[Outcome]) -> bytes:
        """One patch from the first outcome's start to the last one's end; empty when nothing changes."""
        return self.patch(outcomes[0].before, outcomes[-1].after) if outcomes else b""

    def cost(self, before: Tree, after: Tree) -> Cost:
        """The size of the change between two trees."""
        start = self.start()
        with scratch(self.repository, start.inventory.tree, start.tree_id, keep=False) as trees:
            return cost(trees.git, trees.write(before), trees.write(after))

    def status(self) -> tuple[PhaseStatus, ...]:
        """How far each phase is, going by the tree and, where that cannot tell, by the history."""
        from .status import status

        return status(self)

    def run(
        self, phases: Sequence[str] | None = None, *, every: bool = False, next_only: bool = False,
        stacked: bool = False,
    ) -> RunResult:  # fmt: skip
        """Publish phases: those named, every one, or the next that does not hold.

        With `stacked` each gets a branch of its own, and the user's branch and files stay as they are.
        """
        from .run import run

        self.chosen(sorted(self.request.ok))  # each of them is a phase
        chosen = self.chosen(() if every or next_only else tuple(phases or ()))
        if not (every or next_only or phases):
            chosen = ()
        return run(self, chosen, next_only=next_only, stacked=stacked)

    def undo(self, phase: str) -> RunResult:
        """Take a published phase back."""
        from .undo import undo

        return undo(self, self.chosen((phase,))[0])

    def carry(self, branch: str, *, rebase: bool = False) -> CarryResult:
        """Let an open branch follow the phases that it lacks."""
        from .branches import carry

        return carry(self, branch, rebase=rebase)

    def forecast(self, names: Sequence[str] = ()) -> tuple[Prospect, ...]:
        """What merging each branch would meet: the named ones, else every local one with commits of its own."""
        from .branches import forecast

        return tuple(forecast(self, names))

    def swept(self, *, ignore_revs: bool = False) -> Outcome:
        """What came back of the old layout, and the tree without it; with the list for git blame, where asked for."""
        from .sweep import swept

        return swept(self, ignore_revs=ignore_revs)

    def sweep(self, *, ignore_revs: bool = False) -> RunResult:
        """Commit what `swept` tells."""
        from .sweep import sweep

        return sweep(self, ignore_revs=ignore_revs)

    def rehearse(self) -> RunResult:
        """Run the whole plan on a throwaway copy."""
        from .rehearse import rehearse

        return rehearse(self)


def recover(repository: Repository, listener: Listener) -> None:
    """Finish or take back what a killed run left; a run that is alive is left to itself."""
    if not publish.left_behind(repository):
        return
    try:
        with lock.only_run(repository.git_dir):
            publish.recover(repository, listener.message)
            publish.tidy(repository)
    except RepositoryError as error:
        if error.findings[0].code not in ("locked", "not-writable"):  # what only looks may go on
            raise


def _likely(request: Request) -> Ready | None:
    """Make ready for a plan that is still being read: the repository that it is likely to be about, and its tree."""
    try:
        repository = meant(request.repo)
        git, commit = repository.git, repository.head().commit
        tree_id = repository.tree_id(commit)
        listing = listed(git, tree_id)
        from . import phase  # noqa: F401  # what computes takes a while to load, and git to tell

        return Ready(repository, commit, tree_id, read_tree(git, tree_id, repository.folder, listing))
    except (RepositoryError, OSError):
        return None  # told when it is asked for in earnest


def find_repository(request: Request, plan: Plan) -> Repository:
    """`--repo`, else the plan's `repository`, else where the user stands; raises RepositoryError."""
    if request.repo is None and plan.repository:
        return discover(request.plan.parent / plan.repository)
    return meant(request.repo)


def path_within(plan: Path, repository: Repository) -> str:
    """The plan's path in the repository that it is about, else its file name."""
    real, folder = os.path.realpath(plan), os.path.realpath(repository.folder)
    if real.startswith(folder + os.sep):
        return Path(real).relative_to(folder).as_posix()
    return plan.name


def _cut_off(finding: Finding) -> Finding:
    """Whether a phase was done is asked of a history that does not go back far enough to tell."""
    if finding.code != "state-unknown":
        return finding
    return replace(
        finding, message=f"{finding.message}, and this clone is shallow", hint=f"{DEEPEN}; or {finding.hint}"
    )


def _no_such_phase(name: str, known: Sequence[str]) -> Finding:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"the plan has {', '.join(known)}"
    return Finding("phase-unknown", f"the plan has no phase {name}", Weight.REFUSAL, hint=hint)
