"""The phases of a plan as tables: where each stands, and what a run did with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from codemod.base.findings import Finding

from .cost import Cost, total
from .findings import ordered
from .page import BLANK, Block, Line, Span, Table, count, line
from .records import CheckRecord, CommitRecord, PhaseRecord, RunRecord, StatusRecord

STATE_ROLES = {
    "done": "good", "holds": "good", "published": "good", "passes": "good", "undone": "good",
    "pending": "", "drifted": "warn", "unknown": "warn", "waiting": "warn", "skipped": "dim", "not reached": "dim",
    "refused": "bad", "failed": "bad",
}  # fmt: skip
VERDICTS = {
    "passed": ("passed", "good"),
    "new-failure": ("failed, and did not before", "bad"),
    "failed-before": ("failed before too: proves nothing", "warn"),
    "proves-nothing": ("proves nothing", "warn"),
}
REHEARSED = {"published": "passes", "skipped": "not reached"}
"""States of a run in the words of a rehearsal."""
UNDONE = {"published": "undone"}
"""States of a run in the words of undo."""
_ORDER = ("published", "holds", "refused", "failed", "waiting", "skipped")
_NONE: Mapping[str, str] = MappingProxyType({})


def status_table(phases: Sequence[StatusRecord]) -> Table:
    """One row a phase: id, state, owner, target, commit, title."""
    rows = tuple(
        line(
            Span(phase.id, "strong"), Span(phase.state, STATE_ROLES.get(phase.state, "")), phase.owner, phase.target,
            Span(phase.commit[:10], "dim"), phase.title,
        )
        for phase in phases
    )  # fmt: skip
    return without_empty(Table(("PHASE", "STATE", "OWNER", "TARGET", "COMMIT", "TITLE"), rows))


def status_report(phases: Sequence[StatusRecord]) -> Iterator[Block]:
    """The table and a line that counts the states."""
    if phases:
        yield status_table(phases)
        yield BLANK
    yield line(states([phase.state for phase in phases], ("done", "drifted", "pending", "unknown")))


def states(found: Sequence[str], order: Sequence[str]) -> str:
    """`6 phases: 2 done, 4 pending`; states in `order` first."""
    counted = Counter(found)
    known = [state for state in order if counted[state]] + sorted(set(counted) - set(order))
    parts = ", ".join(f"{counted[state]} {state}" for state in known)
    return f"{count(len(found), 'phase')}: {parts}" if parts else count(0, "phase")


def run_table(run: RunRecord, costs: Mapping[str, Cost], words: Mapping[str, str] = _NONE) -> Table:
    """One row a phase: id, state, files, moved, lines, commits, checks, owner, target."""
    rows = tuple(_run_row(phase, costs.get(phase.phase.id), words) for phase in run.phases)
    head = ("PHASE", "STATE", "FILES", "MOVED", "+LINES", "-LINES", "COMMITS", "CHECKS", "OWNER", "TARGET")
    return without_empty(Table(head, rows, frozenset({2, 3, 4, 5, 6})))


def _run_row(phase: PhaseRecord, cost: Cost | None, words: Mapping[str, str]) -> Line:
    state = words.get(phase.state, phase.state)
    numbers = [f"{n:,}" for n in (cost.files, cost.moved, cost.added, cost.deleted)] if cost else [""] * 4
    return line(
        Span(phase.phase.id, "strong"), Span(state, STATE_ROLES.get(state, "")), *numbers,
        str(len(phase.commits) or ""), _checks_cell(phase.checks), phase.phase.owner, phase.phase.target,
    )  # fmt: skip


def _checks_cell(checks: Sequence[CheckRecord]) -> Span:
    failed = sum(check.verdict == "new-failure" for check in checks)
    passed = sum(check.verdict == "passed" for check in checks)
    empty = len(checks) - failed - passed
    parts = [f"{n} {word}" for n, word in ((failed, "failed"), (passed, "passed"), (empty, "unproven")) if n]
    return Span(", ".join(parts), "bad" if failed else "warn" if empty else "good" if passed else "")


def without_empty(table: Table) -> Table:
    """The table without columns in which no row says anything."""
    keep = [column for column in range(len(table.head)) if any(row[column].text for row in table.rows)]
    return Table(
        tuple(table.head[column] for column in keep),
        tuple(tuple(row[column] for column in keep) for row in table.rows),
        frozenset(position for position, column in enumerate(keep) if column in table.right),
    )


def run_summary(run: RunRecord, words: Mapping[str, str] = _NONE) -> str:
    """`6 phases: 2 published, 1 refused, 3 skipped`."""
    told = {"holds": "already held", "published": "published", "skipped": "not reached", **words}
    told = {state: {"passes": "would pass"}.get(word, word) for state, word in told.items()}
    found = [told.get(phase.state, phase.state) for phase in run.phases]
    return states(found, [told.get(state, state) for state in _ORDER])


def run_report(run: RunRecord, costs: Mapping[str, Cost], words: Mapping[str, str] = _NONE) -> Iterator[Block]:
    """The table, the checks that prove nothing, and the summary."""
    if run.phases:
        yield run_table(run, costs, words)
        yield BLANK
    yield from unproven(run)
    summary = run_summary(run, words)
    spent = total(costs[phase.phase.id] for phase in run.phases if phase.commits and phase.phase.id in costs)
    yield line(Span(summary, "bad" if run.exit_code else "good"), f"; {spent}" if spent.files else "")


def unproven(run: RunRecord) -> Iterator[Line]:
    """The checks of a run that prove nothing, and why."""
    for phase in run.phases:
        for check in phase.checks:
            if check.verdict in ("proves-nothing", "failed-before"):
                why = f" ({check.why})" if check.why else ""
                verdict = VERDICTS[check.verdict][0]
                yield line(Span(phase.phase.id, "strong"), ": ", Span(check.command, "code"), f": {verdict}{why}")


def phase_line(id: str, title: str, number: int, total: int) -> Line:
    """`[1/6] low-risk  Move the internal modules`."""
    return line(Span(f"[{number}/{total}] ", "dim"), Span(id, "strong"), f"  {title}" if title else "")


def commit_line(commit: CommitRecord) -> Line:
    """`9f3c2ab1d0 move: Move the internal modules (14 files, 8 moved, +41 -41 lines)`."""
    cost = Cost(commit.files, commit.renames, commit.added, commit.deleted)
    return line(Span(commit.sha[:10], "code"), f" {commit.kind}: {commit.subject} ", Span(f"({cost})", "dim"))


def check_line(check: CheckRecord) -> Line:
    """`passed in 3.1 s`, or what else there is to say."""
    word, role = VERDICTS.get(check.verdict, (check.verdict, ""))
    why = f": {check.why}" if check.why and check.verdict != "passed" else ""
    return line(Span(word, role), Span(f" in {check.seconds:.1f} s", "dim"), why)


def findings_of(phase: PhaseRecord) -> tuple[Finding, ...]:
    """What was found in a phase, by the computation and by the run, each once."""
    return ordered((*phase.findings, *(phase.outcome.findings if phase.outcome else ())))
