"""What still holds an old name, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from codemod.rewrite.outcome import Outcome, Residue

from .page import BLANK, Block, Line, Span, count, line

OPEN = ("unexplained", "ambiguous", "out-of-reach")
"""Verdicts that a human should look at, the gravest first."""
_ROLES = {"unexplained": "bad", "ambiguous": "warn", "out-of-reach": "warn"}


def residue_report(outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """`path:line:col verdict: name (why) [phase]`, one a line, then the totals."""
    for outcome in outcomes:
        for item in outcome.residue:
            yield line(*_told(item), " ", Span(f"[{outcome.phase.id}]", "dim"))
    told = residue_summary(outcomes)
    if told:
        yield BLANK
    yield line(told or "no old name is left")


def open_residue(outcome: Outcome, limit: int = 0) -> Iterator[Line]:
    """The occurrences that a human should look at; with a `limit`, at most so many of a verdict."""
    for verdict in OPEN:
        found = [item for item in outcome.residue if item.verdict == verdict]
        shown = found[:limit] if limit else found
        for item in shown:
            yield line(*_told(item))
        if len(found) > len(shown):
            left = f"… and {len(found) - len(shown):,} more {verdict}, -v or codemod residue shows all"
            yield line(Span(left, "dim"))


def residue_summary(outcomes: Sequence[Outcome]) -> str:
    """`78 occurrences of old names are left: 37 ambiguous, 41 ours`; empty when there is none."""
    counted = Counter(item.verdict for outcome in outcomes for item in outcome.residue)
    if not counted:
        return ""
    parts = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(counted.items()))
    return f"{count(counted.total(), 'occurrence')} of old names: {parts}"


def _told(item: Residue) -> Line:
    why = f" ({item.why})" if item.why else ""
    return line(f"{item.place} ", Span(item.verdict, _ROLES.get(item.verdict, "dim")), f": {item.name}{why}")
