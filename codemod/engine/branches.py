"""Open branches: one is carried across the published phases, or all are asked what a merge would do to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.shell import lock, publish
from codemod.shell.branches import Branch, branch_of, branches, commit_again, move_branch, since
from codemod.shell.commits import Step, carry_message, commit_tree
from codemod.shell.git import mismatch
from codemod.shell.merging import merge_base, merge_commits
from codemod.shell.repository import DEEPEN, Repository, checked_out, identity, is_shallow, refuse_folder, under_way
from codemod.shell.trees import aside

from .carry import Carried, carried
from .events import CarryResult, Prospect
from .history import Stage, Stages
from .session import Session


def carry(session: Session, name: str, *, rebase: bool = False) -> CarryResult:
    """Let a branch follow HEAD: a merge commit, or with `rebase` its own commits again on top of HEAD.

    The branch moves by compare-and-swap, and only when all went well; raises RepositoryError.
    """
    repository = session.repository
    refuse_folder(repository)
    with lock.interruptible(), lock.only_run(repository.git_dir):
        publish.tidy(repository)
        branch = branch_of(repository.git, name)
        _fit(session, branch)
        main = session.start().head.commit
        if _base(repository, branch, main) == main:
            return CarryResult(branch.name, branch.commit, branch.commit)
        stages = Stages(session).published(branch.commit, main)
        result = (_again if rebase else _merged)(session, branch, stages)
        if result.new != branch.commit:
            move_branch(repository, branch, result.new, "carry")
        return result


def _fit(session: Session, branch: Branch) -> None:
    """Raise RepositoryError for a branch whose files would not follow it."""
    if branch.ref == session.start().head.branch:
        what = f"{branch.name} is the branch that is checked out here"
        raise mismatch("branch-unknown", what, "check out the branch that the phases are on")
    for place in checked_out(session.repository, branch.ref):
        what = f"{branch.ref} is checked out in {place}, whose files would not follow"
        raise mismatch("branch-elsewhere", what, "switch to another branch there first")
    for place in under_way(session.repository, branch.ref):
        what = f"{branch.ref} is being rebased or bisected in {place}, which would overwrite what carry does"
        raise mismatch("branch-elsewhere", what, "finish or abort that first")


def _merged(session: Session, branch: Branch, stages: Sequence[Stage]) -> CarryResult:
    """One merge commit of the branch and HEAD."""
    repository, main = session.repository, session.start()
    done = carried(session, stages, branch.commit, main.head.commit)
    if done.findings:
        return CarryResult(branch.name, branch.commit, branch.commit, done.phases, (), done.findings)
    text = carry_message(branch.name, done.phases, Step("carry", 1, 1, session.plan.path, {}))
    new = commit_tree(repository, done.tree_id, [branch.commit, main.head.commit], text, identity(repository))
    return CarryResult(branch.name, branch.commit, new, done.phases, (new,))


def _again(session: Session, branch: Branch, stages: Sequence[Stage]) -> CarryResult:
    """The branch's own commits, each as it is when it is carried, on top of HEAD."""
    repository, main = session.repository, session.start()
    identity(repository)  # of who commits again, before anything is computed
    made: list[str] = []
    before = main.tree_id
    done = Carried(before)
    series = since(repository.git, main.head.commit, branch.commit)
    for number, commit in enumerate(series, 1):
        session.listener.progress("carry", number, len(series))
        done = carried(session, stages, commit, main.head.commit)
        if done.findings:
            return CarryResult(branch.name, branch.commit, branch.commit, done.phases, (), done.findings)
        if done.tree_id != before:  # else the main line has it already
            made.append(commit_again(repository, commit, done.tree_id, made[-1] if made else main.head.commit))
        before = done.tree_id
    new = made[-1] if made else main.head.commit
    return CarryResult(branch.name, branch.commit, new, done.phases, tuple(made))


def forecast(session: Session, names: Sequence[str]) -> Iterator[Prospect]:
    """What merging each branch with HEAD would meet, phases that are still to come included; nothing is written."""
    refuse_folder(session.repository)
    with aside(session.repository) as repository:
        apart = Session(session.request, session.plan, repository, session.listener)
        start, git = apart.start(), repository.git
        asked = [branch_of(git, name) for name in names]
        others = [one for one in branches(git) if one.ref != start.head.branch]
        known = Stages(apart)
        coming = known.predicted([one for one in apart.preview() if not one.refused], apart.date())
        end = coming[-1].last if coming else start.head.commit
        for number, branch in enumerate(asked or others, 1):
            session.listener.progress("forecast", number, len(asked or others))
            base = merge_base(git, branch.commit, start.head.commit)
            if not base or branch.commit == base:  # nothing in common, or nothing of its own
                continue
            lacking = known.lacking(branch.commit, start.head.commit)
            stages = (*known.published(branch.commit, start.head.commit), *coming)
            yield Prospect(
                branch.name,
                len(since(git, start.head.commit, branch.commit, merges=True)),
                merge_commits(git, branch.commit, lacking[0].base if lacking else start.head.commit).conflicts,
                merge_commits(git, branch.commit, end).conflicts,
                _met(apart, stages, branch, end),
            )


def _met(session: Session, stages: Sequence[Stage], branch: Branch, end: str) -> tuple[str, ...]:
    """The paths that stand against carrying a branch."""
    done = carried(session, stages, branch.commit, end)
    return tuple(dict.fromkeys(finding.place.path if finding.place else "" for finding in done.findings))


def _base(repository: Repository, branch: Branch, main: str) -> str:
    base = merge_base(repository.git, branch.commit, main)
    if not base and is_shallow(repository):
        what = f"this clone is shallow and does not reach back to where {branch.name} began"
        raise mismatch("shallow-clone", what, DEEPEN)
    if not base:
        raise mismatch("branch-unknown", f"{branch.name} has no commit in common with HEAD", "merge it by hand")
    return base
