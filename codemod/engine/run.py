"""Phases are published one by one: computed, checked on a parked commit, then the user's branch moves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from codemod.base.errors import CodemodError, PlanError, Refused, RepositoryError
from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Phase
from codemod.rewrite.outcome import Commit, Outcome
from codemod.shell import lock, publish
from codemod.shell.beside import Base, Beside, second_parent
from codemod.shell.checks import CheckResult
from codemod.shell.commits import Step, commit_tree, committed_at, message, park
from codemod.shell.journal import Item, changes
from codemod.shell.loose import CHANGED, LOOSE
from codemod.shell.objects import read_tree
from codemod.shell.obstacles import INDEX, obstacles
from codemod.shell.repository import (
    STANDING,
    SWITCHES,
    Identity,
    Repository,
    identity,
    refuse_elsewhere,
    refuse_folder,
    refuse_unfinished,
)
from codemod.shell.trees import Cost, Counting, scratch
from codemod.source.tree import Tree

from .events import CommitInfo, PhaseResult, RunResult
from .proof import Proof
from .session import Session, Start
from .stack import Stack
from .untracked import loose_items

SHA1 = 40  # digits of an id: where git has others than ours, only git can tell what differs


@dataclass(frozen=True, slots=True)
class Made:
    """The tree of a commit to be, in git's object store."""

    tree_id: str
    commit: Commit


@dataclass(frozen=True, slots=True)
class Committed:
    """A parked commit; `green` unless it is not meant to pass its checks."""

    sha: str
    kind: str
    title: str
    size: Counting
    tree_id: str
    tree: Tree
    green: bool

    @property
    def info(self) -> CommitInfo:
        """The commit with its size, which git may still be counting.

        It is published by now: where git cannot count, the numbers are missing and nothing else.
        """
        try:
            size = self.size.result()
        except CodemodError:
            size = Cost()
        return CommitInfo(self.sha, self.kind, self.title, size.files, size.added, size.deleted, size.renames)


@dataclass(slots=True)
class Runner:
    """The state of a run: where the branch is, and what stands there."""

    session: Session
    run: str
    who: Identity
    start: Start
    proof: Proof
    stack: Stack | None = None  # of branches, where the user's own is to stay
    results: list[PhaseResult] = field(default_factory=list)
    _changes: dict[tuple[str, str], tuple[Item, ...]] = field(default_factory=dict)

    @property
    def repository(self) -> Repository:
        """The repository that the run publishes to."""
        return self.session.repository

    def foresee(self, made: Made) -> None:
        """Tell the changes of a tree of which git has the same ids as we, while it may still be writing it."""
        delta = self.start.inventory.tree.delta(made.commit.tree)
        self._changes[self.start.tree_id, made.tree_id] = tuple(Item(path, old, new) for path, old, new in delta)

    def changes(self, tree_id: str) -> tuple[Item, ...]:
        """The paths in which a tree differs from what HEAD has."""
        key = (self.start.tree_id, tree_id)
        if key not in self._changes:
            self._changes[key] = tuple(changes(self.repository.git, *key))
        return self._changes[key]


@contextmanager
def running(session: Session, links_from: Path | None = None, *, stacked: bool = False) -> Iterator[Runner]:
    """A runner that holds the repository; raises RepositoryError where it is not fit for commits.

    `stacked` is for branches of their own: the user's branch and files are then left alone, however they are.
    """
    repository = session.repository
    refuse_folder(repository, "use `rehearse`, which works on a copy of the folder")
    with lock.interruptible(), lock.only_run(repository.git_dir):
        publish.recover(repository, session.listener.message)
        publish.tidy(repository)
        with repository.git.ahead(*STANDING):
            if not stacked:
                refuse_unfinished(repository)
            start, who = session.start(), identity(repository)
            repository.config(SWITCHES[0])  # which learns all of them
        if not stacked:
            refuse_elsewhere(repository, start.head)
        run = secrets.token_hex(4)
        with publish.parked(repository, run):
            origin = links_from or repository.top
            proof = Proof(session, run, origin)
            try:
                yield Runner(session, run, who, start, proof, Stack.on(session, start) if stacked else None)
            finally:
                proof.close()


