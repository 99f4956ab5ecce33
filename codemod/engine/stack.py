"""A branch for each phase, one on top of the other; HEAD, the branch that it is on, index and files stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass, field, replace
from codemod.plan.model import Phase
from codemod.shell.branches import HEADS, Branch, branches, is_ancestor, move_branch
from codemod.shell.repository import checked_out, under_way

from .events import BranchInfo
from .session import Session, Start

FOLDER = "codemod"


@dataclass(slots=True)
class Stack:
    """The branches of a plan's phases, `codemod/<stem of the plan's file>/<id of the phase>`."""

    session: Session
    below: str  # the branch that the next one stands on; "" for a detached HEAD
    placed: dict[str, BranchInfo] = field(default_factory=dict)  # by the id of the phase
    _tips: dict[str, str] = field(default_factory=dict)  # where each branch was when we came to it; "": nowhere

    @classmethod
    def on(cls, session: Session, start: Start) -> Stack:
        """A stack that begins at HEAD."""
        return cls(session, start.head.branch.removeprefix(HEADS))

    def name(self, phase: Phase) -> str:
        """The name of a phase's branch, without `refs/heads/`."""
        return f"{FOLDER}/{stem(self.session.plan.path)}/{phase.id}"

    def onto(self, start: Start, phase: Phase) -> Start:
        """Where a phase begins: at the end of its branch and of those of earlier phases, as far as they are there."""
        for one in self.session.plan.phases:
            if one.id not in self._tips:
                self._tips[one.id] = self._tip(one)
                start = self._followed(start, one)
            if one.id == phase.id:
                break
        return start

    def _tip(self, phase: Phase) -> str:
        ref = f"{HEADS}{self.name(phase)}^{{commit}}"
        return self.session.repository.git.lookup("rev-parse", "--verify", "--quiet", ref)

    def _followed(self, start: Start, phase: Phase) -> Start:
        """The end of a phase's branch, if that goes on from `start` and holds the phase; else `start`."""
        tip, top = self._tips[phase.id], start.head.commit
        if not tip or not is_ancestor(self.session.repository.git, top, tip) or not self.session.landed(phase, tip):
            return start
        self._stands(phase, tip)
        if tip == top:
            return start
        tree_id = self.session.repository.tree_id(tip)
        return Start(replace(start.head, commit=tip), tree_id, self.session.inventory(tree_id))

    def blocked(self, start: Start, phase: Phase) -> Iterator[Finding]:
        """What stands against a branch for the phase that goes on from `start`."""
        name, repository = self.name(phase), self.session.repository
        for other in branches(repository.git):
            if name.startswith(f"{other.name}/") or other.name.startswith(f"{name}/"):
                what = f"there is a branch {other.name}, and beside it none can be called {name}"
                yield _taken(what, f"call it something else: git branch -m {other.name} NAME")
        tip, top = self._tips[phase.id], start.head.commit
        if tip and not (is_ancestor(repository.git, tip, top) and self.session.landed(phase, tip)):
            what = f"the branch {name} is at {tip[:12]}, which does not go on from {top[:12]} by this phase"
            yield _taken(what, f"merge or rebase it, or delete it (git branch -D {name}) to have it made again")
        ref = HEADS + name
        for place in (*checked_out(repository, ref), *under_way(repository, ref)):
            what = f"{name} is checked out in {place}, whose files would not follow"
            yield Finding("branch-elsewhere", what, Weight.MISMATCH, hint="switch to another branch there first")

    def publish(self, phase: Phase, new: str) -> None:
        """Let the phase's branch be at `new`, if it is still where it was; raises RepositoryError, or Refused."""
        branch = Branch(self.name(phase), self._tips[phase.id])
        move_branch(self.session.repository, branch, new, f"phase {phase.id}")
        self._stands(phase, new)

    def _stands(self, phase: Phase, commit: str) -> None:
        known, name = self.placed.get(phase.id), self.name(phase)
        base = known.base if known else self.below if self.below != name else ""
        self.placed[phase.id] = BranchInfo(name, commit, base)
        self.below = name


def stem(path: str) -> str:
    """The file name of a plan without its suffix, as a part of a ref's name."""
    name = re.sub(r"[^A-Za-z0-9._-]+|\.\.+", "-", PurePosixPath(path).stem).strip(".-")
    return (f"{name}-" if name.endswith(".lock") else name) or "plan"


def _taken(message: str, hint: str) -> Finding:
    return Finding("branch-taken", message, Weight.MISMATCH, hint=hint)
