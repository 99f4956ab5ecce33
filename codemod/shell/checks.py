"""The plan's checks on a commit, judged against the same checks on its parent: only what the phase adds counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from codemod.base.values import dataclass, field
from codemod.plan.model import Check

from . import junit, process
from .junit import Report
from .passes import Passes, installed, key_of
from .process import Ran
from .worktree import Worktree

NO_TEST = 5  # pytest's exit status when it has collected nothing
NAMED = 5  # failing tests that are told by name


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The test files that a check with `affected` runs, those that it runs on the parent, and how many there are."""

    files: tuple[str, ...]
    before: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a check ended, and the report that it wrote, if it was to."""

    ran: Ran
    report: Report | None = None


@dataclass(slots=True)
class Bench:
    """Runs commands in a work tree at one commit or another; what was learnt of a tree is kept."""

    worktree: Worktree
    python: str
    starting: Callable[[str], None]
    passes: Passes
    known: dict[tuple[object, ...], Ended] = field(default_factory=dict)

    def environment(self, at: Snapshot) -> dict[str, str]:
        """The environment of a command at a commit."""
        return process.environment(self.python, self.worktree.top, at.roots, self.worktree.origin)

    def show(self, at: Snapshot) -> Path:
        """The work tree's folder, with the files of a commit."""
        if self.worktree.tree_id != at.tree_id:
            self.worktree.show(at.commit, at.tree_id)
        return self.worktree.top

    def run(self, check: Check, at: Snapshot, files: Sequence[str] = (), of: int = 0) -> Ended:
        """How a check ends at a commit; of the test files only these, some `of` so many, where there are any."""
        key = (at.tree_id, check.run, *files)
        if key not in self.known:
            top = self.show(at)
            report = top / check.junit
            inside = bool(check.junit) and report.resolve().is_relative_to(top.resolve())
            if inside:
                report.unlink(missing_ok=True)
            self.starting(check.run + (f"  ({len(files)} of {of} test files)" if files else ""))
            command = ["sh", "-c", line_of(check, files), "sh", *files]
            ran = process.run(command, top, self.environment(at), check.timeout)
            self.known[key] = ended = Ended(ran, junit.read(report) if inside else None)
            self.worktree.tree_id = ""  # a check may write: start from clean files the next time
            if ran.passed and not (ended.report and ended.report.failed):
                self.passes.add(self._key(check, at, files))
        return self.known[key]

    def judge(
        self, check: Check, at: Snapshot, parent: Snapshot, moves: Mapping[str, str], chosen: Chosen | None
    ) -> CheckResult:
        """The verdict on a check at a commit; `moves` are the files that moved since the parent."""
        files = chosen.files if chosen else ()
        if chosen and not files:
            return CheckResult(check.run, "proves-nothing", 0.0, "", "no test file reaches what changes")
        now = self.run(check, at, files, chosen.known if chosen else 0)
        if now.ran.passed:
            why = f"{len(files)} of {chosen.known} test files" if chosen else ""
            return CheckResult(check.run, "passed", now.ran.seconds, "", why)
        before = self._on_parent(check, parent, chosen)
        verdict, why = verdict_on(now, before, moves)
        return CheckResult(check.run, verdict, now.ran.seconds, now.ran.output, why)

    def _on_parent(self, check: Check, parent: Snapshot, chosen: Chosen | None) -> Ended | str:
        """How a check ends on the parent, or in words why it would pass there."""
        files = chosen.before if chosen else ()
        if chosen and not files:
            return "none of these tests is there on the parent"
        known = (parent.tree_id, check.run, *files) in self.known
        if not known and self._key(check, parent, files) in self.passes:
            return "it passed on the parent in an earlier run"
        return self.run(check, parent, files, chosen.known if chosen else 0)

    def _key(self, check: Check, at: Snapshot, files: Sequence[str]) -> str:
        links = [self.worktree.origin / name for name in self.worktree.links]
        command = (check.run, check.timeout, check.junit, *files)
        env, looked_at = self.environment(at), [*installed(self.python), *links]
        return key_of(at.tree_id, command, env, self.worktree.top, looked_at)


def line_of(check: Check, files: Sequence[str]) -> str:
    """The shell line of a check, whose parameters are these files: where it says so, else at its end."""
    if not files or re.search(r"\$[@*]|\$\{[@*]", check.run):
        return check.run
    return f'{check.run.rstrip()} "$@"'


def verdict_on(now: Ended, before: Ended | str, moves: Mapping[str, str]) -> tuple[str, str]:
    """(verdict, why) for a command that did not pass, going by how it ended on the parent, or why it passes there."""
    how = "timed out" if now.ran.timed_out else f"exit {now.ran.status}"
    nothing = Report(frozenset(), frozenset())
    if isinstance(before, str) or before.ran.passed:
        why = before if isinstance(before, str) else "it passes on the parent"
        known = nothing if isinstance(before, str) else before.report or nothing
        return "new-failure", _only_now(now.report, known, moves) or f"{how}; {why}"
    if now.ran.not_started and before.ran.not_started:
        return "proves-nothing", f"could not start ({how})"
    if now.ran.status == before.ran.status == NO_TEST:
        return "proves-nothing", "ran no test"
    if before.report and not now.report:
        return "new-failure", f"{how} without a report; on the parent it fails and writes one"
    new = _only_now(now.report, before.report, moves)
    if new:
        return "new-failure", new
    return "failed-before", f"{how}; it fails on the parent too, so it proves nothing"


def _only_now(now: Report | None, before: Report | None, moves: Mapping[str, str]) -> str:
    """The tests that fail only now, in words; empty where there are none, or a report is missing."""
    found = junit.added(now, before, moves) if now and before else []
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"fails only now: {', '.join(found[:NAMED])}{more}" if found else ""


def all_judged(
    bench: Bench, checks: Sequence[Check], at: Snapshot, parent: Snapshot, moves: Mapping[str, str],
    chosen: Chosen | None, heard: Callable[[CheckResult], None],
) -> None:  # fmt: skip
    """Tell of every check at a commit; ends after the first that fails there and not on the parent.

    `chosen` are the tests for the checks that want only those that are affected; None for all.
    """
    for check in checks:
        result = bench.judge(check, at, parent, moves, chosen if check.affected else None)
        heard(result)
        if result.fails:
            break
