"""Phases that were computed, not run: what they would cost, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base.findings import Finding
from codemod.plan.model import Phase, Plan
from codemod.rewrite.outcome import Commit, Forecast, Outcome

from .cost import Cost, cost_of, costs_between
from .findings import ordered, tally
from .page import BLANK, Block, Line, Span, Table, count, line
from .phases import BEYOND, computed_row, states, without_empty
from .residue import residue_summary


def findings_in(outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What was found in all phases, each once, what blocks first.

    What merely wants a look was told when the phase was carried out: where it holds it is not told again.
    """
    return ordered(
        finding for outcome in outcomes for finding in outcome.findings if finding.blocks or outcome.state != "done"
    )


def check_report(plan: Plan, outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """One row a phase with its cost, then one line that answers; phases behind a refused one are not reached."""
    beyond = not_reached(plan, outcomes)
    if outcomes:
        rows = [computed_row(outcome.phase, state_of(outcome), cost_of(outcome)) for outcome in outcomes]
        rows += [computed_row(phase, BEYOND, None) for phase in beyond]
        head = ("PHASE", "STATE", "FILES", "MOVED", "+LINES", "-LINES", "OWNER", "TARGET")
        yield without_empty(Table(head, tuple(rows), frozenset({2, 3, 4, 5})))
        yield BLANK
    yield from layout_report(outcomes)
    left = residue_summary(outcomes)
    if left:
        yield line(f"left: {left}")
    refused = any(outcome.refused for outcome in outcomes)
    answer = Span("not ready", "bad") if refused else Span("ok", "good")
    told = tally(findings_in(outcomes))
    found = [*map(state_of, outcomes), *[BEYOND] * len(beyond)]
    counted = states(found, ("refused", "done", "drifted", "pending", "unknown"))
    yield line(answer, f": {counted}", f"; {told}" if told else "")


def layout_report(outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """The commits of phases that come to several, and how many of the moved files git will follow."""
    yield from commits_report(outcomes)
    moving = [outcome for outcome in outcomes if outcome.commits and outcome.forecast.moved]
    if moving:
        beside = sum(bool(commit.waypoints) for outcome in outcomes for commit in outcome.commits)
        squashed = any(outcome.phase.settings.history == "squash-safe" for outcome in moving)
        until = " until commits are squashed" if squashed else ""
        merges = f"; git blame has {count(beside, 'merge')} of pure renames to go by{until}" if beside else ""
        yield line(f"history: {followed([outcome.forecast for outcome in moving])}{merges}")


def followed(forecasts: Sequence[Forecast]) -> str:
    """How many moved files git follows, and what becomes of those that its rename limit leaves out."""
    moved, found = sum(one.moved for one in forecasts), sum(one.followed for one in forecasts)
    alone, limit = sum(one.alone for one in forecasts), max(one.limit for one in forecasts)
    told = f"git follows {found:,} of {count(moved, 'moved file')} at 50 % similarity"
    if not alone:
        return told
    return (
        f"{told} and its default rename limit; git blame and git log --follow, which look for one file at a time, and "
        f"git -c diff.renameLimit={limit} follow {found + alone:,}"
    )


def commits_report(outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """The commits of phases that come to several, with their sizes."""
    rows = tuple(row for outcome in outcomes if len(outcome.commits) > 1 for row in _commit_rows(outcome))
    if rows:
        head = ("PHASE", "COMMIT", "KIND", "FILES", "MOVED", "+LINES", "-LINES", "WHAT")
        yield without_empty(Table(head, rows, frozenset({3, 4, 5, 6})))
        yield BLANK


def _commit_rows(outcome: Outcome) -> Iterator[Line]:
    for number, (commit, cost) in enumerate(sizes_of(outcome), 1):
        size = (f"{cost.files:,}", f"{cost.moved:,}" if cost.moved else "", f"{cost.added:,}", f"{cost.deleted:,}")
        place = f"{number}/{len(outcome.commits)}"
        yield line(Span(outcome.phase.id, "strong"), place, commit.kind, *size, commit.about)


def sizes_of(outcome: Outcome) -> list[tuple[Commit, Cost]]:
    """Each commit of a phase with its size."""
    return list(zip(outcome.commits, costs_between(outcome.before, outcome.commits), strict=True))


def not_reached(plan: Plan, outcomes: Sequence[Outcome]) -> tuple[Phase, ...]:
    """The phases that were not computed, because one before them was refused."""
    reached = {outcome.phase.id for outcome in outcomes}
    return tuple(phase for phase in plan.phases if phase.id not in reached)


def state_of(outcome: Outcome) -> str:
    """The outcome's state, or `refused`."""
    return "refused" if outcome.refused else outcome.state


def sweep_report(outcome: Outcome) -> Iterator[Line]:
    """What would be swept, a line each, and how many files that are."""
    told = reasons((outcome,))
    for path in sorted(told):
        for text in told[path]:
            yield line(text.replace(f" (phase {outcome.phase.id})", ""))
    cost = cost_of(outcome)
    yield line(f"{count(cost.files, 'file')} to sweep" if cost.files else "nothing to sweep")


def reasons(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """Path -> `path:line: reason` of every change in the file, for `diff --explain`; both names of a moved file."""
    told: dict[str, list[str]] = {}
    for outcome in outcomes:
        for old, new in outcome.moves.items():
            told.setdefault(new, []).append(f"{new}: moved from {old} (phase {outcome.phase.id})")
        for change in sorted(outcome.changes, key=lambda change: change.place):
            review = " [review]" if change.review else ""
            told.setdefault(change.place.path, []).append(f"{change.place}: {change.reason}{review}")
    return told
