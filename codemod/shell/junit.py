"""JUnit reports, as pytest and others write them, and which tests fail in one and not in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from codemod.base.values import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """The tests that ran and those of them that failed, each as `classname::name`."""

    ran: frozenset[str]
    failed: frozenset[str]


def read(path: Path) -> Report | None:
    """The report in a file; None where there is none, or it was cut off."""
    import xml.etree.ElementTree as ET  # 3 ms, for the few plans whose checks write one

    try:
        root = ET.parse(path).getroot()
    except (OSError, ET.ParseError):
        return None
    ran, failed = set(), set()
    for case in root.iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        ran.add(name)
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(name)
    return Report(frozenset(ran), frozenset(failed))


def added(now: Report, before: Report, moves: Mapping[str, str]) -> list[str]:
    """The tests that fail now and did not, sorted; `moves` are the files that moved in between.

    A test of the same class and name that is new stands for one that failed and is gone: a split has moved it.
    """
    failed = {renamed(test, moves) for test in before.failed}
    ran = {renamed(test, moves) for test in before.ran}
    vanished = Counter(_own(test) for test in failed - now.ran)
    found = []
    for test in sorted(now.failed - failed):
        if test not in ran and vanished[_own(test)]:
            vanished[_own(test)] -= 1
        else:
            found.append(test)
    return found


def renamed(test: str, moves: Mapping[str, str]) -> str:
    """A test's name after its file moved, whatever folder above both the names start from."""
    classname, _, name = test.partition("::")
    whole = classname or name  # a file that could not be collected has its own name for a test
    for old, new in moves.items():
        if old.endswith(".py") and new.endswith(".py"):
            for before, after in _dotted(old, new):
                if whole == before or whole.startswith(before + "."):
                    moved = after + whole[len(before) :]
                    return f"{moved}::{name}" if classname else f"::{moved}"
    return test


def _dotted(old: str, new: str) -> list[tuple[str, str]]:
    """The dotted names of two paths, from the top first and then from each folder that they share."""
    before, after = (path.removesuffix(".py").split("/") for path in (old, new))
    found = [(".".join(before), ".".join(after))]
    while len(before) > 1 and len(after) > 1 and before[0] == after[0]:
        before, after = before[1:], after[1:]
        found.append((".".join(before), ".".join(after)))
    return found


def _own(test: str) -> tuple[str, str]:
    """A test's class, as far as its name looks like one, and its name."""
    classname, _, name = test.partition("::")
    last = classname.rpartition(".")[2]
    return (last if last[:1].isupper() else "", name)
