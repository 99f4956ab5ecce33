"""Open branches: one is carried across the published phases, or all are asked what a merge would do to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.shell import lock
from codemod.shell.branches import Branch, branch_of, branches, commit_again, move_branch, since
from codemod.shell.commits import Step, carry_message, commit_tree
from codemod.shell.git import mismatch
from codemod.shell.merging import merge_base, merge_commits, stand_in
from codemod.shell.repository import Repository, checked_out, identity
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
    if repository.prefix:
        raise mismatch("not-a-top-level", f"{repository.prefix} is a folder in {repository.top}, not a repository")
    with lock.interruptible(), lock.only_run(repository.git_dir):
        branch = branch_of(repository.git, name)
        _fit(session, branch)
        main = session.start().head.commit
        base = _base(repository, branch, main)
        if base == main:
            return CarryResult(branch.name, branch.commit, branch.commit)
        stages = Stages(session).published(branch.commit, main)
        result = (_again if rebase else _merged)(session, branch, base, stages)
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


def _merged(session: Session, branch: Branch, base: str, stages: Sequence[Stage]) -> CarryResult:
    """One merge commit of the branch and HEAD."""
    repository, main = session.repository, session.start()
    trees = repository.tree_id(base), repository.tree_id(branch.commit)
    done = carried(session, stages, *trees, main.tree_id, branch.commit)
    if done.findings:
        return CarryResult(branch.name, branch.commit, branch.commit, done.phases, (), done.findings)
    text = carry_message(branch.name, done.phases, Step("carry", 1, 1, session.plan.path, {}))
    new = commit_tree(repository, done.tree_id, [branch.commit, main.head.commit], text, identity(repository))
    return CarryResult(branch.name, branch.commit, new, done.phases, (new,))


def _again(session: Session, branch: Branch, base: str, stages: Sequence[Stage]) -> CarryResult:
    """The branch's own commits, each as it is when it is carried, on top of HEAD."""
    repository, main = session.repository, session.start()
    made: list[str] = []
    before = main.tree_id
    done = Carried(before)
    series = since(repository.git, base, branch.commit)
    for number, commit in enumerate(series, 1):
        session.listener.progress("carry", number, len(series))
        trees = repository.tree_id(base), repository.tree_id(commit)
        done = carried(session, stages, *trees, main.tree_id, commit)
        if done.findings:
            return CarryResult(branch.name, branch.commit, branch.commit, done.phases, (), done.findings)
        if done.tree_id != before:  # else the main line has it already
            made.append(commit_again(repository, commit, done.tree_id, made[-1] if made else main.head.commit))
        before = done.tree_id
    new = made[-1] if made else main.head.commit
    return CarryResult(branch.name, branch.commit, new, done.phases, tuple(made))


def forecast(session: Session, names: Sequence[str]) -> Iterator[Prospect]:
    """What merging each branch with HEAD would meet, phases that are still to come included; nothing is written."""
    with aside(session.repository) as repository:
        apart = Session(session.request, session.plan, repository, session.listener)
        start, git = apart.start(), repository.git
        asked = [branch_of(git, name) for name in names]
        others = [one for one in branches(git) if one.ref != start.head.branch]
        known = Stages(apart)
        coming = known.predicted([one for one in apart.preview() if not one.refused], apart.date())
        end = stand_in(git, coming[-1].after, start.head.commit) if coming else start.head.commit
        for branch in asked or others:
            base = merge_base(git, branch.commit, start.head.commit)
            if not base or branch.commit == base:  # nothing in common, or nothing of its own
                continue
            lacking = known.lacking(branch.commit, start.head.commit)
            stages = (*known.published(branch.commit, start.head.commit), *coming)
            yield Prospect(
                branch.name,
                len(since(git, base, branch.commit, merges=True)),
                merge_commits(git, branch.commit, lacking[0].base if lacking else start.head.commit).conflicts,
                merge_commits(git, branch.commit, end).conflicts,
                _met(apart, stages, base, branch, coming[-1].after if coming else start.tree_id),
            )


def _met(session: Session, stages: Sequence[Stage], base: str, branch: Branch, tip: str) -> tuple[str, ...]:
    """The paths that stand against carrying a branch."""
    tree_id = session.repository.tree_id
    done = carried(session, stages, tree_id(base), tree_id(branch.commit), tip, branch.commit)
    return tuple(dict.fromkeys(finding.place.path if finding.place else "" for finding in done.findings))


def _base(repository: Repository, branch: Branch, main: str) -> str:
    base = merge_base(repository.git, branch.commit, main)
    if not base:
        raise mismatch("branch-unknown", f"{branch.name} has no commit in common with HEAD", "merge it by hand")
    return base
