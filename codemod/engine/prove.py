"""A commit is proven mechanical: its tree is computed anew from the plan and the commit before, and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Phase, Plan
from codemod.rewrite.outcome import Commit, Outcome
from codemod.shell.commits import Landed, Trailers, squashed, trailers_of
from codemod.shell.git import Git, mismatch
from codemod.shell.journal import Item, changes
from codemod.shell.repository import Repository, meant
from codemod.shell.trees import scratch
from codemod.source.inventory import Inventory
from codemod.source.tree import Entry

from .editions import phase_of, plan_at
from .events import Listener, Request, Silent
from .past import Origin
from .reading import read_plan
from .session import Session

NOT_COMPUTED = ("undo", "carry", "sweep")  # kinds that follow from more than the plan and the commit before


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants proven: a commit or `A..B`, against the plan of the parent's tree or another one."""

    revision: str
    plan: Path | None = None
    allow_code: bool = False


@dataclass(frozen=True, slots=True)
class Proven:
    """The verdict on a commit: `proven`, `differs`, or `by-hand`, which makes no claim that could be proven."""

    commit: str
    subject: str
    phase: str
    step: str
    kind: str
    state: str
    why: str = ""
    files: tuple[str, ...] = ()  # those that a hand or a hook has changed


def exit_code_of(verdicts: Sequence[Proven]) -> int:
    """1 where a commit differs, else 0."""
    return int(any(one.state == "differs" for one in verdicts))


def prove(wanted: Wanted, repo: Path | None, listener: Listener | None = None) -> tuple[Proven, ...]:
    """Prove a commit, or those of a range on its first-parent line, oldest first.

    Raises RepositoryError where nothing is there that could be proven, PlanError where the plan is wrong.
    """
    repository = meant(repo)
    if repository.prefix:
        raise mismatch("not-a-top-level", f"{repo} is a folder in the repository {repository.top}, not a repository")
    commits = _named(repository, wanted.revision)
    with ExitStack() as stack:
        work = _Work(repository, wanted, listener or Silent(), stack)
        verdicts = tuple(work.verdict(commit) for commit in commits)
    if all(one.state == "by-hand" for one in verdicts):
        hint = "prove the merge that it is a part of" if any(v.kind == "waypoint" for v in verdicts) else ""
        raise mismatch("not-ours", f"{wanted.revision}: no commit there is one that a phase makes", hint)
    return verdicts


def _named(repository: Repository, revision: str) -> list[str]:
    git = repository.git
    ends = revision.split("..") if ".." in revision and "..." not in revision else [revision]
    found = []
    for end in ends:
        commit = git.lookup("rev-parse", "--verify", "--quiet", "--end-of-options", f"{end or 'HEAD'}^{{commit}}")
        if not commit:
            raise mismatch("revision-unknown", f"{end or revision} is not a commit of this repository")
        found.append(commit)
    if len(found) == 1:
        return found
    listed = git.text("rev-list", "--first-parent", "--reverse", f"{found[0]}..{found[1]}").split()
    if not listed:
        raise mismatch("revision-unknown", f"{revision} holds no commit")
    return listed


