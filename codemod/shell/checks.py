"""The plan's checks on a commit, judged against the same checks on its parent: only what the phase adds counts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codemod.plan.model import Check

from . import process
from .process import Ran
from .worktree import Worktree

NO_TEST = 5  # pytest's exit status when it has collected nothing


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict on a check.

    `passed`; `new-failure` (it passes on the parent); `failed-before` (it fails on the parent too) and
    `proves-nothing` (it could not start, or ran no test) say nothing about the phase.
    """

    command: str
    verdict: str
    seconds: float
    output: str  # the end of what it wrote; empty when it passed
    why: str = ""
    commit: str = ""  # the kind of the commit it was run on, where the phase has several

    @property
    def fails(self) -> bool:
        """True when the phase must not be published."""
        return self.verdict == "new-failure"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit, its tree, and the source roots there."""

    commit: str
    tree_id: str
    roots: tuple[str, ...]


@dataclass(slots=True)
class Bench:
    """Runs commands in a work tree at one commit or another; what was learnt of a tree is kept."""

    worktree: Worktree
    python: str
    starting: Callable[[str], None]
    known: dict[tuple[str, str], tuple[Ran, frozenset[str]]] = field(default_factory=dict)

    def environment(self, at: Snapshot) -> dict[str, str]:
        """The environment of a command at a commit."""
        return process.environment(self.python, self.worktree.top, at.roots, self.worktree.origin)

    def show(self, at: Snapshot) -> Path:
        """The work tree's folder, with the files of a commit."""
        if self.worktree.tree_id != at.tree_id:
            self.worktree.show(at.commit, at.tree_id)
        return self.worktree.top

    def run(self, check: Check, at: Snapshot) -> tuple[Ran, frozenset[str]]:
        """How a check ends at a commit, and the tests that fail there (with `junit` only)."""
        key = (at.tree_id, check.run)
        if key not in self.known:
            top = self.show(at)
            report = top / check.junit
            if check.junit and report.resolve().is_relative_to(top.resolve()):
                report.unlink(missing_ok=True)
            self.starting(check.run)
            ran = process.run(["sh", "-c", check.run], top, self.environment(at), check.timeout)
            self.known[key] = (ran, failing(report) if check.junit else frozenset())
            self.worktree.tree_id = ""  # a check may write: start from clean files the next time
        return self.known[key]

    def judge(self, check: Check, at: Snapshot, parent: Snapshot, moves: Mapping[str, str]) -> CheckResult:
        """The verdict on a check at a commit; `moves` are the files that moved since the parent."""
        ran, failed = self.run(check, at)
        if ran.passed:
            return CheckResult(check.run, "passed", ran.seconds, "")
        before, failed_before = self.run(check, parent)
        verdict, why = verdict_on(ran, before)
        if verdict == "failed-before" and check.junit and failed:
            added = sorted(failed - {renamed(name, moves) for name in failed_before})
            if added:
                verdict, why = "new-failure", f"fails only now: {', '.join(added[:5])}"
        return CheckResult(check.run, verdict, ran.seconds, ran.output, why)


def verdict_on(after: Ran, before: Ran) -> tuple[str, str]:
    """(verdict, why) for a command that did not pass, going by how it ended on the parent."""
    how = "timed out" if after.timed_out else f"exit {after.status}"
    if before.passed:
        return "new-failure", f"{how}; it passes on the parent"
    if after.not_started and before.not_started:
        return "proves-nothing", f"could not start ({how})"
    if after.status == before.status == NO_TEST:
        return "proves-nothing", "ran no test"
    return "failed-before", f"{how}; it fails on the parent too, so it proves nothing"


def failing(report: Path) -> frozenset[str]:
    """The tests that a JUnit report says failed, as `classname::name`; empty where there is no report."""
    try:
        root = ET.parse(report).getroot()
    except (OSError, ET.ParseError):
        return frozenset()
    return frozenset(
        f"{case.get('classname', '')}::{case.get('name', '')}"
        for case in root.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    )


def renamed(test: str, moves: Mapping[str, str]) -> str:
    """A test's name after its file moved."""
    for old, new in moves.items():
        if old.endswith(".py") and new.endswith(".py"):
            before, after = (path.removesuffix(".py").replace("/", ".") for path in (old, new))
            if test.startswith((before + "::", before + ".")):
                return after + test[len(before) :]
    return test


def all_judged(
    bench: Bench, checks: Sequence[Check], at: Snapshot, parent: Snapshot, moves: Mapping[str, str],
    heard: Callable[[CheckResult], None],
) -> None:  # fmt: skip
    """Tell of every check at a commit; ends after the first that fails there and not on the parent."""
    for check in checks:
        result = bench.judge(check, at, parent, moves)
        heard(result)
        if result.fails:
            break