def run(session: Session, chosen: Sequence[Phase], *, next_only: bool = False, stacked: bool = False) -> RunResult:
    """Publish phases in the plan's order, each on a branch of its own if `stacked`; ends with the first that fails."""
    with running(session, stacked=stacked) as runner:
        for number, phase in enumerate(chosen, 1):
            session.listener.phase(phase, number, len(chosen))
            if runner.stack is not None:
                runner.start = runner.stack.onto(runner.start, phase)
            result = attempt(runner, phase)
            if runner.stack is not None:
                result = replace(result, branch=runner.stack.placed.get(phase.id))
            runner.results.append(result)
            if exit_code_of(result) or (next_only and result.state == "published"):
                break
        return finished(runner)


def finished(runner: Runner) -> RunResult:
    """The result of a run; its exit code is the first phase's that did not pass."""
    codes = [exit_code_of(result) for result in runner.results]
    head = runner.start.head if runner.stack is None else runner.session.start().head
    return RunResult(tuple(runner.results), next(filter(None, codes), 0), head.commit)


def exit_code_of(result: PhaseResult) -> int:
    """0 for a phase that passed; 3 when the repository is not as assumed; else 1."""
    if result.state in ("published", "holds"):
        return 0
    if result.state in ("failed", "waiting", "skipped"):
        return 1
    weights = {finding.weight for finding in result.findings}
    return 3 if Weight.MISMATCH in weights else 1


def attempt(runner: Runner, phase: Phase) -> PhaseResult:
    """Carry a phase out and publish it; nothing has changed where it does not pass."""
    session, start = runner.session, runner.start
    outcome: Outcome | None = None
    try:
        missing = _missing(runner, phase)
        if missing:
            return PhaseResult(phase, None, "refused", findings=missing)
        outcome = session.compute(phase, start.inventory, start.head.commit, runner.who.date)
        if outcome.refused:
            return PhaseResult(phase, outcome, "refused", findings=outcome.findings)
        if not outcome.commits:
            return PhaseResult(phase, outcome, "holds", findings=outcome.findings)
        if phase.needs_ok and phase.id not in session.request.ok:
            return PhaseResult(phase, outcome, "waiting", findings=(*outcome.findings, _needs_ok(phase)))
        return carried_out(runner, phase, outcome)
    except PlanError:
        raise
    except CodemodError as error:
        state = "refused" if isinstance(error, RepositoryError) else "failed"
        return PhaseResult(phase, outcome, state, findings=error.findings)


def carried_out(runner: Runner, phase: Phase, outcome: Outcome) -> PhaseResult:
    """Write, commit, check and publish what a phase comes to, unless something stands against it."""
    repository, start = runner.repository, runner.start
    looks = (INDEX, LOOSE, CHANGED) if runner.stack is None else ()
    with (
        scratch(repository, start.inventory.tree, start.tree_id, keep=True) as trees,
        repository.git.ahead(*looks),
    ):
        planned = [Made(trees.write(commit.tree, wait=False), commit) for commit in outcome.commits]
        ids = [start.tree_id, *(one.tree_id for one in planned)]
        made = [one for before, one in zip(ids, planned, strict=False) if before != one.tree_id]
        if not made:
            return PhaseResult(phase, outcome, "holds", findings=outcome.findings)
        runner.session.listener.cost(outcome)  # while git writes
        if len(start.tree_id) == SHA1:
            runner.foresee(made[-1])
        else:
            trees.settle()
        blocked = _blocked(runner, phase, made[-1].tree_id, ())
        if blocked:
            return PhaseResult(phase, outcome, "refused", findings=(*outcome.findings, *blocked))
        loose = loose_items(runner.session, phase, outcome, start, runner.who.date) if runner.stack is None else ()
    return finish(runner, phase, outcome, made, loose)


