"""A run as Markdown, for the description of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from codemod.base.findings import Finding
from codemod.plan.model import Plan
from codemod.rewrite.outcome import Outcome, Residue

from .cost import cost_of
from .outcomes import followed
from .page import count, text_of
from .phases import check_line, findings_of, run_summary
from .records import PhaseRecord, RunRecord
from .residue import OPEN

FOLDED = 10  # rows of a list that are shown before the rest is folded


def markdown(plan: Plan, run: RunRecord) -> str:
    """What moved, the commits, what git follows, checks, what is left, and how to make it again."""
    lines = [f"# {_escaped(plan.name)}", "", f"{run_summary(run)}."]
    for phase in run.phases:
        if phase.state != "holds":
            lines += ["", *_phase(plan, phase)]
    return "\n".join(lines) + "\n"


def _phase(plan: Plan, phase: PhaseRecord) -> Iterator[str]:
    title = f": {_escaped(phase.phase.title)}" if phase.phase.title else ""
    yield f"## {_escaped(phase.phase.id)}{title}"
    yield ""
    owned = [f"owner {_escaped(phase.phase.owner)}"] * bool(phase.phase.owner)
    due = [f"target {_escaped(phase.phase.target)}"] * bool(phase.phase.target)
    outcome = phase.outcome
    size = [str(cost_of(outcome))] if outcome and outcome.commits else []
    yield f"**{phase.state}**" + "".join(f"; {part}" for part in [*size, *owned, *due])
    if phase.branch:
        base = f", on top of `{phase.branch.base}`" if phase.branch.base else ""
        yield from ("", f"Branch `{phase.branch.name}`{base}.")
    if outcome is not None:
        yield from _moves(outcome)
        yield from _history(outcome)
    if phase.commits:
        yield from ("", "| commit | kind | files | lines | subject |", "|---|---|--:|--:|---|")
        for one in phase.commits:
            yield (
                f"| {one.sha[:10]} | {one.kind} | {one.files:,} | +{one.added:,} -{one.deleted:,}"
                f" | {_escaped(one.subject)} |"
            )
    if phase.checks:
        yield from ("", "Checks, each judged against the commit before:", "")
        yield from (f"- `{check.command}`: {_escaped(text_of(check_line(check)))}" for check in phase.checks)
    yield from _found(findings_of(phase))
    yield from _left(outcome.residue if outcome else ())
    yield from ("", f"Made by `codemod run {plan.path} --phase {phase.phase.id}`, and made again by the same.")


def _moves(outcome: Outcome) -> Iterator[str]:
    rows = [f"- `{old}` → `{new}`" for old, new in sorted(outcome.moves.items())]
    if rows:
        yield from ("", f"{count(len(rows), 'file')} moved:", "")
        yield from _folded(rows, "moves")


def _history(outcome: Outcome) -> Iterator[str]:
    forecast = outcome.forecast
    if forecast.moved:
        few = len(forecast.lost) <= FOLDED
        lost = f"; not {', '.join(f'`{path}`' for path in forecast.lost)}" if forecast.lost and few else ""
        yield from ("", f"History: {followed([forecast])}{lost}.")


def _found(findings: Sequence[Finding]) -> Iterator[str]:
    rows = [f"- {f'`{one.place}` ' if one.place else ''}{one.code}: {_escaped(one.message)}" for one in findings]
    if rows:
        yield from ("", "To look at:", "")
        yield from _folded(rows, "findings")


def _left(residue: Sequence[Residue]) -> Iterator[str]:
    counted = Counter(item.verdict for item in residue)
    if not counted:
        return
    numbers = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(counted.items()))
    yield from ("", f"Old names left: {numbers}.")
    rows = [f"- `{one.place}` {one.verdict}: `{one.name}`" for one in residue if one.verdict in OPEN]
    if rows:
        yield ""
        yield from _folded(rows, "occurrences to look at")


def _folded(rows: Sequence[str], what: str) -> Iterator[str]:
    """A list; what goes beyond the first rows can be unfolded."""
    yield from rows[:FOLDED]
    if len(rows) > FOLDED:
        yield from ("", "<details>", f"<summary>{len(rows) - FOLDED:,} more {what}</summary>", "")
        yield from rows[FOLDED:]
        yield from ("", "</details>")


def _escaped(text: str) -> str:
    """Text of one line that means nothing to Markdown or HTML."""
    flat = " ".join(text.split())
    for mark in "\\`*_<>|[]":
        flat = flat.replace(mark, f"\\{mark}" if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return flat
