"""What a caller asks of a session, what it hears on the way, and what it gets back."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from codemod.base.findings import Finding, Weight
from codemod.base.values import dataclass
from codemod.plan.model import Phase
from codemod.rewrite.outcome import Outcome
from codemod.shell.checks import CheckResult

__all__ = [
    "BranchInfo",
    "CarryResult",
    "CheckResult",
    "CommitInfo",
    "Listener",
    "PhaseResult",
    "PhaseStatus",
    "Prospect",
    "Request",
    "RunResult",
    "Silent",
]


@dataclass(frozen=True, slots=True)
class Request:
    """A plan, the repository that it is for, and what the user decided on the command line."""

    plan: Path
    repo: Path | None = None
    ok: frozenset[str] = frozenset()  # phases whose `needs_ok` somebody has given
    checks: bool = True
    assume: str = ""  # done | pending, where the tree cannot tell
    untracked: str = "refuse"  # refuse | rewrite | leave
    allow_code: bool = False


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit that was made, and its size."""

    sha: str
    kind: str  # a Codemod-Kind
    subject: str
    files: int
    added: int
    deleted: int
    renames: int


@dataclass(frozen=True, slots=True)
class BranchInfo:
    """A branch of a phase, its commit, and the branch that it stands on ("" where that has no name)."""

    name: str
    commit: str
    base: str


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """What became of a phase.

    `state` is one of published, holds, refused (a finding blocks it), failed (a check or a hook says no), waiting
    (for `--ok`) and skipped (it depends on one that did not pass).
    """

    phase: Phase
    outcome: Outcome | None
    state: str
    commits: tuple[CommitInfo, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    branch: BranchInfo | None = None  # with a branch for each phase


@dataclass(frozen=True, slots=True)
class RunResult:
    """What became of a run; `head` is where HEAD is afterwards."""

    phases: tuple[PhaseResult, ...]
    exit_code: int
    head: str


@dataclass(frozen=True, slots=True)
class PhaseStatus:
    """How far a phase is; `commit` is its newest commit in HEAD's history, "" where there is none."""

    id: str
    title: str
    state: str  # pending | done | drifted | unknown
    owner: str
    target: str
    commit: str
    findings: tuple[Finding, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class CarryResult:
    """What became of a branch: where it was and is, the phases that it followed, the new commits (oldest first)."""

    branch: str
    old: str
    new: str
    phases: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when the branch could not follow; 3 when it is not as the phases assume, such as a target that is taken."""
        weights = {finding.weight for finding in self.findings}
        return 3 if Weight.MISMATCH in weights else int(bool(weights))


@dataclass(frozen=True, slots=True)
class Prospect:
    """What merging a branch would meet: paths that conflict before the phases, after them, and when it is carried."""

    branch: str
    commits: int
    today: tuple[str, ...]
    after: tuple[str, ...]
    carried: tuple[str, ...]


class Listener(Protocol):
    """Hears what a session does, while it does it."""

    def phase(self, phase: Phase, number: int, total: int) -> None:
        """A phase begins."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """A stage has done so much of its work."""

    def cost(self, outcome: Outcome) -> None:
        """What a phase comes to, before its checks and commits."""

    def starting(self, command: str) -> None:
        """A command that the plan names is about to run."""

    def check(self, result: CheckResult) -> None:
        """A check has a verdict."""

    def commit(self, info: CommitInfo) -> None:
        """A commit is published."""

    def message(self, text: str) -> None:
        """Something worth a line."""


class Silent:
    """A listener that does nothing: the defaults of every other."""

    def phase(self, phase: Phase, number: int, total: int) -> None:
        """Hear nothing."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Hear nothing."""

    def cost(self, outcome: Outcome) -> None:
        """Hear nothing."""

    def starting(self, command: str) -> None:
        """Hear nothing."""

    def check(self, result: CheckResult) -> None:
        """Hear nothing."""

    def commit(self, info: CommitInfo) -> None:
        """Hear nothing."""

    def message(self, text: str) -> None:
        """Hear nothing."""
