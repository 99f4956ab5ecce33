"""What still holds an old name, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from codemod.rewrite.outcome import Outcome, Residue

from .page import BLANK, Block, Line, Span, count, line

_ROLES = {"ambiguous": "warn", "unexplained": "bad", "out-of-reach": "warn"}


def residue_report(outcomes: Sequence[Outcome]) -> Iterator[Block]:
    """`path:line:col verdict: name (why) [phase]`, one a line, then the totals."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        for item in outcome.residue:
            counted[item.verdict] += 1
            yield _line(item, outcome.phase.id)
    if counted:
        yield BLANK
    parts = ", ".join(f"{number:,} {verdict}" for verdict, number in sorted(counted.items()))
    yield line(f"{count(counted.total(), 'occurrence')}: {parts}" if parts else "no old name is left")


def _line(item: Residue, phase: str) -> Line:
    why = f" ({item.why})" if item.why else ""
    return line(
        f"{item.place} ", Span(item.verdict, _ROLES.get(item.verdict, "dim")), f": {item.name}{why} ",
        Span(f"[{phase}]", "dim"),
    )  # fmt: skip
