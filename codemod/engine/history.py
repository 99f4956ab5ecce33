"""What a branch lacks of a plan: its phases as they were published, each with the trees around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from codemod.base.errors import PlanError
from codemod.base.values import dataclass, field
from codemod.plan.model import Phase
from codemod.rewrite.outcome import Outcome
from codemod.shell.commits import Landed, landed, trailers_of
from codemod.shell.git import decoded, mismatch
from codemod.shell.merging import stand_in
from codemod.shell.repository import DEEPEN, is_shallow
from codemod.shell.trees import scratch

from .editions import phase_of, plan_at
from .past import Origin
from .session import Session


@dataclass(frozen=True, slots=True)
class Published:
    """A phase on the main line: the commit that it started from, and its last one."""

    phase: Phase
    session: Session  # with the edition of the plan that the phase is of
    base: str
    last: str
    date: str  # the author date of its commits


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase that a branch has to follow: its first commit's parent and its last commit, and the ids of their trees.

    Between `before` and `after` is `computed`, what the phase comes to by itself; a hand may have changed more.
    """

    phase: Phase
    session: Session
    base: str
    last: str
    before: str
    computed: str
    after: str
    date: str


@dataclass(slots=True)
class Stages:
    """Stages of a plan; the computation of each is kept, so that many branches cost it once."""

    session: Session
    _kept: dict[tuple[str, str], Stage] = field(default_factory=dict)
    _lists: dict[tuple[str, str], tuple[Published, ...]] = field(default_factory=dict)

    def published(self, branch: str, main: str) -> tuple[Stage, ...]:
        """The phases that `main` has and `branch` lacks, oldest first."""
        lacking = self.lacking(branch, main)
        found: list[Stage] = []
        for number, one in enumerate(lacking):
            key = (one.last, one.phase.id)
            if key not in self._kept:
                before = found[-1] if number and lacking[number - 1].last == one.last else None
                together = any(other.last == one.last for other in lacking[number + 1 :])
                self._kept[key] = self._stage(one, before, together=together)
            found.append(self._kept[key])
        return tuple(found)

    def _stage(self, one: Published, before: Stage | None, *, together: bool) -> Stage:
        """A stage; of several that were squashed into one commit, each but the last ends as it computes."""
        repository = self.session.repository
        base, tree = (before.last, before.after) if before else (one.base, repository.tree_id(one.base))
        origins = {}
        if before and before.phase.id == one.phase.shims_of:
            origins[before.phase.id] = Origin(before.phase, one.session.inventory(before.before))
        outcome = one.session.compute(one.phase, one.session.inventory(tree), one.base, one.date, origins)
        computed = written(one.session, tree, outcome)
        after = computed if together else repository.tree_id(one.last)
        last = stand_in(repository.git, after, base) if together else one.last
        return Stage(one.phase, one.session, base, last, tree, computed, after, one.date)

    def lacking(self, branch: str, main: str) -> tuple[Published, ...]:
        """The same before anything is computed."""
        key = (branch, main)
        if key not in self._lists:
            self._lists[key] = tuple(published(self.session, branch, main))
        return self._lists[key]

    def predicted(self, outcomes: Sequence[Outcome], date: str) -> tuple[Stage, ...]:
        """The phases that are not published yet, as they would be: on commits that stand for those to come."""
        start = self.session.start()
        found, before, base = [], start.tree_id, start.head.commit
        for outcome in outcomes:
            after = written(self.session, before, outcome)
            if after != before:
                last = stand_in(self.session.repository.git, after, base)
                found.append(Stage(outcome.phase, self.session, base, last, before, after, after, date))
                before, base = after, last
        return tuple(found)


def written(session: Session, before: str, outcome: Outcome) -> str:
    """The id of the tree that an outcome ends with, its objects in the repository's store."""
    with scratch(session.repository, outcome.before, before, keep=True) as trees:
        return trees.write(outcome.after)


def published(session: Session, branch: str, main: str) -> Iterator[Published]:
    """The phases that are in the history of `main` and not in that of `branch` ("": none), oldest first."""
    git = session.repository.git
    beyond = (f"^{branch}",) if branch else ()
    line = decoded(git.run("rev-list", "--topo-order", "--reverse", main, *beyond, "--")).split()
    order = {commit: number for number, commit in enumerate(line)}
    ours = {(phase.id, phase.digest) for phase in session.plan.phases}
    runs: list[tuple[tuple[str, str], list[Landed]]] = []  # plan, phase: commits of each publication, but undone ones
    commits = reversed(landed(git, f"{branch}..{main}" if branch else main))
    for one in sorted(commits, key=lambda one: order[one.commit]):
        key = (session.plan.path if (one.phase, one.digest) in ours else one.plan, one.phase)
        known = [number for number, (which, _) in enumerate(runs) if which == key]
        if one.kind == "undo":
            runs = [run for number, run in enumerate(runs) if number not in known[-1:]]
        elif one.digest and known and not one.step.startswith("1/"):
            runs[known[-1]][1].append(one)
        elif one.digest:
            runs.append((key, [one]))
    for _, steps in runs:
        first, last = steps[0].commit, steps[-1].commit
        base = git.lookup("rev-parse", "--verify", "--quiet", f"{first}^1")
        if not base:
            what = f"this clone is shallow and does not reach back to before phase {steps[0].phase}"
            raise mismatch("shallow-clone", what, DEEPEN)
        edition = _edition(session, steps[0], base)
        if edition is not None:
            yield Published(edition[1], edition[0], base, last, trailers_of(git, first).date)


def published_of(session: Session, main: str) -> tuple[Published, ...]:
    """The published phases of the session's own plan; raises RepositoryError where the history is cut off before all.

    A clone that is too shallow would look as if nothing had been published, and a check on it would always pass.
    """
    found = tuple(one for one in published(session, "", main) if one.session.plan.name == session.plan.name)
    missing = [phase.id for phase in session.plan.phases if phase.id not in [one.phase.id for one in found]]
    if missing and is_shallow(session.repository):
        what = f"this clone is shallow: whether phase {missing[0]} has been published cannot be told"
        raise mismatch("shallow-clone", what, DEEPEN)
    return found


def _edition(session: Session, commit: Landed, base: str) -> tuple[Session, Phase] | None:
    """The session whose plan has the phase as it was published; None for a phase of a plan that nobody has any more.

    Raises RepositoryError where it is this plan's, and neither it nor the one of that time has the phase so.
    """
    for edition in _editions(session, commit, base):
        phase = phase_of(edition.plan, commit.phase, commit.digest)
        if phase is not None:
            return edition, phase
    if commit.plan not in (session.plan.path, "") and commit.phase not in [phase.id for phase in session.plan.phases]:
        return None
    raise mismatch(
        "plan-edition",
        f"phase {commit.phase} was published by {commit.commit[:12]} from another edition of the plan",
        "name the plan as it was then",
    )


def _editions(session: Session, commit: Landed, base: str) -> Iterator[Session]:
    """The session, then one for each plan of that time which can be read: at the path of the commit, and at ours."""
    yield session
    for path in dict.fromkeys((commit.plan, session.plan.path)):
        with suppress(PlanError):
            plan = plan_at(session.repository, base, path)
            if plan is not None:
                yield Session(session.request, plan, session.repository, session.listener)
