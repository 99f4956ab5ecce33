"""Findings as lines: place, code, message, and what would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from codemod.base.findings import Finding, Place, Weight

from .page import Line, Span, line

_ROLES = {Weight.REFUSAL: "bad", Weight.MISMATCH: "bad", Weight.REVIEW: "warn", Weight.NOTE: "dim"}


def finding_lines(finding: Finding) -> Iterator[Line]:
    """`path:line:col code: message`, then further lines of the message and the hint, indented.

    A finding in the plan shows its key path in place of the code, which then stands at the end.
    """
    first, *rest = finding.message.splitlines() or [""]
    place = (f"{finding.place} ",) if finding.place else ()
    role = _ROLES[finding.weight]
    if finding.key and _in_plan(finding.place):
        tail = (Span(f" [{finding.code}]", "dim"),) if finding.code else ()
        yield line(*place, Span(finding.key, role), f": {first}", *tail)
    else:
        yield line(*place, Span(finding.code, role), f": {first}")
    for more in rest:
        yield line(f"    {more}")
    if finding.hint:
        yield line("    ", Span("hint: ", "dim"), finding.hint)


def _in_plan(place: Place | None) -> bool:
    """A finding with a key path may stand in the repository all the same; what is in a plan always has a column."""
    return place is None or (place.column > 0 and not place.path.endswith((".py", ".pyi")))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, what blocks first, otherwise in the order given."""
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda finding: not finding.blocks))


def findings_block(findings: Sequence[Finding], limit: int = 0) -> Iterator[Line]:
    """All findings; with a `limit`, at most so many of a code that do not block, and how many more there are."""
    seen: Counter[str] = Counter()
    for finding in ordered(findings):
        seen[finding.code] += not finding.blocks
        if finding.blocks or not limit or seen[finding.code] <= limit:
            yield from finding_lines(finding)
    for code, number in seen.items():
        if limit and number > limit:
            yield line(Span(f"… and {number - limit:,} more {code}, -v shows all", "dim"))


def tally(findings: Sequence[Finding]) -> str:
    """`2 blocking, 5 to review, 1 note`; empty when there is nothing."""
    counted = Counter(finding.weight for finding in findings)
    blocking = counted[Weight.REFUSAL] + counted[Weight.MISMATCH]
    parts = (
        f"{blocking:,} blocking" if blocking else "",
        f"{counted[Weight.REVIEW]:,} to review" if counted[Weight.REVIEW] else "",
        f"{counted[Weight.NOTE]:,} note{'s' if counted[Weight.NOTE] > 1 else ''}" if counted[Weight.NOTE] else "",
    )
    return ", ".join(part for part in parts if part)
