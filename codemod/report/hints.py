"""A proposal to divide a module, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codemod.analysis.grouping import Hints

from .page import BLANK, Block, Span, Table, count, line

SHOWN = 6  # names of a group or of a crossing in the text


def hints_report(found: Hints) -> Iterator[Block]:
    """The groups, what would cross between them, and the fragment of a plan at the end."""
    size = count(found.lines, "line")
    if not found.groups:
        yield line(Span(found.module, "strong"), f": {size}; no grouping suggests itself")
        return
    yield line(Span(found.module, "strong"), f": {size}, {count(len(found.groups), 'group')}")
    yield BLANK
    rows = [
        line(Span(f"{found.module}.{one.topic}", "strong"), f"{one.lines:,}", str(len(one.names)), _few(one.names))
        for one in found.groups
    ]  # fmt: skip
    if found.stays:
        rows.append(line(Span(f"{found.module} (stays)", "dim"), "", str(len(found.stays)), _few(found.stays)))
    yield Table(("GROUP", "LINES", "NAMES", "WHICH"), tuple(rows), frozenset({1, 2}))
    yield BLANK
    for crossing in found.crossings:
        when = " on import" if crossing.on_import else ""
        yield line(
            f"{crossing.source or 'what stays'} needs {_few(crossing.names)} of {crossing.target or 'what stays'}{when}"
        )
    if found.crossings:
        yield BLANK
    if found.refused is not None:
        yield line(Span("refused as it stands", "warn"), f": {found.refused.code}: {found.refused.message}")
        yield line(f"  {found.refused.hint}")
        yield BLANK
    for text in found.plan.splitlines():
        yield line(Span(text, "code"))


def _few(names: tuple[str, ...]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def hints_document(found: Hints) -> dict[str, Any]:
    """module, path, lines, groups, stays, crossings, refused, plan, exit."""
    refused = found.refused
    return {
        "module": found.module,
        "path": found.path,
        "lines": found.lines,
        "groups": [
            {"target": f"{found.module}.{group.topic}", "lines": group.lines, "names": list(group.names)}
            for group in found.groups
        ],
        "stays": list(found.stays),
        "crossings": [
            {
                "from": f"{found.module}.{crossing.source}".rstrip("."),
                "to": f"{found.module}.{crossing.target}".rstrip("."),
                "names": list(crossing.names),
                "when": "load" if crossing.on_import else "lazy",
            }
            for crossing in found.crossings
        ],
        "refused": {"code": refused.code, "message": refused.message, "hint": refused.hint} if refused else None,
        "plan": found.plan,
        "exit": 0,
    }
