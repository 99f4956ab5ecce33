"""What a branch lacks of a plan: its phases as they were published, each with the trees around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from codemod.base.errors import CodemodError
from codemod.plan.model import Phase
from codemod.rewrite.outcome import Outcome
from codemod.shell.commits import Landed, landed, trailers_of
from codemod.shell.git import decoded, mismatch
from codemod.shell.trees import scratch

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
    """A phase that a branch has to follow: ids of the trees before it, as it computes, and as it was published."""

    phase: Phase
    session: Session
    before: str
    computed: str
    after: str
    date: str


@dataclass(slots=True)
class Stages:
    """Stages of a plan; the computation of each is kept, so that many branches cost it once."""

    session: Session
    _kept: dict[str, Stage] = field(default_factory=dict)
    _lists: dict[tuple[str, str], tuple[Published, ...]] = field(default_factory=dict)

    def published(self, branch: str, main: str) -> tuple[Stage, ...]:
        """The phases that `main` has and `branch` lacks, oldest first."""
        found = []
        for one in self.lacking(branch, main):
            stage = self._kept.get(one.last)
            if stage is None:
                before = self.session.repository.tree_id(one.base)
                outcome = one.session.compute(one.phase, one.session.inventory(before), one.base, one.date)
                computed = written(one.session, before, outcome)
                after = self.session.repository.tree_id(one.last)
                stage = Stage(one.phase, one.session, before, computed, after, one.date)
                self._kept[one.last] = stage
            found.append(stage)
        return tuple(found)

    def lacking(self, branch: str, main: str) -> tuple[Published, ...]:
        """The same before anything is computed."""
        key = (branch, main)
        if key not in self._lists:
            self._lists[key] = tuple(published(self.session, branch, main))
        return self._lists[key]

    def predicted(self, outcomes: Sequence[Outcome], date: str) -> tuple[Stage, ...]:
        """The phases that are not published yet, as they would be."""
        found, before = [], self.session.start().tree_id
        for outcome in outcomes:
            after = written(self.session, before, outcome)
            if after != before:
                found.append(Stage(outcome.phase, self.session, before, after, after, date))
            before = after
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
    runs: list[list[Landed]] = []  # the commits of each publication that was not undone
    for one in sorted(landed(git, f"{branch}..{main}" if branch else main), key=lambda one: order[one.commit]):
        known = [commits for commits in runs if commits[0].phase == one.phase]
        if one.kind == "undo":
            runs = [commits for commits in runs if not known or commits is not known[-1]]
        elif one.digest and known and not one.step.startswith("1/"):
            known[-1].append(one)
        elif one.digest:
            runs.append([one])
    for commits in runs:
        first, last = commits[0].commit, commits[-1].commit
        said = trailers_of(git, first)
        edition, phase = _edition(session, commits[0], said.plan)
        yield Published(phase, edition, git.text("rev-parse", f"{first}^1"), last, said.date)


def _edition(session: Session, commit: Landed, path: str) -> tuple[Session, Phase]:
    """The session whose plan has the phase as it was published; raises RepositoryError where no plan is known to.

    `path` is where the commit says that its plan was.
    """
    from codemod.plan.load import load

    for phase in session.plan.phases:
        if (phase.id, phase.digest) == (commit.phase, commit.digest):
            return session, phase
    data = session.repository.git.answer("cat-file", "blob", f"{commit.commit}^1:{path}")[1]
    try:
        plan = load(data, path)
    except CodemodError:
        plan = None
    for phase in plan.phases if plan is not None else ():
        if plan is not None and (phase.id, phase.digest) == (commit.phase, commit.digest):
            plan = replace(plan, path=path)
            return Session(session.request, plan, session.repository, session.listener), phase
    raise mismatch(
        "plan-edition",
        f"phase {commit.phase} was published by {commit.commit[:12]} from another edition of the plan",
        "name the plan as it was then",
    )
