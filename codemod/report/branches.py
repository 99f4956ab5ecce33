"""Open branches as lines: what became of one that was carried, and what merging each would meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from codemod.plan.model import Plan

from .findings import findings_block
from .page import BLANK, Block, Line, Span, Table, count, line
from .records import CarryRecord, ProspectRecord

PATHS = 3  # conflicting paths that the table names


def carry_report(done: CarryRecord) -> Iterator[Line]:
    """One line on the branch, and one on what it got."""
    across = f"carried across {', '.join(dict.fromkeys(done.phases))}" if done.phases else "carried"
    if done.findings:
        yield line(Span(done.branch, "strong"), ": ", Span("left as it was", "bad"))
    elif not done.commits and done.new == done.old:
        yield line(Span(done.branch, "strong"), ": ", Span("has everything already", "good"))
    else:
        yield line(Span(done.branch, "strong"), ": ", Span(across, "good"))
        yield line("  ", count(len(done.commits), "commit"), " to ", Span(done.new[:10], "dim"))


def carry_findings(done: CarryRecord) -> Iterator[Line]:
    """What stood against it."""
    yield from findings_block(done.findings)


def carry_document(plan: Plan, done: CarryRecord, code: int) -> dict[str, Any]:
    """plan, branch, before, commit, phases, commits, findings, exit."""
    from .documents import findings_document, plan_document

    return {
        "plan": plan_document(plan),
        "branch": done.branch,
        "before": done.old,
        "commit": done.new,
        "phases": list(done.phases),
        "commits": list(done.commits),
        "findings": findings_document(done.findings),
        "exit": code,
    }


def forecast_report(found: Sequence[ProspectRecord], *, verbose: bool = False) -> Iterator[Block]:
    """One row a branch with its numbers of conflicting files; the paths below with -v, else the first ones."""
    rows = tuple(
        line(Span(one.branch, "strong"), str(one.commits), _number(one.today), _number(one.after), _number(one.carried))
        for one in found
    )
    if rows:
        yield Table(("BRANCH", "COMMITS", "TODAY", "AFTER", "CARRIED"), rows, frozenset({1, 2, 3, 4}))
        yield BLANK
    for one in found:
        for when, paths in (("after the phases", one.after), ("carried", one.carried)):
            shown = paths if verbose else paths[:PATHS]
            more = [f"and {len(paths) - len(shown)} more"] if len(paths) > len(shown) else []
            if paths:
                yield line(Span(one.branch, "strong"), f", {when}: {', '.join([*shown, *more])}")
    bad = sum(bool(one.after) for one in found)
    left = sum(bool(one.carried) for one in found)
    told = f"{count(len(found), 'branch', 'branches')}: {bad} would conflict with a plain merge, {left} when carried"
    yield line(told)


def _number(paths: Sequence[str]) -> Span:
    return Span(str(len(paths)), "bad" if paths else "good")


def forecast_document(plan: Plan, found: Sequence[ProspectRecord]) -> dict[str, Any]:
    """plan, branches: branch, commits, and the conflicting paths today, after the phases, and when it is carried."""
    from .documents import plan_document

    return {
        "plan": plan_document(plan),
        "branches": [
            {
                "branch": one.branch,
                "commits": one.commits,
                "today": list(one.today),
                "after": list(one.after),
                "carried": list(one.carried),
            }
            for one in found
        ],
        "exit": 0,
    }
