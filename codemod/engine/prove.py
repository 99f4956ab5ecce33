"""A commit is proven mechanical: its tree is computed anew from the plan and the commit before, and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from codemod.plan.load import load
from codemod.plan.model import Phase, Plan
from codemod.rewrite.outcome import Outcome
from codemod.shell.commits import Trailers, trailers_of
from codemod.shell.git import Git, mismatch
from codemod.shell.journal import Item, changes
from codemod.shell.repository import Repository, discover
from codemod.shell.trees import scratch
from codemod.source.tree import Entry

from .events import Listener, Request, Silent
from .session import Session, read_plan

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
    repository = discover(repo or Path.cwd())
    if repository.prefix and repo is not None:
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
        claim = trailers_of(self.repository.git, commit)

        def told(state: str, why: str = "", files: Sequence[str] = ()) -> Proven:
            return Proven(commit, claim.subject, claim.phase, claim.step, claim.kind, state, why, tuple(files))

        if not claim.phase or claim.kind == "waypoint":
            return told("by-hand")
        if claim.kind in NOT_COMPUTED:
            return told("by-hand", f"{claim.kind} follows from more than the plan")
        base = self._base(commit, claim)
        if not base:
            return told("differs", f"step {claim.step} does not stand on the steps before it")
        plan = self._plan(base, claim)
        phase = next((one for one in plan.phases if one.id == claim.phase), None)
        if phase is None:
            return told("differs", f"the plan has no phase {claim.phase}")
        if phase.digest != claim.digest:
            return told("differs", f"phase {phase.id} says something else in the plan than when the commit was made")
        self.listener.phase(phase, 1, 1)
        trees = self._trees(plan, phase, base, claim)
        if isinstance(trees, str):
            return told("differs", trees)
        number, total = claim.place
        if total != len(trees) - 1:
            return told("differs", f"the phase makes {len(trees) - 1} commits here, not {total}")
        files = self._differing(commit, trees[number - 1], trees[number])
        if not files:
            return told("proven")
        return told("differs", "a hook has edited it" if claim.hook else "", files)

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

    def _plan(self, base: str, claim: Trailers) -> Plan:
        """The plan as the parent's tree has it, or as it was given; raises PlanError or RepositoryError."""
        if self.wanted.plan is not None:
            return replace(read_plan(self.wanted.plan), path=claim.plan)
        git = self.repository.git
        blob = git.lookup("rev-parse", "--verify", "--quiet", f"{base}:{claim.plan}")
        if not blob:
            raise mismatch(
                "plan-not-in-tree", f"{claim.plan} is not in the tree before {base[:12]}", "name the plan: --plan FILE"
            )
        return replace(load(git.run("cat-file", "blob", blob), claim.plan), path=claim.plan)

    def _trees(self, plan: Plan, phase: Phase, base: str, claim: Trailers) -> list[str] | str:
        """The ids of the trees before the phase and after each of its commits, or why there are none."""
        key = (base, phase.id, claim.date)
        if key not in self.computed:
            outcome = self._outcome(plan, phase, base, claim.date)
            if outcome.refused:
                blocking = next(finding for finding in outcome.findings if finding.blocks)
                return f"the phase is refused on the tree before it: {blocking.message}"
            self.computed[key] = self._written(outcome, self.repository.tree_id(base))
        return self.computed[key]

    def _outcome(self, plan: Plan, phase: Phase, base: str, date: str) -> Outcome:
        """The phase on the tree of the commit before it; where no history decides, the commit claims it was pending."""
        for assume in ("", "pending"):
            request = Request(
                self.wanted.plan or Path(plan.path), self.repository.top, assume=assume,
                allow_code=self.wanted.allow_code,
            )  # fmt: skip
            session = Session(request, plan, self.repository, self.listener)
            outcome = session.compute(phase, session.inventory(self.repository.tree_id(base)), base, date)
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


def _result(step: Mapping[str, Item], path: str) -> tuple[bool, Entry | None]:
    """(whether the step changes the path, what it makes of it)."""
    return path in step, step[path].new if path in step else None
