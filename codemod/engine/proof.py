"""What has to be run before a phase is published: hooks, imports and the plan's checks, in a work tree of our own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from codemod.base import names
from codemod.base.errors import RepositoryError
from codemod.base.values import replace
from codemod.plan.model import Phase
from codemod.shell import checks, hooks, imports
from codemod.shell.checks import Bench, CheckResult, Chosen, Snapshot
from codemod.shell.git import mismatch
from codemod.shell.lock import our_folder
from codemod.shell.passes import Passes
from codemod.shell.process import interpreter
from codemod.shell.worktree import Worktree, worktree
from codemod.source.inventory import Inventory
from codemod.source.modules import Module

from .session import Session

TOO_LONG = 500_000  # bytes of a command line that name files; the kernel's limit is not far above


class Proof:
    """Makes the work tree when something has to run in it, once for a whole run."""

    def __init__(self, session: Session, run: str, origin: Path) -> None:
        self.session = session
        self._run = run
        self._origin = origin
        self._stack = ExitStack()
        self._worktree: Worktree | None = None
        self._benches: dict[str, Bench] = {}
        self._hooks = hooks.configured(session.repository, "pre-commit", "commit-msg")

    @property
    def at_work(self) -> bool:
        """True once anything had to be run."""
        return self._worktree is not None

    def close(self) -> None:
        """Remove the work tree."""
        self._stack.close()

    def hooked(self, phase: Phase, parent: str, tree_id: str) -> str:
        """The tree of a commit after the user's pre-commit hook; raises Refused on its veto."""
        if "pre-commit" not in self._hooks:
            return tree_id
        self.session.listener.starting("git hook run pre-commit")
        return hooks.pre_commit(self._place(phase, parent), parent, tree_id)

    def worded(self, phase: Phase, parent: str, text: str) -> str:
        """The message of a commit after the user's commit-msg hook; raises Refused on its veto."""
        if "commit-msg" not in self._hooks:
            return text
        self.session.listener.starting("git hook run commit-msg")
        return hooks.commit_msg(self._place(phase, parent), text)

    def judged(
        self, phase: Phase, before: tuple[str, str, Inventory], after: tuple[str, str, Inventory],
        moves: Mapping[str, str], kind: str = "",
    ) -> tuple[CheckResult, ...]:  # fmt: skip
        """The verdicts on a commit; each state is (commit, tree id, inventory), `kind` tells it from its siblings.

        Raises RepositoryError where the interpreter would test another tree than this one.
        """
        wanted = changed_modules(before[2], after[2], moves)
        plan_checks = phase.settings.checks
        if not (plan_checks or wanted):
            return ()
        bench = self._bench(phase, before[0])
        parent = Snapshot(before[0], before[1], before[2].modules.roots)
        at = Snapshot(after[0], after[1], after[2].modules.roots)
        tops = first_party(after[2])
        stale = imports.outside(bench, at, sorted(tops))
        if stale:
            raise RepositoryError(*stale)
        results: list[CheckResult] = []

        def heard(result: CheckResult) -> None:
            results.append(replace(result, commit=kind))
            self.session.listener.check(results[-1])

        if wanted:
            heard(imports.judge(bench, at, parent, wanted, tops))
            if results[0].fails:
                return tuple(results)
        narrow = any(check.affected for check in plan_checks)
        chosen = chosen_tests(before[2], after[2], moves) if narrow else None
        checks.all_judged(bench, plan_checks, at, parent, moves, chosen, heard)
        return tuple(results)

    def _place(self, phase: Phase, commit: str) -> Worktree:
        if self._worktree is None:
            self._worktree = self._stack.enter_context(
                worktree(self.session.repository, commit, self._run, phase.settings.link, self._origin)
            )
        if tuple(self._worktree.links) != phase.settings.link:
            self._worktree.links = phase.settings.link
            self._worktree.tree_id = ""
        return self._worktree

    def _bench(self, phase: Phase, commit: str) -> Bench:
        place = self._place(phase, commit)
        python = interpreter(phase.settings.python, self._origin)
        if python not in self._benches:
            if not os.access(python, os.X_OK):
                raise mismatch("interpreter-missing", f"{python} cannot be executed", "see `python:` in the plan")
            passes = Passes(our_folder(self.session.repository.common_dir))
            self._benches[python] = Bench(place, python, self.session.listener.starting, passes)
        return self._benches[python]


def chosen_tests(before: Inventory, after: Inventory, moves: Mapping[str, str]) -> Chosen | None:
    """The test files that a change reaches, and what they were before; None for all of them."""
    from codemod.analysis.affected import affected, collected_by

    found = affected(before, after)
    if found.everything or sum(len(path) + 1 for path in found.tests) > TOO_LONG:
        return None
    came_from = {new: old for old, new in moves.items()}
    known = [came_from.get(path, path) for path in found.tests]
    gone = collected_by(before.tree)  # what a split has left holds tests that are elsewhere now
    known += [path for path in before.tree if path not in after.tree and gone.holds(path)]
    there = tuple(sorted({path for path in known if path in before.tree}))
    return Chosen(found.tests, there, found.known)


def first_party(inventory: Inventory) -> frozenset[str]:
    """Top-level names of the repository's own regular packages and modules."""
    regular = (module for module in inventory.modules if module.path and not names.parent(module.name))
    return frozenset(module.name for module in regular if module.name.isidentifier())


def changed_modules(before: Inventory, after: Inventory, moves: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The modules of packages whose file changed: name now -> the modules before that it comes from.

    A new module may come from any that is gone or was changed.  Scripts are left out: importing one may run it.
    """
    came_from = {new: old for old, new in moves.items()}
    delta = list(before.tree.delta(after.tree))
    earlier = [module for path, entry, _ in delta if entry is not None and (module := before.modules.at(path))]
    anything = tuple(sorted({module.name for module in earlier if _importable(module, before)}))
    found = {}
    for path, _, entry in delta:
        module = after.modules.at(path) if entry is not None and entry.is_file else None
        if module is not None and path.endswith(".py") and _importable(module, after):
            old = before.modules.at(came_from.get(path, path))
            found[module.name] = (old.name,) if old is not None else anything
    return found


def _importable(module: Module, inventory: Inventory) -> bool:
    if not names.is_dotted(module.name) or names.last(module.name) in ("__main__", "conftest", "setup"):
        return False
    top = inventory.modules.get(names.top(module.name))
    return top is not None and top.is_package and bool(top.path) and names.top(module.name) not in ("tests", "test")