@dataclass(slots=True)
class _Work:
    """Proofs in one repository; what was computed for a phase serves all of its commits."""

    repository: Repository
    wanted: Wanted
    listener: Listener
    stack: ExitStack  # keeps the trees that were computed
    computed: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)  # tree ids, the base's first
    git: Git = field(init=False)  # which sees these trees

    def __post_init__(self) -> None:
        self.git = self.repository.git

    def verdict(self, commit: str) -> Proven:
        """What the commit is found to be."""
        claim, steps = trailers_of(self.repository.git, commit), squashed(self.repository.git, commit)
        if steps and not claim.phase:  # what squashes commits puts text behind their messages
            last = steps[-1]
            claim = replace(claim, plan=last.plan, phase=last.phase, digest=last.digest, kind=last.kind, step=last.step)

        def told(state: str, why: str = "", files: Sequence[str] = ()) -> Proven:
            return Proven(commit, claim.subject, claim.phase, claim.step, claim.kind, state, why, tuple(files))

        if not claim.phase or claim.kind == "waypoint":
            return told("by-hand")
        if claim.kind in NOT_COMPUTED:
            return told("by-hand", f"{claim.kind} follows from more than the plan")
        base = self._base(commit, claim) if len(steps) == 1 else f"{commit}^1"
        if not base:
            return told("differs", f"step {claim.step} does not stand on the steps before it")
        trees = self._steps(base, claim) if len(steps) == 1 else self._together(base, steps, claim.date)
        if isinstance(trees, str):
            return told("differs", trees)
        files = self._differing(commit, *trees)
        if not files:
            return told("proven")
        return told("differs", "a hook has edited it" if claim.hook else "", files)

    def _steps(self, base: str, claim: Trailers) -> tuple[str, str] | str:
        """The ids of the trees before and after the step that a commit is, or why there are none."""
        found = self._phase(base, claim.plan, claim.phase, claim.digest)
        if isinstance(found, str):
            return found
        plan, phase = found
        key = (base, phase.id, claim.date)
        if key not in self.computed:
            outcome = self._outcome(plan, phase, base, claim.date)
            if outcome.refused:
                return _refused(outcome)
            self.computed[key] = self._written(outcome, self.repository.tree_id(base))
        trees, (number, total) = self.computed[key], claim.place
        if total != len(trees) - 1:
            return f"the phase makes {len(trees) - 1} commits here, not {total}"
        return trees[number - 1], trees[number]

    def _together(self, base: str, steps: Sequence[Landed], date: str) -> tuple[str, str] | str:
        """The ids of the trees before and after all that was squashed into one commit, or why there are none."""
        tree_id = self.repository.tree_id(base)
        now: Inventory | None = None
        outcomes: list[Outcome] = []
        origins: dict[str, Origin] = {}
        for group in _publications(steps):
            first = group[0]
            if [one.place for one in group] != [(number, first.place[1]) for number in range(1, first.place[1] + 1)]:
                return f"it holds some steps of phase {first.phase}, and not all of them"
            found = self._phase(base, first.plan, first.phase, first.digest)
            if isinstance(found, str):
                return found
            outcome = self._outcome(*found, base, date, now, origins)
            if outcome.refused:
                return _refused(outcome)
            before = now or self._session(found[0]).inventory(tree_id)
            if outcome.moving:
                origins[first.phase] = Origin(found[1], before)
            now = before.after(outcome.after)
            outcomes.append(outcome)
        end = Outcome(outcomes[-1].phase, outcomes[0].before, (Commit("", outcomes[-1].after),))
        return tree_id, self._written(end, tree_id)[-1]

    def _base(self, commit: str, claim: Trailers) -> str:
        """The commit before the phase's first step; "" where the steps between are not there."""
        git, at = self.repository.git, commit
        for number in range(claim.place[0] - 1, -1, -1):
            at = git.lookup("rev-parse", "--verify", "--quiet", f"{at}^1")
            if not at or number == 0:
                return at
            before = trailers_of(git, at)
            if (before.phase, before.digest, before.place) != (claim.phase, claim.digest, (number, claim.place[1])):
                return ""
        return ""

    def _phase(self, base: str, path: str, id: str, digest: str) -> tuple[Plan, Phase] | str:
        """The phase by the plan of the parent's tree, or by the one that was given; or why it is not that phase.

        Raises PlanError or RepositoryError.
        """
        if self.wanted.plan is not None:
            plan: Plan | None = replace(read_plan(self.wanted.plan), path=path)
        else:
            plan = plan_at(self.repository, base, path)
        if plan is None:
            parent = self.repository.git.lookup("rev-parse", "--short=12", base)
            raise mismatch(
                "plan-not-in-tree", f"{path} is not in the tree before {parent}", "name the plan: --plan FILE"
            )
        if all(phase.id != id for phase in plan.phases):
            return f"the plan has no phase {id}"
        phase = phase_of(plan, id, digest)
        if phase is None:
            return f"phase {id} says something else in the plan than when the commit was made"
        self.listener.phase(phase, 1, 1)
        return plan, phase

    def _session(self, plan: Plan, assume: str = "") -> Session:
        request = Request(
            self.wanted.plan or Path(plan.path), self.repository.top, assume=assume,
            allow_code=self.wanted.allow_code,
        )  # fmt: skip
        return Session(request, plan, self.repository, self.listener)

    def _outcome(
        self, plan: Plan, phase: Phase, base: str, date: str, now: Inventory | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> Outcome:  # fmt: skip
        """The phase on the tree of the commit before it, or on what other phases of its commit make of that.

        Where no history decides, the commit claims that the phase was pending.
        """
        for assume in ("", "pending"):
            session = self._session(plan, assume)
            before = now or session.inventory(self.repository.tree_id(base))
            outcome = session.compute(phase, before, base, date, origins)
            if outcome.state != "unknown":
                break
        return outcome

    def _written(self, outcome: Outcome, tree_id: str) -> list[str]:
        trees = self.stack.enter_context(scratch(self.repository, outcome.before, tree_id, keep=False))
        self.git = trees.git
        found = [tree_id]
        for commit in outcome.commits:
            made = trees.write(commit.tree)
            if made != found[-1]:
                found.append(made)
        return found

    def _differing(self, commit: str, before: str, after: str) -> list[str]:
        """The paths at which a commit does not do what the step from one tree to another does.

        Only what the step and the commit change counts: an edit in an earlier commit is that one's difference.
        """
        mine = {item.path: item for item in changes(self.git, before, after)}
        theirs = {item.path: item for item in changes(self.git, f"{commit}^1", commit)}
        return sorted(path for path in mine.keys() | theirs.keys() if _result(mine, path) != _result(theirs, path))


def _publications(steps: Sequence[Landed]) -> list[list[Landed]]:
    """The steps of a squashed commit, divided where a phase begins."""
    found: list[list[Landed]] = []
    for one in steps:
        if not found or one.place[0] == 1 or one.phase != found[-1][0].phase:
            found.append([])
        found[-1].append(one)
    return found


def _refused(outcome: Outcome) -> str:
    blocking = next(finding for finding in outcome.findings if finding.blocks)
    return f"the phase is refused on the tree before it: {blocking.message}"


def _result(step: Mapping[str, Item], path: str) -> tuple[bool, Entry | None]:
    """(whether the step changes the path, what it makes of it)."""
    return path in step, step[path].new if path in step else None
