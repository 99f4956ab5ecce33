"""A published phase is taken back: the branch returns where nothing came after, else a commit reverts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codemod.base.errors import CodemodError, Refused
from codemod.base.findings import Finding, Weight
from codemod.base.values import replace
from codemod.plan.model import Phase
from codemod.rewrite.intent import Intent
from codemod.rewrite.outcome import Commit, Outcome
from codemod.shell import publish
from codemod.shell.commits import Landed, landed, publications
from codemod.shell.git import mismatch
from codemod.shell.journal import changes
from codemod.shell.merging import merge_trees
from codemod.shell.objects import read_tree
from codemod.shell.obstacles import obstacles
from codemod.shell.repository import Head
from codemod.shell.trees import renames
from codemod.source.inventory import Inventory
from codemod.source.modules import SUFFIXES
from codemod.verify import links

from .events import PhaseResult, RunResult
from .run import Made, Runner, finish, finished, running
from .session import Session


def undo(session: Session, phase: Phase) -> RunResult:
    """Take back the newest publication of a phase; as safe as publishing it was."""
    with running(session) as runner:
        session.listener.phase(phase, 1, 1)
        try:
            result = _undone(runner, phase)
        except Refused as error:
            result = PhaseResult(phase, None, "failed", findings=error.findings)
        except CodemodError as error:
            result = PhaseResult(phase, None, "refused", findings=error.findings)
        runner.results.append(result)
        return finished(runner)


def _undone(runner: Runner, phase: Phase) -> PhaseResult:
    repository, start = runner.repository, runner.start
    history = landed(repository.git, start.head.commit)
    steps = published_steps(history, phase.id)
    if not steps:
        raise mismatch("not-landed", f"phase {phase.id} is not published on this branch, or is undone already")
    commits = {step.commit for step in steps}
    beside = {one.phase for one in history if one.commit in commits} - {phase.id}
    if beside:
        what = f"{steps[0].commit[:12]} holds phase {sorted(beside)[0]}, too: they were squashed into one commit"
        raise mismatch("phases-squashed", what, "revert that commit by hand")
    if phase.shims_in and published_steps(history, phase.shims_in):
        what = f"phase {phase.shims_in} has left shims at the old paths of phase {phase.id}"
        raise Refused(Finding("undo-conflict", what, Weight.REFUSAL, hint=f"undo --phase {phase.shims_in} first"))
    base = repository.git.lookup("rev-parse", "--verify", "--quiet", f"{steps[-1].commit}^1")
    if not base:
        raise mismatch("not-landed", f"the commit before phase {phase.id} is not in this repository (a shallow clone?)")
    if steps[0].commit == start.head.commit and not _is_shared(runner, start.head.commit):
        return _reset(runner, phase, base)
    tree_id = _reverted(runner, phase, steps[0].commit, base)
    tree = read_tree(repository.git, tree_id)
    blocked = tuple(obstacles(repository, list(changes(repository.git, start.tree_id, tree_id))))
    if blocked:
        return PhaseResult(phase, None, "refused", findings=blocked)
    broken = tuple(
        _broken(start.inventory, start.inventory.after(tree), renames(repository.git, start.tree_id, tree_id))
    )
    if broken:
        return PhaseResult(phase, None, "refused", findings=broken)
    commit = Commit("undo", tree)
    outcome = Outcome(phase, start.inventory.tree, (commit,))
    return finish(runner, phase, outcome, [Made(tree_id, commit)], ())


def _broken(before: Inventory, after: Inventory, files: Mapping[str, str]) -> Iterator[Finding]:
    """Imports that lead somewhere now and would not any more: what was written since the phase uses its names."""
    changed = {path for path, _, entry in before.tree.delta(after.tree) if entry is not None}
    everything = [path for path in before.tree if path.endswith(SUFFIXES)]
    for finding in links.check(before, after, Intent(files=files), changed, everything):
        yield replace(finding, hint="this was written after the phase: undo or change it first")


def published_steps(history: tuple[Landed, ...], phase: str) -> tuple[Landed, ...]:
    """The commits of the newest publication of a phase, newest first; none where it is undone."""
    return next(publications(history, phase), ())


def _is_shared(runner: Runner, commit: str) -> bool:
    """True when a remote's branch has the commit: taking it out of ours would only make the two differ."""
    return bool(runner.repository.git.lookup("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes/"))


def _reset(runner: Runner, phase: Phase, base: str) -> PhaseResult:
    repository, start = runner.repository, runner.start
    items = list(changes(repository.git, start.head.commit, base))
    blocked = tuple(obstacles(repository, items))
    if blocked:
        return PhaseResult(phase, None, "refused", findings=blocked)
    publish.publish(repository, start.head, base, items, runner.run, reason=f"undo phase {phase.id}")
    head = Head(base, start.head.branch)
    runner.start = runner.session.start()
    note = Finding("undone", f"{head.ref} is back at {base[:12]}, before phase {phase.id}", Weight.NOTE)
    return PhaseResult(phase, None, "published", findings=(note,))


def _reverted(runner: Runner, phase: Phase, last: str, base: str) -> str:
    """The tree of HEAD without what the phase did: a merge of HEAD and the tree before over the tree after."""
    merged = merge_trees(runner.repository.git, last, runner.start.head.commit, base, folders=False)
    if merged.conflicts:
        raise Refused(
            *(
                Finding("undo-conflict", f"{path} has changed since phase {phase.id} in a way that conflicts",
                        Weight.REFUSAL, hint="undo the later phases first, or revert by hand")
                for path in merged.conflicts
            )
        )  # fmt: skip
    return merged.tree_id