def finish(runner: Runner, phase: Phase, outcome: Outcome, made: Sequence[Made], loose: Sequence[Item]) -> PhaseResult:
    """Commit, check and publish trees that differ from what HEAD has."""
    blocked = _blocked(runner, phase, made[-1].tree_id, loose) if loose else []
    if blocked:
        return PhaseResult(phase, outcome, "refused", findings=(*outcome.findings, *blocked))
    commits: list[Committed] = []
    try:
        commits.extend(_committed(runner, phase, outcome, made))
        return _proven(runner, phase, outcome, made, commits, loose)
    finally:
        for one in commits:
            one.size.end()


def _proven(
    runner: Runner, phase: Phase, outcome: Outcome, made: Sequence[Made], commits: Sequence[Committed],
    loose: Sequence[Item],
) -> PhaseResult:  # fmt: skip
    """Check commits and publish them."""
    start = runner.start
    if [one.tree_id for one in commits] != [one.tree_id for one in made]:  # a hook has edited what is committed
        if commits[-1].kind != "undo":
            _still_holds(runner, phase, commits[-1])
        blocked = _blocked(runner, phase, commits[-1].tree_id, loose)
        if blocked:
            return PhaseResult(phase, outcome, "refused", findings=(*outcome.findings, *blocked))
    checks: list[CheckResult] = []
    before = (start.head.commit, start.tree_id, start.inventory)
    for number, one in enumerate(commits):
        if not (one.green and runner.session.request.checks):
            continue
        after = (one.sha, one.tree_id, start.inventory.after(one.tree))
        kind = one.kind if len(commits) > 1 else ""
        checks += runner.proof.judged(phase, before, after, {} if number else outcome.moves, kind)
        if any(check.fails for check in checks):
            return PhaseResult(phase, outcome, "failed", checks=tuple(checks), findings=outcome.findings)
        before = after
    return _published(runner, phase, outcome, commits, loose, tuple(checks))


def _blocked(runner: Runner, phase: Phase, tree_id: str, loose: Sequence[Item]) -> list[Finding]:
    """What stands against giving the user's files this tree, or against the branch that gets it instead."""
    repository = runner.repository
    if runner.stack is not None:
        return list(runner.stack.blocked(runner.start, phase))
    return list(obstacles(repository, [*runner.changes(tree_id), *loose]))


def _committed(runner: Runner, phase: Phase, outcome: Outcome, made: Sequence[Made]) -> Iterator[Committed]:
    """Make and park the commits of a phase, the user's hooks having their say.  Raises Refused on a veto."""
    repository, proof, parent = runner.repository, runner.proof, runner.start.head.commit
    number_of_phase, standing = len(runner.results), runner.start.inventory.tree
    for number, one in enumerate(made, 1):
        tree_id = proof.hooked(phase, parent, one.tree_id)
        edited = tree_id != one.tree_id
        tree = read_tree(repository.git, tree_id) if edited else one.commit.tree
        kind, moves = one.commit.kind, _moved(outcome, made, number)
        step = Step(kind, number, len(made), runner.session.plan.path, moves, edited, one.commit.about)
        text = proof.worded(phase, parent, message(phase, step))
        parents = [parent, *_beside(runner, phase, one.commit, step, Base(parent, standing))]
        earliest = committed_at(repository.git, parents[-1]) if len(parents) > 1 else 0
        sha = commit_tree(repository, tree_id, parents, text, runner.who, earliest=earliest)
        park(repository.git, runner.run, number_of_phase, number, sha)
        size = Counting(repository.stored, parent, sha)
        yield Committed(sha, kind, text.partition("\n")[0], size, tree_id, tree, one.commit.green)
        parent, standing = sha, tree


