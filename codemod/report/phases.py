"""The phases of a plan as tables: where each stands, and what a run did with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from codemod.base.findings import Finding
from codemod.plan.model import Phase

from .cost import Cost, total
from .findings import ordered
from .page import BLANK, Block, Line, Span, Table, columns, count, line
from .records import CheckRecord, CommitRecord, PhaseRecord, RunRecord, StatusRecord
from .residue import residue_summary

STATE_ROLES = {
    "done": "good", "holds": "good", "published": "good", "passes": "good", "undone": "good",
    "pending": "", "drifted": "warn", "unknown": "warn", "waiting": "warn", "skipped": "dim", "not reached": "dim",
    "refused": "bad", "failed": "bad",
}  # fmt: skip
VERDICTS = {
    "passed": ("passed", "good"),
    "new-failure": ("failed", "bad"),
    "failed-before": ("proves nothing", "warn"),
    "proves-nothing": ("proves nothing", "warn"),
}
BEYOND = "not reached"
REHEARSED = {"published": "passes", "skipped": BEYOND}
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


def run_table(
    run: RunRecord, costs: Mapping[str, Cost], words: Mapping[str, str] = _NONE, beyond: Sequence[Phase] = ()
) -> Table:
    """One row a phase: id, state, files, moved, lines, commits, checks, owner, target."""
    rows = [_run_row(phase, costs.get(phase.phase.id), words) for phase in run.phases]
    rows += [_row(phase, BEYOND, *("",) * 6) for phase in beyond]
    head = ("PHASE", "STATE", "FILES", "MOVED", "+LINES", "-LINES", "COMMITS", "CHECKS", "OWNER", "TARGET")
    return without_empty(Table(head, tuple(rows), frozenset({2, 3, 4, 5, 6})))


def branch_table(run: RunRecord) -> Table:
    """One row a branch: name, commit, the branch that it stands on."""
    found = [phase.branch for phase in run.phases if phase.branch]
    rows = (line(Span(one.name, "strong"), Span(one.commit[:10], "code"), one.base) for one in found)
    return without_empty(Table(("BRANCH", "COMMIT", "ON"), tuple(rows)))


def _row(phase: Phase, state: str, *middle: str | Span) -> Line:
    return line(Span(phase.id, "strong"), Span(state, STATE_ROLES.get(state, "")), *middle, phase.owner, phase.target)


def computed_row(phase: Phase, state: str, cost: Cost | None) -> Line:
    """A row of a phase that was computed, or not reached: id, state, files, moved, lines, owner, target."""
    return _row(phase, state, *_numbers(cost))


def _numbers(cost: Cost | None) -> list[str]:
    known = cost is not None and cost.files
    return [f"{n:,}" for n in (cost.files, cost.moved, cost.added, cost.deleted)] if cost and known else [""] * 4


def _run_row(phase: PhaseRecord, cost: Cost | None, words: Mapping[str, str]) -> Line:
    state = words.get(phase.state, phase.state)
    return _row(phase.phase, state, *_numbers(cost), str(len(phase.commits) or ""), _checks_cell(phase.checks))


def _checks_cell(checks: Sequence[CheckRecord]) -> Span:
    failed = sum(check.verdict == "new-failure" for check in checks)
    passed = sum(check.verdict == "passed" for check in checks)
    empty = len(checks) - failed - passed
    parts = [f"{n} {word}" for n, word in ((failed, "failed"), (passed, "passed"), (empty, "unproven")) if n]
    return Span(", ".join(parts), "bad" if failed else "warn" if empty else "good" if passed else "")


def without_empty(table: Table) -> Table:
    """The table without columns in which no row says anything."""
    return columns(table, [number for number in range(len(table.head)) if any(row[number].text for row in table.rows)])


def run_summary(run: RunRecord, words: Mapping[str, str] = _NONE, beyond: Sequence[Phase] = ()) -> str:
    """`6 phases: 2 published, 1 refused, 3 not reached`."""
    told = {"holds": "already held", "published": "published", "skipped": BEYOND, **words}
    told = {state: {"passes": "would pass"}.get(word, word) for state, word in told.items()}
    found = [told.get(phase.state, phase.state) for phase in run.phases] + [BEYOND] * len(beyond)
    return states(found, [told.get(state, state) for state in _ORDER])


def run_report(
    run: RunRecord, costs: Mapping[str, Cost], words: Mapping[str, str] = _NONE, beyond: Sequence[Phase] = ()
) -> Iterator[Block]:
    """The table, the checks that prove nothing, and the summary; `beyond` are phases that the run did not reach."""
    if run.phases or beyond:
        yield run_table(run, costs, words, beyond)
        yield BLANK
    if any(phase.branch for phase in run.phases):
        yield branch_table(run)
        yield BLANK
    yield from unproven(run)
    spent = total(costs[phase.phase.id] for phase in run.phases if phase.commits and phase.phase.id in costs)
    role = "bad" if run.exit_code else "good"
    left = residue_summary([phase.outcome for phase in run.phases if phase.outcome])
    if left:
        yield line(f"left: {left}")
    yield line(Span(run_summary(run, words, beyond), role), f"; {spent}" if spent.files else "")


def unproven(run: RunRecord) -> Iterator[Line]:
    """The checks of a run that prove nothing, and why."""
    for phase in run.phases:
        for check in phase.checks:
            if check.verdict in ("proves-nothing", "failed-before"):
                yield line(Span(phase.phase.id, "strong"), ": ", Span(check.command, "code"), ": ", *_verdict(check))


def phase_line(id: str, title: str, number: int, total: int) -> Line:
    """`[1/6] low-risk  Move the internal modules`."""
    return line(Span(f"[{number}/{total}] ", "dim"), Span(id, "strong"), f"  {title}" if title else "")


def commit_line(commit: CommitRecord, title: str = "", known: Cost | None = None) -> Line:
    """`9f3c2ab1d0 move: Move the internal modules (14 files, 8 moved, +41 -41 lines)`.

    What was told already is left out: the phase's `title` and the size, where it is the phase's `known` one.
    """
    cost = Cost(commit.files, commit.renames, commit.added, commit.deleted)
    size = f" ({cost})" if cost != known else ""
    subject = _added(commit.subject, title)
    return line(
        Span(commit.sha[:10], "code"), f" {commit.kind}", f": {subject}" if subject else "", Span(size, "dim")
    )  # fmt: skip


def _added(subject: str, title: str) -> str:
    """What a subject says beside the phase's title, which may be shortened in it: `Move the ...: shims`."""
    if subject == title:
        return ""
    start, shortened, rest = subject.partition(" ...: ")
    return rest if shortened and title.startswith(start) else subject.removeprefix(f"{title}: ")


def check_line(check: CheckRecord) -> Line:
    """`passed in 3.1 s`, `failed in 0.2 s: exit 1`."""
    return line(*_verdict(check, f" in {check.seconds:.1f} s" if check.seconds >= 0.05 else ""))


def _verdict(check: CheckRecord, spent: str = "") -> Iterator[Span]:
    word, role = VERDICTS.get(check.verdict, (check.verdict, ""))
    why = check.why.removesuffix(f", so it {word}")
    yield Span(word, role)
    yield Span(spent + (f" on the {check.commit} commit" if check.commit else ""), "dim")
    yield Span(f": {why}" if why else "")


def findings_of(phase: PhaseRecord) -> tuple[Finding, ...]:
    """What was found in a phase, by the computation and by the run, each once."""
    return ordered((*phase.findings, *(phase.outcome.findings if phase.outcome else ())))
