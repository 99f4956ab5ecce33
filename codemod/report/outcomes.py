"""Phases that were computed, not run: what they would cost, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemod.base.findings import Finding
from codemod.plan.model import Phase, Plan
from codemod.rewrite.outcome import Outcome

from .cost import cost_of
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
    left = residue_summary(outcomes)
    if left:
        yield line(f"left: {left}")
    refused = any(outcome.refused for outcome in outcomes)
    answer = Span("not ready", "bad") if refused else Span("ok", "good")
    told = tally(findings_in(outcomes))
    found = [*map(state_of, outcomes), *[BEYOND] * len(beyond)]
    counted = states(found, ("refused", "done", "drifted", "pending", "unknown"))
    yield line(answer, f": {counted}", f"; {told}" if told else "")


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
