"""A recorded run: values of the shapes that the report reads."""

from __future__ import annotations

from dataclasses import dataclass

from codemod.base.findings import Finding, Place, Weight
from codemod.plan.model import Phase
from codemod.rewrite.outcome import Change, Commit, Forecast, Outcome, Residue
from codemod.source.tree import Tree


@dataclass(frozen=True, slots=True)
class RecordedCommit:
    sha: str = "9f3c2ab1d0e4"
    kind: str = "move"
    subject: str = "Move the internal modules"
    files: int = 3
    added: int = 2
    deleted: int = 2
    renames: int = 1


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    command: str = "pytest -q"
    verdict: str = "passed"
    seconds: float = 3.14
    output: str = ""
    why: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class RecordedBranch:
    name: str = "codemod/services/low-risk"
    commit: str = "9f3c2ab1d0e4"
    base: str = "main"


@dataclass(frozen=True, slots=True)
class RecordedPhase:
    phase: Phase
    outcome: Outcome | None = None
    state: str = "published"
    commits: tuple[RecordedCommit, ...] = ()
    checks: tuple[RecordedCheck, ...] = ()
    findings: tuple[Finding, ...] = ()
    branch: RecordedBranch | None = None


@dataclass(frozen=True, slots=True)
class RecordedRun:
    phases: tuple[RecordedPhase, ...] = ()
    exit_code: int = 0
    head: str = "9f3c2ab1d0e4"


@dataclass(frozen=True, slots=True)
class RecordedStatus:
    id: str
    title: str = ""
    state: str = "pending"
    owner: str = ""
    target: str = ""
    commit: str = ""
    findings: tuple[Finding, ...] = ()


BEFORE = Tree.of(
    {
        "app/a.py": b"import app.b\nX = 1\nY = 2\nZ = 3\n",
        "app/b.py": b"B = 1\n",
        "app/use.py": b"from app.a import X\nprint(X)\n",
        "bad.py": b"def (:\n",
    }
)
AFTER = BEFORE.changed(
    moves={"app/a.py": "app/core/a.py"},
    writes={"app/use.py": b"from app.core.a import X\nprint(X)\n", "app/core/__init__.py": b""},
)
BLOCKING = Finding(
    "target-taken",
    "app.core.a exists already",
    Weight.MISMATCH,
    Place("plan.yaml", 12, 9),
    "choose another target",
    "phases[1].do[0].move",
)
REVIEW = Finding("residue-ambiguous", "'app.a' may be a name", Weight.REVIEW, Place("app/use.py", 4, 7))
NOTE = Finding("syntax-left-alone", "invalid syntax; left alone", Weight.NOTE, Place("bad.py", 1))
LOW = Phase("low-risk", (), "Move the internal modules", "Platform", "2025-11-26")
OUTCOME = Outcome(
    LOW,
    BEFORE,
    (Commit("move", AFTER, renames={"app/a.py": "app/core/a.py"}),),
    (REVIEW, NOTE),
    (Change(Place("app/use.py", 1), "app.a is app.core.a"), Change(Place("app/use.py", 2), "a string", review=True)),
    {"app/a.py": "app/core/a.py"},
    (Residue(Place("docs/x.md", 3, 2), "app.a", "ambiguous", "prose"), Residue(Place("plan.yaml", 3), "app.a", "ours")),
    Forecast(1, 1),
)
HOLDS = Outcome(Phase("baseline", ()), BEFORE, state="done")
REFUSED = Outcome(Phase("high-risk", ()), AFTER, findings=(BLOCKING,))
