"""Findings about the plan get the line and column at which the plan says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codemod.base.findings import Finding, Place
from codemod.base.values import replace
from codemod.plan.model import Mark, Plan
from codemod.plan.parts import parts_of


def marks_of(value: object) -> Iterator[Mark]:
    """Every mark in a plan or a part of it."""
    return parts_of(value, Mark)


def placed(findings: Iterable[Finding], plan: Plan, path: str) -> tuple[Finding, ...]:
    """The findings; those with a key path and no place get the plan file `path` and where the key stands in it.

    A key path deeper than any mark gets the nearest mark above it.
    """
    found = tuple(findings)
    if all(finding.place or not finding.key for finding in found):
        return found
    known = {mark.key: mark for mark in marks_of(plan) if mark.line}
    return tuple(_placed(finding, known, path) for finding in found)


def _placed(finding: Finding, known: dict[str, Mark], path: str) -> Finding:
    if finding.place or not finding.key:
        return finding
    above = [key for key in known if key and finding.key.startswith((f"{key}.", f"{key}["))]
    mark = known.get(finding.key) or (known[max(above, key=len)] if above else None)
    return replace(finding, place=Place(path, mark.line, mark.column)) if mark else finding