def _moved(outcome: Outcome, made: Sequence[Made], number: int) -> Mapping[str, str]:
    """What moves in a commit: in the first one, whatever does not in a later one."""
    later = {old for one in made[1:] for old in one.commit.renames}
    if number == 1:
        return {old: new for old, new in outcome.moves.items() if old not in later}
    return {old: outcome.moves[old] for old in made[number - 1].commit.renames if old in outcome.moves}


def _beside(runner: Runner, phase: Phase, commit: Commit, step: Step, base: Base) -> list[str]:
    """The second parent of a commit, where it has one."""
    if not commit.waypoints:
        return []
    beside = []
    for waypoint in commit.waypoints:
        text = message(phase, replace(step, kind="waypoint", moves={}, hook=False, about=waypoint.about))
        beside.append(Beside(waypoint.tree, text, waypoint.parents))
    place = f"{runner.run}/{len(runner.results)}/{step.number}-beside"
    return [second_parent(runner.repository, beside, base, runner.who, place)]


def _still_holds(runner: Runner, phase: Phase, last: Committed) -> None:
    """What a hook has edited is verified as the phase was: raises Refused unless the phase holds there."""
    again = runner.session.compute(phase, runner.start.inventory.after(last.tree), last.sha, runner.who.date)
    if again.refused or again.commits:
        why = next((finding.message for finding in again.findings if finding.blocks), "the phase no longer holds")
        raise Refused(Finding("hook-undid", f"after the edits of the pre-commit hook: {why}", Weight.REFUSAL))


def _published(
    runner: Runner, phase: Phase, outcome: Outcome, commits: Sequence[Committed], loose: Sequence[Item],
    checks: tuple[CheckResult, ...],
) -> PhaseResult:  # fmt: skip
    repository, start, last = runner.repository, runner.start, commits[-1]
    # What is run takes its time: look once more.
    blocked = _blocked(runner, phase, last.tree_id, loose) if runner.proof.at_work else []
    if blocked:
        return PhaseResult(phase, outcome, "refused", checks=checks, findings=(*outcome.findings, *blocked))
    if runner.stack is not None:
        runner.stack.publish(phase, last.sha)
    else:
        items, reason = [*runner.changes(last.tree_id), *loose], f"phase {phase.id}"
        publish.publish(repository, start.head, last.sha, items, runner.run, reason=reason, moves=outcome.moves)
    head = replace(start.head, commit=last.sha)
    runner.start = Start(head, last.tree_id, start.inventory.after(last.tree))
    for one in commits:
        runner.session.listener.commit(one.info)
    infos = tuple(one.info for one in commits)
    return PhaseResult(phase, outcome, "published", infos, checks, outcome.findings)


def _missing(runner: Runner, phase: Phase) -> tuple[Finding, ...]:
    """Findings for phases that this one depends on and that are neither done nor hold."""
    passed = {result.phase.id for result in runner.results if result.state in ("published", "holds")}
    found = []
    for other in runner.session.chosen(phase.depends_on) if phase.depends_on else ():
        if other.id not in passed and not _holds(runner, other):
            message = f"phase {phase.id} depends on {other.id}, which is not done"
            found.append(Finding("depends-on", message, Weight.MISMATCH, hint=f"run --phase {other.id} first"))
    return tuple(found)


def _holds(runner: Runner, phase: Phase) -> bool:
    start = runner.start
    if runner.session.landed(phase, start.head.commit) is not None:
        return True
    outcome = runner.session.compute(phase, start.inventory, start.head.commit, runner.who.date)
    return not outcome.refused and not outcome.commits


def _needs_ok(phase: Phase) -> Finding:
    return Finding(
        "needs-ok", f"phase {phase.id} waits for the approval of {phase.needs_ok}", Weight.REFUSAL,
        hint=f"run it with --ok {phase.id} once you have it",
    )  # fmt: skip
